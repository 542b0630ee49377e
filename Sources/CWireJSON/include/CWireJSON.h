/// Reads single fields out of JSON bytes with simdjson, without building anything.
#pragma once
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct jw_parser jw_parser;

/// A place in the parser's document; void when the parser reads the next one.
typedef struct jw_value {
  const void *document;
  size_t index;
} jw_value;

typedef enum jw_type { JW_NULL, JW_BOOL, JW_INTEGER, JW_NUMBER, JW_STRING, JW_ARRAY, JW_OBJECT } jw_type;

/// A parser whose memory is used again for each document; NULL where there is no memory.
jw_parser *jw_parser_new(void);
void jw_parser_free(jw_parser *parser);

/// Parses `count` bytes. Returns NULL, or what is wrong in words that live for ever.
const char *jw_parse(jw_parser *parser, const void *bytes, size_t count, jw_value *root);

jw_type jw_type_of(jw_value value);

/// Each returns 1 and fills `out`, or 0 where the value is of another type or there is no such member.
int jw_member(jw_value object, const char *key, size_t key_count, jw_value *out);
int jw_element(jw_value array, size_t index, jw_value *out);
int jw_string(jw_value value, const char **bytes, size_t *count);
int jw_integer(jw_value value, int64_t *out);
int jw_number(jw_value value, double *out);
int jw_bool(jw_value value, int *out);

/// Members or elements; 0 for anything else.
size_t jw_count(jw_value value);

#ifdef __cplusplus
}
#endif
