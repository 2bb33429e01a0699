/* Passes over blocks of 4x4 pixels: `glance`, `calm`, `blobs` and `softness`. */
#include "passes.h"

#define NEVER 32767
#define REACH 2
#define AROUND (2 * REACH + 1)
#define OF_BLOB 11

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

/* The hits of the blocks in or beside which ``least`` pixels change now, as far as they are ``open``.
 *
 * ``wide`` has room for two rows more than there are.
 */
FAST void count_changing(const uint8_t *hits, const uint8_t *changing, const uint8_t *open, int32_t rows,
                         int32_t columns, int32_t least, uint8_t *wide, float *restrict counts) {
    memset(wide, 0, columns);
    memset(wide + (rows + 1) * columns, 0, columns);
    for (int y = 0; y < rows; y++) {
        const uint8_t *restrict here = changing + y * columns;
        uint8_t *restrict near = wide + (y + 1) * columns;
        for (int x = 0; x < columns; x++) near[x] = here[x] >= least;
        for (int x = 0; x < columns - 1; x++) near[x] |= here[x + 1] >= least;
        for (int x = 1; x < columns; x++) near[x] |= here[x - 1] >= least;
    }
    for (int y = 0; y < rows; y++, hits += columns, counts += columns) {
        const uint8_t *restrict above = wide + y * columns, *restrict near = above + columns, *below = near + columns;
        for (int x = 0; x < columns; x++)
            counts[x] = (float)(uint8_t)(hits[x] & -(near[x] | above[x] | below[x]));
        if (open)
            for (int x = 0; x < columns; x++) counts[x] = open[y * columns + x] ? counts[x] : 0.0f;
    }
}

/* The marks of each block beyond what is usual there. */
FAST void beyond_usual(const float *restrict counts, const float *restrict usual, int32_t blocks, float *restrict mass) {
    for (int i = 0; i < blocks; i++) {
        float rest = counts[i] - usual[i];
        mass[i] = rest >= 1.0f ? rest : 0.0f;
    }
}

