/// What a transfer receives, collected without leaving C: a reply has a dozen header lines, each a callback.
#pragma once
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

typedef struct jr_buffer {
  char *bytes;
  size_t count, capacity;
} jr_buffer;

/// The time of libcurl's present turn, so that its callbacks ask for it once: a stream has hundreds of them in a turn.
typedef struct jr_turn {
  /// On the monotonic clock in nanoseconds; 0 while nobody has asked.
  int64_t now;
} jr_turn;

typedef struct jr_response {
  jr_turn *turn;
  jr_buffer headers, body;
  /// The longest body that is taken, in bytes.
  size_t body_limit;
  /// The body was longer, or there was no memory for it; the transfer has failed.
  int is_too_large;
  /// Among the headers are some that tell of rate limits.
  int has_limits;
  /// When the first byte of the answer came, on the monotonic clock in nanoseconds; 0 while none has.
  int64_t first_byte;
  /// When the answer last went on: its first byte, or a part of the body that is not all blanks.
  int64_t last_progress;
  /// The body is a stream of events: its comments are no progress, and its first piece of text is looked for.
  int is_stream;
  /// When the first piece of a stream's text came; 0 while none has.
  int64_t first_token;
  /// Where in a line the stream is: at its start, in a comment, in another line.
  int line;
  /// Bytes of the body in which the first piece was looked for.
  size_t searched;
} jr_response;

/// Most bytes of headers that are kept; libcurl itself ends a transfer with more.
enum { JR_MOST_HEADERS = 512 << 10 };

static inline int jr_buffer_append(jr_buffer *buffer, const char *bytes, size_t count, size_t limit) {
  if (count > limit - buffer->count) return 0;
  if (buffer->count + count > buffer->capacity) {
    size_t capacity = buffer->capacity ? buffer->capacity * 2 : 1024;
    while (capacity < buffer->count + count) capacity *= 2;
    char *grown = realloc(buffer->bytes, capacity);
    if (!grown) return 0;
    buffer->bytes = grown;
    buffer->capacity = capacity;
  }
  memcpy(buffer->bytes + buffer->count, bytes, count);
  buffer->count += count;
  return 1;
}

/// Empties a buffer, and gives back what only an unusually long reply needed.
static inline void jr_buffer_clear(jr_buffer *buffer) {
  buffer->count = 0;
  if (buffer->capacity <= 256 << 10) return;
  free(buffer->bytes);
  buffer->bytes = NULL;
  buffer->capacity = 0;
}

