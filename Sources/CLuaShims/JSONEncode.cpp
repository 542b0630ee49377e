// Lua values -> JSON text. The output depends on the value alone: keys are sorted, numbers have one form.
//
// While a table is walked nothing is allocated in Lua, so no finalizer can run and change it.
#include <rapidjson/internal/dtoa.h>
#include <rapidjson/internal/itoa.h>

#include <algorithm>
#include <cmath>

#include "JSON.hpp"

namespace {

constexpr int level_slots = 6;
/// Bytes of a string written with one check of the room: each may take six.
constexpr size_t chunk = 4096;
constexpr uint32_t no_rank = UINT32_MAX;
/// An output buffer that grew beyond this for one value is not kept.
constexpr size_t kept_capacity = 16 << 20;

/// 0: as it is; 1: needs an escape; 2: the first byte of a character that may need one (U+0085, U+2028, U+2029).
struct ByteClasses {
  uint8_t of[256] = {};
  constexpr ByteClasses() {
    for (int byte = 0; byte < 0x20; byte++) of[byte] = 1;
    of[int('"')] = of[int('\\')] = 1;
    of[0x7f] = 0;
    of[0xc2] = of[0xe2] = 2;
  }
};
constexpr ByteClasses classes;

/// The offset of the first byte that is not part of a well-formed character.
size_t first_invalid(const unsigned char *text, size_t count) {
  size_t at = 0;
  while (at < count) {
    const unsigned char lead = text[at];
    size_t length = lead < 0x80 ? 1 : lead < 0xc2 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : lead < 0xf5 ? 4 : 0;
    if (length == 0 || at + length > count) return at;
    for (size_t i = 1; i < length; i++)
      if ((text[at + i] & 0xc0) != 0x80) return at;
    const unsigned char second = length > 1 ? text[at + 1] : 0;
    if ((lead == 0xe0 && second < 0xa0) || (lead == 0xed && second > 0x9f) || (lead == 0xf0 && second < 0x90) ||
        (lead == 0xf4 && second > 0x8f))
      return at;
    at += length;
  }
  return count;
}

bool is_identifier(std::string_view key) {
  if (key.empty() || (key[0] >= '0' && key[0] <= '9')) return false;
  return std::all_of(key.begin(), key.end(), [](char c) {
    return c == '_' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  });
}

class Encoder {
 public:
  Encoder(lua_State *L, jr_json *json, jr_json_failure *failure) : L(L), json(json), failure(failure) {}

  /// Stack: [.., value at index] -> same, unless it fails; then the caller cuts it.
  bool encode(int index) {
    switch (lua_type(L, index)) {
      case LUA_TNIL:
        return append("null");
      case LUA_TBOOLEAN:
        return append(lua_toboolean(L, index) ? "true" : "false");
      case LUA_TNUMBER:
        return lua_isinteger(L, index) ? integer(lua_tointeger(L, index)) : number(lua_tonumber(L, index));
      case LUA_TSTRING: {
        size_t count;
        const char *text = lua_tolstring(L, index, &count);
        return string({text, count}, "not valid UTF-8 at byte ");
      }
      case LUA_TTABLE:
        return table(index);
      case LUA_TLIGHTUSERDATA:
        if (lua_touserdata(L, index) == nullptr) return append("null");
        [[fallthrough]];
      default:
        return refuse(std::string("a ") + lua_typename(L, lua_type(L, index)) + " cannot become JSON");
    }
  }

 private:
  lua_State *const L;
  jr_json *const json;
  jr_json_failure *const failure;

  // MARK: Output

  char *reserve(size_t count) {
    if (json->output.size() - json->used < count) json->output.resize((json->used + count) * 2);
    return json->output.data() + json->used;
  }

  bool append(std::string_view text) {
    std::memcpy(reserve(text.size()), text.data(), text.size());
    json->used += text.size();
    return true;
  }

  void append(char byte) {
    *reserve(1) = byte;
    json->used++;
  }

  bool integer(lua_Integer value) {
    char *start = reserve(24);
    json->used += size_t(rapidjson::internal::i64toa(value, start) - start);
    return true;
  }

  bool number(double value) {
    if (!std::isfinite(value))
      return refuse(std::isnan(value) ? "NaN has no form in JSON" : "infinity has no form in JSON");
    char *start = reserve(32);
    json->used += size_t(rapidjson::internal::dtoa(value, start) - start);
    return true;
  }

  bool string(std::string_view text, const char *complaint) {
    if (!simdjson::validate_utf8(text.data(), text.size())) {
      const size_t at = first_invalid(reinterpret_cast<const unsigned char *>(text.data()), text.size());
      return refuse(complaint + std::to_string(at), int64_t(at));
    }
    append('"');
    const char *from = text.data(), *const end = from + text.size();
    while (from < end) {
      const char *const stop = from + std::min(size_t(end - from), chunk);
      char *to = reserve((size_t(stop - from) + 3) * 6);
      while (from < stop) {
        const char *run = from;
        while (from < stop && classes.of[uint8_t(*from)] == 0) from++;
        std::memcpy(to, run, size_t(from - run));
        to += from - run;
        if (from < stop) to = escape(from, to);
      }
      json->used = size_t(to - json->output.data());
    }
    append('"');
    return true;
  }

