internal import JobrunModel

/// The life of an item whose hooks wait for more than one thing, or for something other than an answer.
///
/// The script runs here only; what it waits for runs beside it, each in a task of its own.
@Loop
final class BranchRunner {
  /// What a branch was waiting for.
  private enum Arrival: Sendable {
    case call(CallEnd)
    case slept
    case runEnds
    case failed(RunError)
  }

  private let script: any ScriptEngine
  private let calls: JournalledCalls
  private let naps: Naps
  private let room: RoomForItems
  private let clock: any MonotonicClock
  private let statistics: RunStatistics

  init(
    script: any ScriptEngine, calls: JournalledCalls, naps: Naps, room: RoomForItems, clock: any MonotonicClock,
    statistics: RunStatistics
  ) {
    self.script = script
    self.calls = calls
    self.naps = naps
    self.room = room
    self.clock = clock
    self.statistics = statistics
  }

  /// Runs the branches, and those they begin, until the item is over and nothing of it is under way.
  ///
  /// - Returns: One of the steps that end an item.
  /// - Throws: `RunError` where the journal cannot be read or written.
  func run(_ branches: [ScriptBranch], _ life: inout ItemLife) async throws(RunError) -> ScriptStep {
    var state = (ready: branches, end: ScriptStep?.none, failure: RunError?.none)
    var ownLife = life
    await withTaskGroup(of: (ScriptItem, Arrival).self) { group in
      while true {
        var next = 0
        while next < state.ready.count {
          let branch = state.ready[next]
          next += 1
          switch branch.step {
          // Nobody waits for it any more.
          case .call where state.end != nil || state.failure != nil, .sleep where state.end != nil: break
          case .call(let request):
            switch claim(request, &ownLife) {
            case .success(.answer(let end)):
              if let further = advance(branch.item, .call(end), &ownLife, &state.end) {
                if further.step.endsItem { state.end = state.end ?? further.step } else { state.ready.append(further) }
              }
            case .success(.buy(let request, let item)):
              group.addImmediateTask { @Loop in (branch.item, await self.buy(request, for: item)) }
            case .failure(let error):
              script.abandon(branch.item)
              state.failure = state.failure ?? error
            }
          case .sleep(let duration):
            let goesOn = ownLife.goesOn
            group.addImmediateTask { @Loop in (branch.item, await self.sleep(duration, goesOn)) }
          case .fork(let further): state.ready += further
          case .wait: break
          case .finished, .finishedPack, .divided: state.end = state.end ?? branch.step
          }
        }
        state.ready.removeAll(keepingCapacity: true)
        guard let (item, arrival) = await group.next() else { break }
        if case .failed(let error) = arrival { state.failure = state.failure ?? error }
        if let further = advance(item, arrival, &ownLife, &state.end) { state.ready.append(further) }
      }
    }
    life = ownLife
    if let failure = state.failure { throw failure }
    return state.end ?? .finished(.unfinished)
  }

  /// Lets the script go on with what came.
  private func advance(
    _ item: ScriptItem, _ arrival: Arrival, _ life: inout ItemLife, _ end: inout ScriptStep?
  ) -> ScriptBranch? {
    switch arrival {
    case .call(.ended(let result)):
      life.note(result)
      return ScriptBranch(item: item, step: measuringHooks { script.resume(item, with: result) })
    case .call where life.goesOn:
      let error = AttemptError(.rejected, message: "the run has ended and sends nothing any more", dispatched: .no)
      return ScriptBranch(item: item, step: script.resume(item, with: .failure(error)))
    case .slept: return ScriptBranch(item: item, step: measuringHooks { script.wake(item) })
    case .call, .runEnds, .failed:
      script.abandon(item)
      end = end ?? .finished(.unfinished)
      return nil
    }
  }

  private enum Claim {
    case answer(CallEnd)
    case buy(ChatRequest, for: ItemReference)
  }

  private func claim(_ request: ChatRequest, _ life: inout ItemLife) -> Result<Claim, RunError> {
    var request = request
    let item = life.nextRequest()
    do throws(RunError) {
      if let end = try calls.claim(&request, for: item, asked: &life.asked) { return .success(.answer(end)) }
      return .success(.buy(request, for: item))
    } catch {
      return .failure(error)
    }
  }

  private func buy(_ request: ChatRequest, for item: ItemReference) async -> Arrival {
    do throws(RunError) {
      return .call(try await calls.buy(request, for: item))
    } catch {
      return .failed(error)
    }
  }

  private func sleep(_ duration: Duration, _ goesOn: Bool) async -> Arrival {
    room.lend()
    let isOver = await naps.sleep(for: duration)
    room.reclaim()
    return isOver || goesOn ? .slept : .runEnds
  }

  private func measuringHooks<T>(_ body: () -> T) -> T {
    let start = clock.now
    defer { statistics.ranHooks(start.duration(to: clock.now)) }
    return body()
  }
}

/// What is known of an item while it lives.
struct ItemLife {
  /// The item as the journal names it.
  let reference: ItemReference
  /// What it has asked before.
  var asked: [RequestIdentity] = []
  /// Whether every answer so far came from the journal; nil before the first.
  private(set) var isReused: Bool?
  private var requests = 0

  /// Calls fail where the run ends, instead of the item.
  let goesOn: Bool

  init(_ reference: ItemReference, goesOn: Bool = false) {
    self.reference = reference
    self.goesOn = goesOn
  }

  /// The item as the journal names it, making its next request.
  mutating func nextRequest() -> ItemReference {
    requests += 1
    var item = reference
    item.request = requests
    return item
  }

  mutating func note(_ result: Result<Answer, AttemptError>) {
    if case .success(let answer) = result {
      isReused = answer.isFromJournal && isReused ?? true
    } else {
      isReused = false
    }
  }
}
