import JobrunModel
import LuaBridge

/// `jobrun.test`: one item through a job or a hook library, with scripted replies in the place of a provider.
@Loop
struct ItemTrial {
  /// The world of the script that tests.
  let world: LuaWorld
  let host: ScriptHost

  /// The function for scripts.
  ///
  /// Stack of a call: [job, item, replies]
  static func entry(_ world: @escaping () -> LuaWorld?, host: ScriptHost) -> HostEntry<HostServices> {
    var entry = declaration
    entry.body = .swift { _, call throws(HostError) in
      guard let world = world() else { throw .message("jobrun.test: the script has ended") }
      return try ItemTrial(world: world, host: host).run(call)
    }
    return entry
  }

  /// What scripts may pass, and what it says of itself.
  nonisolated static var declaration: HostEntry<HostServices> {
    HostEntry(
      "test",
      [
        HostParameter("job", .table, type: "JobrunJob|JobrunHooks"), HostParameter("item", .table),
        HostParameter("replies", .table, isOptional: true, type: "(string|table)[]"),
      ],
      returns: "{status: string, rows: table[], requests: table[], error: JobrunError?}",
      "Under `jobrun lua` only: sends one item (a list of them where the job has `pack`) through a job or a hook library and gives it these "
        + "replies in turn: texts, tables with `text`, `finish_reason` and `usage`, or errors `{ok = false, class =, message =, status =}`.",
      body: .swift { _, _ throws(HostError) in throw .message("jobrun.test is there under `jobrun lua` only") })
  }

  private func run(_ call: HostCall) throws(HostError) -> HostResult {
    let thread = call.thread
    let engine = try engine(call)
    var packs = [try records(call, isPack: engine.packSize != nil)]
    do throws(RunError) {
      try engine.setupWithoutCalls()
    } catch {
      throw .message("jobrun.test: \(error.message)")
    }
    var requests: [ChatRequest] = []
    var ends: [ItemResult] = []
    while !packs.isEmpty {
      let records = packs.removeFirst()
      guard let results = try ask(records, engine, &requests, call) else {
        // As a run does: both halves.
        let middle = (records.count + 1) / 2
        packs.insert(contentsOf: [Array(records[..<middle]), Array(records[middle...])], at: 0)
        continue
      }
      ends += results
    }
    push(ends, requests, engine, on: thread)
    return .values(1)
  }

  /// The item, or where the job has packs the items, at 2.
  private func records(_ call: HostCall, isPack: Bool) throws(HostError) -> [ItemRecord] {
    let thread = call.thread
    do {
      guard isPack else { return [ItemRecord(content: .json(try thread.encodeJSON(at: 2)), index: 1, line: 1)] }
      var records: [ItemRecord] = []
      for index in 0..<thread.rawLength(at: 2) {
        thread.index(index + 1, of: 2)
        defer { thread.pop() }
        records.append(
          ItemRecord(content: .json(try thread.encodeJSON(at: thread.top)), index: index + 1, line: index + 1))
      }
      if records.isEmpty { throw HostError.message("jobrun.test: a job with `pack` takes a list of items") }
      return records
    } catch let error as HostError {
      throw error
    } catch {
      throw .message("jobrun.test: item: \(error)")
    }
  }

  /// Takes an item, or a pack, to its end; nil where the pack is to be asked in halves.
  private func ask(
    _ records: [ItemRecord], _ engine: LuaScriptEngine, _ requests: inout [ChatRequest], _ call: HostCall
  ) throws(HostError) -> [ItemResult]? {
    let (item, step) = engine.begin(records)
    var open = [ScriptBranch(item: item, step: step)]
    while !open.isEmpty {
      let branch = open.removeFirst()
      switch branch.step {
      case .call(let request):
        requests.append(request)
        guard let reply = try reply(number: requests.count, call) else {
          engine.abandon(branch.item)
          throw .message("jobrun.test: request \(requests.count) has no reply in the list")
        }
        open.append(ScriptBranch(item: branch.item, step: engine.resume(branch.item, with: reply)))
      case .sleep: open.append(ScriptBranch(item: branch.item, step: engine.wake(branch.item)))
      case .fork(let branches): open += branches
      case .finished(let result): return records.map { _ in result }
      case .finishedPack(let results): return results
      case .divided: return nil
      case .wait: break
      }
    }
    return records.map { _ in .unfinished }
  }

  /// The engine of the job at 1; a library is the only one of a job that asks with the item's text and returns the
  /// reply's.
  private func engine(_ call: HostCall) throws(HostError) -> LuaScriptEngine {
    let thread = call.thread
    let isJob = thread.field("prompt", of: 1) != .nil
    let isProcess = thread.field("process", of: 1) != .nil
    thread.pop(2)
    thread.pushCopy(at: 1)
    if !isJob, !isProcess { try wrapLibrary(on: thread) }
    let job = world.state.reference(popping: thread)
    do {
      let loader = JobLoader(
        path: FilePath.resolve("test.lua", in: world.services.directory), displayPath: "jobrun.test", source: [],
        host: host)
      let file = JobFile(loader: loader, loaded: try loader.check(job, in: world))
      return try LuaScriptEngine(
        job: file, configuration: ScriptConfiguration(model: file.spec.model.first, statistics: NoStatistics()))
    } catch let problems as JobProblems {
      // The job is a table of the script, and has no lines of its own.
      throw .message(
        "jobrun.test: " + problems.messages.map { $0.replacing("jobrun.test:1: ", with: "") }.joined(separator: "\n"))
    } catch {
      throw .message("jobrun.test: \(error)")
    }
  }

