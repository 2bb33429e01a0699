/* Which blob a track is in the next picture: `matching`. */
#include "passes.h"

/* Of a blob the mass, the middle and the sides. */
typedef struct {
    double mass, x, y, left, top, right, bottom;
} Row;

/* Of a track its last blob, its speed across and down, when it was last seen, its usual mass, and that what has more than
 * ``most`` is another from the look ``old`` on. */
typedef struct {
    Row row;
    double across, down, last, usual_mass, most, old;
} Place;

/* How far something may be from where it should be. */
typedef struct {
    double least, fragment, pull, longest_guess_s, least_guess;
} Reach;

static inline double more(double one, double other) { return one > other ? one : other; }

/* The number of the free blob nearest to where a thing should be; -1 when there is none. */
static int nearest(const Reach *reach, const Place *place, const Row *blobs, int many, double at, const uint8_t *taken) {
    Row was = place->row;
    double passed_s = (at - place->last) / 1e6, longest = more(was.right - was.left, was.bottom - was.top);
    passed_s = passed_s < reach->longest_guess_s ? passed_s : reach->longest_guess_s;
    double x = place->across * passed_s, y = place->down * passed_s;
    double too_far = more(1, sqrt(x * x + y * y) / more(reach->least_guess, longest));
    double across = x / too_far, down = y / too_far, far = reach->least + longest / 2, least = INFINITY;
    double left = was.left + across, right = was.right + across, top = was.top + down, bottom = was.bottom + down;
    int best = -1;
    for (int i = 0; i < many; i++) {
        const Row *blob = blobs + i;
        if (taken[i] || blob->left > right + far || blob->right < left - far) continue;
        if (blob->top > bottom + far || blob->bottom < top - far) continue;
        int overlaps = blob->left <= right && blob->right >= left && blob->top <= bottom && blob->bottom >= top;
        if (blob->mass < reach->fragment * place->usual_mass && !overlaps) continue;
        double aside = blob->x - (was.x + across), below = blob->y - (was.y + down);
        double distance = sqrt(aside * aside + below * below) - reach->pull * sqrt(blob->mass);
        if (distance < least) {
            least = distance;
            best = i;
        }
    }
    return best;
}

/* For each place, one after the other, the number of the blob that is there now, or -1. ``taken`` is 0 for each blob. */
void match(const Reach *reach, const Place *places, int32_t count, const Row *blobs, int32_t many, double at, double look,
           int32_t *found, uint8_t *taken) {
    for (int i = 0; i < count; i++) {
        int best = nearest(reach, places + i, blobs, many, at, taken);
        if (best >= 0 && look >= places[i].old && blobs[best].mass > places[i].most) best = -1;
        if (best >= 0) taken[best] = 1;
        found[i] = best;
    }
}