static inline int64_t jr_monotonic_now(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static inline int64_t jr_turn_now(jr_turn *turn) {
  if (!turn->now) turn->now = jr_monotonic_now();
  return turn->now;
}

/// CURLOPT_HEADERFUNCTION: keeps the header lines of the last response, without its status line.
static inline size_t jr_response_header(char *bytes, size_t size, size_t count, void *context) {
  jr_response *response = context;
  size_t length = size * count;
  // Each response begins with its status line; only the last one's headers count (after 100, 103, CONNECT).
  if (length > 5 && memcmp(bytes, "HTTP/", 5) == 0) {
    response->headers.count = 0;
    response->has_limits = 0;
    // "HTTP/1.1 103": more is to come, and no answer has begun.
    const char *code = memchr(bytes, ' ', length);
    int is_interim = code && code + 1 < bytes + length && code[1] == '1';
    if (!response->first_byte && !is_interim) response->first_byte = response->last_progress = jr_turn_now(response->turn);
  } else if (length > 2) {
    if (!response->has_limits && length > 20 && (bytes[0] | 0x20) == 'x' && strncasecmp(bytes, "x-ratelimit-", 12) == 0) {
      response->has_limits = 1;
    } else if ((bytes[0] | 0x20) == 'a' && strncasecmp(bytes, "anthropic-ratelimit-", 20) == 0) {
      response->has_limits = 1;
    }
    jr_buffer_append(&response->headers, bytes, length, JR_MOST_HEADERS);
  }
  return length;
}

/// Whether all bytes are blanks, which a provider may send to keep the connection alive while nothing goes on.
static inline int jr_is_blank(const char *bytes, size_t count) {
  for (size_t index = 0; index < count; index++) {
    if (bytes[index] != ' ' && bytes[index] != '\n' && bytes[index] != '\r' && bytes[index] != '\t') return 0;
  }
  return 1;
}

/// Whether bytes of a stream are more than blanks and comments, which only keep the connection alive.
static inline int jr_stream_goes_on(jr_response *response, const char *bytes, size_t count) {
  int goes_on = 0;
  for (size_t index = 0; index < count; index++) {
    if (response->line == 0) {
      if (bytes[index] == '\n' || bytes[index] == '\r') continue;
      response->line = bytes[index] == ':' ? 1 : 2;
    }
    if (response->line == 2) goes_on = 1;
    const char *end = memchr(bytes + index, '\n', count - index);
    if (!end) break;
    index = end - bytes;
    response->line = 0;
  }
  return goes_on;
}

/// As memmem, which is declared to GNU sources only.
static inline const char *jr_find(const char *bytes, size_t count, const char *text) {
  size_t length = strlen(text);
  const char *end = bytes + count;
  while ((size_t)(end - bytes) >= length) {
    const char *first = memchr(bytes, text[0], end - bytes - length + 1);
    if (!first) return 0;
    if (memcmp(first, text, length) == 0) return first;
    bytes = first + 1;
  }
  return 0;
}

/// Whether a piece of text that is not empty stands behind a name of a stream's events.
static inline int jr_has_piece(const char *bytes, size_t count, const char *name) {
  size_t length = strlen(name);
  const char *end = bytes + count;
  for (const char *found; (found = jr_find(bytes, end - bytes, name)); bytes = found + length) {
    const char *value = found + length;
    while (value < end && *value == ' ') value++;
    if (value + 1 < end && *value == '"' && value[1] != '"') return 1;
  }
  return 0;
}

/// Looks for the first piece of text: of chat, of messages, of responses; or of the arguments of a tool's call.
static inline void jr_find_first_token(jr_response *response) {
  // A name and its value may be cut between two reads.
  size_t from = response->searched > 64 ? response->searched - 64 : 0;
  const char *bytes = response->body.bytes + from;
  size_t count = response->body.count - from;
  if (jr_has_piece(bytes, count, "\"content\":") || jr_has_piece(bytes, count, "\"delta\":") ||
      jr_has_piece(bytes, count, "\"arguments\":") || jr_find(bytes, count, "\"text_delta\"") ||
      jr_find(bytes, count, "\"input_json_delta\"")) {
    response->first_token = jr_turn_now(response->turn);
  }
  response->searched = response->body.count;
}

/// CURLOPT_WRITEFUNCTION: keeps the body up to its limit; beyond it, ends the transfer.
static inline size_t jr_response_body(char *bytes, size_t size, size_t count, void *context) {
  jr_response *response = context;
  size_t length = size * count;
  if (response->is_stream ? jr_stream_goes_on(response, bytes, length) : !jr_is_blank(bytes, length)) {
    response->last_progress = jr_turn_now(response->turn);
  }
  if (jr_buffer_append(&response->body, bytes, length, response->body_limit)) {
    if (response->is_stream && !response->first_token) jr_find_first_token(response);
    return length;
  }
  response->is_too_large = 1;
  return 0;
}

static inline void jr_response_clear(jr_response *response) {
  jr_buffer_clear(&response->headers);
  jr_buffer_clear(&response->body);
  response->is_too_large = response->has_limits = 0;
  response->first_byte = response->last_progress = response->first_token = 0;
  response->line = 0;
  response->searched = 0;
}

static inline void jr_response_free(jr_response *response) {
  free(response->headers.bytes);
  free(response->body.bytes);
}
