/* Pictures inside an RTSP connection: see pictures.py for what is meant by each word. */

#include <stdint.h>

enum { PICTURE, UNFINISHED, OTHERWISE };

/* Of a NAL unit, as `Syntax`. */
typedef struct {
    int64_t unit_header, fragment;
    uint64_t units, slices;
} Syntax;

/* What is told of a picture. */
typedef struct {
    int64_t end, size, count;
    uint64_t kinds;
} Found;

static inline uint32_t number(const uint8_t *at, int bytes) {
    uint32_t value = 0;
    for (int i = 0; i < bytes; i++) value = value << 8 | at[i];
    return value;
}

/* What begins at data[start]; a picture's units, each with its length in front, go to `out`. */
int32_t picture_at(const uint8_t *data, int64_t size, int64_t start, const Syntax *syntax, uint8_t *out, Found *found);
