#include "lib/text/dates.h"

#include <stdckdint.h>
#include <stdio.h>
#include <string.h>

enum { MS_PER_SECOND = 1000, MS_PER_MINUTE = 60000, MS_PER_DAY = 86400000, MAX_YEAR = 9999 };

// ---- civil dates

// Days are counted in eras of 400 years that begin on 1 March, so that the leap day is a year's
// last (the usual arithmetic, as in H. Hinnant's paper on calendar algorithms).
enum { DAYS_PER_ERA = 146097, DAYS_TO_1970 = 719468 };

int64_t date_to_days(int year, int month, int day)
{
    int64_t y = month <= 2 ? (int64_t)year - 1 : year;
    int64_t era = (y >= 0 ? y : y - 399) / 400;
    int64_t year_of_era = y - era * 400;
    int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * DAYS_PER_ERA + day_of_era - DAYS_TO_1970;
}

void date_from_days(int64_t days, int *ret_year, int *ret_month, int *ret_day)
{
    days += DAYS_TO_1970;
    int64_t era = (days >= 0 ? days : days - (DAYS_PER_ERA - 1)) / DAYS_PER_ERA;
    int64_t day_of_era = days - era * DAYS_PER_ERA;
    int64_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t shifted_month = (5 * day_of_year + 2) / 153;
    *ret_day = (int)(day_of_year - (153 * shifted_month + 2) / 5 + 1);
    *ret_month = (int)(shifted_month < 10 ? shifted_month + 3 : shifted_month - 9);
    *ret_year = (int)(year_of_era + era * 400 + (*ret_month <= 2));
}

static int days_in_month(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return days[month - 1] + (month == 2 && leap);
}

bool date_is_valid(int year, int month, int day)
{
    return year >= 1 && year <= MAX_YEAR && month >= 1 && month <= 12 && day >= 1 &&
           day <= days_in_month(year, month);
}

// ---- reading

static bool take_char(struct slice *rest, const char *one_of)
{
    if (rest->len == 0 || rest->ptr[0] == '\0' || !strchr(one_of, rest->ptr[0]))
        return false;
    *rest = slice_sub(*rest, 1, rest->len);
    return true;
}

static bool take_digits(struct slice *rest, size_t count, int *ret_value)
{
    int value = 0;
    if (rest->len < count)
        return false;
    for (size_t i = 0; i < count; i++) {
        if (rest->ptr[i] < '0' || rest->ptr[i] > '9')
            return false;
        value = value * 10 + (rest->ptr[i] - '0');
    }
    *rest = slice_sub(*rest, count, rest->len);
    *ret_value = value;
    return true;
}

static bool take_day(struct slice *rest, struct date_time *date)
{
    if (!take_digits(rest, 4, &date->year))
        return false;
    bool dashes = take_char(rest, "-");
    return take_digits(rest, 2, &date->month) && (!dashes || take_char(rest, "-")) &&
           take_digits(rest, 2, &date->day) && date_is_valid(date->year, date->month, date->day);
}

// ".123456": at least one digit, those behind the third are read over.
static bool take_fraction(struct slice *rest, int *ret_millisecond)
{
    int digit, weight = 100;
    *ret_millisecond = 0;
    if (!take_char(rest, ".,"))
        return true;
    if (!take_digits(rest, 1, &digit))
        return false;
    do {
        *ret_millisecond += digit * weight;
        weight /= 10;
    } while (take_digits(rest, 1, &digit));
    return true;
}

static bool take_clock(struct slice *rest, struct date_time *date)
{
    if (!take_digits(rest, 2, &date->hour))
        return false;
    bool colons = take_char(rest, ":");
    if (!take_digits(rest, 2, &date->minute))
        return false;
    bool seconds =
        colons ? take_char(rest, ":") : rest->len && rest->ptr[0] >= '0' && rest->ptr[0] <= '9';
    if (seconds &&
        (!take_digits(rest, 2, &date->second) || !take_fraction(rest, &date->millisecond)))
        return false;
    if (date->second == 60)
        date->second = 59;
    bool midnight =
        date->hour == 24 && date->minute == 0 && date->second == 0 && date->millisecond == 0;
    return (date->hour < 24 || midnight) && date->minute < 60 && date->second < 60;
}

static bool take_offset(struct slice *rest, struct date_time *date)
{
    if (rest->len == 0)
        return true;
    date->has_offset = true;
    if (take_char(rest, "Zz"))
        return true;
    int sign = rest->ptr[0] == '-' ? -1 : 1, hours, minutes = 0;
    if (!take_char(rest, "+-") || !take_digits(rest, 2, &hours))
        return false;
    bool colon = take_char(rest, ":");
    if ((colon || rest->len) && !take_digits(rest, 2, &minutes))
        return false;
    date->offset_minutes = sign * (hours * 60 + minutes);
    return hours <= 23 && minutes <= 59;
}

bool date_parse(struct slice text, struct date_time *ret_date)
{
    struct slice rest = slice_trim(text);
    struct date_time date = {0};
    if (!take_day(&rest, &date))
        return false;
    if (rest.len) {
        if (!take_char(&rest, "Tt "))
            return false;
        date.has_time = true;
        if (!take_clock(&rest, &date) || !take_offset(&rest, &date) || rest.len)
            return false;
    }
    if (date.hour == 24) {
        date.hour = 0;
        date_from_days(date_to_days(date.year, date.month, date.day) + 1, &date.year, &date.month,
                       &date.day);
        if (date.year > MAX_YEAR)
            return false;
    }
    *ret_date = date;
    return true;
}

