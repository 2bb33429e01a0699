/* Passes over pixels: `background`, `pooling` and `swaying`.
 *
 * Only sums in the outer BORDER pixels differ from the twins': they mean nothing there and are never asked for.
 */
#include "passes.h"

#define CLIP 650
#define NEVER 32767
#define RING 8
#define MARGIN 2
#define MOVES 3
#define SIDE (BLOCK + 2 * MARGIN)
/* Added and taken off again, leaves the nearest whole number, and of two as near the even one: as rint does. */
#define TO_WHOLE 12582912.0f

/* Maps of height x width pixels; ``ring`` is room for 2 * RING + 1 rows, ``rates`` for one. */
typedef struct {
    int32_t height, width;
    const int16_t *log_of_gray;
    int16_t *log, *scene16, *difference, *small, *large, *limit_small, *limit_large, *recent, *ring;
    float *scene, *variance_small, *variance_large, *floor, *edges, *still_s, *rates;
    uint8_t *hits;
} Scene;

/* What is learned of the rows from ``top`` to before ``bottom``. */
typedef struct {
    int32_t top, bottom;
    float passed_s, quiet, hidden, absorbing, absorb_s, noise;
    float least_small, least_large, sigmas, shake_small, shake_large;
} Lesson;

/* The change of light: the median of what every fourth pixel changed by. */
FAST int32_t offset(const Scene *s, const uint8_t *gray, int16_t *sample) {
    int n = 0, low = INT16_MIN, high = INT16_MAX;
    for (int y = 2; y < s->height; y += BLOCK)
        for (int x = 2; x < s->width; x += BLOCK) {
            int at = y * s->width + x;
            sample[n++] = (int16_t)(s->log_of_gray[gray[at]] - s->scene16[at]);
        }
    /* Halving the range of values takes sixteen counts and needs no order. */
    while (low < high) {
        int middle = (low + high) >> 1, below = 0;
        for (int i = 0; i < n; i++) below += sample[i] <= middle;
        if (below > n / 2) high = middle;
        else low = middle + 1;
    }
    return low;
}

/* The row's difference to the still scene without the change of light, and its sums over 3 and 7 pixels. */
static inline void take_row(const Scene *s, const uint8_t *gray, int offset, const int16_t *tone, int y,
                            int16_t *restrict three, int16_t *restrict seven) {
    int width = s->width, at = y * width;
    const uint8_t *restrict grays = gray + at;
    const int16_t *restrict scene = s->scene16 + at, *restrict lut = s->log_of_gray;
    int16_t *restrict log = s->log + at, *restrict difference = s->difference + at;
    for (int x = 0; x < width; x++) log[x] = lut[grays[x]];
    for (int x = 0; x < width; x++) {
        int16_t value = (int16_t)(log[x] - scene[x] - (int16_t)offset);
        if (tone) value = (int16_t)(value - tone[at + x]);
        value = value > CLIP ? CLIP : value;
        difference[x] = value < -CLIP ? -CLIP : value;
    }
    memset(three, 0, width * sizeof *three);
    memset(seven, 0, width * sizeof *seven);
    for (int x = 1; x < width - 1; x++)
        three[x] = (int16_t)(difference[x - 1] + difference[x] + difference[x + 1]);
    for (int x = BORDER; x < width - BORDER; x++)
        seven[x] = (int16_t)(three[x - 2] + three[x + 2] + difference[x]);
}

/* Fills log, difference, small, large and hits; true when anything is a hit. */
FAST int32_t compare(const Scene *s, const uint8_t *gray, int32_t offset, const int16_t *tone) {
    int width = s->width, height = s->height;
    int16_t *threes = s->ring, *sevens = threes + RING * width, *restrict column = sevens + RING * width;
    unsigned any = 0;
    memset(column, 0, width * sizeof *column);
    memset(s->small, 0, width * sizeof *s->small);
    for (int y = 0; y < height + BORDER; y++) {
        if (y < height) {
            int16_t *restrict seven = sevens + y % RING * width;
            take_row(s, gray, offset, tone, y, threes + y % RING * width, seven);
            for (int x = 0; x < width; x++) column[x] = (int16_t)(column[x] + seven[x]);
        }
        int row = y - 1;
        if (row >= 1 && row < height - 1) {
            const int16_t *restrict above = threes + (row - 1) % RING * width, *here = threes + row % RING * width;
            const int16_t *restrict below = threes + (row + 1) % RING * width;
            int16_t *restrict small = s->small + row * width;
            for (int x = 0; x < width; x++) small[x] = (int16_t)(above[x] + here[x] + below[x]);
        } else if (row == height - 1)
            memset(s->small + row * width, 0, width * sizeof *s->small);
        row = y - BORDER;
        if (row < 0) continue;
        int16_t *restrict large = s->large + row * width;
        const int16_t *restrict small = s->small + row * width;
        const int16_t *restrict limit_small = s->limit_small + row * width, *restrict limit_large = s->limit_large + row * width;
        uint8_t *restrict hits = s->hits + row * width;
        if (row < BORDER || row >= height - BORDER) memset(large, 0, width * sizeof *large);
        else memcpy(large, column, width * sizeof *large);
        uint8_t found = 0;
        for (int x = 0; x < width; x++) {
            hits[x] = (size_of(small[x]) > limit_small[x]) | (size_of(large[x]) > limit_large[x]);
            found |= hits[x];
        }
        any |= found;
        if (row >= BORDER) {
            const int16_t *restrict past = sevens + (row - BORDER) % RING * width;
            for (int x = 0; x < width; x++) column[x] = (int16_t)(column[x] - past[x]);
        }
    }
    return any != 0;
}

