import CLua
import CLuaShims

/// A value held in Lua's registry, so that it is not collected. Released at deinit, which may happen at any time:
/// releasing overwrites two existing slots of the registry, so it neither allocates nor raises.
public final class LuaReference {
  /// The type of the value.
  public let type: LuaType
  let id: Int32
  private let core: LuaCore

  init(core: LuaCore, id: Int32, type: LuaType) {
    self.core = core
    self.id = id
    self.type = type
  }

  deinit {
    guard let main = core.main else { return }
    luaL_unref(main, jr_registry_index(), id)
  }

  /// Whether the value belongs to the same state as `thread`.
  func belongs(to thread: LuaThread) -> Bool { core === LuaCore.of(thread.pointer) }
}
