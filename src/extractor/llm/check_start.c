// llm_check_start of check.h.
#include "extractor/llm/check.h"
#include "lib/text/dates.h"
#include "lib/text/unicode.h"

#include <string.h>

enum { FIRST_YEAR = 2000, LAST_YEAR = 2100, MAX_NUMBERS = 16, MIN_MONTH = 3 };

// What a quote says: its numbers, the month it names, half of the day.
struct quote {
    int numbers[MAX_NUMBERS];
    size_t count;
    int month; // 0: none by name
    bool is_pm;
};

static const char *const months[] = {"january",   "february", "march",    "april",
                                     "may",       "june",     "july",     "august",
                                     "september", "october",  "november", "december"};

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || ((unsigned char)c & 0x80);
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

// "may", "sept": a month's name, or at least three letters of its beginning.
static int month_of(struct slice word)
{
    for (size_t i = 0; i < ARRAY_LEN(months) && word.len >= MIN_MONTH; i++)
        if (slice_starts_with(slice_from_cstr(months[i]), word))
            return (int)i + 1;
    return 0;
}

static struct quote quote_read(struct slice folded)
{
    struct quote quote = {0};
    for (size_t i = 0; i < folded.len;) {
        size_t start = i;
        if (is_digit(folded.ptr[i])) {
            int64_t number = 0;
            while (i < folded.len && is_digit(folded.ptr[i]))
                i++;
            if (slice_to_int(slice_sub(folded, start, i - start), &number) && number <= LAST_YEAR &&
                quote.count < MAX_NUMBERS)
                quote.numbers[quote.count++] = (int)number;
        } else if (is_letter(folded.ptr[i])) {
            while (i < folded.len && is_letter(folded.ptr[i]))
                i++;
            struct slice word = slice_sub(folded, start, i - start);
            quote.month = quote.month ? quote.month : month_of(word);
            quote.is_pm |= slice_equal(word, SLICE("pm")) || slice_equal(word, SLICE("p"));
        } else {
            i++;
        }
    }
    return quote;
}

static bool says(const struct quote *quote, int number)
{
    for (size_t i = 0; i < quote->count; i++)
        if (quote->numbers[i] == number)
            return true;
    return false;
}

static bool says_date(const struct quote *quote, const struct date_time *date)
{
    if (!says(quote, date->year) || !says(quote, date->day))
        return false;
    if (quote->month)
        return quote->month == date->month;
    // Of two small numbers nobody knows which is the month, unless the year comes first.
    bool year_first = quote->numbers[0] == date->year;
    bool is_clear = date->day > 12 || date->day == date->month ||
                    (year_first && quote->count >= 3 && quote->numbers[1] == date->month);
    return says(quote, date->month) && is_clear;
}

// "18:00": both parts as numbers.
static bool read_time(struct slice text, int *ret_hour, int *ret_minute)
{
    int64_t hour, minute;
    size_t colon = slice_find_char(text, ':');
    if (colon == SIZE_MAX || !slice_to_int(slice_sub(text, 0, colon), &hour) ||
        !slice_to_int(slice_sub(text, colon + 1, 2), &minute) || hour < 0 || hour > 23 ||
        minute < 0 || minute > 59)
        return false;
    *ret_hour = (int)hour, *ret_minute = (int)minute;
    return true;
}

static bool says_time(const struct quote *quote, int hour, int minute)
{
    bool said =
        quote->is_pm ? hour >= 12 && says(quote, hour > 12 ? hour - 12 : 12) : says(quote, hour);
    return (said || says(quote, hour)) && (minute == 0 || says(quote, minute));
}

enum llm_verdict llm_check_start(const struct llm_page *page, const struct llm_answer *answer,
                                 struct llm_start *ret_start)
{
    struct date_time date;
    *ret_start = (struct llm_start){0};
    if (!llm_page_has(page, answer->quote, NULL))
        return LLM_NOT_ON_PAGE;
    if (!date_parse(answer->date, &date) || date.year < FIRST_YEAR || date.year > LAST_YEAR)
        return LLM_IMPLAUSIBLE;
    struct quote quote = quote_read(unicode_fold(page->arena, answer->quote));
    if (!says_date(&quote, &date))
        return LLM_NOT_ON_PAGE;
    char text[DATE_TEXT];
    date_format(&date, text);
    ret_start->date = slice_from_cstr(arena_strdup(page->arena, text));
    struct slice zone = json_get_text(page->event, "timezone");
    date.has_offset = false;
    date.has_time = read_time(answer->time, &date.hour, &date.minute) &&
                    says_time(&quote, date.hour, date.minute);
    date.second = date.millisecond = 0;
    ret_start->has_instant =
        date.has_time && zone_is_valid(zone) && zone_instant(zone, &date, &ret_start->unix_ms);
    return LLM_ACCEPTED;
}