/* Marks hits that change now, and lets what small was lately follow by ``rate``. */
FAST void mark_changing(const Scene *s, float rate, uint8_t *restrict marks) {
    int pixels = s->height * s->width;
    const int16_t *restrict small = s->small, *restrict limit = s->limit_small;
    const uint8_t *restrict hits = s->hits;
    int16_t *restrict recent = s->recent;
    for (int i = 0; i < pixels; i++) {
        int16_t change = (int16_t)(small[i] - recent[i]);
        recent[i] = (int16_t)(recent[i] + (int16_t)(int32_t)((float)change * rate));
        marks[i] = hits[i] & (size_of(change) > limit[i]);
    }
}

/* Adds to sums over 3x3 pixels what one row of changes contributes to them. */
static inline void add_pooled(const Scene *s, const int16_t *changes, int16_t *three, int y) {
    int width = s->width;
    for (int x = 1; x < width - 1; x++) three[x] = (int16_t)(changes[x - 1] + changes[x] + changes[x + 1]);
    for (int row = y > 0 ? y - 1 : 0; row <= y + 1 && row < s->height; row++) {
        int16_t *restrict recent = s->recent + row * width;
        for (int x = 1; x < width - 1; x++) recent[x] = (int16_t)(recent[x] + three[x]);
    }
}

static inline void learn_noise(const int16_t *restrict sums, const uint8_t *restrict hits, float *restrict variance,
                               float noise, int width) {
    for (int x = 0; x < width; x++) {
        float square = (float)sums[x] * (float)sums[x], was = variance[x];
        square = lesser(square, was * 9.0f) - was;
        variance[x] = was + square * (hits[x] ? 0.0f : noise);
    }
}

/* One lesson: still scene, what was lately, and noise. */
FAST void learn(const Scene *s, const Lesson *l, const uint8_t *moving, const int16_t *tone) {
    int width = s->width;
    const float passed_s = l->passed_s, absorb_s = l->absorb_s;
    const float quiet = l->quiet, hidden = l->hidden, absorbing = l->absorbing;
    int16_t *restrict changes = s->ring, *restrict three = changes + width;
    float *restrict rates = s->rates;
    for (int y = l->top; y < l->bottom; y++) {
        int at = y * width;
        float *restrict still = s->still_s + at, *restrict scene = s->scene + at;
        int16_t *restrict shown = s->scene16 + at;
        const int16_t *restrict difference = s->difference + at;
        const uint8_t *restrict hits = s->hits + at;
        const uint8_t *restrict moves = moving + at;
        for (int x = 0; x < width; x++) {
            float passed = still[x] + passed_s, rate = hits[x] ? hidden : quiet;
            passed = hits[x] > moves[x] ? passed : 0.0f;
            rate = passed > absorb_s ? absorbing : rate;
            rates[x] = passed < 0.0f ? 0.0f : rate;
            still[x] = passed;
        }
        for (int x = 0; x < width; x++) scene[x] += rates[x] * (float)difference[x];
        if (tone)
            for (int x = 0; x < width; x++) scene[x] += rates[x] * (float)tone[at + x];
        for (int x = 0; x < width; x++) {
            int16_t now = (int16_t)(int32_t)((scene[x] + TO_WHOLE) - TO_WHOLE);
            changes[x] = (int16_t)(shown[x] - now);
            shown[x] = now;
        }
        add_pooled(s, changes, three, y);
        learn_noise(s->small + at, hits, s->variance_small + at, l->noise, width);
        learn_noise(s->large + at, hits, s->variance_large + at, l->noise, width);
    }
}

