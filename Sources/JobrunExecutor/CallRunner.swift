internal import JobrunModel

/// How a call ended.
enum CallEnd {
  case ended(Result<Answer, AttemptError>)
  /// The model takes no requests, and the call has another one to ask.
  case scopeIsOut
  /// The run ends before there is a result.
  case runEnds
}

/// One call: a request, tried until it has an answer, is given up, or the run ends. The program's one retry loop.
@Loop
final class CallRunner {
  private let scopes: ScopeTable
  private let dispatcher: Dispatcher
  private let policy: RetryPolicy
  private let clock: any MonotonicClock
  private let statistics: RunStatistics
  /// Room for items, lent while this call only waits.
  private let room: RoomForItems
  private let journal: (any AnswerJournal)?
  private var random = SplitMix64.random()
  private var edge = EdgeTimeout()
  /// Transfers are being cancelled: what they end with is nobody's failure.
  var isStopping = false
  /// Ends the run: starts nothing new.
  var stop: (@Loop (RunError) -> Void)?
  /// Tells the user something.
  var notify: (@Loop (String) -> Void)?

  init(
    scopes: ScopeTable, dispatcher: Dispatcher, policy: RetryPolicy, clock: any MonotonicClock,
    statistics: RunStatistics, room: RoomForItems, journal: (any AnswerJournal)?
  ) {
    self.journal = journal
    self.scopes = scopes
    self.dispatcher = dispatcher
    self.policy = policy
    self.clock = clock
    self.statistics = statistics
    self.room = room
  }

  /// Asks the request's model, then its fallbacks as long as one is out or gives up. Its answer is stored.
  ///
  /// - Throws: `RunError` where the journal cannot be written.
  func run(_ request: ChatRequest, for item: ItemReference) async throws(RunError) -> CallEnd {
    if request.fallbacks.isEmpty {
      return try await ask(Call(request: request, item: item, hasFallback: false))
    }
    return try await askInTurn([request] + request.fallbacks, for: item)
  }

  private func askInTurn(_ requests: [ChatRequest], for item: ItemReference) async throws(RunError) -> CallEnd {
    var last = CallEnd.runEnds
    for (index, request) in requests.enumerated() {
      let end = try await ask(Call(request: request, item: item, hasFallback: index + 1 < requests.count))
      switch end {
      case .ended(.failure): last = end
      case .scopeIsOut: continue
      case .ended(.success), .runEnds: return end
      }
    }
    return last
  }

  /// A call to one model, and what it has behind it.
  private struct Call {
    let request: ChatRequest
    let item: ItemReference
    let hasFallback: Bool
    var history = CallHistory()
    var firstSend: MonotonicInstant?
    /// The back-off before the next try.
    var delay: Duration?
    /// The try, as the journal knows it.
    var sent: SentRequest?

    /// The item's place in the input.
    var age: Int { item.index }
  }

  /// Tries one model. What needs no waiting is in functions of its own: an item in flight keeps this function's frame.
  private func ask(_ call: consuming Call) async throws(RunError) -> CallEnd {
    guard let scope = scopes[call.request.model] else { return Self.unknown(call.request.model) }
    while true {
      let cost = scope.cost(of: call.request)
      if let problem = scope.statistics.limits.impossibility(of: cost) {
        dispatcher.leave(scope, age: call.age)
        return Self.impossible(problem)
      }
      // 1. Leave of the limits, and a slot; nothing is held meanwhile.
      let asked = clock.now
      var acquired: Acquired?
      if call.delay == nil {
        acquired = dispatcher.acquireNow(scope, cost, age: call.age, hasFallback: call.hasFallback, at: asked)
      }
      if acquired == nil {
        // Whoever waits for one model must not keep back the items of another.
        let lends = call.delay != nil || scopes.count > 1
        if lends { room.lend() }
        acquired = await withUnsafeContinuation {
          dispatcher.acquire(
            scope, cost, age: call.age, after: call.delay, hasFallback: call.hasFallback, $0)
        }
        if lends { room.reclaim() }
      }
      switch acquired ?? .runEnds {
      case .permit(let permit):
        begin(permit, asked: asked, &call)
        // 2. One request on the wire; what it meets is noted before the slot is free.
        let result: Result<Answer, AttemptError>
        do throws(AttemptError) {
          result = .success(try await scope.route.transport.send(call.request.body, limits: scope.limits))
        } catch {
          result = .failure(error)
        }
        // 3. The end, or once more, at once or after a delay.
        guard let end = finish(permit, result, &call) else { continue }
        guard case .ended(.success(let answer)) = end else { return end }
        // 4. On the disk before anybody sees it; and the slot is kept until then, so that a crash loses no more than
        // there are slots.
        if let journal, let sent = call.sent {
          do throws(RunError) {
            try await journal.store(answer, to: sent)
          } catch {
            // First of all the run ends: the slot would go to a request whose answer could not be stored either.
            stop?(error)
            dispatcher.release(at: clock.now)
            throw error
          }
        }
        dispatcher.release(at: clock.now)
        return end
      case .scopeIsOut:
        dispatcher.leave(scope, age: call.age)
        return .scopeIsOut
      case .again: call.delay = nil
      case .runEnds: return .runEnds
      }
    }
  }

