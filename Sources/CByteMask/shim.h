#ifndef HEARTH_CBYTEMASK_SHIM_H
#define HEARTH_CBYTEMASK_SHIM_H
#include <stdint.h>
#include <string.h>
/* Swift's vectors have no way from sixteen comparisons to sixteen bits; clang's make one instruction of it on x86-64, a few on ARM. */
typedef uint8_t hearth_bytes16 __attribute__((ext_vector_type(16)));
typedef _Bool hearth_bits16 __attribute__((ext_vector_type(16)));

/* A bit for each of the 64 bytes at `bytes` that is LF, CR, `a` or `b`. */
static inline __attribute__((always_inline)) uint64_t hearth_line_mask64(const void *bytes, uint8_t a, uint8_t b) {
    uint64_t mask = 0;
    for (int part = 0; part < 4; part++) {
        hearth_bytes16 sixteen;
        memcpy(&sixteen, (const char *)bytes + 16 * part, sizeof sixteen);
        hearth_bits16 hits = __builtin_convertvector(
            (sixteen == a) | (sixteen == b) | (sixteen == 13) | (sixteen == 10), hearth_bits16);
        uint16_t bits;
        memcpy(&bits, &hits, sizeof bits);
        mask |= (uint64_t)bits << (16 * part);
    }
    return mask;
}

/* A bit for each of the 16 bytes at `bytes` that is no plain text of XML: markup, a control character, or beyond ASCII. */
static inline __attribute__((always_inline)) uint16_t hearth_markup_mask16(const void *bytes) {
    hearth_bytes16 sixteen;
    memcpy(&sixteen, bytes, sizeof sixteen);
    hearth_bits16 hits = __builtin_convertvector(
        (sixteen == '<') | (sixteen == '&') | (sixteen == ']') | (sixteen >= 128) | ((sixteen < 32) & (sixteen != 9) & (sixteen != 10)),
        hearth_bits16);
    uint16_t bits;
    memcpy(&bits, &hits, sizeof bits);
    return bits;
}
#endif
