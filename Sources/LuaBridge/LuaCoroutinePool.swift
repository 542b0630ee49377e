/// Coroutines that are used again: a new one costs twice as much as its work.
public final class LuaCoroutinePool {
  private let core: LuaCore
  /// The idle ones, linked by `nextIdle`: taking and putting back touches no array.
  private var firstIdle: LuaCoroutine?
  private let idleLimit = 4096

  /// Taken and not put back.
  public private(set) var liveCount = 0
  /// Waiting to be taken.
  public private(set) var idleCount = 0

  init(core: LuaCore) { self.core = core }

  /// Ends the chain link by link: it may be long.
  deinit {
    while let coroutine = firstIdle { firstIdle = coroutine.nextIdle.take() }
  }

  /// A coroutine with an empty stack.
  public func take() -> LuaCoroutine {
    liveCount += 1
    guard let coroutine = firstIdle else { return LuaCoroutine(core: core) }
    firstIdle = coroutine.nextIdle
    coroutine.nextIdle = nil
    coroutine.isIdle = false
    idleCount -= 1
    return coroutine
  }

  /// Takes a coroutine back in any state but running. What a suspended one has to close is closed now, within a
  /// second; errors of that are dropped, and so is a coroutine that had one.
  public func put(_ coroutine: LuaCoroutine) {
    precondition(!coroutine.isIdle, "a coroutine is put back once")
    liveCount -= 1
    guard coroutine.reset(), idleCount < idleLimit else { return }
    coroutine.isIdle = true
    coroutine.nextIdle = firstIdle
    firstIdle = coroutine
    idleCount += 1
  }
}
