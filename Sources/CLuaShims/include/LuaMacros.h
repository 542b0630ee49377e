// Lua's macros as functions. None of them can raise.
#pragma once
#include <lua.h>
#include <stddef.h>

static inline int jr_registry_index(void) { return LUA_REGISTRYINDEX; }

static inline void jr_pop(lua_State *L, int count) { lua_settop(L, -count - 1); }

/// Stack: [] -> [globals]
static inline void jr_push_globals(lua_State *L) { lua_rawgeti(L, LUA_REGISTRYINDEX, LUA_RIDX_GLOBALS); }

/// Stack: [.., table, value] -> [.., table]
static inline void jr_set_field(lua_State *L, const char *name, size_t count) {
  lua_pushlstring(L, name, count);
  lua_rotate(L, -2, 1);
  lua_rawset(L, -3);
}

/// Stack: [.., table at index] -> [.., value]
static inline int jr_field(lua_State *L, int index, const char *name, size_t count) {
  index = lua_absindex(L, index);
  lua_pushlstring(L, name, count);
  return lua_rawget(L, index);
}

/// The bytes of a string; NULL for anything else, numbers too.
static inline const char *jr_bytes(lua_State *L, int index, size_t *count) {
  return lua_type(L, index) == LUA_TSTRING ? lua_tolstring(L, index, count) : NULL;
}
