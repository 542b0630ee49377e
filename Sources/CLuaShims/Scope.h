// Entering and leaving Lua code. Not seen by Swift.
#pragma once
#include "World.h"

/// CLOCK_MONOTONIC in nanoseconds.
int64_t jr_now(void);

/// The memory limit holds from here, and the earlier of the outer deadline and this budget's.
static inline struct jr_scope jr_enter(lua_State *L, int64_t budget_ns) {
  struct jr_scope *scope = &jr_world_of(L)->scope;
  struct jr_scope outer = *scope;
  scope->limited = true;
  scope->current = L;
  if (budget_ns >= 0) {
    int64_t now = jr_now();
    int64_t deadline = budget_ns < INT64_MAX - now ? now + budget_ns : INT64_MAX;
    if (deadline < scope->deadline_ns) {
      scope->deadline_ns = deadline;
      scope->budget_ns = budget_ns;
    }
  }
  return outer;
}

/// Puts back what `jr_enter` found. Returns whether the time budget ran out meanwhile.
static inline bool jr_leave(lua_State *L, const struct jr_scope *outer) {
  struct jr_scope *scope = &jr_world_of(L)->scope;
  bool timed_out = scope->timed_out;
  *scope = *outer;
  return timed_out;
}
