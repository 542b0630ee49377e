import Testing

@testable import JobrunScripting

@Suite("The key locator")
struct KeyLocatorTests {
  private func line(_ path: String, in source: String) -> Int {
    let components = path.split(separator: ".").map { part -> FieldPath.Component in
      Int(part).map { .index($0) } ?? .key(String(part))
    }
    return KeyLocator(source: Array(source.utf8)).line(of: components.reduce(.job) { $0.appending($1) })
  }

  static let plain = """
    #!/usr/bin/env jobrun
    -- return { model = "not this" }
    local text = [==[
    return { model = "nor this" }
    ]==]
    local function f() return { model = "nor this" } end
    return {
      model = "m",
      timeouts = {
        connect = 1, total = 2,
      },
      ["name"] = "x"; use = {
        f { 1, 2 },
        f(function() if true then return 1, 2 end end),
        { on_request = function() end },
      },
      prompt = function(item)
        for i = 1, 2 do local model = { model = 1 } end
        repeat until true
        return "a, b }"
      end,
      params = { to = "French" },
    }
    """

  @Test(
    "finds the keys of the returned table",
    arguments: [
      ("model", 8), ("timeouts", 9), ("timeouts.connect", 10), ("timeouts.total", 10), ("name", 12), ("use", 12),
      ("use.1", 13), ("use.2", 14), ("use.3", 15), ("use.3.on_request", 15), ("prompt", 17), ("params.to", 22),
    ])
  func returnedTable(path: String, expected: Int) {
    #expect(line(path, in: Self.plain) == expected)
  }

  @Test(
    "falls back to the enclosing key, and at last to the return",
    arguments: [("timeouts.idle", 9), ("use.3.setup", 15), ("missing", 7), ("missing.too", 7)])
  func fallback(path: String, expected: Int) {
    #expect(line(path, in: Self.plain) == expected)
  }

  @Test(
    "finds the fields of a variable that is returned",
    arguments: [
      ("model", 1), ("timeouts", 2), ("timeouts.total", 3), ("hook.timeout_s", 4), ("params.to", 5), ("prompt", 6),
      ("name", 9),
    ])
  func variable(path: String, expected: Int) {
    let source = """
      local job <const> = { model = "m" }
      job.timeouts = {
        total = 1 }
      job.hook.timeout_s = 5
      job["params"]["to"] = "x"
      function job.prompt(item)
        if job == 1 then end
      end
      if true then job.name = "x" end
      return job
      """
    #expect(line(path, in: source) == expected)
  }

  @Test("looks into a call around the table")
  func call() {
    #expect(line("model", in: "return define({\n  model = 1 })") == 2)
  }

  @Test(
    "survives what is no Lua",
    arguments: [
      "", "return", "return {", "return { a = ", "return { [", "return { = = }", "return }}}", "return { 'abc",
      "--[[ return {", "return { [1", "end end return { a = end }", "return [[", "\u{0}\u{1}", "return { [=[ }",
    ])
  func garbage(source: String) {
    #expect(line("a.b", in: source) >= 1)
  }

  @Test("does not follow a table nested ten thousand deep")
  func deep() {
    let source = "return " + String(repeating: "{ a = ", count: 10_000)
    #expect(line("a", in: source) == 1)
  }
}
