#include "lib/db/type_time.h"

#include "lib/db/wire.h"

#include <stdlib.h>

// PostgreSQL counts days and microseconds from 2000-01-01.
static constexpr int64_t US_PER_SECOND = 1000000;
static constexpr int64_t US_PER_DAY = 86400 * US_PER_SECOND;

// Years are counted from 1 March, so that the day that comes and goes is the last one of a year.
enum {
    DAYS_PER_400_YEARS = 146097,
    DAYS_PER_100_YEARS = 36524,
    DAYS_PER_4_YEARS = 1461,
    DAYS_PER_YEAR = 365,
    DAYS_TO_MARCH_2000 = 31 + 29,
};

static int64_t floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

// Leading zeros up to the width; wider numbers are not asked for.
static void append_digits(struct buffer *out, int64_t value, size_t width)
{
    char digits[8];
    for (size_t i = width; i-- > 0; value /= 10)
        digits[i] = (char)('0' + value % 10);
    buffer_append(out, (struct slice){digits, width});
}

static void append_days(struct buffer *out, int64_t days_since_2000)
{
    // 2000-03-01 is the first day of a span of 400 years.
    int64_t days = days_since_2000 - DAYS_TO_MARCH_2000;
    int64_t spans = floor_div(days, DAYS_PER_400_YEARS);
    int64_t day = days - spans * DAYS_PER_400_YEARS;
    // The last century, and the last year of four, are a day longer: they must not begin another
    // one.
    int64_t century = day / DAYS_PER_100_YEARS - (day / DAYS_PER_100_YEARS == 4);
    day -= century * DAYS_PER_100_YEARS;
    int64_t four = day / DAYS_PER_4_YEARS;
    day -= four * DAYS_PER_4_YEARS;
    int64_t one = day / DAYS_PER_YEAR - (day / DAYS_PER_YEAR == 4);
    day -= one * DAYS_PER_YEAR;
    int64_t year = 2000 + spans * 400 + century * 100 + four * 4 + one;

    static const int month_starts[] = {0, 31, 61, 92, 122, 153, 184, 214, 245, 275, 306, 337};
    int month = 11;
    while (month_starts[month] > day)
        month--;
    day -= month_starts[month];
    if (month >= 10) // January and February belong to the next year
        year++;
    month = (month + 2) % 12 + 1;

    bool plain = year >= 0 && year <= 9999;
    if (!plain)
        buffer_append_char(out, year < 0 ? '-' : '+');
    // timestamptz reaches the year 294276, dates 5874897: seven digits.
    append_digits(out, llabs(year), plain ? 4 : llabs(year) > 999999 ? 7 : 6);
    buffer_append_char(out, '-');
    append_digits(out, month, 2);
    buffer_append_char(out, '-');
    append_digits(out, day + 1, 2);
}

static void append_fraction(struct buffer *out, int64_t us)
{
    if (us == 0)
        return;
    buffer_append_char(out, '.');
    if (us % 1000)
        append_digits(out, us, 6);
    else
        append_digits(out, us / 1000, 3);
}

static void append_clock(struct buffer *out, int64_t us)
{
    int64_t seconds = us / US_PER_SECOND;
    append_digits(out, seconds / 3600, 2);
    buffer_append_char(out, ':');
    append_digits(out, seconds / 60 % 60, 2);
    buffer_append_char(out, ':');
    append_digits(out, seconds % 60, 2);
    append_fraction(out, us % US_PER_SECOND);
}

bool type_append_date(struct buffer *out, struct slice bytes)
{
    int32_t days = wire_int32(bytes, 0);
    if (days == INT32_MAX || days == INT32_MIN)
        return false;
    append_days(out, days);
    return true;
}

bool type_append_time(struct buffer *out, struct slice bytes)
{
    append_clock(out, wire_int64(bytes, 0));
    return true;
}

bool type_append_timestamp(struct buffer *out, struct slice bytes)
{
    int64_t us = wire_int64(bytes, 0);
    if (us == INT64_MAX || us == INT64_MIN)
        return false;
    int64_t days = floor_div(us, US_PER_DAY);
    append_days(out, days);
    buffer_append_char(out, 'T');
    append_clock(out, us - days * US_PER_DAY);
    return true;
}

bool type_append_timestamptz(struct buffer *out, struct slice bytes)
{
    if (!type_append_timestamp(out, bytes))
        return false;
    buffer_append_char(out, 'Z');
    return true;
}

static void append_part(struct buffer *out, int64_t value, char unit)
{
    if (value) {
        buffer_append_int(out, value);
        buffer_append_char(out, unit);
    }
}

static void append_time_part(struct buffer *out, int64_t us)
{
    int64_t seconds = us / US_PER_SECOND;
    buffer_append_char(out, 'T');
    append_part(out, seconds / 3600, 'H');
    append_part(out, seconds / 60 % 60, 'M');
    int64_t rest = us % (60 * US_PER_SECOND);
    if (rest == 0)
        return;
    if (rest < 0)
        buffer_append_char(out, '-');
    buffer_append_int(out, llabs(rest) / US_PER_SECOND);
    append_fraction(out, llabs(rest) % US_PER_SECOND);
    buffer_append_char(out, 'S');
}

bool type_append_interval(struct buffer *out, struct slice bytes)
{
    int64_t us = wire_int64(bytes, 0);
    int32_t days = wire_int32(bytes, 8), months = wire_int32(bytes, 12);
    if ((us == INT64_MAX && days == INT32_MAX && months == INT32_MAX) ||
        (us == INT64_MIN && days == INT32_MIN && months == INT32_MIN))
        return false;
    if (us == 0 && days == 0 && months == 0) {
        buffer_append_cstr(out, "PT0S");
        return true;
    }
    buffer_append_char(out, 'P');
    append_part(out, months / 12, 'Y');
    append_part(out, months % 12, 'M');
    append_part(out, days, 'D');
    if (us)
        append_time_part(out, us);
    return true;
}
