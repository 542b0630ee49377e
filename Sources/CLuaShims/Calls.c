#include "LuaCalls.h"

#include <lauxlib.h>
#include <stdio.h>
#include <string.h>

#include "LuaHost.h"
#include "Scope.h"

/// Slots for a function, the handler and what the callers push to read a failure.
enum { CALL_SLOTS = 20 };

/// Keeps the traceback of an error, beside the value itself. Userdata as error values get none: they are how a
/// host ends a function cheaply. Stack: [error] -> [error]
static int keep_traceback(lua_State *L) {
  int type = lua_type(L, 1);
  if (type == LUA_TUSERDATA || type == LUA_TLIGHTUSERDATA) return 1;
  struct jr_world *world = jr_world_of(L);
  bool limited = world->scope.limited;
  world->scope.limited = false;
  lua_rawgeti(L, LUA_REGISTRYINDEX, world->tracebacks_reference);
  lua_pushthread(L);
  luaL_traceback(L, L, NULL, 1);
  lua_rawset(L, -3);
  lua_settop(L, 1);
  world->scope.limited = limited;
  return 1;
}

void jr_take_traceback(lua_State *L) {
  lua_rawgeti(L, LUA_REGISTRYINDEX, jr_world_of(L)->tracebacks_reference);
  lua_pushthread(L);
  if (lua_rawget(L, -2) != LUA_TNIL) {
    lua_pushthread(L);
    lua_pushnil(L);
    lua_rawset(L, -4);
  }
  lua_remove(L, -2);
}

static int outcome_of(int status) {
  switch (status) {
    case LUA_OK:
      return JR_FINISHED;
    case LUA_ERRSYNTAX:
      return JR_SYNTAX;
    case LUA_ERRMEM:
      return JR_MEMORY;
    default:
      return JR_RUNTIME;
  }
}

int jr_load(lua_State *L, const void *bytes, size_t count, const char *chunk_name) {
  struct jr_scope outer = jr_enter(L, JR_NO_BUDGET);
  int status = luaL_loadbufferx(L, bytes, count, chunk_name, "t");
  jr_leave(L, &outer);
  return outcome_of(status);
}

int jr_call(lua_State *L, int arguments, int64_t budget_ns) {
  int base = lua_gettop(L) - arguments;
  if (!lua_checkstack(L, CALL_SLOTS)) {
    lua_settop(L, base - 1);
    lua_pushliteral(L, "stack overflow");
    return JR_RUNTIME;
  }
  lua_pushcfunction(L, keep_traceback);
  lua_insert(L, base);
  struct jr_scope outer = jr_enter(L, budget_ns);
  int outcome = outcome_of(lua_pcall(L, arguments, LUA_MULTRET, base));
  int64_t spent_ns = jr_world_of(L)->scope.budget_ns;
  bool timed_out = jr_leave(L, &outer);
  lua_checkstack(L, CALL_SLOTS);
  lua_remove(L, base);
  if (!timed_out) return outcome;
  lua_settop(L, base - 1);  // whatever became of the error raised at the deadline
  jr_push_budget_message(L, spent_ns);
  return JR_BUDGET;
}

/// Ends a coroutine's function. Stack: [handler, values...] -> values
static int finish_guard(lua_State *L, int status, lua_KContext context) {
  (void)context;
  jr_world_of(L)->guard_status = status == LUA_YIELD ? LUA_OK : status;
  return lua_gettop(L) - 1;
}

/// The function at the bottom of a coroutine. It catches every error, so that a coroutine always ends well: with
/// its variables closed, its hooks on and ready for the next use. Stack: [handler, function, args...] -> values
static int guard(lua_State *L) {
  return finish_guard(L, lua_pcallk(L, lua_gettop(L) - 2, LUA_MULTRET, 1, 0, finish_guard), 0);
}

