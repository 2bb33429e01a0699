/* The motion engine's passes over pixels, blocks and tracks, compiled: what they share.
 *
 * What each does, and why, is told by its twin in Python: the module of the motion engine that its file names. The
 * answers are the same bit for bit, which the tests prove, so either may run: this one where it was compiled. Here one
 * pass does what takes NumPy a dozen, row by row, so that each map comes through the cache once.
 */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define BORDER 3
#define BLOCK 4

/* Wider registers where the machine has them. */
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && defined(__GLIBC__)
#define FAST __attribute__((target_clones("avx2", "default")))
#else
#define FAST
#endif

static inline int16_t size_of(int16_t value) { return value < 0 ? (int16_t)-value : value; }
static inline float lesser(float one, float other) { return one < other ? one : other; }
static inline float greater(float one, float other) { return one > other ? one : other; }
static inline int within(int place, int size) { return place < 0 ? 0 : place >= size ? size - 1 : place; }

/* The pixel in a block's middle, of so many pixels in a row or column, as far as sums do not reach beyond the edge. */
static inline int middle_of(int block, int pixels) {
    return BORDER + within(block * BLOCK + BLOCK / 2 - BORDER, pixels - 2 * BORDER);
}
