// Every page of the shared collection, compared with what its __NEXT_DATA__ says when read by a few
// lines that share nothing with the extractor. Skipped where the collection is not there
// (EVENTD_SHARED, or ../shared beside the checkout).
#include "extractor/extract.h"
#include "lib/base/arena.h"
#include "lib/base/buffer.h"
#include "lib/base/clock.h"
#include "lib/text/dates.h"
#include "lib/text/names.h"
#include "support/same_prose.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <yyjson.h>
#include <zlib.h>

#include <cmocka.h>

enum { MAX_PAGES = 2000, TIMED_ROUNDS = 5 };

struct page {
    char name[256];
    char *html;
    size_t len;
};

static struct page pages[MAX_PAGES];
static size_t page_count;

static void read_page(const char *path, const char *name)
{
    enum { MOST = 16 * 1024 * 1024 };
    gzFile file = gzopen(path, "rb");
    assert_non_null(file);
    struct page *page = &pages[page_count++];
    snprintf(page->name, sizeof page->name, "%s", name);
    page->html = malloc(MOST);
    int len = gzread(file, page->html, MOST - 1);
    assert_true(len > 0);
    page->html[len] = '\0';
    page->len = (size_t)len;
    page->html = realloc(page->html, page->len + 1);
    gzclose(file);
}

static void read_folder(const char *shared, const char *folder)
{
    char path[1024];
    snprintf(path, sizeof path, "%s/luma/%s", shared, folder);
    DIR *dir = opendir(path);
    if (!dir)
        return;
    for (struct dirent *entry; page_count < MAX_PAGES && (entry = readdir(dir));)
        if (strstr(entry->d_name, ".html")) {
            snprintf(path, sizeof path, "%s/luma/%s/%s", shared, folder, entry->d_name);
            read_page(path, entry->d_name);
        }
    closedir(dir);
}

static int setup(void **state)
{
    (void)state;
    char beside[1024];
    const char *shared = getenv("EVENTD_SHARED");
    snprintf(beside, sizeof beside, "%.*s../../../../shared",
             (int)(strrchr(__FILE__, '/') - __FILE__ + 1), __FILE__);
    read_folder(shared ? shared : beside, "pages");
    read_folder(shared ? shared : beside, "real-pages");
    if (page_count == 0)
        printf("luma_pages: the shared collection is not here, skipped\n");
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    for (size_t i = 0; i < page_count; i++)
        free(pages[i].html);
    return 0;
}

// ---- the independent reading

static yyjson_doc *read_state(const struct page *page)
{
    static const char start[] = "<script id=\"__NEXT_DATA__\" type=\"application/json\"";
    char *from = strstr(page->html, start);
    char *json = from ? strchr(from + sizeof start - 1, '>') : NULL;
    char *end = json ? strstr(json, "</script>") : NULL;
    return end ? yyjson_read(json + 1, (size_t)(end - json - 1), 0) : NULL;
}

static const char *string_at(yyjson_val *root, const char *pointer)
{
    return yyjson_get_str(yyjson_ptr_get(root, pointer));
}

static bool same_words(const char *a, struct slice b)
{
    size_t at = 0;
    a += strspn(a, " \n\t");
    while (*a) {
        size_t gap = strspn(a, " \n\t");
        if (gap) {
            a += gap;
            if (*a && (at >= b.len || b.ptr[at++] != ' '))
                return false;
        } else if (at >= b.len || b.ptr[at++] != *a++) {
            return false;
        }
    }
    return at == b.len;
}

static void check_text(const struct page *page, const char *what, const char *expected,
                       struct slice got)
{
    if (!expected ? got.len != 0 : !same_words(expected, got))
        fail_msg("%s: %s is \"%.*s\", the page says \"%s\"", page->name, what, SLICE_FMT(got),
                 expected ? expected : "");
}

static void check_times(const struct page *page, yyjson_val *data, const struct record *record)
{
    const char *start = string_at(data, "/event/start_at"),
               *zone = string_at(data, "/event/timezone");
    char text[INSTANT_TEXT], expected[INSTANT_TEXT], day[16];
    struct tm broken = {0}, local;
    assert_non_null(start);
    assert_non_null(zone);
    snprintf(expected, sizeof expected, "%.19sZ", start);
    assert_true(record_has(record, FIELD_STARTS_AT));
    instant_format(record->fields[FIELD_STARTS_AT].integer, text);
    assert_string_equal(text, expected);
    check_text(page, "timezone", zone, record_text(record, FIELD_TIMEZONE));
    // The C library's own zone database tells the local day.
    assert_non_null(strptime(start, "%Y-%m-%dT%H:%M:%S", &broken));
    time_t instant = timegm(&broken);
    setenv("TZ", zone, 1);
    tzset();
    assert_non_null(localtime_r(&instant, &local));
    strftime(day, sizeof day, "%Y-%m-%d", &local);
    check_text(page, "date", day, record_text(record, FIELD_DATE));
}