  /// Stack: [.., library] -> [.., job]
  private func wrapLibrary(on thread: LuaThread) throws(HostError) {
    do {
      let chunk = try world.state.load(
        Array(
          """
          local library = ...
          return { model = "test", use = { library }, prompt = function(item) return item.text or jobrun.json.encode(item) end,
            parse = function(reply) return { text = reply.text } end }
          """.utf8), chunkName: "=jobrun.test")
      let library = world.state.reference(popping: thread)
      guard let job = try world.run(chunk, argument: library) else { throw HostError.message("jobrun.test: no job") }
      thread.push(job)
    } catch let error as HostError {
      throw error
    } catch {
      throw .message("jobrun.test: \(error)")
    }
  }

  /// The reply at this place of the list; nil: there is none.
  private func reply(number: Int, _ call: HostCall) throws(HostError) -> Result<Answer, AttemptError>? {
    let thread = call.thread
    let type = thread.index(number, of: 3)
    defer { thread.pop() }
    switch type {
    case .string: return .success(answer(thread.bytes(at: -1) ?? [], finishReason: "stop"))
    case .table: break
    case .nil: return nil
    default: throw .message("jobrun.test: replies[\(number)]: string or table expected, got \(thread.describe(at: -1))")
    }
    func text(_ name: String) -> String? {
      thread.field(name, of: -1)
      defer { thread.pop() }
      return thread.string(at: -1)
    }
    thread.field("ok", of: -1)
    let isError = thread.type(at: -1) == .boolean && !thread.bool(at: -1)
    thread.pop()
    guard isError || text("class") != nil else {
      return .success(
        answer(
          Array((text("text") ?? "").utf8), finishReason: text("finish_reason") ?? "stop", usage: usage(on: thread)))
    }
    guard let errorClass = text("class").flatMap(ErrorClass.init(rawValue:)) else {
      throw .message(
        "jobrun.test: replies[\(number)].class: one of the classes of `err` expected, got \(text("class") ?? "nil")")
    }
    return .failure(
      AttemptError(
        errorClass, status: text("status").flatMap { Int($0) } ?? 0, message: text("message") ?? errorClass.rawValue,
        dispatched: .yes))
  }

  /// `usage` of the reply on top of the stack.
  private func usage(on thread: LuaThread) -> TokenUsage? {
    defer { thread.pop() }
    guard thread.field("usage", of: -1) == .table else { return nil }
    func count(_ name: String) -> Int {
      thread.field(name, of: -1)
      defer { thread.pop() }
      return max(0, min(thread.integer(at: -1) ?? 0, 1 << 40))
    }
    let (input, output) = (count("input_tokens"), count("output_tokens"))
    return TokenUsage(input: input, output: output, cached: count("cached_tokens"), total: input + output)
  }

  private func answer(_ text: [UInt8], finishReason: String, usage: TokenUsage? = nil) -> Answer {
    let thread = world.state.current
    thread.push(text)
    let content = (try? thread.encodeJSON(at: -1)) ?? Array("\"\"".utf8)
    thread.pop()
    let body = Array(#"{"choices":[{"message":{"role":"assistant","content":"#.utf8) + content + Array("}}]}".utf8)
    return Answer(
      status: 200, headers: [], body: body, reply: ReplyFields(text: text, finishReason: finishReason, usage: usage),
      latency: .zero)
  }

  /// Of a pack the rows of all items; `status` and `error` are those of the first that failed, or was skipped.
  ///
  /// Stack: [] -> [{status, rows, requests, error}]
  private func push(_ ends: [ItemResult], _ requests: [ChatRequest], _ engine: LuaScriptEngine, on thread: LuaThread) {
    thread.newTable(fieldCapacity: 4)
    pushList(requests.map(\.body), on: thread)
    thread.setField("requests")
    var rows: [[UInt8]] = []
    var status = "ok"
    for end in ends {
      switch end {
      case .ok(let written): rows += written
      case .skipped where status == "ok": status = "skipped"
      case .unfinished where status == "ok": status = "unfinished"
      case .failed(let failure) where status != "failed":
        status = "failed"
        engine.errorType.push(failure, on: thread)
        thread.setField("error")
      case .skipped, .unfinished, .failed: break
      }
    }
    thread.push(status)
    thread.setField("status")
    pushList(rows, on: thread)
    thread.setField("rows")
  }

  private func pushList(_ texts: [[UInt8]], on thread: LuaThread) {
    thread.newTable(arrayCapacity: Int32(clamping: texts.count))
    thread.markArray(at: -1)
    for (offset, text) in texts.enumerated() {
      if (try? thread.pushJSON(text)) == nil { thread.push(text) }
      thread.setIndex(offset + 1)
    }
  }
}

/// Numbers of a run that there is not.
private final class NoStatistics: StatisticsReader {
  func value(of name: StatisticName) -> StatisticValue? {
    name.isUnknownAtTimes ? nil : name.isInteger ? .integer(0) : .number(0)
  }
  func latency(percentile: Double) -> Double? { nil }
  var modelNames: [String] { [] }
  func model(_ name: String) -> (any StatisticsReader)? { nil }
}
