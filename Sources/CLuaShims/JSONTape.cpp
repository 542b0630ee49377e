// JSON text, or a Lua value by way of its text, -> a row of nodes.
#include "include/LuaJSONTape.h"

#include <memory>
#include <new>

#include "JSON.hpp"

using namespace simdjson::dom;

struct jr_tape {
  /// Owns the strings.
  simdjson::dom::parser parser;
  std::vector<jr_node> nodes;
  /// Owns the failure's texts.
  std::unique_ptr<jr_json> failed;
  jr_json_failure failure = {"", 0, "", 0, -1};
};

namespace {

struct Builder {
  std::vector<jr_node> &nodes;
  /// For each empty object whether it is unmarked; NULL: none is.
  const std::vector<bool> *unmarked;
  size_t empty_objects = 0;

  /// Adds a node without contents, and returns where.
  size_t add(jr_node_kind kind) {
    jr_node node = {};
    node.kind = uint8_t(kind);
    node.span = 1;
    nodes.push_back(node);
    return nodes.size() - 1;
  }

  void add_text(std::string_view text) {
    jr_node &node = nodes[add(JR_NODE_STRING)];
    node.text = text.data();
    node.count = uint32_t(text.size());
  }

  /// False: nested too deeply.
  bool add(element value, int depth) {
    switch (value.type()) {
      case element_type::OBJECT:
        return depth < JR_JSON_DEPTH && add_object(object(value), depth + 1);
      case element_type::ARRAY:
        return depth < JR_JSON_DEPTH && add_array(array(value), depth + 1);
      case element_type::STRING:
        add_text(std::string_view(value));
        return true;
      case element_type::INT64:
        nodes[add(JR_NODE_INTEGER)].integer = int64_t(value);
        return true;
      case element_type::UINT64:
        nodes[add(JR_NODE_UNSIGNED)].unsigned_integer = uint64_t(value);
        return true;
      case element_type::DOUBLE:
        nodes[add(JR_NODE_FLOAT)].number = double(value);
        return true;
      case element_type::BOOL:
        nodes[add(JR_NODE_BOOLEAN)].boolean = bool(value);
        return true;
      default:
        add(JR_NODE_NULL);
        return true;
    }
  }

  bool add_array(array values, int depth) {
    const size_t self = add(JR_NODE_ARRAY);
    uint32_t count = 0;
    for (auto value : values) {
      if (!add(value, depth)) return false;
      count++;
    }
    return finish(self, count);
  }

  bool add_object(object fields, int depth) {
    const size_t self = add(JR_NODE_OBJECT);
    uint32_t count = 0;
    for (auto field : fields) {
      add_text(field.key);
      if (!add(field.value, depth)) return false;
      count++;
    }
    if (count == 0) {
      nodes[self].unmarked = unmarked && empty_objects < unmarked->size() && (*unmarked)[empty_objects];
      empty_objects++;
    }
    return finish(self, count);
  }

  bool finish(size_t self, uint32_t count) {
    nodes[self].count = count;
    nodes[self].span = uint32_t(nodes.size() - self);
    return true;
  }
};

jr_tape *make(const char *text, size_t count, const std::vector<bool> *unmarked) {
  auto *tape = new (std::nothrow) jr_tape;
  if (tape == nullptr) return nullptr;
  element document;
  auto code = tape->parser.parse(text, count, true).get(document);
  if (!code && Builder{tape->nodes, unmarked}.add(document, 0)) return tape;
  tape->nodes.clear();
  tape->failed = std::make_unique<jr_json>();
  if (code)
    jr::explain(tape->failed.get(), text, count, code, &tape->failure);
  else
    jr::fail_too_deep(tape->failed.get(), &tape->failure);
  return tape;
}

}  // namespace

extern "C" jr_tape *jr_tape_parse(const void *bytes, size_t count) {
  return make(count == 0 ? "" : static_cast<const char *>(bytes), count, nullptr);
}

extern "C" jr_tape *jr_tape_of_value(lua_State *L, int index) {
  jr_json_failure failure;
  size_t count = 0;
  const char *text = jr_json_encode(L, index, nullptr, 0, &count, &failure);
  jr_json *json = jr_world_of(L)->json;
  if (text != nullptr) return make(text, count, &json->unmarked);
  auto *tape = new (std::nothrow) jr_tape;
  if (tape == nullptr) return nullptr;
  tape->failed = std::make_unique<jr_json>();
  tape->failed->path.assign(failure.path, failure.path_count);
  tape->failed->fail(&tape->failure, {failure.message, failure.message_count}, failure.offset);
  return tape;
}

extern "C" void jr_tape_free(jr_tape *tape) { delete tape; }

extern "C" const jr_node *jr_tape_root(const jr_tape *tape) {
  return tape->nodes.empty() ? nullptr : tape->nodes.data();
}

extern "C" jr_json_failure jr_tape_failure(const jr_tape *tape) { return tape->failure; }
