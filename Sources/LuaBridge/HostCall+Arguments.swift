import CLua
import CLuaShims

/// Arguments by type. `name` is the parameter's, for the message; `index` counts all arguments, `self` too.
extension HostCall {
  public func string(_ index: Int32, _ name: String) throws(HostError) -> [UInt8] {
    guard let bytes = thread.bytes(at: index) else { throw expected("string", index, name) }
    return bytes
  }

  /// Nil where the argument is nil or absent, here and below.
  public func optionalString(_ index: Int32, _ name: String) throws(HostError) -> [UInt8]? {
    isAbsent(index) ? nil : try string(index, name)
  }

  /// An integer, or a float with an exact integer value.
  public func integer(_ index: Int32, _ name: String) throws(HostError) -> Int {
    if let value = thread.integer(at: index) { return value }
    if thread.type(at: index) == .number {
      throw badArgument(index, "\(name): integer expected, got \(thread.describe(at: index))")
    }
    throw expected("integer", index, name)
  }

  public func optionalInteger(_ index: Int32, _ name: String) throws(HostError) -> Int? {
    isAbsent(index) ? nil : try integer(index, name)
  }

  public func number(_ index: Int32, _ name: String) throws(HostError) -> Double {
    guard let value = thread.double(at: index) else { throw expected("number", index, name) }
    return value
  }

  public func optionalNumber(_ index: Int32, _ name: String) throws(HostError) -> Double? {
    isAbsent(index) ? nil : try number(index, name)
  }

  public func boolean(_ index: Int32, _ name: String) throws(HostError) -> Bool {
    guard thread.type(at: index) == .boolean else { throw expected("boolean", index, name) }
    return thread.bool(at: index)
  }

  public func optionalBoolean(_ index: Int32, _ name: String) throws(HostError) -> Bool? {
    isAbsent(index) ? nil : try boolean(index, name)
  }

  /// Checks for a table; returns its index.
  @discardableResult
  public func table(_ index: Int32, _ name: String) throws(HostError) -> Int32 {
    guard thread.type(at: index) == .table else { throw expected("table", index, name) }
    return index
  }

  @discardableResult
  public func optionalTable(_ index: Int32, _ name: String) throws(HostError) -> Int32? {
    isAbsent(index) ? nil : try table(index, name)
  }

  /// Checks for a function; returns its index.
  @discardableResult
  public func function(_ index: Int32, _ name: String) throws(HostError) -> Int32 {
    guard thread.type(at: index) == .function else { throw expected("function", index, name) }
    return index
  }

  @discardableResult
  public func optionalFunction(_ index: Int32, _ name: String) throws(HostError) -> Int32? {
    isAbsent(index) ? nil : try function(index, name)
  }

  /// A userdata of this type, as its slot and generation.
  public func userdata(_ index: Int32, _ type: LuaUserdataType) throws(HostError) -> (slot: Int, generation: Int) {
    var slot: Int64 = 0
    var generation: Int64 = 0
    if jr_handle(thread.pointer, index, type.address, &slot, &generation) { return (Int(slot), Int(generation)) }
    let hint = index == 1 ? "; use \(type.name):\(function.name) with a colon" : ""
    let got = thread.typeName(at: index)
    throw .message("bad argument #\(index) to '\(function.name)' (\(type.name) expected, got \(got)\(hint))")
  }

  /// An error about an argument: "bad argument #1 to 'sha256' (<problem>)". `self` is not counted in methods.
  public func badArgument(_ index: Int32, _ problem: String) -> HostError {
    let number = function.isMethod && index > 1 ? index - 1 : index
    return .message("bad argument #\(number) to '\(function.name)' (\(problem))")
  }

  private func expected(_ type: String, _ index: Int32, _ name: String) -> HostError {
    badArgument(index, "\(name): \(type) expected, got \(thread.typeName(at: index))")
  }

  private func isAbsent(_ index: Int32) -> Bool { lua_type(thread.pointer, index) <= LUA_TNIL }
}