  /// Writes the character at `from` and steps over it.
  static char *escape(const char *&from, char *to) {
    static const char digits[] = "0123456789abcdef";
    const auto byte = uint8_t(*from);
    const auto next = [&](int i) { return uint8_t(from[i]); };
    unsigned code = byte;
    size_t length = 1;
    if (byte == 0xc2) {  // the text is valid, so the rest of the character is there
      if (next(1) != 0x85) return *to++ = *from++, *to++ = *from++, to;
      code = 0x85, length = 2;
    } else if (byte == 0xe2) {
      if (next(1) != 0x80 || (next(2) & 0xfe) != 0xa8) {
        for (int i = 0; i < 3; i++) *to++ = *from++;
        return to;
      }
      code = 0x2000 + (next(2) & 0x3f), length = 3;
    }
    from += length;
    *to++ = '\\';
    switch (code) {
      case '"': *to++ = '"'; return to;
      case '\\': *to++ = '\\'; return to;
      case '\b': *to++ = 'b'; return to;
      case '\f': *to++ = 'f'; return to;
      case '\n': *to++ = 'n'; return to;
      case '\r': *to++ = 'r'; return to;
      case '\t': *to++ = 't'; return to;
      default:
        *to++ = 'u';
        for (int shift = 12; shift >= 0; shift -= 4) *to++ = digits[(code >> shift) & 15];
        return to;
    }
  }

  // MARK: Tables

  bool table(int index) {
    const void *self = lua_topointer(L, index);
    for (const auto &level : json->levels)
      if (level.table == self) return refuse("contains itself");
    if (json->levels.size() >= JR_JSON_DEPTH)
      return refuse("nested deeper than " + std::to_string(JR_JSON_DEPTH) + " levels");
    if (!lua_checkstack(L, level_slots)) return refuse("too large for the Lua stack");

    bool array = false, marked_object = false;
    if (lua_getmetatable(L, index)) {
      const void *metatable = lua_topointer(L, -1);
      array = metatable == jr_world_of(L)->array_metatable;
      marked_object = metatable == jr_world_of(L)->object_metatable;
      lua_pop(L, 1);
    }
    json->levels.push_back({self, nullptr, 0, 0});
    if (!marked_object) {
      lua_pushnil(L);
      const bool empty = !lua_next(L, index);
      if (empty) {
        json->levels.pop_back();
        return append(array ? "[]" : "{}");
      }
      const bool begins_with_string = lua_type(L, -2) == LUA_TSTRING;
      lua_pop(L, 2);
      array = array || !begins_with_string;
    }
    const bool done = array ? this->array(index) : object(index, marked_object);
    if (done) json->levels.pop_back();
    return done;
  }

  /// The usual table holds its elements in the order of its traversal: one pass. Others are counted, then read by index.
  bool array(int index) {
    const size_t start = json->used, level = json->levels.size() - 1;
    lua_Integer expected = 0;
    append('[');
    lua_pushnil(L);
    while (lua_next(L, index)) {
      if (!lua_isinteger(L, -2) || lua_tointeger(L, -2) != ++expected) {
        lua_pop(L, 2);
        json->used = start;
        return unordered_array(index);
      }
      if (expected > 1) append(',');
      json->levels[level].index = expected;
      if (!encode(lua_gettop(L))) return false;
      lua_pop(L, 1);
    }
    append(']');
    return true;
  }

  bool unordered_array(int index) {
    const size_t level = json->levels.size() - 1;
    lua_Integer count = 0, last = 0;
    lua_pushnil(L);
    while (lua_next(L, index)) {
      lua_pop(L, 1);
      if (!check_index(level)) return false;
      last = std::max(last, lua_tointeger(L, -1));
      count++;
    }
    if (last != count) {
      json->levels[level].index = -1;
      return refuse("a list with holes: it has " + std::to_string(count) + (count == 1 ? " value" : " values") +
                    ", the last at " + std::to_string(last));
    }
    append('[');
    for (lua_Integer i = 1; i <= count; i++) {
      if (i > 1) append(',');
      json->levels[level].index = i;
      lua_rawgeti(L, index, i);
      if (!encode(lua_gettop(L))) return false;
      lua_pop(L, 1);
    }
    append(']');
    return true;
  }

  /// Stack: [.., key] -> same
  bool check_index(size_t level) {
    json->levels[level].index = -1;
    if (lua_type(L, -1) == LUA_TSTRING) {
      size_t count;
      const char *key = lua_tolstring(L, -1, &count);
      return refuse("a list has the key \"" + std::string(key, std::min(count, size_t(40))) + "\" too");
    }
    if (!lua_isinteger(L, -1)) return refuse_key();
    if (lua_tointeger(L, -1) >= 1) return true;
    return refuse("a list has the index " + std::to_string(lua_tointeger(L, -1)));
  }

