// Lua values -> JSON text. The output depends on the value alone: keys are sorted, numbers have one form.
//
// While a table is walked nothing is allocated in Lua, so no finalizer can run and change it.
#include <algorithm>
#include <cmath>

#include "JSON.hpp"
#include "JSONWriter.hpp"

namespace {

constexpr int level_slots = 6;
constexpr uint32_t no_rank = UINT32_MAX;
/// An output buffer that grew beyond this for one value is not kept.
constexpr size_t kept_capacity = 16 << 20;

/// The first eight bytes as a number that orders as they do.
uint64_t prefix_of(const char *key, size_t count) {
  uint64_t word = 0;
  for (size_t i = 0; i < 8; i++) word = word << 8 | (i < count ? uint8_t(key[i]) : 0);
  return word;
}

bool is_identifier(std::string_view key) {
  if (key.empty() || (key[0] >= '0' && key[0] <= '9')) return false;
  return std::all_of(key.begin(), key.end(), [](char c) {
    return c == '_' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  });
}

class Encoder {
 public:
  Encoder(lua_State *L, jr_json *json, jr_json_failure *failure)
      : L(L), json(json), failure(failure), out(json->output) {}

  /// The bytes written.
  size_t count() const { return out.count(); }

  /// Stack: [.., value at index] -> same, unless it fails; then the caller cuts it.
  bool encode(int index) {
    switch (lua_type(L, index)) {
      case LUA_TNIL:
        return write("null");
      case LUA_TBOOLEAN:
        return write(lua_toboolean(L, index) ? "true" : "false");
      case LUA_TNUMBER:
        return number(index);
      case LUA_TSTRING: {
        size_t count;
        const char *text = lua_tolstring(L, index, &count);
        return string({text, count}, "not valid UTF-8 at byte ");
      }
      case LUA_TTABLE:
        return table(index);
      case LUA_TLIGHTUSERDATA:
        if (lua_touserdata(L, index) == nullptr) return write("null");
        [[fallthrough]];
      default:
        return refuse(std::string("a ") + lua_typename(L, lua_type(L, index)) + " cannot become JSON");
    }
  }

 private:
  lua_State *const L;
  jr_json *const json;
  jr_json_failure *const failure;

  jr::Writer out;

  bool write(std::string_view text) {
    out.append(text);
    return true;
  }

  bool number(int index) {
    const double value = lua_tonumber(L, index);
    if (lua_isinteger(L, index))
      out.integer(lua_tointeger(L, index));
    else if (std::isfinite(value))
      out.number(value);
    else
      return refuse(std::isnan(value) ? "NaN has no form in JSON" : "infinity has no form in JSON");
    return true;
  }

  bool string(std::string_view text, const char *complaint) {
    if (out.string(text)) return true;
    const size_t offset = jr::first_invalid(reinterpret_cast<const unsigned char *>(text.data()), text.size());
    return refuse(complaint + std::to_string(offset), int64_t(offset));
  }

  // MARK: Tables

  bool table(int index) {
    const void *self = lua_topointer(L, index);
    for (const auto &level : json->levels)
      if (level.table == self) return refuse("contains itself");
    if (json->levels.size() >= JR_JSON_DEPTH)
      return refuse("nested deeper than " + std::to_string(JR_JSON_DEPTH) + " levels");
    if (!lua_checkstack(L, level_slots)) return refuse("too deep for the Lua stack");

    bool array = false, marked_object = false;
    if (lua_getmetatable(L, index)) {
      const void *metatable = lua_topointer(L, -1);
      array = metatable == jr_world_of(L)->array_metatable;
      marked_object = metatable == jr_world_of(L)->object_metatable;
      lua_pop(L, 1);
    }
    lua_pushnil(L);
    if (!lua_next(L, index)) {
      if (!array) json->unmarked.push_back(!marked_object);
      return write(array ? "[]" : "{}");
    }
    if (!marked_object && lua_type(L, -2) != LUA_TSTRING) array = true;
    json->levels.push_back({self, nullptr, 0, -1});
    const bool done = array ? this->array(index) : object(index, marked_object);
    if (done) json->levels.pop_back();
    return done;
  }

  /// The usual list holds its values in the order of its traversal: one pass. Others are counted, then read by index.
  /// Stack: [.., first key, first value] -> [..]
  bool array(int index) {
    const size_t start = out.count(), level = json->levels.size() - 1, unmarked = json->unmarked.size();
    const int value = lua_gettop(L);
    lua_Integer expected = 0;
    out.append('[');
    do {
      if (!lua_isinteger(L, -2) || lua_tointeger(L, -2) != ++expected) {
        lua_pop(L, 2);
        out.cut(start);
        json->unmarked.resize(unmarked);
        return unordered_array(index);
      }
      if (expected > 1) out.append(',');
      json->levels[level].index = expected;
      if (!encode(value)) return false;
      lua_pop(L, 1);
    } while (lua_next(L, index));
    out.append(']');
    return true;
  }

  bool unordered_array(int index) {
    const size_t level = json->levels.size() - 1;
    lua_Integer count = 0, last = 0;
    lua_pushnil(L);
    while (lua_next(L, index)) {
      lua_pop(L, 1);
      if (!lua_isinteger(L, -1) || lua_tointeger(L, -1) < 1) return refuse_keys(index);
      last = std::max(last, lua_tointeger(L, -1));
      count++;
    }
    if (last != count) {
      json->levels[level].index = -1;
      return refuse("a list with holes: it has " + std::to_string(count) + (count == 1 ? " value" : " values") +
                    ", the last at " + std::to_string(last));
    }
    out.append('[');
    for (lua_Integer i = 1; i <= count; i++) {
      if (i > 1) out.append(',');
      json->levels[level].index = i;
      lua_rawgeti(L, index, i);
      if (!encode(lua_gettop(L))) return false;
      lua_pop(L, 1);
    }
    out.append(']');
    return true;
  }

