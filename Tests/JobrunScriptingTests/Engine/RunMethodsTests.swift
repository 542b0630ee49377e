import JobrunModel
import JobrunTestSupport
import Testing

@testable import JobrunScripting

/// A run that writes down what it is told.
@Loop
final class RecordingControl: RunControl {
  var events: [String] = []
  var settings: [RunSettings] = []
  var error: RunError?

  func pause() { events.append("pause") }
  func resume() { events.append("resume") }
  func stop(reason: String) { events.append("stop \(reason)") }
  func set(_ settings: RunSettings) throws(RunError) {
    if let error { throw error }
    self.settings.append(settings)
  }
}

@Suite("The methods of run")
struct RunMethodsTests {
  private static let models = "models = { cheap = { limits = { rpm = 5 } }, strong = {} }, model = 'strong',"

  /// What a `setup` hook with these statements does to its run.
  @Loop
  private static func control(_ statements: String, fields: String = models) throws -> RecordingControl {
    let control = RecordingControl()
    let script = try Script("return { \(fields) prompt = print, setup = function(run) \(statements) end }")
    script.engine.control = control
    try script.engine.setupWithoutCalls()
    return control
  }

  private static func message(_ settings: String, fields: String = models) async throws -> String {
    try await onLoop {
      do {
        let control = try control("run:set(\(settings))", fields: fields)
        return "no error: \(control.settings)"
      } catch let error as RunError {
        return error.message
      }
    }
  }

  @Test("tell the run at once, from every hook, whose ctx.run is the same")
  func events() async throws {
    let events = try await onLoop {
      let control = RecordingControl()
      let script = try Script(
        """
        return { model = 'm', setup = function(run) run:pause() end,
          prompt = function(item, ctx) ctx.run:resume() return 'x' end,
          parse = function(reply, item, ctx) ctx.run:stop('enough') return false end,
          on_tick = function(stats, run) run:pause() end }
        """)
      script.engine.control = control
      try script.engine.setupWithoutCalls()
      _ = script.rows()
      try script.engine.tick()
      return control.events
    }
    #expect(events == ["pause", "resume", "stop enough", "pause"])
  }

  @Test("do nothing where there is no run, as in a check")
  func alone() async throws {
    try await onLoop {
      let script = try Script(
        "return { model = 'm', prompt = print, setup = function(run) run:pause() run:set { concurrency = 3 } run:stop('x') end }"
      )
      try script.engine.setupWithoutCalls()
    }
  }

  @Test("set takes the shapes of the job file")
  func set() async throws {
    let settings = try await onLoop {
      try Self.control(
        """
        run:set { concurrency = 20, limits = { rpm = 60, burst_s = 2 },
          models = { cheap = { limits = { tpm = 1e6 }, price = { input = 1, output = 2 } } },
          budget = { usd = 2.5, requests = 100 } }
        run:set { concurrency = { min = 2, max = 30 } }
        run:set { concurrency = "auto" }
        run:set {}
        """
      ).settings
    }
    var first = RunSettings()
    first.concurrency = .fixed(20)
    var limits = LimitSettings()
    (limits.requests, limits.burstSeconds) = (60, 2)
    first.limits = limits
    var model = ModelSettings(key: "cheap")
    model.limits = LimitSettings()
    model.limits?.tokens = 1e6
    model.price = Price(input: 1, output: 2)
    first.models = [model]
    var budget = BudgetLimits()
    (budget.usd, budget.requests) = (2.5, 100)
    first.budget = budget
    #expect(settings.count == 4)
    #expect(settings.first == first)
    #expect(settings[1].concurrency == .adaptive(minimum: 2, maximum: 30))
    #expect(settings[2].concurrency == .adaptive(minimum: 1, maximum: 64))
    #expect(settings[3] == RunSettings())
  }

