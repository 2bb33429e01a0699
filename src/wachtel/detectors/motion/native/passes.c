/* The motion engine's passes over pixels, compiled.
 *
 * What each does, and why, is told by its twin in NumPy: `background`, `pooling`, `swaying`, `glance`, `calm`, `blobs`
 * and `softness`. The answers are the same bit for bit, which the tests prove, so either may run: this one where it was
 * compiled. Here one pass does what takes NumPy a dozen, row by row, so that each map comes through the cache once.
 *
 * Only sums in the outer BORDER pixels differ from the twin's: they mean nothing there and are never asked for.
 */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define BORDER 3
#define BLOCK 4
#define CLIP 650
#define NEVER 32767
#define RING 8
#define REACH 2
#define MARGIN 2
#define MOVES 3
#define SIDE (BLOCK + 2 * MARGIN)
/* Added and taken off again, leaves the nearest whole number, and of two as near the even one: as rint does. */
#define TO_WHOLE 12582912.0f

/* Wider registers where the machine has them. */
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && defined(__GLIBC__)
#define FAST __attribute__((target_clones("avx2", "default")))
#else
#define FAST
#endif

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

static inline int16_t size_of(int16_t value) { return value < 0 ? (int16_t)-value : value; }
static inline float lesser(float one, float other) { return one < other ? one : other; }
static inline float greater(float one, float other) { return one > other ? one : other; }
static inline int within(int place, int size) { return place < 0 ? 0 : place >= size ? size - 1 : place; }

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

