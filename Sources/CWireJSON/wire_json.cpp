#include "CWireJSON.h"

#include <simdjson.h>

#include <cstring>
#include <new>
#include <string_view>
#include <type_traits>
#include <vector>

using simdjson::dom::element;
using simdjson::dom::element_type;

struct jw_parser {
  simdjson::dom::parser parser;
  // simdjson reads some bytes past the end, so the text is copied to where that is allowed.
  std::vector<char> text;
};

// An element is a pointer to the document and an index, which is what a jw_value carries.
static_assert(sizeof(element) == sizeof(jw_value) && std::is_trivially_copyable_v<element>);

static element element_of(jw_value value) {
  element result;
  std::memcpy(static_cast<void *>(&result), &value, sizeof result);
  return result;
}

static int give(element from, jw_value *out) {
  std::memcpy(out, &from, sizeof *out);
  return 1;
}

jw_parser *jw_parser_new(void) { return new (std::nothrow) jw_parser; }

void jw_parser_free(jw_parser *parser) { delete parser; }

const char *jw_parse(jw_parser *parser, const void *bytes, size_t count, jw_value *root) {
  try {
    parser->text.resize(count + simdjson::SIMDJSON_PADDING);
    if (count) std::memcpy(parser->text.data(), bytes, count);
    element result;
    auto error = parser->parser.parse(parser->text.data(), count, false).get(result);
    if (error) return simdjson::error_message(error);
    give(result, root);
    return nullptr;
  } catch (const std::bad_alloc &) {
    return "out of memory";
  }
}

jw_type jw_type_of(jw_value value) {
  switch (element_of(value).type()) {
    case element_type::ARRAY: return JW_ARRAY;
    case element_type::OBJECT: return JW_OBJECT;
    case element_type::INT64: return JW_INTEGER;
    case element_type::UINT64:
    case element_type::DOUBLE: return JW_NUMBER;
    case element_type::STRING: return JW_STRING;
    case element_type::BOOL: return JW_BOOL;
    case element_type::NULL_VALUE: return JW_NULL;
  }
  return JW_NULL;
}

int jw_member(jw_value object, const char *key, size_t key_count, jw_value *out) {
  simdjson::dom::object members;
  element found;
  if (element_of(object).get(members)) return 0;
  return members.at_key(std::string_view(key, key_count)).get(found) ? 0 : give(found, out);
}

int jw_element(jw_value array, size_t index, jw_value *out) {
  simdjson::dom::array elements;
  element found;
  if (element_of(array).get(elements)) return 0;
  return elements.at(index).get(found) ? 0 : give(found, out);
}

int jw_string(jw_value value, const char **bytes, size_t *count) {
  std::string_view text;
  if (element_of(value).get(text)) return 0;
  *bytes = text.data();
  *count = text.size();
  return 1;
}

int jw_integer(jw_value value, int64_t *out) { return element_of(value).get(*out) ? 0 : 1; }

int jw_number(jw_value value, double *out) { return element_of(value).get(*out) ? 0 : 1; }

int jw_bool(jw_value value, int *out) {
  bool truth;
  if (element_of(value).get(truth)) return 0;
  *out = truth;
  return 1;
}

size_t jw_count(jw_value value) {
  simdjson::dom::array elements;
  simdjson::dom::object members;
  if (!element_of(value).get(elements)) return elements.size();
  if (!element_of(value).get(members)) return members.size();
  return 0;
}
