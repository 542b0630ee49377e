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

void jr_install_budget(lua_State *L) { lua_sethook(L, check_budget, LUA_MASKCOUNT, HOOK_COUNT); }

void jr_push_budget_message(lua_State *L, int64_t budget_ns) {
  const struct jr_world *world = jr_world_of(L);
  char text[sizeof world->timeout_position + 64];
  snprintf(text, sizeof text, "%stime budget of %g s exceeded", world->timeout_position,
           (double)budget_ns / 1e9);
  lua_pushstring(L, text);
}
