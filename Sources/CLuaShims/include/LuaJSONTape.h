// JSON as a row of nodes that can be read without Lua, made of JSON text or of a value on a Lua stack.
#pragma once
#include "LuaJSON.h"

#ifdef __cplusplus
extern "C" {
#endif

enum jr_node_kind {
  JR_NODE_NULL,
  JR_NODE_BOOLEAN,
  JR_NODE_INTEGER,
  JR_NODE_UNSIGNED,
  JR_NODE_FLOAT,
  JR_NODE_STRING,
  JR_NODE_ARRAY,
  JR_NODE_OBJECT
};

/// A value. What it contains follows it: the elements of an array, the keys and values of an object in turn.
struct jr_node {
  uint8_t kind;
  /// An empty Lua table without a mark: an object here that could be a list as well.
  bool unmarked;
  /// Elements of an array, members of an object, bytes of a string.
  uint32_t count;
  /// The nodes of the value, itself included.
  uint32_t span;
  union {
    bool boolean;
    int64_t integer;
    uint64_t unsigned_integer;
    double number;
    /// UTF-8, owned by the tape.
    const char *text;
  };
};

struct jr_tape;

/// JSON text -> tape. It has no nodes when it fails; then `jr_tape_failure` says why. NULL: no memory.
struct jr_tape *jr_tape_parse(const void *bytes, size_t count);

/// Value -> tape, as `jr_json_encode` would write it. Stack: [..] -> [..]
struct jr_tape *jr_tape_of_value(lua_State *L, int index);

void jr_tape_free(struct jr_tape *tape);

/// The outermost value, valid as long as the tape; NULL: it failed.
const struct jr_node *jr_tape_root(const struct jr_tape *tape);

/// Why it failed, valid as long as the tape.
struct jr_json_failure jr_tape_failure(const struct jr_tape *tape);

#ifdef __cplusplus
}
#endif
