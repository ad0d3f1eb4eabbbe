#ifndef HEARTH_CZLIB_SHIM_H
#define HEARTH_CZLIB_SHIM_H
#include <zlib.h>
/* inflateInit2 is a macro; windowBits 15 + 32 reads gzip and zlib alike. */
static inline int hearth_inflate_init(z_streamp stream) { return inflateInit2(stream, 15 + 32); }
/* Deflate without a wrapper, as ZIP has it. */
static inline int hearth_inflate_raw_init(z_streamp stream) { return inflateInit2(stream, -15); }
#endif