  /// Says which keys do not go together; the same for equal tables, whatever the order of their traversal.
  bool refuse_keys(int index) {
    std::string_view name;
    lua_Integer number = 0;
    bool has_name = false, has_number = false;
    json->levels.back().key = nullptr;
    json->levels.back().index = -1;
    lua_pushnil(L);
    while (lua_next(L, index)) {
      lua_pop(L, 1);
      if (lua_type(L, -1) == LUA_TSTRING) {
        size_t count;
        const char *key = lua_tolstring(L, -1, &count);
        if (!has_name || std::string_view(key, count) < name) name = {key, count};
        has_name = true;
      } else if (lua_isinteger(L, -1)) {
        if (!has_number || lua_tointeger(L, -1) < number) number = lua_tointeger(L, -1);
        has_number = true;
      } else {
        return refuse_key();
      }
    }
    const std::string quoted = "the key \"" + std::string(name.substr(0, 40)) + "\"";
    const std::string numbered = "the index " + std::to_string(number);
    if (has_name && has_number) return refuse("neither a list nor an object: it has " + quoted + " and " + numbered);
    return refuse("a list has " + (has_name ? quoted : numbered));
  }

  /// Stack: [.., key] -> same
  bool refuse_key() {
    if (lua_type(L, -1) != LUA_TNUMBER)
      return refuse(std::string("a ") + lua_typename(L, lua_type(L, -1)) + " is a key; only strings can be");
    const double key = lua_tonumber(L, -1);
    if (!std::isfinite(key)) return refuse("infinity is a key; only strings can be");
    char digits[32];
    const char *end = rapidjson::internal::dtoa(key, digits);
    return refuse("the number " + std::string(digits, size_t(end - digits)) + " is a key; only strings can be");
  }

  /// All values wait on the Lua stack while the keys are sorted. Keys stay alive: they are in the table.
  /// Stack: [.., first key, first value] -> [..]
  bool object(int index, bool marked) {
    const size_t level = json->levels.size() - 1, first = json->entries.size(), first_decimal = json->decimals.size();
    const int bottom = lua_gettop(L) - 2;
    int value = bottom;
    do {  // Stack: [(key, value).., key, value]
      value += 2;
      size_t count = 0;
      const char *key;
      if (lua_type(L, -2) == LUA_TSTRING) {
        key = lua_tolstring(L, -2, &count);
      } else if (marked && lua_isinteger(L, -2)) {
        const std::string &text = json->decimals.emplace_back(std::to_string(lua_tointeger(L, -2)));
        key = text.data(), count = text.size();
      } else {
        return refuse_keys(index);
      }
      json->entries.push_back({key, count, prefix_of(key, count), rank(level, {key, count}), value});
      if (!lua_checkstack(L, level_slots)) return refuse("too many keys for the Lua stack");
      lua_pushvalue(L, -2);
    } while (lua_next(L, index));

    const auto begin = json->entries.begin() + ptrdiff_t(first), end = json->entries.end();
    if (end - begin > 1)
      std::sort(begin, end, [](const jr_json_entry &a, const jr_json_entry &b) {
        return a.rank != b.rank ? a.rank < b.rank : a.prefix != b.prefix ? a.prefix < b.prefix : a.view() < b.view();
      });
    if (!members(level, first, json->entries.size())) return false;
    json->entries.resize(first);
    if (marked) json->decimals.resize(first_decimal);
    lua_settop(L, bottom);
    return true;
  }

  /// The place of a key among those that come first.
  uint32_t rank(size_t level, std::string_view key) {
    if (level == 0)
      for (size_t i = 0; i < json->first_keys.size(); i++)
        if (key == json->first_keys[i]) return uint32_t(i);
    return no_rank;
  }

  bool members(size_t level, size_t first, size_t last) {
    out.append('{');
    for (size_t i = first; i < last; i++) {
      const jr_json_entry entry = json->entries[i];  // a copy: nested objects add entries
      json->levels[level].key = nullptr;
      if (i > first) {
        out.append(',');
        if (entry.view() == json->entries[i - 1].view())
          return refuse("the key \"" + std::string(entry.view()) + "\" is there twice, as a string and as a number");
      }
      if (!string(entry.view(), "a key is not valid UTF-8 at byte ")) return false;
      out.append(':');
      json->levels[level].key = entry.key;
      json->levels[level].count = entry.count;
      if (!encode(entry.value)) return false;
    }
    out.append('}');
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
  if (json->output.empty() || json->output.size() > kept_capacity) std::vector<char>(4096).swap(json->output);
  json->levels.clear();
  json->entries.clear();
  json->decimals.clear();
  json->unmarked.clear();
  json->first_keys.clear();
  for (std::string_view rest(first_keys, first_count); !rest.empty();) {
    const size_t end = std::min(rest.find('\0'), rest.size());
    json->first_keys.push_back(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  const int top = lua_gettop(L);
  Encoder encoder(L, json, failure);
  const bool done = encoder.encode(lua_absindex(L, index));
  lua_settop(L, top);
  *count = encoder.count();
  return done ? json->output.data() : nullptr;
}
