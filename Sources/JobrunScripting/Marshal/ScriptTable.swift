import LuaBridge

/// Walking over a script's table without taking a snapshot of it.
enum ScriptTable {
  /// Goes over all keys; nothing may be allocated in Lua meanwhile (see `pushCopy`).
  ///
  /// After each `next` that is true, key and value are the two topmost values; they must be there again, and nothing
  /// above them, at the following `next`, which replaces them.
  struct Walk {
    private let thread: LuaThread
    private let table: Int32
    private var isStarted = false

    /// - Parameter index: The table's place, counted from the bottom of the stack.
    init(_ index: Int32, on thread: LuaThread) {
      self.thread = thread
      table = index
    }

    mutating func next() -> Bool {
      if isStarted { thread.pop() } else { thread.pushNil() }
      isStarted = true
      return thread.next(of: table)
    }
  }
}

extension ScriptTable {
  /// Pushes a new table with the same entries.
  ///
  /// All entries are put on the stack before the first is set: setting allocates, so it may run the script's
  /// finalizers, and these must not change the table under a walk.
  /// Stack: [] -> [copy]
  static func pushCopy(of index: Int32, on thread: LuaThread) throws(BadHookResult) {
    let length = thread.rawLength(at: index)
    thread.newTable(arrayCapacity: Int32(clamping: min(length, 1000)), fieldCapacity: length == 0 ? 8 : 0)
    let copy = thread.top
    var count: Int32 = 0
    var counting = Walk(index, on: thread)
    while counting.next() { count &+= 1 }
    guard (0..<400_000).contains(count), thread.ensureStack(2 * count + 8) else {
      throw BadHookResult.whole("returned a table with \(count) entries; fewer than 400000 expected")
    }
    thread.pushNil()
    while thread.next(of: index) { thread.pushCopy(at: -2) }
    while thread.top > copy {
      thread.pushCopy(at: copy)
      thread.insert(at: -3)
      thread.setRaw()
      thread.pop()
    }
  }

  /// Whether the table has no key at all.
  static func isEmpty(_ index: Int32, on thread: LuaThread) -> Bool {
    var walk = Walk(index, on: thread)
    guard walk.next() else { return true }
    thread.pop(2)
    return false
  }

  /// A key beside the list `1...count`, as it is named in a message; nil where there is none.
  static func firstKey(of index: Int32, outside count: Int, on thread: LuaThread) -> String? {
    var walk = Walk(index, on: thread)
    while walk.next() {
      if thread.type(at: -2) == .number, let key = thread.integer(at: -2), (1...max(1, count)).contains(key) {
        continue
      }
      let key = thread.describe(at: -2)
      thread.pop(2)
      return key
    }
    return nil
  }

  /// Whether a whole number is among the keys that is none of the list `1...count`.
  static func hasNumber(in index: Int32, outside count: Int, on thread: LuaThread) -> Bool {
    var walk = Walk(index, on: thread)
    while walk.next() {
      guard thread.type(at: -2) == .number, let key = thread.integer(at: -2), !(1...count).contains(key) else {
        continue
      }
      thread.pop(2)
      return true
    }
    return false
  }
}
