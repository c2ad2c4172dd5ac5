#include "lib/metric/metric.h"

#include "lib/base/slice.h"
#include "lib/metric/process.h"

#include <math.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static const double bounds[] = {0.1, 0.5, 1};

static struct metric plain = METRIC_COUNTER("aa_plain_total", "Without labels.");
static struct metric labelled =
    METRIC_COUNTER("bb_labelled_total", "With \"labels\",\nand a \\.", "method", "route");
static struct metric level = METRIC_GAUGE("cc_level", "Goes up and down.");
static struct metric seconds = METRIC_HISTOGRAM("dd_seconds", "Durations.", bounds, "route");
static struct metric crowded = METRIC_COUNTER("ee_crowded_total", "Many series.", "key");
static struct metric never = METRIC_COUNTER("ff_never_total", "Has no series.");
static struct metric shared = METRIC_HISTOGRAM("gg_shared", "Of many threads.", bounds);

static struct buffer rendered;

// The rendered text from the HELP line of one metric up to the next metric.
static const char *text_of(const struct metric *metric)
{
    static char part[128 * 1024];
    char head[128];
    buffer_clear(&rendered);
    metric_render(&rendered);
    assert_false(rendered.overflow);
    snprintf(head, sizeof head, "# HELP %s ", metric->name);
    const char *at = strstr(rendered.ptr, head);
    if (!at)
        return "";
    const char *end = strstr(at + 1, "# HELP ");
    snprintf(part, sizeof part, "%.*s", (int)(end ? end - at : (ptrdiff_t)strlen(at)), at);
    return part;
}

static void a_counter_counts(void **state)
{
    (void)state;
    metric_inc(metric_series(&plain));
    metric_add(metric_series(&plain), 41);
    assert_ptr_equal(metric_series(&plain), metric_series(&plain));
    assert_true(metric_value(metric_series(&plain)) == 42);
    assert_string_equal(text_of(&plain), "# HELP aa_plain_total Without labels.\n"
                                         "# TYPE aa_plain_total counter\n"
                                         "aa_plain_total 42\n");
}

static void labels_are_escaped(void **state)
{
    (void)state;
    metric_inc(metric_series(&labelled, "GET", "/a\"b\\c\nd"));
    assert_string_equal(text_of(&labelled),
                        "# HELP bb_labelled_total With \"labels\",\\nand a \\\\.\n"
                        "# TYPE bb_labelled_total counter\n"
                        "bb_labelled_total{method=\"GET\",route=\"/a\\\"b\\\\c\\nd\"} 1\n");
}

static void label_sets_are_kept_apart(void **state)
{
    (void)state;
    struct metric_series *a = metric_series(&labelled, "GET", "/x"),
                         *b = metric_series(&labelled, "POST", "/x");
    assert_ptr_not_equal(a, b);
    metric_add(a, 3);
    assert_true(metric_value(a) == 3 && metric_value(b) == 0);
    // Which label a value belongs to matters.
    assert_ptr_not_equal(metric_series(&labelled, "1", "2"), metric_series(&labelled, "2", "1"));
}

static void a_gauge_goes_both_ways(void **state)
{
    (void)state;
    struct metric_series *gauge = metric_series(&level);
    metric_set(gauge, 2.5);
    metric_change(gauge, -4);
    assert_non_null(strstr(text_of(&level), "\ncc_level -1.5\n"));
    metric_set(gauge, NAN);
    assert_non_null(strstr(text_of(&level), "\ncc_level NaN\n"));
    metric_set(gauge, INFINITY);
    assert_non_null(strstr(text_of(&level), "\ncc_level +Inf\n"));
}

static double read_double(void *data)
{
    return *(double *)data;
}

static void a_gauge_may_be_read(void **state)
{
    (void)state;
    double value = 7;
    metric_read_from(metric_series(&level), read_double, &value);
    assert_non_null(strstr(text_of(&level), "\ncc_level 7\n"));
    value = 8;
    assert_non_null(strstr(text_of(&level), "\ncc_level 8\n"));
    metric_read_from(metric_series(&level), NULL, NULL);
    value = 9;
    assert_non_null(strstr(text_of(&level), "\ncc_level 8\n"));
}

static void a_histogram_is_cumulative(void **state)
{
    (void)state;
    struct metric_series *series = metric_series(&seconds, "/r");
    const double values[] = {0.05, 0.1, 0.3, 2, 0.9};
    for (size_t i = 0; i < ARRAY_LEN(values); i++)
        metric_observe(series, values[i]);
    assert_true(metric_value(series) == 5);
    assert_string_equal(text_of(&seconds), "# HELP dd_seconds Durations.\n"
                                           "# TYPE dd_seconds histogram\n"
                                           "dd_seconds_bucket{route=\"/r\",le=\"0.1\"} 2\n"
                                           "dd_seconds_bucket{route=\"/r\",le=\"0.5\"} 3\n"
                                           "dd_seconds_bucket{route=\"/r\",le=\"1\"} 4\n"
                                           "dd_seconds_bucket{route=\"/r\",le=\"+Inf\"} 5\n"
                                           "dd_seconds_sum{route=\"/r\"} 3.35\n"
                                           "dd_seconds_count{route=\"/r\"} 5\n");
}

