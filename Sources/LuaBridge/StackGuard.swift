/// Checks in debug builds that a piece of the bridge leaves the stack as high as it says. Free in release builds.
struct StackGuard {
  private let thread: LuaThread
  private let expected: Int32

  init(_ thread: LuaThread, change: Int32 = 0) {
    self.thread = thread
    #if DEBUG
      expected = thread.top + change
    #else
      expected = 0
    #endif
  }

  func check(_ function: StaticString = #function) {
    assert(thread.top == expected, "\(function) left \(thread.top) values on the Lua stack instead of \(expected)")
  }
}