/* How many of the 16 pixels of each block are marked. */
FAST void count_in_blocks(const uint8_t *marks, int32_t height, int32_t width, uint8_t *counts) {
    for (int y = 0; y < height; y += BLOCK)
        for (int x = 0; x < width; x += BLOCK) {
            uint32_t rows = 0, one;
            for (int row = 0; row < BLOCK; row++) {
                memcpy(&one, marks + (y + row) * width + x, sizeof one);
                rows += one;
            }
            *counts++ = (uint8_t)((rows * 0x01010101u) >> 24);
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
            rates[x] = passed > absorb_s ? absorbing : rate;
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

/* The sum of each block of 4x4 pixels; ``columns`` is room for a row. */
FAST void block_sums(const uint8_t *gray, int32_t height, int32_t width, uint16_t *restrict columns,
                     int16_t *restrict sums) {
    for (int y = 0; y < height; y += BLOCK, sums += width / BLOCK) {
        const uint8_t *rows = gray + y * width;
        for (int x = 0; x < width; x++)
            columns[x] = (uint16_t)(rows[x] + rows[width + x] + rows[2 * width + x] + rows[3 * width + x]);
        for (int x = 0; x < width / BLOCK; x++) {
            const uint16_t *four = columns + BLOCK * x;
            sums[x] = (int16_t)(four[0] + four[1] + four[2] + four[3]);
        }
    }
}

/* True when a block changed by more than ``alone``, or two side by side alike by more than ``limit``. */
FAST int32_t stirs(const int16_t *sums, const int16_t *last, const int16_t *limit, const int16_t *alone, int32_t rows,
                   int32_t columns) {
    int far = 0;
    for (int i = 0; i < rows * columns; i++) far |= size_of((int16_t)(sums[i] - last[i])) > limit[i];
    if (!far) return 0;
    for (int y = 0; y < rows; y++)
        for (int x = 0; x < columns; x++) {
            int at = y * columns + x, change = sums[at] - last[at];
            if (abs(change) <= limit[at]) continue;
            if (abs(change) > alone[at]) return 1;
            for (int way = 0; way < 2; way++) {
                if (way ? y == 0 : x == 0) continue;
                int beside = at - (way ? columns : 1), other = sums[beside] - last[beside];
                if (abs(other) > limit[beside] && (other > 0) == (change > 0)) return 1;
            }
        }
    return 0;
}

/* Learns the noise of block sums, and beyond what they stir. */
FAST void learn_blocks(const int16_t *sums, const int16_t *last, float *variance, int16_t *limit, int16_t *alone,
                       int32_t blocks, float step, float least, float sigmas, float by) {
    for (int i = 0; i < blocks; i++) {
        float change = (float)(int16_t)(sums[i] - last[i]);
        float square = change * change - variance[i];
        variance[i] += square * step;
        float value = sqrtf(greater(variance[i], least)) * sigmas;
        limit[i] = (int16_t)(int32_t)lesser(value, (float)NEVER);
        alone[i] = (int16_t)(int32_t)lesser(value * by, (float)NEVER);
    }
}

/* How much more or less of each block becomes usual. */
FAST void get_used_to(const float *restrict counts, const float *restrict usual, float *restrict quiet_s, int32_t blocks,
                      float passed_s, float by, float most, float less, float more, float *restrict change) {
    for (int i = 0; i < blocks; i++) {
        int above = counts[i] > usual[i];
        float quiet = quiet_s[i] + passed_s;
        quiet = above ? 0.0f : quiet;
        quiet_s[i] = quiet;
        float hurry = lesser(quiet * by + 1.0f, most) * less;
        change[i] = above ? more : hurry;
    }
}

static int root_of(int32_t *group, int one) {
    while (group[one] != one) one = group[one] = group[group[one]];
    return one;
}

static void join(int32_t *group, int one, int other) {
    one = root_of(group, one);
    other = root_of(group, other);
    if (one < other) group[other] = one;
    else group[one] = other;
}

/* Where the tile of a block lies in the flat grid of tiles, with empty ones around. */
static inline int tile_of(int y, int x, int stride) { return ((y >> 1) + 1) * stride + (x >> 1) + 1; }

/* Groups of blocks with mass, tiles of 2x2 blocks that touch belong together.
 *
 * ``room`` has place for four numbers for each of (height / 2 + 2) * (width / 2 + 3) tiles. Into ``cells`` go the
 * groups' blocks, group by group, and nine numbers for each group into ``found``: mass, x, y, left, top, right, bottom,
 * where its blocks begin and end. Answers how many groups have at least ``least``.
 */
int32_t find_blobs(const float *mass, int32_t height, int32_t width, double least, int32_t *room, int64_t *cells,
                   double *found) {
    int stride = (width >> 1) + 3, tiles = ((height >> 1) + 2) * stride, groups = 0, kept = 0, empty = 1;
    int32_t *group = room, *number = room + tiles, *count = number + tiles, *begin = count + tiles;
    for (int i = 0; i < height * width && empty; i++) empty = !(mass[i] > 0);
    if (empty) return 0;
    memset(group, -1, tiles * sizeof *group);
    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++)
            if (mass[y * width + x] > 0) {
                int tile = tile_of(y, x, stride);
                group[tile] = tile;
            }
    for (int tile = stride; tile < tiles; tile++) {
        if (group[tile] < 0) continue;
        const int around[4] = {tile - stride - 1, tile - stride, tile - stride + 1, tile - 1};
        for (int i = 0; i < 4; i++)
            if (group[around[i]] >= 0) join(group, tile, around[i]);
    }
    /* The root is the first tile of its group, so groups are numbered in the order of the rows. */
    for (int tile = stride; tile < tiles; tile++)
        if (group[tile] == tile) {
            double *one = found + 9 * groups;
            memset(one, 0, 9 * sizeof *one);
            one[3] = one[4] = 1e9;
            count[groups] = 0;
            number[tile] = groups++;
        }
    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++) {
            double weight = mass[y * width + x];
            if (!(weight > 0)) continue;
            int label = number[root_of(group, tile_of(y, x, stride))];
            double *one = found + 9 * label;
            one[0] += weight;
            one[1] += weight * x;
            one[2] += weight * y;
            if (x < one[3]) one[3] = x;
            if (y < one[4]) one[4] = y;
            if (x + 1 > one[5]) one[5] = x + 1;
            if (y + 1 > one[6]) one[6] = y + 1;
            count[label]++;
        }
    int end = 0;
    for (int label = 0; label < groups; label++) {
        double *one = found + 9 * label, *into = found + 9 * kept;
        begin[label] = -1;
        if (one[0] < least) continue;
        double weight = one[0];
        into[0] = weight;
        into[1] = (one[1] / weight + 0.5) * BLOCK;
        into[2] = (one[2] / weight + 0.5) * BLOCK;
        for (int side = 3; side < 7; side++) into[side] = one[side] * BLOCK;
        begin[label] = end;
        into[7] = end;
        into[8] = end += count[label];
        kept++;
    }
    for (int y = 0; y < height && kept; y++)
        for (int x = 0; x < width; x++)
            if (mass[y * width + x] > 0) {
                int label = number[root_of(group, tile_of(y, x, stride))];
                if (begin[label] >= 0) cells[begin[label]++] = y * width + x;
            }
    return kept;
}

