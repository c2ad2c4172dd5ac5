// Dates, instants, durations and time zones. An instant is milliseconds since 1970-01-01T00:00:00Z;
// years are those of the proleptic Gregorian calendar, 0001 to 9999. Nothing here reads the
// process's TZ or locale.
//
// Sources: RFC 3339, ISO 8601-1:2019 (the shapes named below), the IANA time zones as ICU has them.
#pragma once

#include "lib/base/slice.h"

#include <stdbool.h>
#include <stdint.h>

enum {
    DATE_TEXT = sizeof "2025-03-31",                  // with the terminator
    INSTANT_TEXT = sizeof "2025-03-31T06:00:00.000Z", // with the terminator
    ZONE_NAME_MAX = 64,
};

struct date_time {
    int year, month, day; // month and day from 1
    bool has_time;
    int hour, minute, second, millisecond;
    bool has_offset;
    int offset_minutes; // east of Greenwich
};

// Reads "2025-03-31", "20250331", either with "T14:00", "T14:00:30", "T14:00:30.123", "T140030" (or
// a space, or a small t), and behind a time "Z", "+08:00", "+0800", "+08". Fractions finer than a
// millisecond are cut, a leap second becomes second 59, hour 24 the next day's 0. White space
// around is ignored; anything else is refused.
MUST_CHECK bool date_parse(struct slice text, struct date_time *ret_date);

// Days since 1970-01-01 of a valid civil date, and back.
int64_t date_to_days(int year, int month, int day);
void date_from_days(int64_t days, int *ret_year, int *ret_month, int *ret_day);
bool date_is_valid(int year, int month, int day);

// The instant of a date with a time and an offset; false when one of them is missing.
MUST_CHECK bool date_to_instant(const struct date_time *date, int64_t *ret_unix_ms);

// Fractions of a second are written only when there are some. Instants outside the years 0001 to
// 9999 give "".
void date_format(const struct date_time *date, char ret_text[static DATE_TEXT]); // the date alone
void instant_format(int64_t unix_ms, char ret_text[static INSTANT_TEXT]);        // RFC 3339, UTC, Z

// ISO 8601 durations: "P0Y0M0DT33H0M0S", "P1W", "PT90M", "PT1.5H". Negative ones are refused.
struct date_duration {
    int64_t months, days, milliseconds;
};
MUST_CHECK bool duration_parse(struct slice text, struct date_duration *ret_duration);
// Months by the calendar (31 January and one month is the last of February), then days and time, in
// UTC.
MUST_CHECK bool instant_add(int64_t unix_ms, struct date_duration duration, int64_t *ret_unix_ms);

// Is it a zone of the IANA database, "Asia/Taipei" or "UTC"? Offsets ("GMT+3") and the old
// three-letter names, which mean different things to different people, are not.
bool zone_is_valid(struct slice zone);
// The civil date and time of an instant in a valid zone, with its offset; false for an invalid zone
// or an instant outside the years 0001 to 9999. Calendars are kept for each thread.
MUST_CHECK bool zone_local(struct slice zone, int64_t unix_ms, struct date_time *ret_local);
// The instant of a civil time in a valid zone. A time that the clocks skip counts with the offset
// before the change; one that occurs twice means the first. A date without a time is its midnight.
MUST_CHECK bool zone_instant(struct slice zone, const struct date_time *local,
                             int64_t *ret_unix_ms);
// The ISO 3166-1 alpha-2 code of the country a zone belongs to, "" when it belongs to none or to
// several.
const char *zone_country(struct slice zone);
