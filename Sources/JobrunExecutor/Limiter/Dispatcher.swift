internal import JobrunModel

/// A request that waits to be sent.
struct Waiter {
  let cost: RequestCost
  let since: MonotonicInstant
  /// There is another model to ask: it goes there when this one is out.
  let hasFallback: Bool
  /// Smaller requests behind it that went first.
  var overtaken = 0
  let continuation: UnsafeContinuation<Acquired, Never>
}

/// How the wait for a permit ended.
enum Acquired: Sendable {
  case permit(Permit)
  /// The scope takes no requests for now, and the call has another model to ask.
  case scopeIsOut
  /// The run ends first.
  case runEnds
  /// A budget was set meanwhile: what the request costs is to be estimated.
  case again
}

/// Gives out the right to send: a slot and the scope's leave, both at the instant of the send. The thin shell around
/// the pure values of `Limiter/` and `Retry/`.
///
/// Nothing is held by whoever waits. In a scope the oldest goes first; scopes do not wait for each other. There is one
/// timer, for the earliest instant at which anybody may go.
@Loop
final class Dispatcher {
  /// How many smaller requests may overtake one that waits for tokens.
  private static let mostOvertaking = 16

  let clock: any MonotonicClock
  private let statistics: RunStatistics
  private(set) var scopes: [ModelScope] = []
  /// Back-offs: who may not even wait in line yet.
  private var delayed: [(until: MonotonicInstant, age: Int, scope: ModelScope, waiter: Waiter)] = []
  /// When the first of them may.
  private var delayEnds: MonotonicInstant?
  private let wakeUps = LoopSemaphore(permits: 0)
  /// The instants for which a timer runs, and those for which one is to be started.
  private var armed: [MonotonicInstant] = []
  private var toArm: [MonotonicInstant] = []
  private var isClosed = false
  /// Who wants that nothing is sent, whatever the limits say.
  private var holders: Holders = []
  private var control: ConcurrencyControl
  /// Nil: none. See `Dispatcher+Budget.swift`.
  var budget: Budget?
  /// Why a request can never go, found while looking for one that may.
  var budgetProblem: RunError?
  /// Told when a request does not fit into the budget, and never will.
  var outOfBudget: (@Loop (RunError) -> Void)?
  private(set) var inFlight = 0

  init(_ concurrency: Concurrency, clock: any MonotonicClock, statistics: RunStatistics) {
    self.clock = clock
    self.statistics = statistics
    control = ConcurrencyControl(concurrency, now: clock.now)
  }

  /// Requests in flight at most, now.
  var limit: Int { control.limit }

  func add(_ scope: ModelScope) {
    scope.countsSpending = budget != nil
    scopes.append(scope)
  }

  // MARK: Acquiring

  /// What can be said without waiting: a permit, or that there is none to be had; nil: it has to wait.
  func acquireNow(
    _ scope: ModelScope, _ cost: RequestCost, age: Int, hasFallback: Bool, at now: MonotonicInstant
  ) -> Acquired? {
    if isClosed { return .runEnds }
    if hasFallback, scope.takesNothing(at: now) { return .scopeIsOut }
    guard holders.isEmpty, scope.line.isEmpty, inFlight < limit, scope.admit(cost, age: age, at: now) == .go,
      budget == nil || fitsBudget(cost, of: scope)
    else { return nil }
    return .permit(grant(scope, cost, age: age, at: now))
  }

  /// Has the continuation resumed when the request may be sent, with a slot taken; or when there will be none.
  ///
  /// - Parameters:
  ///   - age: The item's place in the input: the oldest goes first.
  ///   - delay: A back-off before that.
  ///   - hasFallback: The call has another model to ask where this one is out.
  func acquire(
    _ scope: ModelScope, _ cost: RequestCost, age: Int, after delay: Duration?, hasFallback: Bool,
    _ continuation: UnsafeContinuation<Acquired, Never>
  ) {
    if isClosed { return continuation.resume(returning: .runEnds) }
    let now = clock.now
    let waiter = Waiter(cost: cost, since: now, hasFallback: hasFallback, continuation: continuation)
    if let delay, delay > .zero {
      let until = now.advanced(by: delay)
      delayed.append((until, age, scope, waiter))
      delayEnds = min(delayEnds ?? until, until)
      arm(until)
    } else {
      scope.line.insert(waiter, age: age)
      pump(at: now)
    }
  }

