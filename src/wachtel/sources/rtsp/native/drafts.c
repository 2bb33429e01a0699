/* Waits for pictures and writes each down as it comes, as a fragment of a file. See drafts.py for what that is for.
 *
 * All that comes stays in received[0, size) for whoever reads it with more care, and the fragments stay in
 * fragments[0, written). Writes no further there than `capacity`.
 */

#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "pictures.h"

enum { HEAD = 16, LARGEST_STEP = 90000, MOST_PICTURES = 64 };
/* Where the numbers stand in what a fragment with one picture begins with; fmp4.py lays it out. */
enum { SEQUENCE = 20, DECODE = 60, DURATION = 88, SAMPLE_SIZE = 92, DATA_SIZE = 96, OUTLOOK = 104 };

/* A picture: where it ends in what was received, and when that was, by the monotonic clock; of how many packets and of
 * which kinds of units it is, and where its fragment ends. */
typedef struct {
    int64_t end, at_ns, packets, fragment_end;
    uint64_t kinds;
} Came;

typedef struct {
    int64_t wait_ns, ended_ns, offset, capacity, size, whole, written, count;
    uint64_t decode, unlike;
    uint8_t *received, *fragments;
    const uint8_t *head;
    const Syntax *syntax;
    const volatile uint8_t *urgent;
    int32_t socket, file;
    uint32_t channel, payload_type, sequence, timestamp, ssrc, fragment, step;
    Came came[MOST_PICTURES];
} Drafts;

static int64_t now_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * (int64_t)1000000000 + now.tv_nsec;
}

static void put(uint8_t *at, uint64_t value, int bytes) {
    while (bytes--) *at++ = (uint8_t)(value >> 8 * bytes);
}

/* The picture's units stand behind room for what its fragment begins with. */
static int write_down(Drafts *drafts, int64_t size, uint32_t step) {
    uint8_t *fragment = drafts->fragments + drafts->written;
    drafts->decode += step;
    memcpy(fragment, drafts->head, OUTLOOK);
    put(fragment + SEQUENCE, ++drafts->fragment, 4);
    put(fragment + DECODE, drafts->decode, 8);
    put(fragment + DURATION, step < drafts->step ? step : drafts->step, 4);
    put(fragment + SAMPLE_SIZE, (uint64_t)size, 4);
    put(fragment + DATA_SIZE, (uint64_t)size + 8, 4);
    drafts->step = step;
    if (pwrite(drafts->file, fragment, (size_t)(OUTLOOK + size), drafts->offset + drafts->written) != OUTLOOK + size)
        return 0;
    drafts->written += OUTLOOK + size;
    return 1;
}

static int is_next(const Drafts *drafts, const uint8_t *packet) {
    return packet[0] == '$' && packet[1] == drafts->channel && (packet[5] & 0x7F) == drafts->payload_type &&
           number(packet + 6, 2) == drafts->sequence && number(packet + 12, 4) == drafts->ssrc;
}

/* Writes down what has become whole. Zero when that is not all that has come, and never will be. */
static int take(Drafts *drafts, int64_t at_ns) {
    while (drafts->whole + HEAD <= drafts->size) {
        const uint8_t *packet = drafts->received + drafts->whole;
        uint32_t step = number(packet + 8, 4) - drafts->timestamp;
        Found found;
        int64_t most = drafts->written + OUTLOOK + drafts->size - drafts->whole;
        if (!is_next(drafts, packet) || !step || step > LARGEST_STEP) return 0;
        if (drafts->count == MOST_PICTURES || most > drafts->capacity) return 0;
        int read = picture_at(drafts->received, drafts->size, drafts->whole, drafts->syntax,
                              drafts->fragments + drafts->written + OUTLOOK, &found);
        if (read == UNFINISHED) return 1;
        if (read != PICTURE || found.kinds & drafts->unlike || !write_down(drafts, found.size, step)) return 0;
        drafts->timestamp += step;
        drafts->sequence = (drafts->sequence + (uint32_t)found.count) & 0xFFFF;
        drafts->whole = found.end;
        drafts->came[drafts->count++] = (Came){found.end, at_ns, found.count, drafts->written, found.kinds};
    }
    return 1;
}

static int receive(Drafts *drafts) {
    int64_t room = drafts->capacity - drafts->size;
    ssize_t came = room > 0 ? recv(drafts->socket, drafts->received + drafts->size, (size_t)room, MSG_DONTWAIT) : 0;
    if (came <= 0) return 0;
    drafts->size += came;
    return take(drafts, now_ns());
}

static int receive_until(Drafts *drafts, int64_t until_ns) {
    struct pollfd camera = {drafts->socket, POLLIN, 0};
    for (;;) {
        int64_t left_ns = until_ns - now_ns();
        int ready = poll(&camera, 1, left_ns > 0 ? (int)(left_ns / 1000000) + 1 : 0);
        if (ready < 0 && errno != EINTR) return 0;
        if (ready > 0 && !receive(drafts)) return 0;
        if (left_ns <= 0 || *drafts->urgent) return 1;
    }
}

/* Whoever calls must mean the same by `Drafts`. */
int64_t size_of_drafts(void) { return sizeof(Drafts); }

/* One when the time is over, zero when something has come that is no picture of this kind, or nothing comes any more.
 * What was received up to `whole` is pictures that were written down. */
int32_t draft_pictures(Drafts *drafts) {
    int plain = receive_until(drafts, now_ns() + drafts->wait_ns);
    drafts->ended_ns = now_ns();
    return plain;
}
