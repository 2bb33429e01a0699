/* Pictures inside an RTSP connection, cut out whole: the compiled twin of pictures.py, which says what is meant by each
 * word and what comes out. Both give the same for the same bytes; tests compare them.
 *
 * Reads only data[start, size), and writes no more than it reads to `out`.
 */

#include <stdint.h>
#include <string.h>

#include "pictures.h"

enum { FRAMING = 4, HEAD = 16, LENGTH = 4 };
enum { PLAIN = 0x80, MARKER = 0x80, BEGINS = 0x80, ENDS = 0x40 };
enum { LARGEST_RUN = 1 << 20 };

/* The units of a run, each with its length in front; `open` is where the one that has begun stands, or -1. */
typedef struct {
    uint8_t *out;
    int64_t size, open;
    uint64_t kinds;
} Units;

static int kind_of(uint8_t first, const Syntax *syntax) {
    return syntax->unit_header == 1 ? first & 0x1F : first >> 1 & 0x3F;
}

static int follows(const uint8_t *first, const uint8_t *now, int64_t count) {
    return now[0] == PLAIN && (now[1] & 0x7F) == (first[1] & 0x7F) &&
           number(now + 2, 2) == ((number(first + 2, 2) + count) & 0xFFFF) && !memcmp(now + 4, first + 4, 8);
}

static void append(Units *units, const uint8_t *data, int64_t size) {
    memcpy(units->out + units->size, data, (size_t)size);
    units->size += size;
}

static void begin(Units *units) {
    units->open = units->size;
    units->size += LENGTH;
}

/* Whether a unit of this kind may stand in a packet. */
static int end(Units *units, const Syntax *syntax) {
    int64_t size = units->size - units->open - LENGTH;
    uint8_t *length = units->out + units->open;
    uint64_t kind = (uint64_t)1 << kind_of(length[LENGTH], syntax);
    for (int i = 0; i < LENGTH; i++) length[i] = (uint8_t)(size >> 8 * (LENGTH - 1 - i));
    units->open = -1;
    units->kinds |= kind;
    return (kind & syntax->units) != 0;
}

static void rebuild(Units *units, const uint8_t *payload, const Syntax *syntax) {
    if (syntax->unit_header == 1)
        append(units, (uint8_t[]){(payload[0] & 0xE0) | (payload[1] & 0x1F)}, 1);
    else
        append(units, (uint8_t[]){(payload[0] & 0x81) | (payload[2] & 0x3F) << 1, payload[1]}, 2);
}

/* Zero for a payload that is none of a plain run. */
static int take(Units *units, const uint8_t *payload, int64_t size, const Syntax *syntax) {
    int64_t header = syntax->unit_header;
    if (size <= header) return 0;
    if (kind_of(payload[0], syntax) != syntax->fragment) {
        if (units->open >= 0) return 0;
        begin(units);
        append(units, payload, size);
        return end(units, syntax);
    }
    int flags = payload[header];
    if (!(flags & BEGINS) == (units->open < 0)) return 0;
    if (units->open < 0) {
        begin(units);
        rebuild(units, payload, syntax);
    }
    append(units, payload + header + 1, size - header - 1);
    return !(flags & ENDS) || end(units, syntax);
}

/* Whether any unit holds a start code, 0 0 1. */
static int must_be_cut(const Units *units) {
    for (int64_t at = 0; at < units->size;) {
        const uint8_t *unit = units->out + at + LENGTH, *last = unit + number(units->out + at, LENGTH);
        for (const uint8_t *one = unit + 2; one < last; one++) {
            one = memchr(one, 1, (size_t)(last - one));
            if (!one) break;
            if (!one[-1] && !one[-2]) return 1;
        }
        at = last - units->out;
    }
    return 0;
}

int32_t picture_at(const uint8_t *data, int64_t size, int64_t start, const Syntax *syntax, uint8_t *out,
                   Found *found) {
    Units units = {out, 0, -1, 0};
    const uint8_t *first = data + start + FRAMING;
    int64_t at = start, count = 0;
    while (at + FRAMING <= size) {
        if (memcmp(data + at, data + start, 2)) return OTHERWISE;
        int64_t next = at + FRAMING + number(data + at + 2, 2);
        if (next > size) return UNFINISHED;
        if (next < at + HEAD || !follows(first, data + at + FRAMING, count) ||
            !take(&units, data + at + HEAD, next - at - HEAD, syntax))
            return OTHERWISE;
        int last = data[at + FRAMING + 1] & MARKER;
        at = next;
        count++;
        if (last) {
            if (units.open >= 0 || !(units.kinds & syntax->slices) || must_be_cut(&units)) return OTHERWISE;
            *found = (Found){.end = at, .size = units.size, .count = count, .kinds = units.kinds};
            return PICTURE;
        }
        if (at - start > LARGEST_RUN) return OTHERWISE;
    }
    return UNFINISHED;
}
