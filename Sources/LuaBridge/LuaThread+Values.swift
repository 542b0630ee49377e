import CLua
import CLuaShims

extension LuaThread {
  /// A copy of the value at `index`, raw. Tables below `depth`, within themselves, or met when `entries` have been
  /// copied become `.other`.
  public func value(at index: Int32, depth: Int = 16, entries: Int = 1_000_000) -> LuaValue {
    let stack = StackGuard(self)
    defer { stack.check() }
    var snapshot = Snapshot(thread: self, entries: entries)
    return snapshot.value(at: absolute(index), depth: depth)
  }

  /// Pushes a copy of `value` as new tables; `.other` becomes nil.
  public func push(_ value: LuaValue) {
    let stack = StackGuard(self, change: 1)
    defer { stack.check() }
    switch value {
    case .nil, .other: pushNil()
    case .null: pushNull()
    case .boolean(let value): push(value)
    case .integer(let value): push(value)
    case .number(let value): push(value)
    case .string(let bytes): push(bytes)
    case .function(let reference): push(reference)
    case .table(let table): push(table)
    }
  }

  private func push(_ table: LuaTableValue) {
    // Key, value, and the table or nil one level deeper.
    guard ensureStack(4) else { return pushNil() }
    newTable(fieldCapacity: Int32(clamping: table.entries.count))
    for (key, value) in table.entries {
      switch key {
      case .nil, .other: continue
      case .number(let number) where number.isNaN: continue
      default: push(key)
      }
      push(value)
      lua_rawset(pointer, -3)
    }
    if table.isArray { markArray(at: -1) }
  }
}

/// Copies a value from the stack. Walking a table allocates nothing in Lua, so no finalizer can change it meanwhile.
private struct Snapshot {
  let thread: LuaThread
  private var ancestors: [UnsafeRawPointer?] = []
  private var entriesLeft: Int

  init(thread: LuaThread, entries: Int) {
    self.thread = thread
    entriesLeft = entries
  }

  mutating func value(at index: Int32, depth: Int) -> LuaValue {
    switch thread.type(at: index) {
    case .none, .nil: return .nil
    case .boolean: return .boolean(thread.bool(at: index))
    case .lightUserdata: return thread.isNull(at: index) ? .null : .other("userdata")
    case .number:
      if thread.isInteger(at: index) { return .integer(thread.integer(at: index) ?? 0) }
      return .number(thread.double(at: index) ?? 0)
    case .string: return .string(thread.bytes(at: index) ?? [])
    case .table: return table(at: index, depth: depth)
    case .function:
      guard thread.ensureStack(3) else { return .other("function") }
      thread.pushCopy(at: index)
      return .function(LuaCore.of(thread.pointer).reference(popping: thread))
    case .userdata, .thread: return .other(thread.typeName(at: index))
    }
  }

  private mutating func table(at index: Int32, depth: Int) -> LuaValue {
    let address = lua_topointer(thread.pointer, index)
    guard depth > 0, entriesLeft > 0, !ancestors.contains(address), thread.ensureStack(6) else {
      return .other("table")
    }
    ancestors.append(address)
    defer { ancestors.removeLast() }
    var entries: [(key: LuaValue, value: LuaValue)] = []
    thread.pushNil()
    while lua_next(thread.pointer, index) != 0 {
      entriesLeft -= 1
      let value = value(at: thread.top, depth: depth - 1)
      entries.append((self.value(at: thread.top - 1, depth: 0), value))
      thread.pop()
    }
    var list = 0
    let inOrder = entries.allSatisfy { entry in
      list += 1
      if case .integer(list) = entry.key { return true }
      return false
    }
    if !inOrder {
      entries.sort { LuaValue.keyPrecedes($0.key, $1.key) }
      moveList(to: &entries)
    }
    return .table(LuaTableValue(entries: entries, isArray: thread.isMarkedArray(at: index) || isList(entries)))
  }

  /// Puts 1...n before zero and negative numbers.
  private func moveList(to entries: inout [(key: LuaValue, value: LuaValue)]) {
    guard let one = entries.firstIndex(where: { if case .integer(1) = $0.key { true } else { false } }), one > 0
    else { return }
    var end = one
    while end < entries.count, case .integer(end - one + 1) = entries[end].key { end += 1 }
    let list = entries[one..<end]
    entries.removeSubrange(one..<end)
    entries.insert(contentsOf: list, at: 0)
  }

  private func isList(_ entries: [(key: LuaValue, value: LuaValue)]) -> Bool {
    guard !entries.isEmpty else { return false }
    for (i, entry) in entries.enumerated() {
      guard case .integer(i + 1) = entry.key else { return false }
    }
    return true
  }
}