  private func begin(_ permit: Permit, asked: MonotonicInstant, _ call: inout Call) {
    // Time in line is the limits' doing, but for the back-off before it.
    if call.history.tries > 0 {
      call.history.throttled += max(.zero, asked.duration(to: permit.sentAt) - (call.delay ?? .zero))
    }
    if call.firstSend == nil { call.firstSend = permit.sentAt }
    call.history.tries += 1
    statistics.requestBegan(permit.scope.statistics, isRetry: call.history.tries > 1)
    if let journal, let identity = call.request.identity {
      call.sent = journal.sent(identity, model: call.request.model, for: call.item)
      if let reserved = permit.reserved { call.sent?.charge = reserved }
    }
  }

  /// Notes how a try ended, and decides; without an answer the slot is given back.
  ///
  /// - Returns: nil where the call goes on.
  @inline(never)
  private func finish(_ permit: Permit, _ result: Result<Answer, AttemptError>, _ call: inout Call) -> CallEnd? {
    if let charge = dispatcher.settleBudget(permit, result) { call.sent?.charge = charge }
    switch result {
    case .success(var answer):
      answer.model = call.request.model
      answer.attempts = call.history.attempts + 1
      if let usage = answer.usage { answer.costUSD = permit.scope.route.price?.cost(of: usage) }
      succeeded(permit, answer, call)
      return .ended(.success(answer))
    case .failure(let error):
      if let sent = call.sent { journal?.failed(sent, error) }
      let verdict = failed(permit, error, &call)
      dispatcher.release(at: clock.now)
      switch verdict {
      case .again(let delay):
        call.delay = delay
        return nil
      case .ended(let end):
        dispatcher.leave(permit.scope, age: call.age)
        return end
      }
    }
  }

  private func succeeded(_ permit: Permit, _ answer: Answer, _ call: Call) {
    let scope = permit.scope
    let now = clock.now
    let note = scope.succeeded(permit, call.request, answer, isRetry: call.history.tries > 1, at: now)
    if let note { notify?("\(scope.route.key): \(note)") }
    statistics.requestEnded(scope.statistics, answer, at: now)
    dispatcher.succeeded(permit, latency: answer.latency, tokens: answer.usage?.total, at: now)
  }

  private enum Verdict {
    case again(after: Duration?)
    case ended(CallEnd)
  }

  /// Notes a failed attempt wherever it counts, and decides what becomes of the call.
  private func failed(_ permit: Permit, _ failure: AttemptError, _ call: inout Call) -> Verdict {
    let scope = permit.scope
    let now = clock.now
    let isEcho = FailureJudgement.isOverload(failure) && !dispatcher.overloaded(permit)
    let note = scope.failed(
      permit, failure, isEcho: isEcho, at: now, random: (random.uniform(), random.uniform()))
    if isStopping, failure.code == "cancelled" { return .ended(.runEnds) }
    if let note { notify?("\(scope.route.key): \(note)") }
    statistics.requestFailed(scope.statistics, failure)
    if failure.mayBeBilled, let warning = edge.ended(after: permit.sentAt.duration(to: now)) { notify?(warning) }

    // A probe that could not be sent says nothing of the item, which would pay for the provider's outage.
    let isLostProbe = permit.isBreakerProbe && failure.errorClass == .network && failure.dispatched == .no
    if RetryPolicy.isAttempt(failure), !isLostProbe { call.history.attempts += 1 }
    if failure.errorClass == .badResponse { call.history.badResponses += 1 }
    if failure.code == "stale_connection" { call.history.staleConnections += 1 }
    call.history.elapsed = (call.firstSend ?? now).duration(to: now) - call.history.throttled
    var error = failure
    error.attempts = max(1, call.history.attempts)

    let decision = policy.decide(after: error, call.history, random: random.uniform())
    if let stop = scope.stopRule.judge(error, isFinal: decision == .giveUp) ?? Self.outage(of: scope, error, at: now) {
      scope.isOut = stop.code != .endpointUnusable || scope.breaker.isClosed
      if !call.hasFallback { self.stop?(stop) }
    }
    if scope.takesNothing(at: now) { dispatcher.sendAway(from: scope) }
    if scope.isOut { return .ended(call.hasFallback ? .ended(.failure(error)) : .runEnds) }
    switch decision {
    case .giveUp: return .ended(.ended(.failure(error)))
    case .whenAllowed: return .again(after: nil)
    case .after(let delay): return .again(after: delay)
    }
  }

  /// Why a scope is out for longer than anybody wants to wait; nil where it is not.
  private static func outage(of scope: ModelScope, _ error: AttemptError, at now: MonotonicInstant) -> RunError? {
    let name = scope.route.endpoint.name
    let isRefusal = error.errorClass == .rateLimit || error.errorClass == .overloaded
    if isRefusal, let wait = error.retryAfter, wait > Breaker.longest {
      return RunError(
        .stopped, "\(name) takes no requests for \(Int(wait.seconds / 60)) minutes: \(error.message)",
        hint: "run the same command again then")
    }
    if scope.breaker.outage(at: now) > Breaker.longest {
      return RunError(.endpointUnusable, "\(name) has failed for 15 minutes: \(error.message)")
    }
    return nil
  }

  static func unknown(_ model: String) -> CallEnd {
    .ended(.failure(AttemptError(.badRequest, message: "there is no model \"\(model)\"", dispatched: .no)))
  }

  private static func impossible(_ problem: String) -> CallEnd {
    .ended(.failure(AttemptError(.tooLarge, message: problem, dispatched: .no)))
  }
}
