import CLua
import CLuaShims

extension LuaState {
  /// One host function as a value.
  public func function(_ function: HostFunction) -> LuaReference {
    let thread = core.current
    HostBox.push(function, on: thread)
    return core.reference(popping: thread)
  }

  /// A new table of host functions by name.
  public func table(of functions: [HostFunction]) -> LuaReference {
    let thread = core.current
    let stack = StackGuard(thread)
    defer { stack.check() }
    pushTable(of: functions, on: thread)
    return core.reference(popping: thread)
  }

  /// A userdata type.
  ///
  /// - Parameters:
  ///   - name: Its name in messages (`__name`); `getmetatable` of its values gives it too.
  ///   - methods: Found by their names, first.
  ///   - get: Called with the userdata and any other key; a number as key arrives as a string. Without it: nil.
  ///   - set: Called with the userdata, key and value. Without it assignments raise "<name> is read-only".
  ///   - tostring: Called by `tostring`.
  public func userdataType(
    name: String, methods: [HostFunction], get: HostFunction?, set: HostFunction?, tostring: HostFunction?
  ) -> LuaUserdataType {
    let thread = core.current
    let stack = StackGuard(thread)
    defer { stack.check() }
    thread.newTable(fieldCapacity: 6)
    thread.push(name)
    thread.setField("__name")
    thread.push(name)
    thread.setField("__metatable")

    pushTable(of: methods.map { $0.asMethod() }, on: thread)
    if let get {
      jr_push_index_function(thread.pointer, Unmanaged.passRetained(HostBox(get)).toOpaque())
    }
    thread.setField("__index")

    if let set {
      HostBox.push(set, on: thread)
    } else {
      var name = name
      name.withUTF8 { bytes in
        let start = UnsafeRawPointer(bytes.baseAddress)?.assumingMemoryBound(to: CChar.self)
        jr_push_read_only_function(thread.pointer, start, bytes.count)
      }
    }
    thread.setField("__newindex")

    if let tostring {
      HostBox.push(tostring, on: thread)
      thread.setField("__tostring")
    }
    // Proof: a table has an address.
    let address = lua_topointer(thread.pointer, -1)!
    return LuaUserdataType(name: name, metatable: core.reference(popping: thread), address: address)
  }

  /// Stack: [] -> [table]
  private func pushTable(of functions: [HostFunction], on thread: LuaThread) {
    thread.newTable(fieldCapacity: Int32(clamping: functions.count))
    for function in functions {
      HostBox.push(function, on: thread)
      thread.setField(function.name)
    }
  }
}
