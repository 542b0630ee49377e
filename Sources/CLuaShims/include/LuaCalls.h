// Protected entries into Lua code: load, call, resume, reset.
#pragma once
#include <lua.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// How a protected entry ended. All failures leave the error value on top of the stack.
enum jr_outcome { JR_FINISHED, JR_YIELDED, JR_SYNTAX, JR_RUNTIME, JR_MEMORY, JR_BUDGET };

/// How a yielded host function goes on: it returns its arguments, or raises.
enum jr_resume_mode { JR_RETURN_VALUES, JR_RAISE_MESSAGE, JR_RAISE_VALUE };

/// No time budget; an outer one goes on.
#define JR_NO_BUDGET INT64_C(-1)

/// Compiles text, never bytecode. Stack: [] -> [function] or [message]
int jr_load(lua_State *L, const void *bytes, size_t count, const char *chunk_name);

/// Calls a function. Stack: [function, args...] -> [results...] or [error]
int jr_call(lua_State *L, int arguments, int64_t budget_ns);

/// Starts or resumes a coroutine. Stack of a new one: [function, args...], of a yielded one: [.., args...];
/// after it [results...], or [.., yielded...], or [.., error]. Only host functions may yield through it.
int jr_resume(lua_State *L, int arguments, int mode, int64_t budget_ns, int *results);

/// Closes what a suspended coroutine left open and empties its stack. Stack: [..] -> []
int jr_reset(lua_State *L, int64_t budget_ns);

/// The traceback of the last failure on this thread, and forgets it. Stack: [] -> [string or nil]
void jr_take_traceback(lua_State *L);

/// tostring() with metamethods, protected. Stack: [..] -> [.., string]
int jr_to_display(lua_State *L, int index, int64_t budget_ns);

/// lua_next that does not raise: a key that is gone ends the walk. Stack: [.., key] -> [.., key, value] or [..]
bool jr_next(lua_State *L, int table);

/// "file:line" of the running function at `level`. False: none, or it is not Lua.
bool jr_position(lua_State *L, int level, char *buffer, size_t capacity);

/// Where a Lua function was defined; `source` as `load` got it. False: not a Lua function.
bool jr_definition(lua_State *L, int index, const char **source, size_t *count, int *line);

#ifdef __cplusplus
}
#endif