/* The pixel in a block's middle, of so many pixels in a row or column, as far as sums do not reach beyond the edge. */
static inline int middle_of(int block, int pixels) {
    return BORDER + within(block * BLOCK + BLOCK / 2 - BORDER, pixels - 2 * BORDER);
}

/* Of each block the size of its difference to the still scene, and of that to the mean of the 5x5 blocks around. */
static inline void stand_out(const int16_t *large, int height, int width, int16_t *restrict blocks,
                             float *restrict strength, float *restrict jump) {
    int rows = height / BLOCK, columns = width / BLOCK, stride = columns + 2 * REACH;
    for (int y = -REACH; y < rows + REACH; y++) {
        int16_t *row = blocks + (y + REACH) * stride;
        const int16_t *sums = large + middle_of(within(y, rows), height) * width;
        for (int x = -REACH; x < columns + REACH; x++) row[x + REACH] = sums[middle_of(within(x, columns), width)];
    }
    for (int y = 0; y < rows; y++)
        for (int x = 0; x < columns; x++) {
            int sum = 0;
            for (int dy = 0; dy < 5; dy++)
                for (int dx = 0; dx < 5; dx++) sum += blocks[(y + dy) * stride + x + dx];
            float here = blocks[(y + REACH) * stride + x + REACH];
            strength[y * columns + x] = fabsf(here);
            jump[y * columns + x] = fabsf((float)sum / 25.0f - here);
        }
}

/* How much groups of blocks differ from the still scene, and which share of each stands out by ``jumps`` of that.
 *
 * ``blocks`` has room for a block more on each side twice. Group by group there are ``sizes`` of ``cells``.
 */
FAST void look_at(const int16_t *large, int32_t height, int32_t width, int16_t *blocks, float *strength, float *jump,
                  const int64_t *cells, const int64_t *sizes, int32_t groups, double pixels, double jumps,
                  double *strengths, double *shares) {
    stand_out(large, height, width, blocks, strength, jump);
    for (int group = 0; group < groups; cells += sizes[group++]) {
        double sum = 0;
        int count = 0;
        for (int i = 0; i < sizes[group]; i++) sum += strength[cells[i]];
        strengths[group] = sum / (double)sizes[group] / pixels;
        double least = jumps * pixels * strengths[group];
        for (int i = 0; i < sizes[group]; i++) count += jump[cells[i]] > least;
        shares[group] = (double)count / (double)sizes[group];
    }
}

/* The hits of the blocks in or beside which ``least`` pixels change now, as far as they are ``open``. */
FAST void count_changing(const uint8_t *hits, const uint8_t *changing, const uint8_t *open, int32_t rows,
                         int32_t columns, int32_t least, uint8_t *restrict wide, float *restrict counts) {
    for (int y = 0; y < rows; y++)
        for (int x = 0; x < columns; x++) {
            const uint8_t *here = changing + y * columns + x;
            wide[y * columns + x] =
                (here[0] >= least) | (x > 0 && here[-1] >= least) | (x < columns - 1 && here[1] >= least);
        }
    for (int y = 0; y < rows; y++)
        for (int x = 0; x < columns; x++) {
            int at = y * columns + x;
            int near = wide[at] | (y > 0 && wide[at - columns]) | (y < rows - 1 && wide[at + columns]);
            counts[at] = near && (!open || open[at]) ? (float)hits[at] : 0.0f;
        }
}
