// What the two JSON directions share: buffers that are used again, and the failure's text.
#pragma once
#include <simdjson.h>

#include <cstring>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "World.h"

/// A key of an object and where its value is on the Lua stack.
struct jr_json_entry {
  const char *key;
  size_t count;
  uint64_t prefix;  // the first bytes, as a number that orders as they do
  uint32_t rank;
  int value;
  std::string_view view() const { return {key, count}; }
};

/// One level of the value being encoded: what contains it, and at which key or index.
struct jr_json_level {
  const void *table;
  const char *key;  // NULL: an index
  size_t count;
  int64_t index;
};

struct jr_json {
  simdjson::dom::parser parser;
  /// A decode is under way: a finalizer that decodes meanwhile needs a parser of its own.
  bool parsing = false;

  std::vector<char> output;
  std::vector<jr_json_entry> entries;
  std::vector<jr_json_level> levels;
  std::vector<std::string_view> first_keys;
  /// Decimal forms of integer keys, by their number; entries refer to them.
  std::deque<std::string> decimals;
  /// For each `{}` of the output, in order: whether the table had no mark, so that it could be a list as well.
  std::vector<bool> unmarked;

  std::string path;
  std::string message;

  /// Stores the failure and points `failure` at it.
  void fail(jr_json_failure *failure, std::string_view text, int64_t offset = -1) {
    message.assign(text);
    *failure = {path.data(), path.size(), message.data(), message.size(), offset};
  }
};

namespace jr {

/// Says why simdjson refused the text and where, at the cost of a second reading.
void explain(jr_json *json, const char *bytes, size_t count, simdjson::error_code code, jr_json_failure *failure);

/// Says that the nesting is beyond `JR_JSON_DEPTH`.
void fail_too_deep(jr_json *json, jr_json_failure *failure);

}  // namespace jr
