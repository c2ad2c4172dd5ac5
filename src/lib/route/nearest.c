#include "lib/route/route.h"

#include <string.h>

enum { MAX_NAME = 48 };

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

// Optimal string alignment distance: edits and swaps of neighbours (Damerau 1964, restricted form).
static size_t distance(const char *a, size_t a_len, const char *b, size_t b_len)
{
    size_t rows[3][MAX_NAME + 1], *before = rows[0], *last = rows[1], *row = rows[2];
    for (size_t j = 0; j <= b_len; j++)
        before[j] = last[j] = j;
    for (size_t i = 1; i <= a_len; i++) {
        row[0] = i;
        for (size_t j = 1; j <= b_len; j++) {
            size_t cost = a[i - 1] != b[j - 1];
            row[j] = smaller(smaller(last[j] + 1, row[j - 1] + 1), last[j - 1] + cost);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                row[j] = smaller(row[j], before[j - 2] + 1);
        }
        size_t *spare = before;
        before = last, last = row, row = spare;
    }
    return last[b_len];
}

const char *route_nearest(struct slice name, const char *const *candidates, size_t count)
{
    const char *best = NULL;
    size_t best_distance = SIZE_MAX;
    if (name.len > MAX_NAME)
        return NULL;
    for (size_t i = 0; i < count; i++) {
        size_t len = strlen(candidates[i]);
        if (len > MAX_NAME)
            continue;
        size_t d = distance(name.ptr, name.len, candidates[i], len);
        bool prefix = name.len >= 3 && strncmp(candidates[i], name.ptr, name.len) == 0;
        if (prefix)
            d = 1;
        if (d < best_distance && (prefix || d <= (len > name.len ? len : name.len) / 3 + 1)) {
            best_distance = d;
            best = candidates[i];
        }
    }
    return best;
}