static inline void limit_row(const Scene *s, const Lesson *l, int y, float *variance, float least, float shake,
                             int16_t *limits, int border) {
    int width = s->width, at = y * width;
    const float *restrict floor = s->floor + at, *restrict edges = s->edges + at;
    int16_t *restrict limit = limits + at;
    for (int x = 0; x < width; x++) {
        float bounded = greater(variance[at + x], floor[x] * least);
        float value = sqrtf(bounded) * l->sigmas;
        variance[at + x] = bounded;
        value += edges[x] * shake;
        limit[x] = (int16_t)(int32_t)lesser(value, (float)NEVER);
    }
    int outside = y < border || y >= s->height - border;
    for (int x = 0; x < (outside ? width : border); x++) limit[x] = limit[width - 1 - x] = NEVER;
}

/* Beyond which sums are no noise. */
FAST void set_limits(const Scene *s, const Lesson *l) {
    for (int y = l->top; y < l->bottom; y++) {
        limit_row(s, l, y, s->variance_small, l->least_small, l->shake_small, s->limit_small, 1);
        limit_row(s, l, y, s->variance_large, l->least_large, l->shake_large, s->limit_large, BORDER);
    }
}

/* How much the still scene differs between a pixel's neighbours, the most of it around each; ``across`` is room. */
FAST void find_edges(const Scene *s, float *across) {
    int height = s->height, width = s->width;
    for (int y = 0; y < height; y++) {
        const float *restrict here = s->scene + y * width, *above = here - width, *below = here + width;
        float *restrict edge = across + y * width;
        memset(edge, 0, width * sizeof *edge);
        for (int x = 1; x < width - 1; x++) edge[x] = fabsf(here[x + 1] - here[x - 1]);
        if (y > 0 && y < height - 1)
            for (int x = 0; x < width; x++) edge[x] += fabsf(below[x] - above[x]);
        for (int x = 0; x < width; x++) edge[x] *= 0.5f;
    }
    for (int y = 0; y < height; y++) {
        const float *restrict here = across + y * width;
        const float *restrict above = y > 0 ? here - width : here, *restrict below = y < height - 1 ? here + width : here;
        float *restrict most = s->edges + y * width, *restrict tallest = s->rates;
        for (int x = 0; x < width; x++) tallest[x] = greater(greater(above[x], here[x]), below[x]);
        most[0] = greater(tallest[0], tallest[1]);
        most[width - 1] = greater(tallest[width - 2], tallest[width - 1]);
        for (int x = 1; x < width - 1; x++) most[x] = greater(greater(tallest[x - 1], tallest[x]), tallest[x + 1]);
    }
}

/* The mean difference of a block, with its margin, to the still scene: as it is, and the least of it moved. */
static inline void move_scene(const Scene *s, int top, int left, int offset, float *unmoved, float *least) {
    int16_t shown[SIDE][SIDE], around[SIDE + 2 * MOVES][SIDE + 2 * MOVES];
    for (int y = 0; y < SIDE + 2 * MOVES; y++)
        for (int x = 0; x < SIDE + 2 * MOVES; x++) {
            int at = within(top + y - MARGIN - MOVES, s->height) * s->width + within(left + x - MARGIN - MOVES, s->width);
            around[y][x] = s->scene16[at];
        }
    for (int y = 0; y < SIDE; y++)
        for (int x = 0; x < SIDE; x++) {
            int at = within(top + y - MARGIN, s->height) * s->width + within(left + x - MARGIN, s->width);
            shown[y][x] = (int16_t)(s->log[at] - offset);
        }
    int fewest = INT32_MAX;
    for (int down = 0; down <= 2 * MOVES; down++)
        for (int across = 0; across <= 2 * MOVES; across++) {
            int sum = 0;
            for (int y = 0; y < SIDE; y++)
                for (int x = 0; x < SIDE; x++) sum += size_of((int16_t)(around[down + y][across + x] - shown[y][x]));
            fewest = sum < fewest ? sum : fewest;
            if (down == MOVES && across == MOVES) *unmoved = (float)sum / (SIDE * SIDE);
        }
    *least = (float)fewest / (SIDE * SIDE);
}

/* How many of the blocks differ ``clearly`` often the noise, and of how many moving the scene leaves at most a ``share``
 * beyond it. */
FAST void count_swaying(const Scene *s, const int64_t *blocks, int32_t count, int32_t offset, float of_sum,
                        float clearly, float share, int32_t *clear, int32_t *explained) {
    int columns = s->width / BLOCK;
    *clear = *explained = 0;
    for (int i = 0; i < count; i++) {
        int top = (int)(blocks[i] / columns) * BLOCK, left = (int)(blocks[i] % columns) * BLOCK;
        float unmoved, least;
        move_scene(s, top, left, offset, &unmoved, &least);
        float noise = sqrtf(s->variance_small[(top + BLOCK / 2) * s->width + left + BLOCK / 2]) * of_sum;
        if (!(unmoved > clearly * noise)) continue;
        ++*clear;
        *explained += least - noise < share * (unmoved - noise);
    }
}
