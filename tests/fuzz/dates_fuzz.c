// Any bytes as a date, a duration and a zone: what is accepted is valid, and survives being written
// and read again.
#include "lib/base/ensure.h"
#include "lib/text/dates.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_instant(int64_t unix_ms)
{
    char text[INSTANT_TEXT];
    struct date_time again;
    int64_t same;
    instant_format(unix_ms, text);
    if (!text[0])
        return; // outside of the years that can be written
    ensure(date_parse(slice_from_cstr(text), &again) && date_to_instant(&again, &same) &&
           same == unix_ms);
}

static void check_zone(struct slice zone, const struct date_time *date, int64_t unix_ms)
{
    struct date_time local;
    int64_t instant;
    if (!zone_is_valid(zone)) {
        ensure(!zone_local(zone, unix_ms, &local) && !zone_instant(zone, date, &instant));
        return;
    }
    if (zone_local(zone, unix_ms, &local)) {
        ensure(date_is_valid(local.year, local.month, local.day));
        // Ancient offsets have seconds, which a civil time with an offset in minutes cannot hold.
        ensure(date_to_instant(&local, &instant) && instant - unix_ms < 60000 &&
               unix_ms - instant < 60000);
    }
    ensure(strlen(zone_country(zone)) == 0 || strlen(zone_country(zone)) == 2);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice rest = {(const char *)data, size}, text = {0}, duration_text = {0};
    struct date_time date;
    struct date_duration duration;
    int64_t unix_ms, later;
    if (size == 0)
        return 0;
    // "date|duration|zone"
    slice_split_next(&rest, '|', &text);
    slice_split_next(&rest, '|', &duration_text);
    if (!date_parse(text, &date))
        return 0;
    ensure(date_is_valid(date.year, date.month, date.day) && date.hour < 24 && date.minute < 60 &&
           date.second < 60);
    if (!date_to_instant(&date, &unix_ms))
        unix_ms = date_to_days(date.year, date.month, date.day) * 86400000;
    check_instant(unix_ms);
    check_zone(rest, &date, unix_ms);
    if (duration_parse(duration_text, &duration) && instant_add(unix_ms, duration, &later)) {
        ensure(later >= unix_ms);
        check_instant(later);
    }
    return 0;
}
