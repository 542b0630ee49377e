/// A type of userdata with methods and computed fields, made by `LuaState.userdataType`.
///
/// Its values carry two integers: a slot and its generation, by which the program finds, or refuses, what they stand
/// for; and one value of Lua where they were pushed with one, which no script can reach.
public final class LuaUserdataType {
  /// Lua's name for the type, as in "ctx expected".
  public let name: String
  let metatable: LuaReference
  /// The address of the metatable, by which a value of the type is known.
  let address: UnsafeRawPointer

  init(name: String, metatable: LuaReference, address: UnsafeRawPointer) {
    self.name = name
    self.metatable = metatable
    self.address = address
  }
}