static void series_have_a_maximum(void **state)
{
    (void)state;
    char key[32];
    for (int i = 0; i < METRIC_MAX_SERIES + 100; i++) {
        snprintf(key, sizeof key, "key-%d", i);
        metric_inc(metric_series(&crowded, key));
    }
    assert_true(metric_value(metric_series(&crowded, "key-0")) == 1);
    assert_true(metric_value(metric_series(&crowded, "other")) == 100);
    assert_ptr_equal(metric_series(&crowded, "yet another"), metric_series(&crowded, "other"));
}

static void long_values_are_cut_between_letters(void **state)
{
    (void)state;
    char long_value[400] = "";
    for (int i = 0; i < 100;
         i++) // "ab€" is five bytes, so 120 falls behind a letter; shift it by one
        strncat(long_value, i ? "ab€" : "ab€x", sizeof long_value - strlen(long_value) - 1);
    metric_inc(metric_series(&labelled, "CUT", long_value));
    const char *text = strstr(text_of(&labelled), "method=\"CUT\"");
    assert_non_null(text);
    const char *value = strstr(text, "route=\"") + strlen("route=\""), *end = strchr(value, '"');
    assert_int_equal(end - value, 118); // 120 would be inside the sign
    assert_memory_equal(end - 2, "ab", 2);
}

static void the_text_is_sorted_and_whole(void **state)
{
    (void)state;
    assert_string_equal(text_of(&never), "");
    buffer_clear(&rendered);
    metric_render(&rendered);
    char last[128] = "";
    struct slice rest = buffer_slice(&rendered), line;
    while (slice_split_next(&rest, '\n', &line)) {
        char name[128];
        char copy[2048];
        snprintf(copy, sizeof copy, "%.*s", SLICE_FMT(line));
        if (sscanf(copy, "# HELP %127s", name) != 1)
            continue;
        assert_true(strcmp(last, name) < 0);
        memcpy(last, name, sizeof last);
    }
    assert_true(last[0] != '\0');
}

enum { THREADS = 4, ROUNDS = 20000 };

static void *count_and_find(void *data)
{
    (void)data;
    for (int i = 0; i < ROUNDS; i++) {
        metric_observe(metric_series(&shared), 0.25);
        metric_inc(metric_series(&labelled, "thread", i % 2 ? "odd" : "even"));
    }
    return NULL;
}

static void threads_lose_nothing(void **state)
{
    (void)state;
    pthread_t threads[THREADS];
    for (size_t i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, count_and_find, NULL), 0);
    for (size_t i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    assert_true(metric_value(metric_series(&shared)) == THREADS * ROUNDS);
    assert_true(metric_value(metric_series(&labelled, "thread", "odd")) == THREADS * ROUNDS / 2);
    assert_non_null(strstr(text_of(&shared), "\ngg_shared_sum 20000\n"));
}

static void the_process_tells_about_itself(void **state)
{
    (void)state;
    static const char *const names[] = {"build_info{service=\"test\",version=\"1.2.3\"} 1\n",
                                        "\nprocess_start_time_seconds 1",
                                        "\nprocess_cpu_seconds_total ",
                                        "\nprocess_resident_memory_bytes ",
                                        "\nprocess_open_fds ",
                                        "\nprocess_max_fds "};
    metric_process_init("test", "1.2.3");
    buffer_clear(&rendered);
    metric_render(&rendered);
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        const char *at = strstr(rendered.ptr, names[i]);
        if (!at)
            fail_msg("missing: %s", names[i]);
        if (strstr(names[i], "resident") || strstr(names[i], "fds"))
            assert_in_range(at[strlen(names[i])], '1', '9'); // more than nothing
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_counter_counts),
        cmocka_unit_test(labels_are_escaped),
        cmocka_unit_test(label_sets_are_kept_apart),
        cmocka_unit_test(a_gauge_goes_both_ways),
        cmocka_unit_test(a_gauge_may_be_read),
        cmocka_unit_test(a_histogram_is_cumulative),
        cmocka_unit_test(series_have_a_maximum),
        cmocka_unit_test(long_values_are_cut_between_letters),
        cmocka_unit_test(the_text_is_sorted_and_whole),
        cmocka_unit_test(threads_lose_nothing),
        cmocka_unit_test(the_process_tells_about_itself),
    };
    buffer_init(&rendered, 1024 * 1024);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    buffer_done(&rendered);
    return failed;
}
