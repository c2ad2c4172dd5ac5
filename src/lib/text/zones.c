// The zone_* functions of dates.h, over ICU.
#include "lib/base/ensure.h"
#include "lib/text/dates.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unicode/ucal.h>
#include <unicode/uenum.h>
#include <unicode/uloc.h>
#include <unicode/ustring.h>

enum { CACHED_ZONES = 16, MS_PER_DAY = 86400000, MS_PER_MINUTE = 60000 };

// ICU's calendars are costly to open and not thread-safe, so each thread keeps those it used last.
struct cached_zone {
    char name[ZONE_NAME_MAX];
    UCalendar *calendar; // NULL: the name is known to be no zone
    uint64_t used;       // when, counted in look-ups; 0: the place is free
};

struct zone_cache {
    struct cached_zone zones[CACHED_ZONES];
    uint64_t look_ups;
};

static pthread_key_t cache_key;
static pthread_once_t cache_once = PTHREAD_ONCE_INIT;

static void cache_free(void *memory)
{
    struct zone_cache *cache = memory;
    for (size_t i = 0; i < CACHED_ZONES; i++)
        ucal_close(cache->zones[i].calendar);
    free(cache);
}

// The main thread ends with the process and runs no thread destructors.
static void cache_free_of_main_thread(void)
{
    void *cache = pthread_getspecific(cache_key);
    if (!cache)
        return;
    pthread_setspecific(cache_key, NULL);
    cache_free(cache);
}

static void cache_key_create(void)
{
    ensure(pthread_key_create(&cache_key, cache_free) == 0);
    ensure(atexit(cache_free_of_main_thread) == 0);
}

static struct zone_cache *zone_cache(void)
{
    pthread_once(&cache_once, cache_key_create);
    struct zone_cache *cache = pthread_getspecific(cache_key);
    if (!cache) {
        cache = calloc(1, sizeof *cache);
        ensure(cache != NULL);
        ensure(pthread_setspecific(cache_key, cache) == 0);
    }
    return cache;
}

// IANA names are ASCII letters, digits and "_-+/"; that also keeps surprises away from ICU.
static bool is_plausible(struct slice zone)
{
    if (zone.len == 0 || zone.len >= ZONE_NAME_MAX)
        return false;
    for (size_t i = 0; i < zone.len; i++) {
        char c = zone.ptr[i];
        bool letter = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
        if (!letter && !(c >= '0' && c <= '9') && !(c && strchr("_-+/", c)))
            return false;
    }
    return slice_find_char(zone, '/') != SIZE_MAX || slice_equal(zone, SLICE("UTC")) ||
           slice_equal(zone, SLICE("GMT"));
}

static UCalendar *calendar_open(const char *zone)
{
    UChar name[ZONE_NAME_MAX], canonical[ZONE_NAME_MAX];
    UBool is_system = false;
    UErrorCode status = U_ZERO_ERROR;
    u_charsToUChars(zone, name,
                    (int32_t)strlen(zone) + 1); // plausible names are invariant characters
    ucal_getCanonicalTimeZoneID(name, -1, canonical, ZONE_NAME_MAX, &is_system, &status);
    if (U_FAILURE(status) || !is_system || strcmp(zone, "Etc/Unknown") == 0)
        return NULL;
    UCalendar *calendar = ucal_open(name, -1, "", UCAL_GREGORIAN, &status);
    return U_SUCCESS(status) ? calendar : NULL;
}

static UCalendar *calendar_of(struct slice zone)
{
    if (!is_plausible(zone))
        return NULL;
    struct zone_cache *cache = zone_cache();
    struct cached_zone *oldest = &cache->zones[0];
    cache->look_ups++;
    for (size_t i = 0; i < CACHED_ZONES; i++) {
        struct cached_zone *cached = &cache->zones[i];
        if (cached->used && slice_equal(zone, slice_from_cstr(cached->name))) {
            cached->used = cache->look_ups;
            return cached->calendar;
        }
        if (cached->used < oldest->used)
            oldest = cached;
    }
    ucal_close(oldest->calendar);
    memcpy(oldest->name, zone.ptr, zone.len);
    oldest->name[zone.len] = '\0';
    oldest->calendar = calendar_open(oldest->name);
    oldest->used = cache->look_ups;
    return oldest->calendar;
}

bool zone_is_valid(struct slice zone)
{
    return calendar_of(zone) != NULL;
}

