import CLua
import CLuaShims

/// A Lua function implemented in Swift.
///
/// The body runs outside of any longjmp: it returns what is to happen, and C raises or yields when the body's frame
/// is gone. The function lives as long as Lua can reach it; then its closure is released, at some collection. So a body
/// that held its `LuaState` strongly would keep it for ever; references and types it may hold.
public struct HostFunction {
  /// The name it has in Lua, and in messages about its arguments.
  public let name: String
  let body: (HostCall) throws(HostError) -> HostResult
  let isMethod: Bool

  public init(_ name: String, _ body: @escaping (HostCall) throws(HostError) -> HostResult) {
    self.init(name, isMethod: false, body)
  }

  init(_ name: String, isMethod: Bool, _ body: @escaping (HostCall) throws(HostError) -> HostResult) {
    self.name = name
    self.isMethod = isMethod
    self.body = body
  }

  /// The same function, called with a colon: messages count the arguments without the first.
  func asMethod() -> HostFunction { HostFunction(name, isMethod: true, body) }
}

/// What a host function's body does in Lua.
public enum HostResult {
  /// Returns the top n values of the stack.
  case values(Int)
  /// Yields the top n values of the stack from the coroutine; the function returns what the coroutine is resumed with.
  case yield(Int)
}

/// Raised in Lua as an error.
public enum HostError: Error {
  /// A string, with the position of the Lua code that called before it.
  case message(String)
  /// The value on top of the stack, as it is. A userdata gets no traceback, which makes it cheap.
  case value
}

/// A function in Lua's hands.
final class HostBox {
  let function: HostFunction
  init(_ function: HostFunction) { self.function = function }

  /// Pushes a Lua function that calls `function`.
  ///
  /// Stack: [] -> [function]
  static func push(_ function: HostFunction, on thread: LuaThread) {
    jr_push_host_function(thread.pointer, Unmanaged.passRetained(HostBox(function)).toOpaque())
  }
}

/// Called by the C trampoline: runs a host function's body and says what the trampoline must do.
func runHostFunction(_ thread: OpaquePointer?, _ box: UnsafeMutableRawPointer?) -> Int32 {
  // Proof of both: the trampoline passes its lua_State, and a box that is Lua's as long as its function runs.
  let thread = LuaThread(thread!)
  let box = Unmanaged<HostBox>.fromOpaque(box!)
  let call = HostCall(thread: thread, box: box)
  do throws(HostError) {
    switch try box._withUnsafeGuaranteedRef({ $0.function.body })(call) {
    case .values(let n):
      return present(n, on: thread)
    case .yield(let n):
      return JR_YIELD.rawValue - present(n, on: thread)
    }
  } catch {
    switch error {
    case .message(let text):
      thread.push(text)
      return JR_RAISE_STRING.rawValue
    case .value:
      if thread.top == 0 { thread.pushNil() }
      return JR_RAISE_TOP.rawValue
    }
  }
}

/// Called by C when Lua has collected a host function.
func releaseHostFunction(_ box: UnsafeMutableRawPointer?) {
  guard let box else { return }
  Unmanaged<HostBox>.fromOpaque(box).release()
}

/// The number of values a body says it left, as far as they are there.
private func present(_ n: Int, on thread: LuaThread) -> Int32 {
  assert(n >= 0 && n <= Int(thread.top), "a host function returned more values than it pushed")
  return max(0, min(Int32(clamping: n), thread.top))
}