bool date_to_instant(const struct date_time *date, int64_t *ret_unix_ms)
{
    if (!date->has_time || !date->has_offset)
        return false;
    int64_t minutes = date->hour * 60 + date->minute - date->offset_minutes;
    *ret_unix_ms = date_to_days(date->year, date->month, date->day) * MS_PER_DAY +
                   minutes * MS_PER_MINUTE + date->second * MS_PER_SECOND + date->millisecond;
    return true;
}

// ---- writing

void date_format(const struct date_time *date, char ret_text[static DATE_TEXT])
{
    // The masks tell the compiler what the ranges are.
    snprintf(ret_text, DATE_TEXT, "%04u-%02u-%02u", (unsigned)date->year % 10000,
             (unsigned)date->month % 100, (unsigned)date->day % 100);
}

void instant_format(int64_t unix_ms, char ret_text[static INSTANT_TEXT])
{
    int64_t days = unix_ms / MS_PER_DAY, ms = unix_ms % MS_PER_DAY;
    if (ms < 0)
        ms += MS_PER_DAY, days--;
    struct date_time date = {0};
    ret_text[0] = '\0';
    if (days < date_to_days(1, 1, 1) || days > date_to_days(MAX_YEAR, 12, 31))
        return;
    date_from_days(days, &date.year, &date.month, &date.day);
    date_format(&date, ret_text);
    unsigned clock = (unsigned)ms / MS_PER_SECOND, fraction = (unsigned)ms % MS_PER_SECOND;
    int used = snprintf(ret_text + DATE_TEXT - 1, INSTANT_TEXT - DATE_TEXT + 1, "T%02u:%02u:%02u",
                        clock / 3600 % 24, clock / 60 % 60, clock % 60);
    snprintf(ret_text + DATE_TEXT - 1 + used, sizeof ".000Z", fraction ? ".%03uZ" : "Z", fraction);
}

// ---- durations

enum { MAX_DURATION_DIGITS = 9 };

// Units in the order ISO 8601 wants them, before and behind the T.
static const struct {
    char letter;
    bool in_time;
    int64_t months, days, milliseconds;
} duration_units[] = {{'Y', false, 12, 0, 0},          {'M', false, 1, 0, 0},
                      {'W', false, 0, 7, 0},           {'D', false, 0, 1, 0},
                      {'H', true, 0, 0, 3600000},      {'M', true, 0, 0, MS_PER_MINUTE},
                      {'S', true, 0, 0, MS_PER_SECOND}};

static bool take_number(struct slice *rest, int64_t *ret_whole, int *ret_thousandths)
{
    int digit;
    size_t digits = 0;
    for (*ret_whole = 0; take_digits(rest, 1, &digit); digits++)
        *ret_whole = digits < MAX_DURATION_DIGITS ? *ret_whole * 10 + digit : *ret_whole;
    return digits > 0 && digits <= MAX_DURATION_DIGITS && take_fraction(rest, ret_thousandths);
}

bool duration_parse(struct slice text, struct date_duration *ret_duration)
{
    struct slice rest = slice_trim(text);
    struct date_duration sum = {0};
    bool in_time = false, any = false;
    size_t unit = 0;
    if (!take_char(&rest, "P"))
        return false;
    while (rest.len) {
        int64_t whole;
        int thousandths;
        if (!in_time && take_char(&rest, "T"))
            in_time = true;
        if (!take_number(&rest, &whole, &thousandths) || rest.len == 0)
            return false;
        while (unit < ARRAY_LEN(duration_units) && (duration_units[unit].in_time != in_time ||
                                                    duration_units[unit].letter != rest.ptr[0]))
            unit++;
        if (unit == ARRAY_LEN(duration_units) || (thousandths && !in_time))
            return false;
        sum.months += whole * duration_units[unit].months;
        sum.days += whole * duration_units[unit].days;
        sum.milliseconds += whole * duration_units[unit].milliseconds +
                            thousandths * duration_units[unit].milliseconds / 1000;
        rest = slice_sub(rest, 1, rest.len);
        unit++, any = true;
    }
    *ret_duration = sum;
    return any;
}

bool instant_add(int64_t unix_ms, struct date_duration duration, int64_t *ret_unix_ms)
{
    int64_t days = unix_ms / MS_PER_DAY, ms = unix_ms % MS_PER_DAY, sum;
    if (ms < 0)
        ms += MS_PER_DAY, days--;
    if (days < date_to_days(1, 1, 1) || days > date_to_days(MAX_YEAR, 12, 31))
        return false;
    int year, month, day;
    date_from_days(days, &year, &month, &day);
    int64_t months = (int64_t)year * 12 + month - 1 + duration.months;
    if (months / 12 > MAX_YEAR)
        return false;
    year = (int)(months / 12), month = (int)(months % 12) + 1;
    if (day > days_in_month(year, month))
        day = days_in_month(year, month);
    if (ckd_mul(&sum, date_to_days(year, month, day) + duration.days, MS_PER_DAY) ||
        ckd_add(&sum, sum, ms) || ckd_add(&sum, sum, duration.milliseconds) ||
        sum / MS_PER_DAY > date_to_days(MAX_YEAR, 12, 31))
        return false;
    *ret_unix_ms = sum;
    return true;
}