  /// Stack: [.., key] -> same
  bool refuse_key() {
    if (lua_type(L, -1) == LUA_TNUMBER) {
      char digits[32];
      const double key = lua_tonumber(L, -1);
      const char *end = std::isfinite(key) ? rapidjson::internal::dtoa(key, digits) : digits;
      return refuse("the key " + std::string(digits, size_t(end - digits)) + " is not a string");
    }
    return refuse(std::string("a ") + lua_typename(L, lua_type(L, -1)) + " is a key; only strings can be");
  }

  /// All values wait on the Lua stack while the keys are sorted. Keys stay alive: they are in the table.
  bool object(int index, bool marked) {
    const size_t level = json->levels.size() - 1, first = json->entries.size(), first_decimal = json->decimals.size();
    json->levels[level].index = -1;
    const int top = lua_gettop(L);
    lua_pushnil(L);
    while (lua_next(L, index)) {  // Stack: [values..., key, value]
      size_t count = 0;
      const char *key = nullptr;
      if (lua_type(L, -2) == LUA_TSTRING) {
        key = lua_tolstring(L, -2, &count);
      } else if (!marked || !lua_isinteger(L, -2)) {
        lua_pop(L, 1);
        if (!lua_isinteger(L, -1)) return refuse_key();
        return refuse("an object has the index " + std::to_string(lua_tointeger(L, -1)) + " too");
      } else {
        json->decimals.push_back(std::to_string(lua_tointeger(L, -2)));
        count = json->decimals.size();  // a number for now: the text may still move
      }
      json->entries.push_back({key, count, no_rank, lua_gettop(L) - 1});
      lua_insert(L, -2);  // Stack: [values..., value, key]
      if (!lua_checkstack(L, level_slots)) return refuse("too many keys for the Lua stack");
    }
    const auto begin = json->entries.begin() + ptrdiff_t(first), end = json->entries.end();
    for (auto entry = begin; entry != end; ++entry) {
      if (entry->key == nullptr) {
        const std::string &text = json->decimals[entry->count - 1];
        entry->key = text.data(), entry->count = text.size();
      }
      if (level == 0)
        for (size_t i = 0; i < json->first_keys.size(); i++)
          if (entry->view() == json->first_keys[i]) entry->rank = uint32_t(i);
    }
    if (end - begin > 1)
      std::sort(begin, end, [](const jr_json_entry &a, const jr_json_entry &b) {
        return a.rank != b.rank ? a.rank < b.rank : a.view() < b.view();
      });
    const bool done = members(level, first, json->entries.size());
    json->entries.resize(first);
    if (done) {
      json->decimals.resize(first_decimal);
      lua_settop(L, top);
    }
    return done;
  }

  bool members(size_t level, size_t first, size_t last) {
    append('{');
    for (size_t i = first; i < last; i++) {
      const jr_json_entry entry = json->entries[i];  // a copy: nested objects add entries
      json->levels[level].key = nullptr;
      if (i > first) {
        append(',');
        if (entry.view() == json->entries[i - 1].view())
          return refuse("the key \"" + std::string(entry.view()) + "\" is there twice, as a string and as a number");
      }
      if (!string(entry.view(), "a key is not valid UTF-8 at byte ")) return false;
      append(':');
      json->levels[level].key = entry.key;
      json->levels[level].count = entry.count;
      if (!encode(entry.value)) return false;
    }
    append('}');
    return true;
  }

  // MARK: Failures

  bool refuse(const std::string &text, int64_t offset = -1) {
    std::string &path = json->path;
    path.clear();
    for (const auto &level : json->levels) {
      const std::string_view key = level.key ? std::string_view(level.key, level.count) : std::string_view();
      if (level.key == nullptr) {
        if (level.index > 0) path += "[" + std::to_string(level.index) + "]";
      } else if (is_identifier(key)) {
        if (!path.empty()) path += '.';
        path += key;
      } else {
        path += "[\"" + std::string(key.substr(0, 80)) + "\"]";
      }
    }
    json->fail(failure, text, offset);
    return false;
  }
};

}  // namespace

extern "C" const char *jr_json_encode(lua_State *L, int index, const char *first_keys, size_t first_count,
                                      size_t *count, jr_json_failure *failure) {
  jr_json *json = jr_world_of(L)->json;
  if (json->output.size() > kept_capacity) std::vector<char>(4096).swap(json->output);
  json->used = 0;
  json->levels.clear();
  json->entries.clear();
  json->decimals.clear();
  json->first_keys.clear();
  for (std::string_view rest(first_keys, first_count); !rest.empty();) {
    const size_t end = std::min(rest.find('\0'), rest.size());
    json->first_keys.push_back(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  const int top = lua_gettop(L);
  const bool done = Encoder(L, json, failure).encode(lua_absindex(L, index));
  lua_settop(L, top);
  *count = json->used;
  if (json->output.empty()) json->output.resize(1);
  return done ? json->output.data() : nullptr;
}