  private func grant(_ scope: ModelScope, _ cost: RequestCost, age: Int, at now: MonotonicInstant) -> Permit {
    inFlight += 1
    var permit = scope.take(cost, age: age, at: now)
    if budget != nil { permit.reserved = reserve(cost, of: scope) }
    return permit
  }

  /// Gives a slot back.
  func release(at now: MonotonicInstant) {
    inFlight -= 1
    pump(at: now)
  }

  /// A call of this item is over in this scope, or goes on elsewhere.
  func leave(_ scope: ModelScope, age: Int) {
    scope.leave(age: age)
    pump(at: clock.now)
  }

  /// Who keeps everything back: it goes on when nobody does any more.
  struct Holders: OptionSet {
    let rawValue: UInt8
    /// It cannot be written for a while.
    static let journal = Holders(rawValue: 1)
    /// The job has paused the run.
    static let job = Holders(rawValue: 2)
  }

  /// Lets nothing out until the same holder says it again with false.
  func hold(_ holds: Bool, by holder: Holders) {
    if holds { holders.insert(holder) } else { holders.remove(holder) }
    let now = clock.now
    if holder == .job { statistics.heldBack(by: holds ? .pause : nil, at: now) }
    pump(at: now)
  }

  /// The limits, or what a limit allows, have changed.
  func limitsChanged() { pump(at: clock.now) }

  func set(_ concurrency: Concurrency) {
    let now = clock.now
    control.set(concurrency, at: now)
    pump(at: now)
  }

  /// Sends everybody away, and all who come later.
  func close() {
    isClosed = true
    wakeUps.close()
    let waiting = scopes.flatMap { $0.line.removeAll() } + delayed.map(\.waiter)
    delayed = []
    for waiter in waiting { waiter.continuation.resume(returning: .runEnds) }
  }

  /// Sends those who can ask another model away from a scope that takes nothing.
  func sendAway(from scope: ModelScope) {
    var offset = 0
    while offset < scope.line.count {
      guard scope.line[offset].hasFallback else {
        offset += 1
        continue
      }
      scope.line.remove(at: offset).continuation.resume(returning: .scopeIsOut)
    }
  }

  // MARK: The concurrency

  func succeeded(_ permit: Permit, latency: Duration, tokens: Int?, at now: MonotonicInstant) {
    control.succeeded(
      sentAt: permit.sentAt, latency: latency.seconds, tokens: tokens, inFlight: inFlight, at: now)
  }

  /// - Returns: Whether it is a sign of its own, and no echo of an overload that was answered already.
  func overloaded(_ permit: Permit) -> Bool { control.overloaded(sentAt: permit.sentAt, at: clock.now) }

  // MARK: Granting

  /// Lets go whoever may go now, and sets the timer for the next.
  func pump(at now: MonotonicInstant) {
    if isClosed || !holders.isEmpty { return }
    takeDelayed(at: now)
    var earliest: MonotonicInstant?
    while let (scope, offset) = next(at: now, earliest: &earliest), budgetProblem == nil {
      let age = scope.line.age(at: offset)
      let waiter = scope.line.remove(at: offset)
      if budget != nil, waiter.cost.size == nil {
        waiter.continuation.resume(returning: .again)
        continue
      }
      let waited = waiter.since.duration(to: now)
      statistics.waited(waited, for: scope.blockedBy ?? .slots, model: scope.statistics)
      waiter.continuation.resume(returning: .permit(grant(scope, waiter.cost, age: age, at: now)))
      earliest = nil
    }
    if let delayEnds { earliest = min(earliest ?? delayEnds, delayEnds) }
    if let earliest { arm(earliest) }
    statistics.heldBack(by: reason(), at: now)
    if budgetProblem != nil { reportBudgetProblem() }
  }

  private func takeDelayed(at now: MonotonicInstant) {
    guard let delayEnds, delayEnds <= now else { return }
    for entry in delayed where entry.until <= now {
      statistics.backedOff(entry.waiter.since.duration(to: now), model: entry.scope.statistics)
      if entry.waiter.hasFallback, entry.scope.takesNothing(at: now) {
        entry.waiter.continuation.resume(returning: .scopeIsOut)
        continue
      }
      let waiter = Waiter(
        cost: entry.waiter.cost, since: now, hasFallback: entry.waiter.hasFallback,
        continuation: entry.waiter.continuation)
      entry.scope.line.insert(waiter, age: entry.age)
    }
    delayed.removeAll { $0.until <= now }
    self.delayEnds = delayed.lazy.map(\.until).min()
  }

