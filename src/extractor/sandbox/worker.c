#include "extractor/sandbox/worker.h"

#include "extractor/sandbox/lock.h"
#include "extractor/sandbox/wire.h"
#include "extractor/service.h"
#include "lib/base/compiler.h"

#include <string.h>
#include <unistd.h>

// An invented page that takes every reader's way: Luma's own state, JSON-LD, prose, topics, names of zones, countries and
// hosts. ICU's data is part of the program's libraries; the tables built from it are made here.
static const char warm_up_page[] =
    "<!DOCTYPE html><html lang=\"en\"><head><title>An evening of maps</title>"
    "<meta property=\"og:title\" content=\"An evening of maps\">"
    "<meta property=\"og:url\" content=\"https://luma.com/maps-example\">"
    "<script type=\"application/ld+json\">{\"@type\":\"Event\",\"name\":\"An evening of maps\","
    "\"startDate\":\"2026-03-31T18:30:00+02:00\",\"location\":{\"@type\":\"Place\",\"name\":"
    "\"The Old Mill\",\"address\":{\"@type\":\"PostalAddress\",\"addressCountry\":\"Austria\"}}}"
    "</script></head><body><h1>An evening of maps</h1><p>Speakers</p><ul><li>Ada Lovelace, "
    "Engineer, Loom Labs</li></ul><p>Moderated by Grace Hopper at m\xc3\xbchle.example</p>"
    "<script id=\"__NEXT_DATA__\" type=\"application/json\">{\"props\":{\"pageProps\":{"
    "\"initialData\":{\"data\":{\"event\":{\"api_id\":\"evt-maps\",\"name\":\"An evening of "
    "maps\",\"start_at\":\"2026-03-31T16:30:00.000Z\",\"timezone\":\"Europe/Vienna\",\"url\":"
    "\"maps-example\",\"location_type\":\"offline\",\"geo_address_info\":{\"city\":\"Vienna\","
    "\"country\":\"Austria\"}}}}}}}</script></body></html>";
static const char warm_up_markup[] =
    "<html><body><div itemscope itemtype=\"https://schema.org/Event\"><span itemprop=\"name\">A "
    "walk</span><time itemprop=\"startDate\" datetime=\"2026-03-31T18:30\">Tuesday, 31 March "
    "2026</time><a itemprop=\"url\" href=\"https://m\xc3\xbchle.example/\">m</a></div></body>"
    "</html>";

void sandbox_worker_warm_up(void)
{
    const struct slice pages[] = {slice_from_cstr(warm_up_page), slice_from_cstr(warm_up_markup)};
    for (size_t i = 0; i < ARRAY_LEN(pages); i++) {
        struct buffer record CLEANUP(buffer_done);
        struct error error = {0};
        buffer_init(&record, EXTRACTOR_MAX_ANSWER);
        if (extractor_answer(pages[i], SLICE("https://m\xc3\xbchle.example/walk"), &record, &error))
            _exit(1);
    }
}

static void say(uint32_t number, enum sandbox_said said, size_t bytes)
{
    const struct sandbox_reply reply = {.number = number, .said = said, .bytes = (uint32_t)bytes};
    if (write(STDIN_FILENO, &reply, sizeof reply) != sizeof reply)
        _exit(0); // nobody listens any longer
}

// The page is read where it lies: the service does not touch it meanwhile.
static void answer(char *shared, const struct sandbox_request *request, struct buffer *record)
{
    const struct slice page = {shared + SANDBOX_PAGE_AT, request->page_bytes};
    const struct slice url = {request->has_url ? shared + SANDBOX_URL_AT : NULL,
                              request->url_bytes};
    struct error error = {0};
    buffer_clear(record);
    if (extractor_answer(page, url, record, &error)) {
        say(request->number, SANDBOX_SAID_TOO_LARGE, 0);
        return;
    }
    struct slice json = buffer_slice(record);
    memcpy(shared + SANDBOX_RECORD_AT, json.ptr, json.len);
    say(request->number, SANDBOX_SAID_RECORD, json.len);
}

void sandbox_worker_run(char *shared, bool needs_filter)
{
    struct buffer record;
    struct sandbox_request request;
    char message[sizeof request + 1]; // what is longer shows
    ssize_t len;
    buffer_init(&record, EXTRACTOR_MAX_ANSWER);
    int refused = sandbox_lock();
    if (refused && needs_filter)
        _exit(1);
    say(0, refused ? SANDBOX_SAID_UNFILTERED : SANDBOX_SAID_LOCKED, (size_t)refused);
    while ((len = read(STDIN_FILENO, message, sizeof message)) > 0) {
        if (!sandbox_request_decode(message, (size_t)len, &request))
            _exit(1);
        answer(shared, &request, &record);
    }
    _exit(0);
}
