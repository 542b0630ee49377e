internal import JobrunModel

/// How a call ended.
enum CallEnd {
  case ended(Result<Answer, AttemptError>)
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
    statistics: RunStatistics, room: RoomForItems
  ) {
    self.scopes = scopes
    self.dispatcher = dispatcher
    self.policy = policy
    self.clock = clock
    self.statistics = statistics
    self.room = room
  }

  /// Asks the request's model, then its fallbacks as long as one is out or gives up.
  ///
  /// - Parameter age: The item's place in the input.
  func run(_ request: ChatRequest, age: Int) async -> CallEnd {
    if request.fallbacks.isEmpty { return await ask(request, age: age, hasFallback: false).end }
    let requests = [request] + request.fallbacks
    var last: AttemptError?
    for (index, next) in requests.enumerated() {
      let result = await ask(next, age: age, hasFallback: index + 1 < requests.count)
      switch result {
      case .ended(.failure(let error)): last = error
      case .scopeIsOut: continue
      case .ended(.success), .runEnds: return result.end
      }
    }
    return last.map { .ended(.failure($0)) } ?? .runEnds
  }

  private enum Asked {
    case ended(Result<Answer, AttemptError>)
    case scopeIsOut
    case runEnds

    var end: CallEnd {
      if case .ended(let result) = self { .ended(result) } else { .runEnds }
    }
  }

  /// Tries one model.
  private func ask(_ request: ChatRequest, age: Int, hasFallback: Bool) async -> Asked {
    guard let scope = scopes[request.model] else { return .ended(.failure(Self.unknown(request.model))) }
    var history = CallHistory()
    var first: MonotonicInstant?
    var delay: Duration?
    while true {
      let cost = scope.cost(of: request)
      if let problem = scope.limiter.impossibility(of: cost) {
        return .ended(.failure(AttemptError(.tooLarge, message: problem, dispatched: .no)))
      }
      // 1. Room under the limits, and a slot; nothing is held meanwhile.
      let asked = clock.now
      if delay != nil { room.lend() }
      let acquired = await dispatcher.acquire(scope, cost, age: age, after: delay, hasFallback: hasFallback)
      if delay != nil { room.reclaim() }
      let permit: Permit
      switch acquired {
      case .permit(let given): permit = given
      case .scopeIsOut:
        dispatcher.leave(scope, age: age)
        return .scopeIsOut
      case .runEnds: return .runEnds
      }
      // Time in line is the limits' doing, but for the back-off before it.
      if history.tries > 0 { history.throttled += max(.zero, asked.duration(to: permit.sentAt) - (delay ?? .zero)) }
      if first == nil { first = permit.sentAt }
      history.tries += 1
      statistics.requestBegan(scope.statistics, isRetry: history.tries > 1)

      // 2. One request on the wire; what it meets is noted before the slot is free.
      do throws(AttemptError) {
        var answer = try await scope.route.transport.send(request.body, limits: scope.limits)
        answer.model = request.model
        answer.attempts = history.attempts + 1
        if let usage = answer.reply.usage { answer.costUSD = scope.route.price?.cost(of: usage) }
        succeeded(permit, request, answer, isRetry: history.tries > 1)
        return .ended(.success(answer))
      } catch {
        let verdict = failed(permit, error, since: first ?? permit.sentAt, &history, hasFallback: hasFallback)
        dispatcher.release()
        // 3. Again, at once or later; or the end.
        switch verdict {
        case .again(let after): delay = after
        case .ended(let asked):
          dispatcher.leave(scope, age: age)
          return asked
        }
      }
    }
  }

  private func succeeded(_ permit: Permit, _ request: ChatRequest, _ answer: Answer, isRetry: Bool) {
    let scope = permit.scope
    let note = scope.succeeded(permit, request, answer, isRetry: isRetry, at: clock.now)
    if let note { notify?("\(scope.route.key): \(note)") }
    statistics.requestEnded(scope.statistics, answer)
    dispatcher.succeeded(permit, latency: answer.latency, tokens: answer.reply.usage?.total)
    dispatcher.release()
  }

  private enum Verdict {
    case again(after: Duration?)
    case ended(Asked)
  }

  /// Notes a failed attempt wherever it counts, and decides what becomes of the call.
  private func failed(
    _ permit: Permit, _ failure: AttemptError, since first: MonotonicInstant, _ history: inout CallHistory,
    hasFallback: Bool
  ) -> Verdict {
    let scope = permit.scope
    let now = clock.now
    let isEcho = FailureJudgement.isOverload(failure) && !dispatcher.overloaded(permit)
    let note = scope.failed(
      permit, failure, isEcho: isEcho, at: now, random: (random.uniform(), random.uniform()))
    if isStopping, failure.code == "cancelled" { return .ended(.runEnds) }
    if let note { notify?("\(scope.route.key): \(note)") }
    statistics.requestFailed(scope.statistics, failure)
    if failure.mayBeBilled, let warning = edge.ended(after: permit.sentAt.duration(to: now)) { notify?(warning) }

    if RetryPolicy.isAttempt(failure) { history.attempts += 1 }
    if failure.errorClass == .badResponse { history.badResponses += 1 }
    if failure.code == "stale_connection" { history.staleConnections += 1 }
    history.elapsed = first.duration(to: now) - history.throttled
    var error = failure
    error.attempts = max(1, history.attempts)

    let decision = policy.decide(after: error, history, random: random.uniform())
    if let stop = scope.stopRule.judge(error, isFinal: decision == .giveUp) ?? Self.outage(of: scope, error, at: now) {
      scope.isOut = stop.code != .endpointUnusable || scope.breaker.isClosed
      if !hasFallback { self.stop?(stop) }
    }
    if scope.takesNothing { dispatcher.sendAway(from: scope) }
    if scope.isOut { return .ended(hasFallback ? .ended(.failure(error)) : .runEnds) }
    switch decision {
    case .giveUp: return .ended(.ended(.failure(error)))
    case .whenAllowed: return .again(after: nil)
    case .after(let delay): return .again(after: delay)
    }
  }

  /// Why a scope is out for longer than anybody wants to wait; nil where it is not.
  private static func outage(of scope: ModelScope, _ error: AttemptError, at now: MonotonicInstant) -> RunError? {
    let name = scope.route.endpoint.name
    if error.errorClass == .rateLimit, let wait = error.retryAfter, wait > Breaker.longest {
      return RunError(
        .stopped, "\(name): the quota is used up for \(Int(wait.seconds / 60)) minutes: \(error.message)",
        hint: "run the same command again then")
    }
    if scope.breaker.outage(at: now) > Breaker.longest {
      return RunError(.endpointUnusable, "\(name) has failed for 15 minutes: \(error.message)")
    }
    return nil
  }

  private static func unknown(_ model: String) -> AttemptError {
    AttemptError(.badRequest, message: "there is no model \"\(model)\"", dispatched: .no)
  }
}
