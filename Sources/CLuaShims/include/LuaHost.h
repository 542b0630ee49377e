// Host functions and userdata types.
#pragma once
#include <lua.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// What an entry returns instead of a number of results >= 0.
enum jr_status {
  /// Raises the value on top of the stack.
  JR_RAISE_TOP = -1,
  /// Raises the string on top of the stack, with the caller's position before it.
  JR_RAISE_STRING = -2,
  /// JR_YIELD - n: yields the top n values.
  JR_YIELD = -3,
};

/// Free stack slots a host function's body can count on.
enum { JR_HOST_SLOTS = 40 };

/// A host function; Lua owns the box and releases it when it collects the function. Stack: [] -> [function]
void jr_push_host_function(lua_State *L, void *box);

/// __index of a type: methods first, then the host function in `box`; a number as key arrives as a string.
/// Stack: [methods] -> [function]
void jr_push_index_function(lua_State *L, void *box);

/// __newindex of a type without setter. Stack: [] -> [function]
void jr_push_read_only_function(lua_State *L, const char *name, size_t count);

/// A userdata with two integers, which keeps the value at the index `held` where that is not 0. Stack: [] -> [userdata]
void jr_push_handle(lua_State *L, int metatable_reference, int64_t slot, int64_t generation, int held);

/// Reads a handle whose metatable is at this address. False: the value is something else.
bool jr_handle(lua_State *L, int index, const void *metatable, int64_t *slot, int64_t *generation);

#ifdef __cplusplus
}
#endif