/* Gets used to the counts, but not to more of them in the boxes (top, bottom, left, right). ``change`` is room. */
FAST void get_used_to(const float *restrict counts, float *restrict usual, float *restrict quiet_s, int32_t rows,
                      int32_t columns, float passed_s, float by, float most, float less, float more,
                      const int32_t *boxes, int32_t many, float *restrict change) {
    for (int i = 0; i < rows * columns; i++) {
        int above = counts[i] > usual[i];
        float quiet = quiet_s[i] + passed_s;
        quiet = above ? 0.0f : quiet;
        quiet_s[i] = quiet;
        float hurry = lesser(quiet * by + 1.0f, most) * less;
        change[i] = above ? more : hurry;
    }
    for (const int32_t *box = boxes; box < boxes + 4 * many; box += 4)
        for (int y = box[0]; y < box[1] && y < rows; y++)
            for (int x = box[2]; x < box[3] && x < columns; x++)
                change[y * columns + x] = lesser(change[y * columns + x], 0.0f);
    for (int i = 0; i < rows * columns; i++)
        usual[i] = lesser(greater(usual[i] + change[i], 0.0f), (float)(BLOCK * BLOCK));
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

/* Of the blocks of some rows, and of ``REACH`` more on each side, the differences to the still scene around their middles;
 * beyond the picture's edge those of the edge. */
static void fill_padded(const int16_t *large, int height, int width, int top, int bottom, int16_t *blocks) {
    int columns = width / BLOCK, stride = columns + 2 * REACH;
    for (int y = top - REACH; y < bottom + REACH; y++) {
        int16_t *restrict row = blocks + (y + REACH) * stride + REACH;
        const int16_t *restrict sums = large + middle_of(within(y, height / BLOCK), height) * width;
        for (int x = 1; x < columns - 1; x++) row[x] = sums[x * BLOCK + BLOCK / 2];
        for (int x = 0; x <= REACH; x++) {
            row[-x] = sums[middle_of(0, width)];
            row[columns - 1 + x] = sums[middle_of(columns - 1, width)];
        }
    }
}

/* Differences are sums of so many ``pixels``; a block stands out by so many ``jumps`` of the mean. What is large has more
 * inside than ``edge``, for which ``most`` is allowed. */
typedef struct {
    double pixels, jumps, edge, sharp_edge, most;
} Sharp;

/* The share of so many blocks that stands out, with what is allowed for their inside. */
static double sharpness(const Sharp *known, double share, int count) {
    double side = 1 - 2 * known->edge / sqrt(count);
    side = side > 0 ? side : 0;
    double correction = known->sharp_edge / (1 - side * side);
    correction = correction < 1 ? 1 : correction > known->most ? known->most : correction;
    return share * correction < 1 ? share * correction : 1;
}

/* How much a group of blocks differs from the still scene, and how sharp it is. */
static void stand_out(const int16_t *blocks, int columns, const int64_t *cells, int count, const Sharp *known,
                      double *strength, double *sharp) {
    int stride = columns + 2 * REACH, beyond = 0;
    double sum = 0;
    for (int i = 0; i < count; i++)
        sum += size_of(blocks[(cells[i] / columns + REACH) * stride + cells[i] % columns + REACH]);
    *strength = sum / (double)count / known->pixels;
    double least = known->jumps * known->pixels * *strength;
    for (int i = 0; i < count; i++) {
        const int16_t *corner = blocks + cells[i] / columns * stride + cells[i] % columns;
        int around = 0;
        for (int y = 0; y < AROUND; y++)
            for (int x = 0; x < AROUND; x++) around += corner[y * stride + x];
        beyond += fabsf((float)around / (float)(AROUND * AROUND) - corner[REACH * stride + REACH]) > least;
    }
    *sharp = sharpness(known, (double)beyond / (double)count, count);
}

/* Which blocks have mass; answers how many. */
static int with_mass(const float *mass, int blocks, int32_t *places) {
    int count = 0;
    for (int i = 0; i < blocks; i++) {
        places[count] = i;
        count += mass[i] > 0;
    }
    return count;
}

/* Groups of blocks with mass, tiles of 2x2 blocks that touch belong together, and how much they stand out.
 *
 * ``places`` has room for all blocks, ``room`` for four numbers for each of (rows / 2 + 2) *
 * (columns / 2 + 3) tiles, ``blocks`` for a block more on each side twice. Into ``cells`` go the groups' blocks, group by
 * group, and OF_BLOB numbers for each group into ``found``: mass, x, y, left, top, right, bottom, where its blocks begin
 * and end, strength, and sharpness. Answers how many groups have at least ``least``.
 */
int32_t find_blobs(const float *mass, const int16_t *large, int32_t height, int32_t width, double least,
                   const Sharp *known, int32_t *places, int32_t *room, int16_t *blocks, int64_t *cells, double *found) {
    int rows = height / BLOCK, columns = width / BLOCK, taken = with_mass(mass, rows * columns, places);
    int stride = (columns >> 1) + 3, tiles = ((rows >> 1) + 2) * stride, groups = 0, kept = 0;
    int32_t *group = room, *number = room + tiles, *count = number + tiles, *begin = count + tiles;
    if (!taken) return 0;
    memset(group, -1, tiles * sizeof *group);
    for (int i = 0; i < taken; i++) {
        int tile = tile_of(places[i] / columns, places[i] % columns, stride);
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
            double *one = found + OF_BLOB * groups;
            memset(one, 0, OF_BLOB * sizeof *one);
            one[3] = one[4] = 1e9;
            count[groups] = 0;
            number[tile] = groups++;
        }
    for (int i = 0; i < taken; i++) {
        int y = places[i] / columns, x = places[i] % columns, label = number[root_of(group, tile_of(y, x, stride))];
        double weight = mass[places[i]], *one = found + OF_BLOB * label;
        one[0] += weight;
        one[1] += weight * x;
        one[2] += weight * y;
        if (x < one[3]) one[3] = x;
        if (y < one[4]) one[4] = y;
        if (x + 1 > one[5]) one[5] = x + 1;
        if (y + 1 > one[6]) one[6] = y + 1;
        count[label]++;
    }
    int end = 0, top = rows, bottom = 0;
    for (int label = 0; label < groups; label++) {
        double *one = found + OF_BLOB * label, *into = found + OF_BLOB * kept;
        begin[label] = -1;
        if (one[0] < least) continue;
        double weight = one[0];
        if (one[4] < top) top = (int)one[4];
        if (one[6] > bottom) bottom = (int)one[6];
        into[0] = weight;
        into[1] = (one[1] / weight + 0.5) * BLOCK;
        into[2] = (one[2] / weight + 0.5) * BLOCK;
        for (int side = 3; side < 7; side++) into[side] = one[side] * BLOCK;
        begin[label] = end;
        into[7] = end;
        into[8] = end += count[label];
        kept++;
    }
    if (!kept) return 0;
    for (int i = 0; i < taken; i++) {
        int label = number[root_of(group, tile_of(places[i] / columns, places[i] % columns, stride))];
        if (begin[label] >= 0) cells[begin[label]++] = places[i];
    }
    fill_padded(large, height, width, top, bottom, blocks);
    for (double *one = found; one < found + OF_BLOB * kept; one += OF_BLOB)
        stand_out(blocks, columns, cells + (int)one[7], (int)(one[8] - one[7]), known, one + 9, one + 10);
    return kept;
}
