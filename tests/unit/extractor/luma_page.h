// Builds pages in the structure of Luma's from invented data, for the tests of the extractor.
#pragma once

#include "lib/base/arena.h"
#include "lib/base/slice.h"

#include <stdio.h>
#include <string.h>

struct luma_page {
    const char *kind;    // of initialData; "event" when NULL
    const char *data;    // JSON of initialData.data; no __NEXT_DATA__ when NULL
    const char *json_ld; // JSON of the ld+json block; none when NULL
    const char *slug;    // "test-event" when NULL
    const char *title;   // "Test · Luma" when NULL
    const char *head;    // more markup for the head
    const char *host;    // "luma.com" when NULL
};

static inline const char *luma_page_or(const char *text, const char *fallback)
{
    return text ? text : fallback;
}

static inline struct slice luma_page_build(struct arena *arena, struct luma_page page)
{
    const char *slug = luma_page_or(page.slug, "test-event"),
               *host = luma_page_or(page.host, "luma.com");
    const char *title = luma_page_or(page.title, "Test · Luma");
    const char *json_ld = "", *next_data = "";
    if (page.json_ld)
        json_ld = arena_printf(arena,
                               "<script data-cfasync=\"false\" type=\"application/ld+json\" "
                               "data-next-head=\"\">%s</script>",
                               page.json_ld);
    if (page.data)
        next_data =
            arena_printf(arena,
                         "<script id=\"__NEXT_DATA__\" "
                         "type=\"application/json\">{\"props\":{\"initialUserData\":null,"
                         "\"countryCode\":\"US\",\"latitude\":\"39.0\",\"longitude\":\"-77.4\","
                         "\"pageProps\":{\"initialData\":{\"kind\":\"%s\","
                         "\"data\":%s}}},\"page\":\"/"
                         "[...url]\",\"query\":{\"url\":[\"%s\"]},\"buildId\":\"b\"}</script>",
                         luma_page_or(page.kind, "event"), page.data, slug);
    return slice_from_cstr(arena_printf(
        arena,
        "<!DOCTYPE html><html class=\"theme-root\" lang=\"en\"><head><meta charSet=\"utf-8\"/>"
        "<title data-next-head=\"\">%s</title><meta property=\"og:title\" content=\"%s\"/>"
        "<meta property=\"og:type\" content=\"article\"/><meta property=\"og:url\" "
        "content=\"https://%s/%s\"/>"
        "<link rel=\"canonical\" href=\"https://%s/%s\"/>%s%s</head><body><div "
        "id=\"__next\"><script>if (1 < 2) {}</script>"
        "<svg><title>icon</title></svg><p>text</p></div>%s</body></html>",
        title, title, host, slug, host, slug, luma_page_or(page.head, ""), json_ld, next_data));
}
