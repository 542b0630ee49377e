import JobrunModel
import LuaBridge

/// A line of hooks that run one after another on a coroutine: an item's own, or those around a call that a hook made.
///
/// The coroutine's stack holds the item's table at 1 and its `ctx` at 2 from the first hook to the last; above them is
/// what the stage works on.
@Loop
class Strand {
  /// Where a strand is in its life. Each names the stages that may follow.
  enum Stage {
    /// `onRequest`, or the end.
    case prompt
    /// The end.
    case process
    /// A hook before the request, by its place in `HookSet`: the next one, then `call`.
    case onRequest(Int)
    /// The request is out: `onReply`, or `onError`.
    case call
    /// A hook after the answer: the next one, then `parse`.
    case onReply(Int)
    /// The end.
    case parse
    /// A hook before the item fails: the next one, then the end.
    case onError(Int)
    /// Hooks of the run: the next one, then the end.
    case setup(Int)
    case finish(Int)

    /// `setup` and `finish`.
    var isOfRun: Bool {
      switch self {
      case .setup, .finish: true
      default: false
      }
    }

    var isProcess: Bool { if case .process = self { true } else { false } }

    /// Calls made in the hooks around a request pass no such hooks themselves.
    var isAroundRequest: Bool {
      switch self {
      case .onRequest, .onReply, .onError, .setup, .finish: true
      case .prompt, .process, .call, .parse: false
      }
    }
  }

  /// What a hook that yielded wants.
  enum Wish {
    case skip(reason: String)
    case fail(reason: String)
    case retry(Retry)
    case call(ChatRequest)
    /// The calls with these numbers in the item, all at once.
    case calls([NestedCall])
    case sleep(Duration)
  }

  /// What `ctx:retry` asked for.
  struct Retry {
    var reason: String
    /// What is merged into the request; nil: nothing.
    var changes: LuaReference?
    /// The item's table: the hook's coroutine, which holds it, never goes on.
    var item: LuaReference
  }

  /// Nil only between two uses.
  final var coroutine: LuaCoroutine?
  final var stage = Stage.prompt
  /// Values on the coroutine's stack below the hook that runs.
  final var kept: Int32 = 2
  /// Set by a host function that yields, taken when the coroutine has yielded.
  final var wish: Wish?
  /// The request that was sent last.
  final var request: ChatRequest?
  /// What the last request was answered with.
  final var answer: Answer?
  /// How often an answer was asked for, this time included.
  final var ask = 1
  /// The request before `on_request`, as JSON; nil where no such hook has seen it.
  final var base: [UInt8]?
  /// The request of a hook that waits in `ctx:call`; nil: it waits for something else.
  final var heldCall: ChatRequest?
  /// The calls that a hook waits for, where they have hooks of their own.
  final var pending: PendingCalls?
  /// Hooks that were begun or went on: each draws other random numbers.
  private final var seedSteps = 0
  /// Calls that its hooks made.
  private final var madeCalls = 0
  /// What sets its random numbers apart from those of the item's other strands.
  final let seedPath: Int

  init(seedPath: Int = 0) { self.seedPath = seedPath }

  /// The place of the next hook's random numbers.
  final func nextSeedStep() -> Int {
    defer { seedSteps += 1 }
    return seedSteps
  }

  /// What sets the random numbers of its next call apart: which one it is, not which number it gets, because that depends
  /// on the order in which answers come.
  final func nextSeedPath() -> Int {
    madeCalls += 1
    return seedPath &* 4_093 &+ madeCalls
  }

  /// Gives it another coroutine.
  /// - Returns: The one it had.
  final func move(to coroutine: LuaCoroutine) -> LuaCoroutine? {
    defer { self.coroutine = coroutine }
    return self.coroutine
  }

  /// Forgets everything.
  final func clear() -> LuaCoroutine? {
    stage = .prompt
    wish = nil
    request = nil
    answer = nil
    ask = 1
    base = nil
    heldCall = nil
    pending = nil
    seedSteps = 0
    madeCalls = 0
    return coroutine.take()
  }
}

/// Calls that a hook waits for.
struct PendingCalls {
  /// Their replies and errors, in the order of the calls.
  let results: LuaReference
  /// How many have not come.
  var left: Int
  /// `ctx:call_all`; else it is the one of `ctx:call`, whose failure is raised.
  let isList: Bool
  /// They are being begun: the hook does not go on before all are.
  var isStarting = true
  /// The one call failed.
  var hasFailed = false
}
