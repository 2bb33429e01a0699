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

/* One that may be company. */
typedef struct {
    float x, y, across, down, mass, speed;
} Other;

static inline float speed_of(const float *course) { return sqrtf(course[2] * course[2] + course[3] * course[3]); }

/* Puts a course among the others, the heaviest first, unless it hardly moves; answers how many there are. */
static int put(const Kind *kind, const float *course, Other *others, int many) {
    float speed = speed_of(course);
    if (!(speed >= kind->least_speed)) return many;
    int at = many;
    while (at > 0 && others[at - 1].mass < course[4]) at--;
    memmove(others + at + 1, others + at, (many - at) * sizeof *others);
    others[at] = (Other){course[0], course[1], course[2], course[3], course[4], speed};
    return many + 1;
}

/* Puts in order what is nearly so: the courses by their masses, the heaviest first. */
static void sort(const float *courses, int32_t *order, int count) {
    for (int i = 1; i < count; i++) {
        int32_t one = order[i];
        int at = i;
        for (; at > 0 && courses[OF_COURSE * order[at - 1] + 4] < courses[OF_COURSE * one + 4]; at--)
            order[at] = order[at - 1];
        order[at] = one;
    }
}

/* The mass of the heavy ones of those that go about as fast and the same way in lanes beside. ``alike`` is room. */
static inline double heavy_beside(const Kind *kind, const float *mine, const Other *others, int many, float *alike) {
    float speed = speed_of(mine);
    if (!(speed >= kind->least_speed)) return 0;
    float left = -mine[3] / speed, ahead = mine[2] / speed, own = left * mine[0] + ahead * mine[1];
    uint32_t lanes = 0;
    int count = 0, taken = 0;
    for (const Other *other = others; other < others + many; other++) {
        if (!(other->speed <= kind->speed * speed) || !(other->speed * kind->speed >= speed)) continue;
        if (!(mine[2] * other->across + mine[3] * other->down >= kind->cosine * (speed * other->speed))) continue;
        int lane = (int)rintf((left * other->x + ahead * other->y - own) / kind->lane);
        lanes |= lane ? (uint32_t)1 << (lane & (LANES - 1)) : 0;
        alike[count] = other->mass;
        count += lane != 0;
    }
    for (; lanes; lanes &= lanes - 1) taken++;
    double share = taken / kind->few - 1;
    return share > 0 ? (share < 1 ? share : 1) * (double)alike[(int)(kind->heavy * count)] : 0;
}

/* For each of ``count`` courses (x, y, across, down, mass) the mass of the heavy ones of those that go the same way.
 *
 * Others are those of the courses that are ``known``, and those that are ``gone``, whose ``order`` by mass is as it was
 * left. ``room`` is for seven numbers of each.
 */
FAST void company(const Kind *kind, const float *courses, const uint8_t *known, int32_t count, const float *gone,
                  int32_t *order, int32_t past, float *room, double *masses) {
    Other *others = (Other *)(room + count + past);
    int many = 0;
    sort(gone, order, past);
    for (int i = 0; i < past; i++) many = put(kind, gone + OF_COURSE * order[i], others, many);
    for (int i = 0; i < count; i++)
        if (known[i]) many = put(kind, courses + OF_COURSE * i, others, many);
    for (int i = 0; i < count; i++) masses[i] = heavy_beside(kind, courses + OF_COURSE * i, others, many, room);
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
