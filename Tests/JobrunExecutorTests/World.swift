import JobrunExecutor
public import JobrunModel
import JobrunReactor

/// An executor whose ports are scripted: items are numbers, and so are the bodies of their requests.
@Loop
final class World {
  let source: NumberSource
  let script = ScriptedEngine()
  let transport: ScriptedTransport
  let sink = RecordingSink()
  let statistics: RunStatistics
  let executor: Executor

  /// - Parameter reply: What the provider says to a body; nil: nothing, until the transfers are cancelled.
  init(
    items: Int, concurrency: Concurrency, limits: Limits = Limits(), journal: (any AnswerJournal)? = nil,
    clock: any MonotonicClock = ReactorClock(),
    price: Price? = nil, configure: (inout ExecutorOptions) -> Void = { _ in },
    models: [(key: String, transport: ScriptedTransport)] = [],
    reply: @escaping @Loop (Int) -> Result<Answer, AttemptError>?
  ) {
    source = NumberSource(count: items)
    transport = ScriptedTransport(reply: reply)
    statistics = RunStatistics(clock: clock)
    func route(_ key: String, _ transport: ScriptedTransport) -> ModelRoute {
      ModelRoute(key: key, transport: transport, endpoint: .test, limits: limits, timeouts: Timeouts(), price: price)
    }
    var options = ExecutorOptions(concurrency: concurrency)
    configure(&options)
    executor = Executor(
      options: options, source: source, script: script,
      models: models.isEmpty ? .any(route("", transport)) : .named(models.map { route($0.key, $0.transport) }),
      sink: sink, journal: journal, clock: clock, statistics: statistics)
  }
}

extension Concurrency: ExpressibleByIntegerLiteral {
  public init(integerLiteral value: Int) { self = .fixed(value) }
}

extension EndpointDescription {
  static let test = EndpointDescription(name: "test", host: "test.local", url: "http://test.local/v1")
}

func answer(_ text: String) -> Answer {
  Answer(status: 200, headers: [], body: [], reply: ReplyFields(text: Array(text.utf8)), latency: .milliseconds(5))
}

@Loop
final class NumberSource: ItemSource {
  let total: Int?
  var failsAt: Int?
  private var next = 0
  private var isStopped = false

  init(count: Int) { total = count }

  func next() async throws(RunError) -> ItemRecord? {
    next += 1
    if next == failsAt { throw RunError(.inputOutput, "the disk is gone") }
    guard !isStopped, next <= total! else { return nil }
    return ItemRecord(content: .text(Array("\(next)".utf8)), index: next, line: next)
  }

  func nextAtHand() -> ItemRecord? { nil }

  func stop() { isStopped = true }
}

@Loop
final class ScriptedEngine: ScriptEngine {
  var skips: (Int) -> Bool = { _ in false }
  var calls = 1
  var setupError: String?
  /// The models that each request goes to, the first first; empty: one, called `m`.
  var fallbacks: [String] = []
  /// The body of an item's requests.
  var body: (Int) -> String = { "\($0)" }
  /// The model of an item, where there are several and no fallbacks.
  var model: (Int) -> String = { _ in "m" }
  /// The output tokens that each request allows.
  var maximumOutput: Int?
  /// The items whose `parse` fails.
  var breaks: (Int) -> Bool = { _ in false }
  /// Of each answer: the model that gave it, and the attempts it took.
  private(set) var models: [String] = []
  private(set) var attempts: [Int] = []
  private(set) var failures: [ItemFailure] = []
  weak var control: (any RunControl)?
  /// The `on_tick` hook; nil: there is none.
  var onTick: (@Loop () throws(RunError) -> Void)?
  var hasTick: Bool { onTick != nil }
  var onSetup: (@Loop () -> Void)?
  var onFinish: (@Loop () -> Void)?
  private(set) var events: [String] = []
  private(set) var mostAlive = 0
  private var left: [Int: Int] = [:]

  var alive: Int { left.count }

  let packSize: Int? = nil
  private(set) var files: [(name: String, contents: [UInt8])] = []

  func beginSetup() -> (item: ScriptItem, step: ScriptStep)? {
    events.append("setup")
    onSetup?()
    guard let setupError else { return nil }
    return (ScriptItem(slot: 0, id: .string("setup")), .finished(.failed(ItemFailure(.hook, message: setupError))))
  }

  func begin(pack records: [ItemRecord]) -> (item: ScriptItem, ids: [ItemID], step: ScriptStep) {
    preconditionFailure("no packs here")
  }

  func wake(_ item: ScriptItem) -> ScriptStep { .wait }

  func tick() throws(RunError) { try onTick?() }

  func begin(_ record: ItemRecord) -> (item: ScriptItem, step: ScriptStep) {
    let item = ScriptItem(slot: record.index, id: .integer(record.index))
    if skips(record.index) { return (item, .finished(.skipped(reason: ""))) }
    left[record.index] = calls
    mostAlive = max(mostAlive, left.count)
    return (item, .call(request(record.index)))
  }