// The stored name is the shown one or what is left when additions are cut off at its end.
static bool is_name_of(struct slice name, const char *shown)
{
    return name.len && (strncasecmp(shown, name.ptr, name.len) == 0 || same_words(shown, name));
}

static bool has_host(const struct record *record, const char *shown)
{
    for (size_t i = 0; i < record->people_count; i++)
        if (same_words(shown, record->people[i].evidence) ||
            is_name_of(record->people[i].name, shown))
            return true;
    for (size_t i = 0; i < record->companies_count; i++)
        if (same_words(shown, record->companies[i].evidence) ||
            is_name_of(record->companies[i].name, shown))
            return true;
    return false;
}

static void check_hosts(const struct page *page, yyjson_val *data, const struct record *record)
{
    yyjson_val *hosts = yyjson_obj_get(data, "hosts"), *host;
    size_t index, count;
    yyjson_arr_foreach (hosts, index, count, host) {
        const char *name = yyjson_get_str(yyjson_obj_get(host, "name"));
        if (name && *name && !has_host(record, name))
            fail_msg("%s: the host \"%s\" is missing", page->name, name);
    }
    size_t structured = 0;
    for (size_t i = 0; i < record->people_count; i++)
        structured += record->people[i].method == METHOD_NEXT_DATA;
    assert_true(structured <= yyjson_arr_size(hosts));
}

static void check_event(const struct page *page, yyjson_val *data, const struct record *record)
{
    const char *name = string_at(data, "/event/name"),
               *city = string_at(data, "/event/geo_address_info/city");
    const char *slug = string_at(data, "/event/url");
    char url[512];
    assert_int_equal(record->kind, PAGE_EVENT);
    struct slice plain = name_clean(record->arena, slice_from_cstr(name));
    check_text(page, "name", arena_cstr(record->arena, plain), record_text(record, FIELD_NAME));
    if (city)
        check_text(page, "city", city, record_text(record, FIELD_CITY));
    snprintf(url, sizeof url, "https://luma.com/%s", slug ? slug : "");
    check_text(page, "url", url, record_text(record, FIELD_URL));
    check_times(page, data, record);
    check_hosts(page, data, record);
    assert_true(record_has(record, FIELD_DESCRIPTION) ||
                !yyjson_is_obj(yyjson_obj_get(data, "description_mirror")));
    if (!same_prose_again(record->arena, &record->prose))
        fail_msg("%s: the Markdown says something else than the description", page->name);
    assert_int_equal(record->warnings_count, 0);
}

static void test_every_page(void **state)
{
    (void)state;
    size_t events = 0;
    if (page_count == 0)
        skip();
    struct arena *arena = arena_new(EXTRACT_ARENA_BYTES);
    for (size_t i = 0; i < page_count; i++) {
        struct record record;
        yyjson_doc *state_doc = read_state(&pages[i]);
        yyjson_val *initial =
            yyjson_ptr_get(yyjson_doc_get_root(state_doc), "/props/pageProps/initialData");
        const char *kind = string_at(initial, "/kind");
        assert_int_equal(extract_page((struct slice){pages[i].html, pages[i].len},
                                      (struct slice){0}, arena, &record, NULL),
                         ERR_OK);
        if (kind && strcmp(kind, "event") == 0) {
            check_event(&pages[i], yyjson_obj_get(initial, "data"), &record);
            events++;
        } else {
            assert_int_not_equal(record.kind, PAGE_EVENT);
        }
        yyjson_doc_free(state_doc);
        arena_reset(arena);
    }
    printf("luma_pages: %zu pages, %zu events, all as their pages say\n", page_count, events);
    arena_free(arena);
}

static void test_speed(void **state)
{
    (void)state;
    size_t bytes = 0, answers = 0;
    if (page_count == 0)
        skip();
    struct arena *arena = arena_new(EXTRACT_ARENA_BYTES);
    struct buffer out;
    buffer_init(&out, 16 * 1024 * 1024);
    uint64_t started = clock_monotonic_ns();
    for (size_t i = 0; i < page_count * TIMED_ROUNDS; i++) {
        const struct page *page = &pages[i % page_count];
        struct record record;
        assert_int_equal(extract_page((struct slice){page->html, page->len}, (struct slice){0},
                                      arena, &record, NULL),
                         ERR_OK);
        buffer_clear(&out);
        record_render(&record, &out);
        bytes += page->len, answers += out.len;
        arena_reset(arena);
    }
    double seconds = (double)(clock_monotonic_ns() - started) / 1e9;
    printf("luma_pages: %.0f pages/s, %.0f MB/s on one core, page to JSON (%zu KB to %zu KB on "
           "average)\n",
           (double)(page_count * TIMED_ROUNDS) / seconds, (double)bytes / seconds / 1e6,
           bytes / page_count / TIMED_ROUNDS / 1024, answers / page_count / TIMED_ROUNDS / 1024);
    buffer_done(&out);
    arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_page),
        cmocka_unit_test(test_speed),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
