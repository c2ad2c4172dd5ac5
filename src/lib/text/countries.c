#include "lib/text/countries.h"

#include "lib/text/names.h"
#include "lib/text/unicode.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unicode/uloc.h>
#include <unicode/ustring.h>

enum { MAX_COUNTRIES = 300, NAME_MAX_BYTES = 80 };

struct country {
    char key[NAME_MAX_BYTES]; // the name, normalised
    char code[3];
};

static struct country countries[2 * MAX_COUNTRIES];
static size_t country_count;
static pthread_once_t once = PTHREAD_ONCE_INIT;

// What people write besides CLDR's names.
static const struct {
    const char *key, *code;
} usual_names[] = {
    {"america", "US"},
    {"czech republic", "CZ"},
    {"england", "GB"},
    {"great britain", "GB"},
    {"holland", "NL"},
    {"hong kong", "HK"},
    {"korea", "KR"},
    {"macau", "MO"},
    {"republic of korea", "KR"},
    {"russian federation", "RU"},
    {"scotland", "GB"},
    {"the netherlands", "NL"},
    {"turkey", "TR"},
    {"uae", "AE"},
    {"uk", "GB"},
    {"united states of america", "US"},
    {"usa", "US"},
    {"vatican", "VA"},
    {"viet nam", "VN"},
    {"wales", "GB"},
};

static void add(const char *code, struct slice key)
{
    if (country_count == ARRAY_LEN(countries) || key.len == 0 || key.len >= NAME_MAX_BYTES)
        return;
    struct country *country = &countries[country_count++];
    memcpy(country->key, key.ptr, key.len);
    memcpy(country->code, code, 2);
}

static void add_by_name(struct arena *arena, const char *code)
{
    UChar wide[NAME_MAX_BYTES];
    char locale[8] = "und_", name[NAME_MAX_BYTES * 3];
    UErrorCode status = U_ZERO_ERROR;
    memcpy(locale + 4, code, 2);
    uloc_getDisplayCountry(locale, "en", wide, NAME_MAX_BYTES, &status);
    u_strToUTF8(name, sizeof name, NULL, wide, -1, &status);
    if (U_SUCCESS(status) && status != U_STRING_NOT_TERMINATED_WARNING)
        add(code, name_normalize(arena, slice_from_cstr(name)));
}

static int compare(const void *a, const void *b)
{
    return strcmp(((const struct country *)a)->key, ((const struct country *)b)->key);
}

static void init(void)
{
    struct arena *arena = arena_new(1024 * 1024);
    for (const char *const *code = uloc_getISOCountries(); *code; code++)
        if (strlen(*code) == 2) {
            add(*code, unicode_fold(arena, slice_from_cstr(*code)));
            add_by_name(arena, *code);
        }
    for (size_t i = 0; i < ARRAY_LEN(usual_names); i++)
        add(usual_names[i].code, slice_from_cstr(usual_names[i].key));
    qsort(countries, country_count, sizeof countries[0], compare);
    arena_free(arena);
}

const char *country_code(struct arena *arena, struct slice text)
{
    pthread_once(&once, init);
    struct country wanted = {0};
    struct slice key = name_normalize(arena, text);
    if (key.len == 0 || key.len >= NAME_MAX_BYTES)
        return NULL;
    memcpy(wanted.key, key.ptr, key.len);
    const struct country *found =
        bsearch(&wanted, countries, country_count, sizeof countries[0], compare);
    return found ? found->code : NULL;
}

struct slice country_name(struct arena *arena, struct slice code)
{
    char locale[8] = "und_", text[256];
    UChar name[128];
    UErrorCode status = U_ZERO_ERROR;
    int32_t len = 0;
    if (code.len != 2)
        return (struct slice){0};
    memcpy(locale + 4, code.ptr, 2);
    locale[6] = '\0';
    uloc_getDisplayCountry(locale, "en", name, ARRAY_LEN(name), &status);
    if (U_FAILURE(status) || status == U_USING_DEFAULT_WARNING)
        return (struct slice){0};
    u_strToUTF8(text, sizeof text, &len, name, -1, &status);
    return U_FAILURE(status) ? (struct slice){0}
                             : arena_slice(arena, (struct slice){text, (size_t)len});
}
