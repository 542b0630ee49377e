// Writing JSON text: numbers, and strings with their escapes.
#pragma once
#include <rapidjson/internal/dtoa.h>
#include <rapidjson/internal/itoa.h>
#include <simdjson.h>

#include <algorithm>
#include <cstring>
#include <string_view>
#include <vector>

namespace jr {

/// Bytes of a string written with one check of the room: each may take six.
constexpr size_t string_chunk = 4096;

/// What a byte of a string is: copied as it is, escaped, or part of a character beyond ASCII.
enum ByteClass : uint8_t { plain, escaped, beyond_ascii };

struct ByteClasses {
  ByteClass of[256] = {};
  constexpr ByteClasses() {
    for (int byte = 0; byte < 0x20; byte++) of[byte] = escaped;
    for (int byte = 0x80; byte < 0x100; byte++) of[byte] = beyond_ascii;
    of[int('"')] = of[int('\\')] = escaped;
  }
};
constexpr ByteClasses byte_classes;

/// Whether all eight bytes are plain: no sign bit, not below 0x20, neither quote nor backslash.
inline bool all_plain(const char *text) {
  constexpr uint64_t ones = 0x0101010101010101, high = ones * 0x80;
  uint64_t word;
  std::memcpy(&word, text, sizeof word);
  const auto has_zero = [](uint64_t x) { return (x - ones) & ~x & high; };
  return (((word - ones * 0x20) | word | has_zero(word ^ ones * '"') | has_zero(word ^ ones * '\\')) & high) == 0;
}

/// The offset of the first byte that is not part of a well-formed character.
inline size_t first_invalid(const unsigned char *text, size_t count) {
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

/// Text that grows in a buffer which is used again.
class Writer {
 public:
  explicit Writer(std::vector<char> &buffer)
      : buffer(buffer), at(buffer.data()), limit(buffer.data() + buffer.size()) {}

  /// The bytes written.
  size_t count() const { return size_t(at - buffer.data()); }

  /// Forgets what was written after `count`.
  void cut(size_t count) { at = buffer.data() + count; }

  void append(std::string_view text) {
    reserve(text.size());
    std::memcpy(at, text.data(), text.size());
    at += text.size();
  }

  void append(char byte) {
    reserve(1);
    *at++ = byte;
  }

  void integer(int64_t value) {
    reserve(24);
    at = rapidjson::internal::i64toa(value, at);
  }

  /// A finite number.
  void number(double value) {
    reserve(32);
    at = rapidjson::internal::dtoa(value, at);
  }

  /// False: the text is not UTF-8; part of it is written.
  bool string(std::string_view text) {
    append('"');
    bool valid = false;  // known to be
    const char *from = text.data(), *const end = from + text.size();
    while (from < end) {
      const char *const stop = from + std::min(size_t(end - from), string_chunk);
      reserve((size_t(stop - from) + 3) * 6);
      while (from < stop) {
        const char *const run = from;
        while (stop - from >= 8 && all_plain(from)) from += 8;
        while (from < stop && byte_classes.of[uint8_t(*from)] == plain) from++;
        std::memcpy(at, run, size_t(from - run));
        at += from - run;
        if (from == stop) break;
        if (byte_classes.of[uint8_t(*from)] == beyond_ascii && !valid) {
          if (!simdjson::validate_utf8(from, size_t(end - from))) return false;
          valid = true;
        }
        at = escape(from, at);
      }
    }
    append('"');
    return true;
  }

 private:
  std::vector<char> &buffer;
  char *at;
  char *limit;

  /// Room for `count` more bytes.
  void reserve(size_t count) {
    if (size_t(limit - at) >= count) return;
    const size_t used = size_t(at - buffer.data());
    buffer.resize((used + count) * 2);
    at = buffer.data() + used;
    limit = buffer.data() + buffer.size();
  }

  /// Writes the character at `from`, which is valid, and steps over it.
  static char *escape(const char *&from, char *to) {
    static const char digits[] = "0123456789abcdef";
    const auto byte = [&](int i) { return uint8_t(from[i]); };
    unsigned code = byte(0);
    if (code >= 0x80) {
      const int length = code < 0xe0 ? 2 : code < 0xf0 ? 3 : 4;
      if (code == 0xc2 && byte(1) == 0x85) {
        code = 0x85;
      } else if (code == 0xe2 && byte(1) == 0x80 && (byte(2) & 0xfe) == 0xa8) {
        code = 0x2000 + (byte(2) & 0x3f);
      } else {
        for (int i = 0; i < length; i++) *to++ = *from++;
        return to;
      }
      from += length;
    } else {
      from++;
    }
    const auto short_form = [&](char letter) {
      *to++ = '\\';
      *to++ = letter;
      return to;
    };
    switch (code) {
      case '"':
      case '\\':
        return short_form(char(code));
      case '\b':
        return short_form('b');
      case '\f':
        return short_form('f');
      case '\n':
        return short_form('n');
      case '\r':
        return short_form('r');
      case '\t':
        return short_form('t');
      default:
        short_form('u');
        for (int shift = 12; shift >= 0; shift -= 4) *to++ = digits[(code >> shift) & 15];
        return to;
    }
  }
};

}  // namespace jr
