// JSON text from and to values on a Lua stack. Nothing here raises.
#pragma once
#include <lua.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// The deepest nesting either way.
enum { JR_JSON_DEPTH = 128 };

struct jr_json;

/// Why the last conversion failed. Valid until the next one; a byte offset of -1: unknown.
struct jr_json_failure {
  const char *path;
  size_t path_count;
  const char *message;
  size_t message_count;
  int64_t offset;
};

/// JSON text -> value. Stack: [] -> [value], or [] when it fails
bool jr_json_decode(lua_State *L, const void *bytes, size_t count, struct jr_json_failure *failure);

/// Value -> JSON text, valid until the next call. NULL: it failed. `first_keys`: names separated by 0 bytes, which
/// come first in the outermost object, in this order. Stack: [..] -> [..]
const char *jr_json_encode(lua_State *L, int index, const char *first_keys, size_t first_count, size_t *count,
                           struct jr_json_failure *failure);

#ifdef __cplusplus
}
#endif
