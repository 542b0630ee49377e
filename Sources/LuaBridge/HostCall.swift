import CLua
import CLuaShims

/// A running host function: its arguments stand at 1...count of `thread`, results are pushed on top.
///
/// Valid until the body returns.
public struct HostCall {
  public let thread: LuaThread
  /// The number of arguments.
  public let count: Int
  private let box: Unmanaged<HostBox>
  /// The function that runs, for messages.
  var function: HostFunction { box.takeUnretainedValue().function }

  init(thread: LuaThread, box: Unmanaged<HostBox>) {
    self.thread = thread
    self.box = box
    count = Int(thread.top)
  }

  /// Whether a yield is possible here; not in a comparator, a gsub callback, a metamethod called from C, on the main thread.
  public var isYieldable: Bool { lua_isyieldable(thread.pointer) != 0 }

  /// Whether this call was made by this coroutine, resumed by the program: false inside a coroutine of the script's own.
  public func isRunning(on coroutine: LuaCoroutine) -> Bool {
    coroutine.thread == thread && jr_is_running(thread.pointer)
  }
}
