// Time budgets: a count hook compares the clock with the deadline.
#define _POSIX_C_SOURCE 199309L  // clock_gettime

#include <lauxlib.h>
#include <stdio.h>
#include <time.h>

#include "Scope.h"

/// Instructions between two looks at the clock.
enum { HOOK_COUNT = 10000 };

int64_t jr_now(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

/// Raises once the deadline is past, and then at every instruction, so that a loop around pcall ends too.
static void check_budget(lua_State *L, lua_Debug *record) {
  struct jr_world *world = jr_world_of(L);
  struct jr_scope *scope = &world->scope;
  if (scope->deadline_ns == INT64_MAX || (!scope->timed_out && jr_now() < scope->deadline_ns)) {
    // A thread that was re-armed under an earlier deadline goes back to the usual count.
    if (lua_gethookcount(L) != HOOK_COUNT) lua_sethook(L, check_budget, LUA_MASKCOUNT, HOOK_COUNT);
    return;
  }
  if (!scope->timed_out) {
    scope->timed_out = true;
    world->timeout_position[0] = 0;
    if (lua_getinfo(L, "Sl", record) && record->currentline > 0)
      snprintf(world->timeout_position, sizeof world->timeout_position, "%s:%d: ", record->short_src,
               record->currentline);
  }
  lua_sethook(L, check_budget, LUA_MASKCOUNT, 1);
  jr_push_budget_message(L, scope->budget_ns);
  lua_error(L);
}

/// Lua calls a message handler while the hook that raised is still on, so with hooks off: a handler in Lua could then
/// run for ever. So once the budget is spent none is called. Upvalues: the script's handler. Stack: [error] -> [value]
static int handle_in_budget(lua_State *L) {
  lua_settop(L, 1);
  if (jr_world_of(L)->scope.timed_out) return 1;
  lua_pushvalue(L, lua_upvalueindex(1));
  lua_insert(L, 1);
  lua_call(L, 1, 1);
  return 1;
}

/// Stack: [true, handler, results...] -> [true, results...], or [.., error] -> [false, error]
static int finish_xpcall(lua_State *L, int status, lua_KContext context) {
  (void)context;
  if (status == LUA_OK || status == LUA_YIELD) {
    lua_remove(L, 2);
    return lua_gettop(L);
  }
  lua_pushboolean(L, 0);
  lua_insert(L, -2);
  return 2;
}

/// The script's xpcall. Stack: [function, handler, args...] -> [true, results...] or [false, value]
static int budgeted_xpcall(lua_State *L) {
  luaL_checktype(L, 2, LUA_TFUNCTION);
  int arguments = lua_gettop(L) - 2;
  if (!lua_iscfunction(L, 2)) {  // one in C, as debug.traceback, ends
    lua_pushvalue(L, 2);
    lua_pushcclosure(L, handle_in_budget, 1);
    lua_replace(L, 2);
  }
  lua_pushboolean(L, 1);
  lua_insert(L, 1);  // [true, function, handler, args...]
  lua_pushvalue(L, 2);
  lua_copy(L, 3, 2);
  lua_replace(L, 3);  // [true, handler, function, args...]
  return finish_xpcall(L, lua_pcallk(L, arguments, LUA_MULTRET, 2, 0, finish_xpcall), 0);
}

void jr_install_budget(lua_State *L) { lua_sethook(L, check_budget, LUA_MASKCOUNT, HOOK_COUNT); }

void jr_replace_xpcall(lua_State *L) {
  lua_pushcfunction(L, budgeted_xpcall);
  lua_setglobal(L, "xpcall");
}

void jr_push_budget_message(lua_State *L, int64_t budget_ns) {
  const struct jr_world *world = jr_world_of(L);
  char text[sizeof world->timeout_position + 64];
  snprintf(text, sizeof text, "%stime budget of %g s exceeded", world->timeout_position,
           (double)budget_ns / 1e9);
  lua_pushstring(L, text);
}
