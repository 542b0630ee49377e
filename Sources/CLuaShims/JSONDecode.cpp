// JSON text -> Lua values, by simdjson; on failure RapidJSON's reader says where.
#include <rapidjson/error/en.h>
#include <rapidjson/memorystream.h>
#include <rapidjson/reader.h>

#include <memory>
#include <new>

#include "JSON.hpp"

using namespace simdjson::dom;

namespace {

/// Slots for a container, a key and a value.
constexpr int level_slots = 6;

/// A parser that grew beyond this for one document is not kept.
constexpr size_t kept_capacity = 16 << 20;

struct Pusher {
  lua_State *L;
  int array_metatable;

  /// Stack: [] -> [value]. False: nested too deeply; then the stack is higher and the caller cuts it.
  bool push(element value, int depth) {
    switch (value.type()) {
      case element_type::OBJECT:
        return depth < JR_JSON_DEPTH && push_object(object(value), depth + 1);
      case element_type::ARRAY:
        return depth < JR_JSON_DEPTH && push_array(array(value), depth + 1);
      case element_type::STRING: {
        std::string_view text = value;
        lua_pushlstring(L, text.data(), text.size());
        return true;
      }
      case element_type::INT64:
        lua_pushinteger(L, int64_t(value));
        return true;
      case element_type::UINT64:
        lua_pushnumber(L, double(uint64_t(value)));
        return true;
      case element_type::DOUBLE:
        lua_pushnumber(L, double(value));
        return true;
      case element_type::BOOL:
        lua_pushboolean(L, bool(value));
        return true;
      default:
        lua_pushlightuserdata(L, nullptr);
        return true;
    }
  }

  bool push_object(object fields, int depth) {
    if (!lua_checkstack(L, level_slots)) return false;
    lua_createtable(L, 0, int(fields.size()));
    for (auto field : fields) {
      lua_pushlstring(L, field.key.data(), field.key.size());
      if (!push(field.value, depth)) return false;
      lua_rawset(L, -3);
    }
    return true;
  }

  bool push_array(array values, int depth) {
    if (!lua_checkstack(L, level_slots)) return false;
    lua_createtable(L, int(values.size()), 0);
    lua_pushvalue(L, array_metatable);
    lua_setmetatable(L, -2);
    lua_Integer index = 0;
    for (auto value : values) {
      if (!push(value, depth)) return false;
      lua_rawseti(L, -2, ++index);
    }
    return true;
  }
};

}  // namespace

void jr::fail_too_deep(jr_json *json, jr_json_failure *failure) {
  json->path.clear();
  json->fail(failure, "nested deeper than " + std::to_string(JR_JSON_DEPTH) + " levels");
}

void jr::explain(jr_json *json, const char *bytes, size_t count, simdjson::error_code code,
                 jr_json_failure *failure) {
  if (code == simdjson::DEPTH_ERROR) return fail_too_deep(json, failure);
  json->path.clear();
  rapidjson::MemoryStream input(bytes, count);
  rapidjson::Reader reader;
  rapidjson::BaseReaderHandler<> ignore;
  constexpr unsigned flags = rapidjson::kParseIterativeFlag | rapidjson::kParseValidateEncodingFlag;
  auto result = reader.Parse<flags>(input, ignore);
  if (result.IsError()) {
    std::string_view text = rapidjson::GetParseError_En(result.Code());
    if (text.size() > 0 && text.back() == '.') text.remove_suffix(1);
    json->fail(failure, text, int64_t(result.Offset()));
  } else {
    json->fail(failure, simdjson::error_message(code));
  }
}

extern "C" jr_json *jr_json_new(void) { return new (std::nothrow) jr_json; }

extern "C" void jr_json_free(jr_json *json) { delete json; }

extern "C" bool jr_json_decode(lua_State *L, const void *bytes, size_t count, jr_json_failure *failure) {
  jr_json *json = jr_world_of(L)->json;
  element document;
  const char *text = count == 0 ? "" : static_cast<const char *>(bytes);

  // Pushing may run finalizers, and they may decode. Nothing here raises, so the parser of their own is freed.
  std::unique_ptr<parser> second(json->parsing ? new parser : nullptr);
  parser &reader = second ? *second : json->parser;
  auto code = reader.parse(text, count, true).get(document);
  if (code) {
    jr::explain(json, text, count, code, failure);
    return false;
  }
  const int top = lua_gettop(L);
  const bool outermost = !json->parsing;
  json->parsing = true;
  bool pushed = lua_checkstack(L, level_slots);
  if (pushed) {
    lua_rawgeti(L, LUA_REGISTRYINDEX, jr_world_of(L)->array_reference);
    pushed = Pusher{L, top + 1}.push(document, 0);
  }
  if (outermost) json->parsing = false;
  if (pushed) {
    lua_remove(L, top + 1);
  } else {
    lua_settop(L, top);
    jr::fail_too_deep(json, failure);
  }
  if (outermost && reader.capacity() > kept_capacity) json->parser = parser();
  return pushed;
}