  /// The oldest request that may go.
  private func next(at now: MonotonicInstant, earliest: inout MonotonicInstant?) -> (ModelScope, offset: Int)? {
    if scopes.count == 1 {  // as with most jobs
      let scope = scopes[0]
      if scope.line.isEmpty { return nil }
      guard inFlight < limit else {
        scope.blockedBy = .slots
        return nil
      }
      return candidate(in: scope, at: now, earliest: &earliest).map { (scope, $0) }
    }
    var best: (scope: ModelScope, offset: Int, age: Int)?
    for scope in scopes where !scope.line.isEmpty {
      if let best, best.age < scope.line.age(at: 0) { continue }
      guard inFlight < limit else {
        scope.blockedBy = .slots
        continue
      }
      guard let offset = candidate(in: scope, at: now, earliest: &earliest) else { continue }
      best = (scope, offset, scope.line.age(at: offset))
    }
    return best.map { ($0.scope, $0.offset) }
  }

  /// The place of the request that may go: the first; the canary, where all others wait for it; or a smaller one
  /// behind a first that waits for tokens.
  private func candidate(in scope: ModelScope, at now: MonotonicInstant, earliest: inout MonotonicInstant?) -> Int? {
    var offset = 0
    var admission = admit(0, in: scope, at: now)
    if case .wait(_, .canary) = admission, let canary = scope.canary.flatMap({ scope.line.offset(ofAge: $0) }) {
      offset = canary
      admission = admit(offset, in: scope, at: now)
    }
    guard case .wait(let wait, let reason) = admission else { return offset }
    scope.blockedBy = reason
    control.heldBack()
    if case .until(let instant) = wait { earliest = min(earliest ?? instant, instant) }
    return reason == .tokens ? overtaking(in: scope, at: now) : nil
  }

  /// The first request that is smaller than the one in front of it and may go; a bounded number does.
  private func overtaking(in scope: ModelScope, at now: MonotonicInstant) -> Int? {
    let first = scope.line[0]
    guard first.overtaken < Self.mostOvertaking else { return nil }
    for offset in 1..<max(1, min(scope.line.count, Self.mostOvertaking + 1)) {
      guard scope.line[offset].cost.total < first.cost.total else { continue }
      if admit(offset, in: scope, at: now) == .go {
        scope.line[0].overtaken += 1
        return offset
      }
    }
    return nil
  }

  private func admit(_ offset: Int, in scope: ModelScope, at now: MonotonicInstant) -> Admission {
    let cost = scope.line[offset].cost
    let admission = scope.admit(cost, age: scope.line.age(at: offset), at: now)
    return budget != nil && admission == .go ? admitToBudget(cost, of: scope) : admission
  }

  /// What keeps the oldest request back.
  private func reason() -> WaitReason? {
    if scopes.count == 1 {  // as with most jobs
      guard !scopes[0].line.isEmpty else {
        scopes[0].blockedBy = nil
        return nil
      }
      return inFlight >= limit ? .slots : scopes[0].blockedBy ?? .slots
    }
    var oldest: (age: Int, reason: WaitReason)?
    for scope in scopes {
      if scope.line.isEmpty {
        scope.blockedBy = nil
        continue
      }
      let age = scope.line.age(at: 0)
      if oldest.map({ age < $0.age }) ?? true { oldest = (age, scope.blockedBy ?? .slots) }
    }
    if oldest != nil, inFlight >= limit { return .slots }
    return oldest?.reason
  }

  // MARK: Time

  /// Sees to it that `pump` runs at `instant`.
  private func arm(_ instant: MonotonicInstant) {
    if let first = armed.min(), first <= instant { return }
    armed.append(instant)
    toArm.append(instant)
    wakeUps.release()
  }

  /// Runs the timers; to be run beside the items, and cancelled at the end.
  func runTimers() async {
    await withDiscardingTaskGroup { timers in
      while await wakeUps.acquire() {
        guard let instant = toArm.popLast() else { continue }
        timers.addImmediateTask { @Loop in
          guard (try? await self.clock.sleep(until: instant, tolerance: nil)) != nil else { return }
          self.armed.removeAll { $0 == instant }
          self.pump(at: self.clock.now)
        }
      }
      timers.cancelAll()
    }
  }
}
