import JobrunModel
import JobrunTestSupport
import Testing

@testable import JobrunScripting

@Suite("A pack") struct PackTests {
  private static let records = (1...4).map { ItemRecord.json(#"{"id":"i\#($0)","n":\#($0)}"#, index: $0) }

  @Loop
  private static func life(
    _ hooks: String, _ records: [ItemRecord] = records,
    reply: (ChatRequest, Int) -> Result<Answer, AttemptError> = { _, _ in .success(.text("x")) }
  ) throws -> Life {
    let script = try Script("return { model = 'm', pack = 4, \(hooks) }")
    return Life(script.engine, records, reply: reply)
  }

  private static func rows(_ end: ScriptStep?) -> [String] {
    guard case .finishedPack(let results)? = end else {
      Issue.record("no pack: \(String(describing: end))")
      return []
    }
    return results.map { result in
      switch result {
      case .ok(let rows): rows.map { String(decoding: $0, as: UTF8.self) }.joined(separator: " ")
      case .failed(let failure): failure.errorClass.rawValue
      default: "\(result)"
      }
    }
  }

  private static func isDivided(_ life: Life) -> Bool {
    if case .divided? = life.end { true } else { false }
  }

  private static let prompt = """
    prompt = function(items, ctx)
      local numbers = {}
      for i, item in ipairs(items) do numbers[i] = ctx.id[i] .. "=" .. item.n end
      return table.concat(numbers, ",")
    end,
    """

  @Test func `asks once for all, and gives each item its row`() async throws {
    let life = try await onLoop {
      try Self.life(
        Self.prompt
          + """
          parse = function(reply, items, ctx)
            return { { id = ctx.id[1] }, "text", false, { { a = 1 }, { a = 2 } } }
          end
          """)
    }
    #expect(life.prompts == ["i1=1,i2=2,i3=3,i4=4"])
    #expect(Self.rows(life.end) == [#"{"id":"i1"}"#, #"{"id":"i2","output":"text"}"#, "", #"{"a":1} {"a":2}"#])
  }

  @Test func `is divided where an item got nothing, or the asks are used up`() async throws {
    let lives = try await onLoop {
      [
        try Self.life(Self.prompt + "parse = function() return { {a=1}, {a=1}, nil, {a=1} } end"),
        try Self.life(Self.prompt + "parse = function() return { {a=1} } end"),
        try Self.life(Self.prompt + "parse = function(reply, items, ctx) ctx:retry('no') end"),
        try Self.life(Self.prompt + "parse = print") { _, _ in
          .failure(AttemptError(.contextLength, status: 400, message: "too long", dispatched: .yes))
        },
        try Self.life(Self.prompt + "parse = print", [Self.records[0], .json("[]", index: 2), Self.records[2]]),
      ]
    }
    #expect(lives.map(Self.isDivided) == [true, true, true, true, true])
    #expect(lives.map(\.requests.count) == [1, 1, 3, 1, 0])
  }

  @Test(arguments: ["0", "5", "2024", "-1"])
  func `is divided where a row has a number that is no item's`(number: String) async throws {
    let life = try await onLoop {
      try Self.life(
        Self.prompt
          + "parse = function() local rows = { 'a', 'b', 'c', 'd' } rows[\(number)] = 'Here are the lines' return rows end"
      )
    }
    #expect(Self.isDivided(life), "\(String(describing: life.end))")
  }

  @Test func `of one item fails where it still got nothing`() async throws {
    let life = try await onLoop {
      try Self.life(Self.prompt + "parse = function() return {} end", [Self.records[1]])
    }
    #expect(life.failure?.errorClass == .rejected)
    #expect(life.failure?.message == "parse returned nothing at index 1")
  }

  @Test func `fails as a whole where an error has nothing to do with its size`() async throws {
    let lives = try await onLoop {
      (
        try Self.life(Self.prompt + "parse = function() error('bug') end").failure,
        try Self.life(Self.prompt + "parse = print") { _, _ in
          .failure(AttemptError(.network, message: "reset", dispatched: .maybe))
        }.failure,
        try Self.life(Self.prompt + "parse = function() return 'one text' end").failure
      )
    }
    #expect(lives.0?.errorClass == .hook)
    #expect(lives.1?.errorClass == .network)
    #expect(lives.2?.message.contains("must return a list with a row for each item of the pack") == true)
  }

  @Test func `on_error has a row for each that it saves`() async throws {
    let life = try await onLoop {
      try Self.life(
        Self.prompt
          + "parse = print, on_error = function(err, items, ctx) return { { saved = ctx.id[1] }, nil, { saved = ctx.id[3] } } end"
      ) { _, _ in .failure(AttemptError(.network, message: "reset", dispatched: .maybe)) }
    }
    #expect(Self.rows(life.end) == [#"{"saved":"i1"}"#, "network", #"{"saved":"i3"}"#, "network"])
  }

  @Test func `goes through process as well`() async throws {
    let life = try await onLoop {
      try Self.life(
        "process = function(items, ctx) local rows = {} for i, r in ipairs(ctx:call_all { 'a', 'b', 'c', 'd' }) do rows[i] = { t = r.text } end return rows end"
      ) { _, n in .success(.text("r\(n)")) }
    }
    #expect(Self.rows(life.end) == [#"{"t":"r1"}"#, #"{"t":"r2"}"#, #"{"t":"r3"}"#, #"{"t":"r4"}"#])
  }

  @Test func `has no single item to emit a row for`() async throws {
    let life = try await onLoop {
      try Self.life("prompt = function(items, ctx) ctx:emit { a = 1 } end, parse = print")
    }
    #expect(life.failure?.message.contains("in a pack return the rows") == true)
  }
}
