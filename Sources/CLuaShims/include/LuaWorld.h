// A Lua state with its allocator, its limits and its shared metatables.
#pragma once
#include <lua.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// A host function's body: gets the box pushed with the function and returns a status, see `jr_push_host_function`.
typedef int (*jr_entry)(lua_State *L, void *box);

/// Called once for each box when Lua has collected its function.
typedef void (*jr_release)(void *box);

/// Opens a state with the standard libraries. NULL: no memory.
///
/// The memory limit, in bytes, holds only while Lua code runs: never in a host function's body and never outside of
/// `jr_call`, `jr_resume`, `jr_reset` and `jr_load`. So a push from the host cannot raise.
lua_State *jr_open(size_t memory_limit, void *context, jr_entry entry, jr_release release);

/// Closes the state: runs all finalizers, releases all boxes.
void jr_close(lua_State *L);

/// What `jr_open` got as context; any coroutine of the state will do.
void *jr_context(lua_State *L);

size_t jr_memory_used(lua_State *L);

/// The limit given to `jr_open`, and another one; it holds from the next allocation on.
size_t jr_memory_limit(lua_State *L);
void jr_set_memory_limit(lua_State *L, size_t limit);

/// Two full collections: finalizers run after the first, what they held goes with the second.
void jr_collect(lua_State *L);

/// The thread that is running now: a coroutine, or the main thread.
lua_State *jr_current(lua_State *L);

/// Whether `L` was resumed by `jr_resume`, and not by a script, and is the one running.
bool jr_is_running(lua_State *L);

/// Sets the shared array or object metatable. Stack: [.., table at index] -> same
void jr_mark_array(lua_State *L, int index);
void jr_mark_object(lua_State *L, int index);
bool jr_is_marked_array(lua_State *L, int index);
bool jr_is_marked_object(lua_State *L, int index);

#ifdef __cplusplus
}
#endif
