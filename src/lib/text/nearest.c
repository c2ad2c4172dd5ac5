#include "lib/text/nearest.h"

#include <ctype.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

enum { LONGEST = 64, PREFIX_LETTERS = 3 };

static size_t min_of(size_t a, size_t b)
{
    return a < b ? a : b;
}

static int lower(char c)
{
    return tolower((unsigned char)c);
}

size_t text_edit_distance(struct slice a, struct slice b)
{
    if (a.len > LONGEST || b.len > LONGEST)
        return a.len > b.len ? a.len : b.len;
    // Three rows of the table are enough: this one, the one above and, for swaps, the one above that.
    size_t rows[3][LONGEST + 1];
    for (size_t j = 0; j <= b.len; j++)
        rows[0][j] = j;
    for (size_t i = 1; i <= a.len; i++) {
        size_t *row = rows[i % 3];
        const size_t *above = rows[(i - 1) % 3], *above2 = rows[(i + 1) % 3];
        row[0] = i;
        for (size_t j = 1; j <= b.len; j++) {
            bool same = lower(a.ptr[i - 1]) == lower(b.ptr[j - 1]);
            row[j] = min_of(above[j - 1] + !same, min_of(above[j], row[j - 1]) + 1);
            if (i > 1 && j > 1 && lower(a.ptr[i - 1]) == lower(b.ptr[j - 2]) &&
                lower(a.ptr[i - 2]) == lower(b.ptr[j - 1]))
                row[j] = min_of(row[j], above2[j - 2] + 1);
        }
    }
    return rows[a.len % 3][b.len];
}

static bool is_prefix(struct slice a, struct slice b)
{
    size_t common = min_of(a.len, b.len);
    return common >= PREFIX_LETTERS && strncasecmp(a.ptr, b.ptr, common) == 0;
}

const char *text_nearest(struct slice word, const char *const *names, size_t count)
{
    const char *best = NULL;
    size_t best_distance = SIZE_MAX;
    for (size_t i = 0; i < count; i++) {
        struct slice name = slice_from_cstr(names[i]);
        size_t distance = text_edit_distance(word, name);
        size_t allowed = (name.len > word.len ? name.len : word.len) / 3;
        if (allowed == 0)
            allowed = 1;
        if (word.len == 0 || (distance > allowed && !is_prefix(word, name)))
            continue;
        if (distance < best_distance) {
            best = names[i];
            best_distance = distance;
        }
    }
    return best;
}
