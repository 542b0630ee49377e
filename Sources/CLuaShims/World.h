// The state behind a lua_State, shared by the C files. Not seen by Swift.
#pragma once
#include "LuaJSON.h"
#include "LuaWorld.h"

/// What a protected entry changes and puts back when it is done.
struct jr_scope {
  int64_t deadline_ns;
  int64_t budget_ns;
  lua_State *current;
  lua_State *running;
  bool limited;
  bool timed_out;
};

struct jr_world {
  struct jr_scope scope;
  size_t memory_used;
  size_t memory_limit;
  lua_State *main;
  void *context;
  jr_entry entry;
  jr_release release;
  struct jr_json *json;
  /// The coroutine that a host function has just yielded from.
  lua_State *host_yield;
  /// The coroutine whose yielded host function must raise when it goes on, and how.
  lua_State *raising;
  int raising_mode;
  /// How the function at the bottom of a coroutine ended: a Lua status.
  int guard_status;
  const void *array_metatable;
  const void *object_metatable;
  int array_reference;
  int object_reference;
  int box_reference;
  int tracebacks_reference;
  /// Where the time budget ran out, as "file:line: ".
  char timeout_position[LUA_IDSIZE + 16];
};

/// The pointer is in the extra space of the main thread; every coroutine inherits a copy.
static inline struct jr_world *jr_world_of(lua_State *L) { return *(struct jr_world **)lua_getextraspace(L); }

#ifdef __cplusplus
extern "C" {
#endif

/// Installs the count hook on the main thread: coroutines inherit it from their creator.
void jr_install_budget(lua_State *L);

/// Replaces the library's xpcall by one whose handlers cannot escape the budget. Stack: [] -> []
void jr_replace_xpcall(lua_State *L);

/// Pushes "time budget of 5 s exceeded" with the position where it happened. Stack: [] -> [string]
void jr_push_budget_message(lua_State *L, int64_t budget_ns);

struct jr_json *jr_json_new(void);
void jr_json_free(struct jr_json *json);

#ifdef __cplusplus
}
#endif
