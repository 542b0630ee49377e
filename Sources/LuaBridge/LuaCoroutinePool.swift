/// Coroutines that are used again: a new one costs twice as much as its work.
public final class LuaCoroutinePool {
  private let core: LuaCore
  private var idle: [LuaCoroutine] = []
  private let idleLimit = 4096

  /// Taken and not put back.
  public private(set) var liveCount = 0
  /// Waiting to be taken.
  public var idleCount: Int { idle.count }

  init(core: LuaCore) { self.core = core }

  /// A coroutine with an empty stack.
  public func take() -> LuaCoroutine {
    liveCount += 1
    guard let coroutine = idle.popLast() else { return LuaCoroutine(core: core) }
    coroutine.isIdle = false
    return coroutine
  }

  /// Takes a coroutine back in any state but running. What a suspended one has to close is closed now, within a
  /// second; errors of that are dropped, and so is a coroutine that had one.
  public func put(_ coroutine: LuaCoroutine) {
    precondition(!coroutine.isIdle, "a coroutine is put back once")
    liveCount -= 1
    guard coroutine.reset(), idle.count < idleLimit else { return }
    coroutine.isIdle = true
    idle.append(coroutine)
  }
}
