#include "lib/base/slice.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct slice slice_from_cstr(const char *text)
{
    return text ? (struct slice){text, strlen(text)} : (struct slice){0};
}

bool slice_equal(struct slice a, struct slice b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

bool slice_equal_nocase(struct slice a, struct slice b)
{
    return a.len == b.len && (a.len == 0 || strncasecmp(a.ptr, b.ptr, a.len) == 0);
}

int slice_compare(struct slice a, struct slice b)
{
    size_t common = a.len < b.len ? a.len : b.len;
    int order = common ? memcmp(a.ptr, b.ptr, common) : 0;
    return order ? order : (a.len > b.len) - (a.len < b.len);
}

bool slice_starts_with(struct slice s, struct slice prefix)
{
    return s.len >= prefix.len && slice_equal((struct slice){s.ptr, prefix.len}, prefix);
}

bool slice_ends_with(struct slice s, struct slice suffix)
{
    return s.len >= suffix.len &&
           slice_equal((struct slice){s.ptr + (s.len - suffix.len), suffix.len}, suffix);
}

struct slice slice_sub(struct slice s, size_t from, size_t len)
{
    if (from > s.len)
        from = s.len;
    if (len > s.len - from)
        len = s.len - from;
    return (struct slice){s.ptr ? s.ptr + from : NULL, len};
}

static bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

struct slice slice_trim(struct slice s)
{
    while (s.len && is_space(s.ptr[0]))
        s.ptr++, s.len--;
    while (s.len && is_space(s.ptr[s.len - 1]))
        s.len--;
    return s;
}

size_t slice_find(struct slice s, struct slice needle)
{
    if (needle.len == 0)
        return 0;
    const char *at = s.len ? memmem(s.ptr, s.len, needle.ptr, needle.len) : NULL;
    return at ? (size_t)(at - s.ptr) : SIZE_MAX;
}

size_t slice_find_char(struct slice s, char c)
{
    const char *at = s.len ? memchr(s.ptr, c, s.len) : NULL;
    return at ? (size_t)(at - s.ptr) : SIZE_MAX;
}

static int compare_cstr(const void *key, const void *row)
{
    return slice_compare(*(const struct slice *)key, slice_from_cstr(*(const char *const *)row));
}

bool slice_in_sorted(struct slice s, const char *const *sorted, size_t count)
{
    return bsearch(&s, sorted, count, sizeof *sorted, compare_cstr) != NULL;
}

bool slice_split_next(struct slice *rest, char separator, struct slice *ret_part)
{
    if (!rest->ptr)
        return false;
    size_t at = slice_find_char(*rest, separator);
    if (at == SIZE_MAX) {
        *ret_part = *rest;
        *rest = (struct slice){0};
    } else {
        *ret_part = (struct slice){rest->ptr, at};
        *rest = (struct slice){rest->ptr + at + 1, rest->len - at - 1};
    }
    return true;
}

// Numbers are short: a copy on the stack gives strtoll and strtod their terminator.
static bool copy_number(struct slice s, char *text, size_t size)
{
    if (s.len == 0 || s.len >= size || is_space(s.ptr[0]))
        return false;
    memcpy(text, s.ptr, s.len);
    text[s.len] = '\0';
    return true;
}

bool slice_to_int(struct slice s, int64_t *ret_value)
{
    char text[32], *end;
    if (!copy_number(s, text, sizeof text))
        return false;
    errno = 0;
    long long value = strtoll(text, &end, 10);
    if (errno || end != text + s.len)
        return false;
    *ret_value = value;
    return true;
}

bool slice_to_double(struct slice s, double *ret_value)
{
    char text[64], *end;
    if (!copy_number(s, text, sizeof text))
        return false;
    errno = 0;
    double value = strtod(text, &end);
    if (errno || end != text + s.len || !isfinite(value))
        return false;
    *ret_value = value;
    return true;
}

static int compare_items(const void *a, const void *b)
{
    return slice_compare(*(const struct slice *)a, *(const struct slice *)b);
}

size_t slice_sort_unique(struct slice *items, size_t count)
{
    size_t unique = 0;
    if (count)
        qsort(items, count, sizeof *items, compare_items);
    for (size_t i = 0; i < count; i++)
        if (unique == 0 || !slice_equal(items[unique - 1], items[i]))
            items[unique++] = items[i];
    return unique;
}

bool slice_is_among(struct slice s, const struct slice *sorted, size_t count)
{
    return count && bsearch(&s, sorted, count, sizeof s, compare_items);
}