  @Test(
    "set refuses in the words of the job file",
    arguments: [
      (
        "{ concurency = 3 }", "concurency: unknown key (did you mean \"concurrency\"?)"
      ),
      (
        "{ concurrency = 0 }",
        "concurrency: whole number from 1 to 10000 or {min, max} or \"auto\" expected, got 0"
      ),
      ("{ concurrency = { min = 9, max = 3 } }", "concurrency: `min` up to `max` expected, got 9 and 3"),
      ("{ limits = { rpm = '60/min' } }", "limits.rpm: positive number expected, got \"60/min\""),
      ("{ limits = { rmp = 60 } }", "limits.rmp: unknown key (did you mean \"rpm\"?)"),
      (
        "{ models = { chaep = { limits = {} } } }",
        "models.chaep: there is no model \"chaep\" (did you mean \"cheap\"?)"
      ),
      (
        "{ models = { cheap = { price = { input = 1 } } } }",
        "models.cheap.price.output: number of 0 or above expected, got nil"
      ),
      (
        "{ models = { cheap = { name = 'x' } } }",
        "models.cheap.name: cannot change while the job runs (limits, price can)"
      ),
      ("{ retry = {} }", "retry: cannot change while the job runs (model, concurrency, limits, models, budget can)"),
      ("{ model = 'strnog' }", "model: there is no model \"strnog\" (did you mean \"strong\"?)"),
      ("{ model = {} }", "model: at least one model expected, got an empty list"),
      ("{ model = { 'cheap', 'cheap' } }", "model: each model once expected"),
      ("{ budget = { usd = 0 } }", "budget.usd: positive number expected, got 0"),
      ("{ 5 }", "[1]: unknown key"),
      (
        "{ limits = { rpm = 0 }, concurrency = 'x', model = 'y' }",
        "concurrency: whole number from 1 to 10000 or {min, max} or \"auto\" expected, got \"x\"; "
          + "limits.rpm: positive number expected, got 0; model: there is no model \"y\""
      ),
    ])
  func refuses(settings: String, expected: String) async throws {
    #expect(try await Self.message(settings) == "setup: jobs/test.lua:1: run:set: \(expected)")
  }

  @Test("set and stop say what they take")
  func arguments() async throws {
    #expect(
      try await Self.message("3")
        == "setup: jobs/test.lua:1: bad argument #1 to 'set' (settings: table expected, got 3)")
    let error = await #expect(throws: RunError.self) { try await onLoop { _ = try Self.control("run.stop('x')") } }
    #expect(error?.message.contains("use run:stop with a colon") == true, "\(error?.message ?? "")")
  }

  @Test("set says where the job has no models, and then any model may be asked")
  func noModels() async throws {
    #expect(
      try await Self.message("{ models = { a = {} } }", fields: "model = 'm',")
        == "setup: jobs/test.lua:1: run:set: models.a: the job has no `models`")
    let request = try await onLoop {
      let script = try Script(
        "return { model = 'm', prompt = function(item, ctx) ctx.run:set { model = 'other' } return 'x' end }")
      return script.request
    }
    let text = try await onLoop { try request(.line("a")) }
    #expect(text.contains(#""model":"other""#))
  }

  @Test("what the run refuses is an error, and the model stays")
  func refused() async throws {
    let texts = try await onLoop {
      let control = RecordingControl()
      control.error = RunError(.job, "budget: there is no budget")
      let script = try Script(
        """
        return { model = 'm', prompt = function(item, ctx)
          local ok, message = pcall(ctx.run.set, ctx.run, { model = 'other', budget = { usd = 1 } })
          return message
        end }
        """)
      script.engine.control = control
      return try script.request()
    }
    #expect(texts.contains("run:set: budget: there is no budget"))
    #expect(texts.contains(#""model":"m""#))
  }

  @Test("a model that is set is that of the requests rendered from then on, and has its fallbacks")
  func model() async throws {
    let requests = try await onLoop {
      let script = try Script(
        """
        return { \(Self.models) prompt = function(item, ctx)
          if item.text == "now" then ctx.run:set { model = { "cheap", "strong" } } end
          return 'x'
        end }
        """)
      return ["first", "now", "later"].compactMap { text -> [String]? in
        let (item, step) = script.engine.begin(.line(text))
        defer { script.engine.abandon(item) }
        return step.request.map { [$0.model] + $0.fallbacks.map(\.model) }
      }
    }
    #expect(requests == [["strong"], ["cheap", "strong"], ["cheap", "strong"]])
  }
}
