/* Passes over tracks and what is around them: `company`, `restless` and `surroundings`. */
#include "passes.h"

#define LANES 32
#define OF_COURSE 5
#define NEAR 1
#define FAR 3

/* The value that ``n`` others are at most as large as, by Hoare's way of finding it; changes their order. */
static float nth(float *values, int count, int n) {
    int low = 0, high = count - 1;
    while (low < high) {
        float pivot = values[(low + high) / 2];
        int i = low, j = high;
        while (i <= j) {
            while (values[i] < pivot) i++;
            while (values[j] > pivot) j--;
            if (i > j) break;
            float value = values[i];
            values[i++] = values[j];
            values[j--] = value;
        }
        if (n <= j) high = j;
        else if (n >= i) low = i;
        else break;
    }
    return values[n];
}

/* What tells a kind: how fast is alike, which way, how many lanes make it a kind, and which share of it are the heavy. */
typedef struct {
    float lane, cosine, speed, least_speed;
    double few, heavy;
} Kind;

static inline float speed_of(const float *course) { return sqrtf(course[2] * course[2] + course[3] * course[3]); }

/* Whether somebody goes about as fast and the same way, so many lanes beside: then gives the lane's bit, else 0. */
static inline uint32_t lane_of(const Kind *kind, const float *mine, float speed, const float *other, float theirs) {
    if (!(theirs >= kind->least_speed) || !(theirs <= kind->speed * speed) || !(theirs * kind->speed >= speed)) return 0;
    if (!(mine[2] * other[2] + mine[3] * other[3] >= kind->cosine * (speed * theirs))) return 0;
    float left = -mine[3] / speed, ahead = mine[2] / speed;
    float beside = left * other[0] + ahead * other[1] - (left * mine[0] + ahead * mine[1]);
    int lane = (int)rintf(beside / kind->lane);
    return lane ? (uint32_t)1 << (lane & (LANES - 1)) : 0;
}

/* For each of ``count`` courses (x, y, across, down, mass) the mass of the heavy ones of those that go the same way.
 *
 * Others are those of the courses that are ``known``, and those that are ``gone``. ``room`` is for two numbers of
 * each.
 */
void company(const Kind *kind, const float *courses, const uint8_t *known, int32_t count, const float *gone,
             int32_t many, float *room, double *masses) {
    float *speeds = room + count + many;
    for (int j = 0; j < count; j++) speeds[j] = speed_of(courses + OF_COURSE * j);
    for (int j = 0; j < many; j++) speeds[count + j] = speed_of(gone + OF_COURSE * j);
    for (int i = 0; i < count; i++) {
        const float *mine = courses + OF_COURSE * i;
        float speed = speeds[i];
        uint32_t lanes = 0;
        int alike = 0, taken = 0;
        masses[i] = 0;
        if (!(speed >= kind->least_speed)) continue;
        for (int j = 0; j < count + many; j++) {
            const float *other = j < count ? courses + OF_COURSE * j : gone + OF_COURSE * (j - count);
            uint32_t lane = j < count && !known[j] ? 0 : lane_of(kind, mine, speed, other, speeds[j]);
            lanes |= lane;
            room[alike] = other[4];
            alike += lane != 0;
        }
        for (; lanes; lanes &= lanes - 1) taken++;
        double share = taken / kind->few - 1;
        if (!(share > 0)) continue;
        int heavy = (int)(kind->heavy * alike) + 1;
        masses[i] = (share < 1 ? share : 1) * (double)nth(room, alike, alike - heavy);
    }
}

/* Lets the restlessness of tiles fade, and adds ``rate`` for each group of blocks that lies in them.
 *
 * ``tile_of`` tells the tile of each block; group by group there are ``sizes`` of ``cells``. ``last`` is room for a number
 * of each tile.
 */
void stir_tiles(float *share, int32_t tiles, float kept, float rate, const int64_t *tile_of, const int64_t *cells,
                const int64_t *sizes, int32_t groups, int32_t *last) {
    int32_t *count = last + tiles;
    memset(last, 0, 2 * tiles * sizeof *last);
    for (int group = 0; group < groups; cells += sizes[group++])
        for (int i = 0; i < sizes[group]; i++) {
            int tile = (int)tile_of[cells[i]];
            count[tile] += last[tile] != group + 1;
            last[tile] = group + 1;
        }
    for (int tile = 0; tile < tiles; tile++) {
        float faded = share[tile] * kept;
        share[tile] = faded + (float)count[tile] * rate;
    }
}

/* The difference around a group of blocks as a share of that within; see `surroundings`.
 *
 * ``near`` is room for a byte of each block and ``around`` for a number.
 */
double goes_on(const int16_t *large, int32_t height, int32_t width, const int64_t *cells, int32_t count, int32_t least,
               uint8_t *near, float *around) {
    int rows = height / BLOCK, columns = width / BLOCK, top = rows, bottom = 0, found = 0;
    int64_t sum = 0, size = 0;
    memset(near, 0, rows * columns);
    for (int i = 0; i < count; i++) {
        int row = (int)(cells[i] / columns), column = (int)(cells[i] % columns);
        int value = large[middle_of(row, height) * width + middle_of(column, width)];
        sum += value;
        size += abs(value);
        top = row < top ? row : top;
        bottom = row > bottom ? row : bottom;
        for (int y = within(row - FAR, rows); y <= within(row + FAR, rows); y++)
            for (int x = within(column - FAR, columns); x <= within(column + FAR, columns); x++) {
                int is_near = abs(y - row) <= NEAR && abs(x - column) <= NEAR;
                near[y * columns + x] |= is_near ? 2 : 1;
            }
    }
    for (int y = within(top - FAR, rows); y <= within(bottom + FAR, rows); y++)
        for (int x = 0; x < columns; x++)
            if (near[y * columns + x] == 1)
                around[found++] = large[middle_of(y, height) * width + middle_of(x, width)];
    if (found < least || !size) return 0;
    double strength = (double)size / count;
    double median = nth(around, found, found / 2);
    if (found % 2 == 0) median = (median + nth(around, found, found / 2 - 1)) / 2;
    double beyond = median / strength;
    if (sum <= 0) beyond = -beyond;
    return beyond > 0 ? beyond : 0;
}