bool zone_local(struct slice zone, int64_t unix_ms, struct date_time *ret_local)
{
    UCalendar *calendar = calendar_of(zone);
    UErrorCode status = U_ZERO_ERROR;
    if (!calendar || unix_ms < (date_to_days(1, 1, 1) + 1) * MS_PER_DAY ||
        unix_ms >= date_to_days(9999, 12, 31) * MS_PER_DAY)
        return false;
    ucal_setMillis(calendar, (UDate)unix_ms, &status);
    int32_t offset_ms = ucal_get(calendar, UCAL_ZONE_OFFSET, &status) +
                        ucal_get(calendar, UCAL_DST_OFFSET, &status);
    if (U_FAILURE(status))
        return false;
    int64_t local_ms = unix_ms + offset_ms, days = local_ms / MS_PER_DAY,
            ms = local_ms % MS_PER_DAY;
    if (ms < 0)
        ms += MS_PER_DAY, days--;
    struct date_time local = {
        .has_time = true, .has_offset = true, .offset_minutes = offset_ms / MS_PER_MINUTE};
    date_from_days(days, &local.year, &local.month, &local.day);
    local.hour = (int)(ms / 3600000), local.minute = (int)(ms / MS_PER_MINUTE % 60);
    local.second = (int)(ms / 1000 % 60), local.millisecond = (int)(ms % 1000);
    *ret_local = local;
    return true;
}

bool zone_instant(struct slice zone, const struct date_time *local, int64_t *ret_unix_ms)
{
    UCalendar *calendar = calendar_of(zone);
    UErrorCode status = U_ZERO_ERROR;
    int32_t raw, saving;
    int64_t local_ms;
    struct date_time as_utc = *local;
    as_utc.has_time = as_utc.has_offset = true;
    as_utc.offset_minutes = 0;
    if (!calendar || !date_to_instant(&as_utc, &local_ms))
        return false;
    ucal_setMillis(calendar, (UDate)local_ms, &status);
    ucal_getTimeZoneOffsetFromLocal(calendar, UCAL_TZ_LOCAL_FORMER, UCAL_TZ_LOCAL_FORMER, &raw,
                                    &saving, &status);
    if (U_FAILURE(status))
        return false;
    *ret_unix_ms = local_ms - raw - saving;
    return true;
}

// ---- countries

// ICU lists the zones of a country; the other way round is made once, from those lists.
enum { MAX_COUNTRY_ZONES = 1024 };

static struct {
    char zone[ZONE_NAME_MAX], country[4];
} zones_by_country[MAX_COUNTRY_ZONES];
static size_t zones_by_country_count;
static pthread_once_t countries_once = PTHREAD_ONCE_INIT;

static void countries_add(const char *country)
{
    UErrorCode status = U_ZERO_ERROR;
    UEnumeration *zones =
        ucal_openTimeZoneIDEnumeration(UCAL_ZONE_TYPE_CANONICAL_LOCATION, country, NULL, &status);
    const char *zone;
    while (U_SUCCESS(status) && (zone = uenum_next(zones, NULL, &status)) != NULL) {
        if (zones_by_country_count == MAX_COUNTRY_ZONES || strlen(zone) >= ZONE_NAME_MAX)
            continue;
        memcpy(zones_by_country[zones_by_country_count].zone, zone, strlen(zone));
        memcpy(zones_by_country[zones_by_country_count].country, country, 2);
        zones_by_country_count++;
    }
    uenum_close(zones);
}

static int compare_zones(const void *a, const void *b)
{
    return strcmp(a, b); // both begin with the zone's name
}

static void countries_init(void)
{
    for (const char *const *country = uloc_getISOCountries(); *country; country++)
        if (strlen(*country) == 2)
            countries_add(*country);
    qsort(zones_by_country, zones_by_country_count, sizeof zones_by_country[0], compare_zones);
}

const char *zone_country(struct slice zone)
{
    if (!zone_is_valid(zone))
        return "";
    pthread_once(&countries_once, countries_init);
    char name[ZONE_NAME_MAX] = {0}, canonical[ZONE_NAME_MAX];
    UChar wide[ZONE_NAME_MAX], canonical_wide[ZONE_NAME_MAX];
    UBool is_system;
    UErrorCode status = U_ZERO_ERROR;
    memcpy(name, zone.ptr, zone.len);
    u_charsToUChars(name, wide, ZONE_NAME_MAX);
    ucal_getCanonicalTimeZoneID(wide, -1, canonical_wide, ZONE_NAME_MAX, &is_system, &status);
    if (U_FAILURE(status))
        return "";
    u_UCharsToChars(canonical_wide, canonical, u_strlen(canonical_wide) + 1);
    typeof(&zones_by_country[0]) found =
        bsearch(canonical, zones_by_country, zones_by_country_count, sizeof zones_by_country[0],
                compare_zones);
    return found ? found->country : "";
}
