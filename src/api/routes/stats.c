// GET /api/stats/…
#include "api/routes/routes.h"
#include "lib/catalog/parameters.h"
#include "statements.gen.h"

static const char *const groupings[] = {"day", "week", "month", "city", "topic", "company", NULL};
static const struct route_param count_params[] = {
    {"group_by", ROUTE_IN_QUERY, ROUTE_ENUM, .values = groupings,
     .doc = "Also count by this; the largest 1,000 groups.", .example = "city"},
};

enum { MAX_WINDOW_DAYS = 730 };

// A number of days or weeks, such as 30d or 4w.
static bool is_window(struct slice text)
{
    int64_t days = 0;
    for (size_t i = 0; i + 1 < text.len; i++) {
        if (text.ptr[i] < '0' || text.ptr[i] > '9' || days > MAX_WINDOW_DAYS)
            return false;
        days = days * 10 + (text.ptr[i] - '0');
    }
    if (text.len < 2 || (text.ptr[text.len - 1] != 'd' && text.ptr[text.len - 1] != 'w'))
        return false;
    days *= text.ptr[text.len - 1] == 'w' ? 7 : 1;
    return days >= 1 && days <= MAX_WINDOW_DAYS;
}

static const char *check_windows(const struct route_call *call, const char **ret_parameter)
{
    static const char *const names[] = {"window", "baseline"};
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        const struct route_value *value = route_value_get(call, names[i]);
        *ret_parameter = names[i];
        if (value->given && !is_window(value->text))
            return "expected days or weeks, such as 30d or 4w, 730 days at most";
    }
    return NULL;
}

#define WINDOW                                                                \
    {"window",                                                                \
     ROUTE_IN_QUERY,                                                          \
     ROUTE_TEXT,                                                              \
     .fallback = "30d",                                                       \
     .doc = "The days that count, up to as_of: 30d or 4w, 730 days at most.", \
     .example = "30d"}
#define AS_OF                             \
    {"as_of", ROUTE_IN_QUERY, ROUTE_DATE, \
     .doc = "The last day that counts; today (UTC) when left out.", .example = "2026-03-31"}

static const struct route_param trending_params[] = {
    WINDOW,
    {"baseline", ROUTE_IN_QUERY, ROUTE_TEXT,
     .doc = "The days before the window that it is compared with; three windows when left out.",
     .example = "90d"},
    AS_OF,
    {"min_count", ROUTE_IN_QUERY, ROUTE_INT, .min = 1, .max = 1000, .fallback = "3",
     .doc = "Topics of fewer events in the window are left out."},
    {"min_score", ROUTE_IN_QUERY, ROUTE_NUMBER, .min = -1000, .max = 1000, .fallback = "1.645",
     .doc = "So many standard deviations above the baseline; the default is passed by chance in "
            "about one of twenty."},
};
static const struct route_param active_params[] = {WINDOW, AS_OF};

const struct route stats_routes[] = {
    {HTTP_METHOD_GET, "/api/stats/events/count", ROUTE_READ, "statistics",
     "How many events there are.", .params = {ROUTE_PARAMS(count_params), EVENT_FILTERS},
     .shape = ROUTE_ITEM, .statement = &sql_stats_count_events, .response = "EventCount"},
    {HTTP_METHOD_GET, "/api/stats/topics/trending", ROUTE_READ, "statistics",
     "Topics that a larger share of the events is about than before.",
     .params = {{trending_params, ARRAY_LEN(trending_params), check_windows},
                EVENT_FILTERS,
                PAGING},
     .shape = ROUTE_LIST, .statement = &sql_stats_trending_topics, .response = "TrendingTopics"},
    {HTTP_METHOD_GET, "/api/stats/speakers/active", ROUTE_READ, "statistics",
     "People with the most events.",
     .params = {{active_params, ARRAY_LEN(active_params), check_windows}, EVENT_FILTERS, PAGING},
     .shape = ROUTE_LIST, .statement = &sql_stats_active_speakers, .response = "ActiveSpeakers"},
};
const size_t stats_route_count = ARRAY_LEN(stats_routes);