int jr_resume(lua_State *L, int arguments, int mode, int64_t budget_ns, int *results) {
  struct jr_world *world = jr_world_of(L);
  *results = 1;
  bool starts = lua_status(L) != LUA_YIELD;
  if (!lua_checkstack(L, CALL_SLOTS)) {
    lua_settop(L, 0);
    lua_pushliteral(L, "stack overflow");
    return JR_RUNTIME;
  }
  if (starts) {
    lua_pushcfunction(L, guard);
    lua_pushcfunction(L, keep_traceback);
    lua_rotate(L, -(arguments + 3), 2);
    arguments += 2;
  } else if (mode != JR_RETURN_VALUES) {
    world->raising = L;
    world->raising_mode = mode == JR_RAISE_MESSAGE;
  }
  lua_State *from = world->scope.current;
  struct jr_scope outer = jr_enter(L, budget_ns);
  world->scope.running = L;
  world->host_yield = NULL;
  world->guard_status = LUA_OK;
  int status = lua_resume(L, from, arguments, results);
  int guarded = world->guard_status;
  int64_t spent_ns = world->scope.budget_ns;
  bool timed_out = jr_leave(L, &outer);
  world->raising = NULL;
  world->guard_status = LUA_OK;
  lua_checkstack(L, CALL_SLOTS);

  int outcome = status == LUA_YIELD ? JR_YIELDED : outcome_of(status == LUA_OK ? guarded : status);
  if (timed_out) {
    jr_push_budget_message(L, spent_ns);  // whatever became of the error raised at the deadline
    outcome = JR_BUDGET;
  } else if (outcome == JR_YIELDED && world->host_yield != L) {
    luaL_where(L, 1);
    lua_pushliteral(L, "attempt to yield from outside a coroutine");
    lua_concat(L, 2);
    outcome = JR_RUNTIME;
  }
  if (outcome != JR_FINISHED && outcome != JR_YIELDED) *results = 1;
  return outcome;
}

int jr_reset(lua_State *L, int64_t budget_ns) {
  struct jr_scope outer = jr_enter(L, budget_ns);
  int status = lua_resetthread(L);
  bool timed_out = jr_leave(L, &outer);
  lua_settop(L, 0);
  return timed_out ? JR_BUDGET : outcome_of(status);
}

/// Stack: [value] -> [string]
static int to_display(lua_State *L) {
  luaL_tolstring(L, 1, NULL);
  return 1;
}

int jr_to_display(lua_State *L, int index, int64_t budget_ns) {
  index = lua_absindex(L, index);
  lua_pushcfunction(L, to_display);
  lua_pushvalue(L, index);
  return jr_call(L, 1, budget_ns);
}

/// Stack: [table, key] -> [key, value] or []
static int next_entry(lua_State *L) { return lua_next(L, 1) ? 2 : 0; }

bool jr_next(lua_State *L, int table) {
  table = lua_absindex(L, table);
  if (lua_isnil(L, -1)) return lua_next(L, table);
  lua_pushvalue(L, -1);
  bool present = lua_rawget(L, table) != LUA_TNIL;
  lua_pop(L, 1);
  if (present) return lua_next(L, table);  // cannot raise
  lua_pushcfunction(L, next_entry);
  lua_insert(L, -2);
  lua_pushvalue(L, table);
  lua_insert(L, -2);
  if (lua_pcall(L, 2, 2, 0) == LUA_OK && !lua_isnil(L, -2)) return true;
  lua_settop(L, lua_gettop(L) - (lua_isnil(L, -1) ? 2 : 1));
  return false;
}

bool jr_position(lua_State *L, int level, char *buffer, size_t capacity) {
  lua_Debug record;
  if (!lua_getstack(L, level, &record) || !lua_getinfo(L, "Sl", &record) || record.currentline <= 0) return false;
  snprintf(buffer, capacity, "%s:%d", record.short_src, record.currentline);
  return true;
}

bool jr_definition(lua_State *L, int index, const char **source, size_t *count, int *line) {
  if (lua_type(L, index) != LUA_TFUNCTION || lua_iscfunction(L, index)) return false;
  lua_Debug record;
  lua_pushvalue(L, index);
  lua_getinfo(L, ">S", &record);
  *source = record.source;
  *count = record.srclen;
  *line = record.linedefined;
  return true;
}
