#include <lauxlib.h>

#include "LuaHost.h"
#include "World.h"

struct handle {
  int64_t slot;
  int64_t generation;
};

/// Goes on after a yield. Stack: [old..., values...] -> values; `kept` is the number of old ones.
static int go_on(lua_State *L, int status, lua_KContext kept) {
  struct jr_world *world = jr_world_of(L);
  (void)status;
  if (world->raising != L) return lua_gettop(L) - (int)kept;
  world->raising = NULL;
  if (world->raising_mode == 0) return lua_error(L);
  luaL_where(L, 1);
  lua_insert(L, -2);
  lua_concat(L, 2);
  return lua_error(L);
}

/// The one place from which host functions raise and yield: no Swift frame is left when it does.
static int run(lua_State *L, void *box) {
  struct jr_world *world = jr_world_of(L);
  if (box == NULL) return luaL_error(L, "the program's function has been collected already");
  luaL_checkstack(L, JR_HOST_SLOTS, "too many nested calls");
  bool limited = world->scope.limited;
  lua_State *caller = world->scope.current;
  world->scope.limited = false;
  world->scope.current = L;
  int status = world->entry(L, box);
  world->scope.current = caller;
  world->scope.limited = limited;

  if (status >= 0) return status;
  if (status == JR_RAISE_TOP) return lua_error(L);
  if (status == JR_RAISE_STRING) {
    luaL_where(L, 1);
    lua_insert(L, -2);
    lua_concat(L, 2);
    return lua_error(L);
  }
  int count = JR_YIELD - status;
  if (lua_isyieldable(L)) world->host_yield = L;
  return lua_yieldk(L, count, lua_gettop(L) - count, go_on);
}

/// Upvalues: the box. Stack: [args...] -> [results...]
static int call_host(lua_State *L) {
  void **box = lua_touserdata(L, lua_upvalueindex(1));
  return run(L, *box);
}

/// Upvalues: the box, the methods. Stack: [userdata, key] -> [value]
static int call_index(lua_State *L) {
  lua_pushvalue(L, 2);
  if (lua_rawget(L, lua_upvalueindex(2)) != LUA_TNIL) return 1;
  lua_settop(L, 2);
  if (lua_type(L, 2) == LUA_TNUMBER) lua_tolstring(L, 2, NULL);
  void **box = lua_touserdata(L, lua_upvalueindex(1));
  return run(L, *box);
}

/// Upvalues: the type's name.
static int refuse_assignment(lua_State *L) {
  return luaL_error(L, "%s is read-only", lua_tostring(L, lua_upvalueindex(1)));
}

/// Stack: [] -> [box]
static void push_box(lua_State *L, void *content) {
  void **box = lua_newuserdatauv(L, sizeof(void *), 0);
  *box = content;
  lua_rawgeti(L, LUA_REGISTRYINDEX, jr_world_of(L)->box_reference);
  lua_setmetatable(L, -2);
}

void jr_push_host_function(lua_State *L, void *box) {
  push_box(L, box);
  lua_pushcclosure(L, call_host, 1);
}

void jr_push_index_function(lua_State *L, void *box) {
  push_box(L, box);
  lua_insert(L, -2);
  lua_pushcclosure(L, call_index, 2);
}

void jr_push_read_only_function(lua_State *L, const char *name, size_t count) {
  lua_pushlstring(L, name, count);
  lua_pushcclosure(L, refuse_assignment, 1);
}

void jr_push_handle(lua_State *L, int metatable_reference, int64_t slot, int64_t generation, int held) {
  if (held) held = lua_absindex(L, held);
  struct handle *handle = lua_newuserdatauv(L, sizeof *handle, held ? 1 : 0);
  handle->slot = slot;
  handle->generation = generation;
  lua_rawgeti(L, LUA_REGISTRYINDEX, metatable_reference);
  lua_setmetatable(L, -2);
  if (!held) return;
  lua_pushvalue(L, held);
  lua_setiuservalue(L, -2, 1);
}

bool jr_handle(lua_State *L, int index, const void *metatable, int64_t *slot, int64_t *generation) {
  if (lua_type(L, index) != LUA_TUSERDATA || !lua_getmetatable(L, index)) return false;
  bool same = lua_topointer(L, -1) == metatable;
  lua_pop(L, 1);
  if (!same) return false;
  const struct handle *handle = lua_touserdata(L, index);
  *slot = handle->slot;
  *generation = handle->generation;
  return true;
}
