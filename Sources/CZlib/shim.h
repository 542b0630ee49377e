#pragma once
#include <zlib.h>

// Macros that Swift does not see. 16 more than the window's bits: gzip and nothing else.
static inline int jr_gunzip_begin(z_stream *stream) { return inflateInit2(stream, 15 + 16); }
static inline int jr_gzip_begin(z_stream *stream) {
  return deflateInit2(stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
}