  func resume(_ item: ScriptItem, with result: Result<Answer, AttemptError>) -> ScriptStep {
    guard let calls = left[item.slot] else { preconditionFailure("resumed an item that is over") }
    switch result {
    case .success(let answer):
      models.append(answer.model)
      attempts.append(answer.attempts)
    case .failure(let error): failures.append(ItemFailure(error))
    }
    if case .success = result, calls > 1 {
      left[item.slot] = calls - 1
      return .call(request(item.slot))
    }
    left[item.slot] = nil
    if case .success = result, breaks(item.slot) {
      return .finished(.failed(ItemFailure(.hook, message: "jobs/x.lua:3: no \(item.slot)", hook: "parse")))
    }
    switch result {
    case .success(let answer): return .finished(.ok(rows: [answer.reply.text]))
    case .failure(let error): return .finished(.failed(ItemFailure(error)))
    }
  }

  func abandon(_ item: ScriptItem) {
    precondition(left.removeValue(forKey: item.slot) != nil, "abandoned an item that is over")
  }

  func beginFinish() -> (item: ScriptItem, step: ScriptStep)? {
    events.append("finish")
    onFinish?()
    files = [("report.md", [])]
    return nil
  }

  private func request(_ number: Int) -> ChatRequest {
    var request = ChatRequest(
      body: Array(body(number).utf8), model: fallbacks.first ?? model(number), maximumOutputTokens: maximumOutput)
    request.fallbacks = fallbacks.dropFirst().map {
      ChatRequest(body: request.body, model: $0, maximumOutputTokens: maximumOutput)
    }
    return request
  }
}

@Loop
final class ScriptedTransport: ChatTransport {
  private let reply: @Loop (Int) -> Result<Answer, AttemptError>?
  private var hanging = LoopSemaphore(permits: 0)
  private var endedWith = "cancelled"
  var afterSends: (count: Int, action: @Loop () -> Void)?
  private(set) var sends = 0
  private(set) var inFlight = 0
  private(set) var mostInFlight = 0
  private(set) var cancellations = 0
  private(set) var madeRoomFor: [Int] = []

  init(reply: @escaping @Loop (Int) -> Result<Answer, AttemptError>?) { self.reply = reply }

  func send(_ body: [UInt8], limits: TimeLimits) async throws(AttemptError) -> Answer {
    sends += 1
    inFlight += 1
    mostInFlight = max(mostInFlight, inFlight)
    defer { inFlight -= 1 }
    if let afterSends, sends == afterSends.count { afterSends.action() }
    let number = Int(String(decoding: body, as: UTF8.self))!
    guard let result = reply(number) else {
      _ = await hanging.acquire()
      throw AttemptError(.network, code: endedWith, message: endedWith, dispatched: .maybe)
    }
    // Some items take longer than others, so that they end in another order than they began.
    for _ in 0..<(number % 3 + 1) { await Task.yield() }
    return try result.get()
  }

  func read(_ stored: StoredAnswer) throws(AttemptError) -> Answer {
    Answer(
      status: stored.status, headers: stored.headers, body: stored.body, reply: ReplyFields(text: stored.body),
      latency: stored.latency)
  }

  func makeRoom(for requests: Int) { madeRoomFor.append(requests) }

  func cancelAll() {
    cancellations += 1
    hanging.close()
  }

  func failAll() {
    let waiting = hanging
    hanging = LoopSemaphore(permits: 0)
    endedWith = "suspended"
    waiting.close()
  }
}

@Loop
final class RecordingSink: OutcomeSink {
  private(set) var outcomes: [ItemOutcome] = []
  private(set) var isFinished = false
  private(set) var isAbandoned = false
  private(set) var waits = 0
  var failsAt: Int?
  /// Outcomes that fit until somebody waited for room; nil: all.
  var roomFor: Int?
  private var sinceRoom = 0

  var hasRoom: Bool { roomFor.map { sinceRoom < $0 } ?? true }

  func waitForRoom() async throws(RunError) {
    waits += 1
    await Task.yield()
    sinceRoom = 0
  }

  func put(_ outcome: ItemOutcome) throws(RunError) {
    if outcomes.count + 1 == failsAt { throw RunError(.inputOutput, "disk full") }
    sinceRoom += 1
    outcomes.append(outcome)
  }

  /// The rows of all items, in the order of the input.
  var rows: [String] {
    outcomes.sorted { $0.record.index < $1.record.index }.flatMap { outcome -> [String] in
      guard case .ok(let rows) = outcome.result else { return [] }
      return rows.map { String(decoding: $0, as: UTF8.self) }
    }
  }

  func giveUp() {}

  func finish() async throws(RunError) { isFinished = true }

  func abandon() async { isAbandoned = true }
}
