#include "api/scrape/render.h"

#include "api/scrape/browser.h"
#include "lib/base/clock.h"
#include "lib/json/json.h"

#include <openssl/evp.h>
#include <string.h>

enum {
    DEFAULT_TIMEOUT_MS = 30000,
    DEFAULT_SETTLE_MS = 500,
    MESSAGE_ARENA_BYTES = 96 * 1024 * 1024, // one message read, one resource, one answer
    MAX_PARAMS_BYTES = 48 * 1024 * 1024,
};

// One page in one browser.
struct rendering {
    const struct render_options *options;
    struct browser *browser;
    struct arena *message; // of the message at work, emptied for the next
    struct slice url, html, session;
    int64_t awaited;    // id of the command whose answer is waited for; 0: none
    yyjson_val *answer; // to it, in `message`
    size_t resources;   // loaded so far
    bool given, loaded; // the document; the page's load event
    struct error *error;
};

// ---------------------------------------------------------------------------------------------- is it needed?

static bool contains_any(struct slice html, const char *const *marks)
{
    for (size_t i = 0; marks[i]; i++)
        if (slice_find(html, slice_from_cstr(marks[i])) != SIZE_MAX)
            return true;
    return false;
}

bool render_is_needed(struct slice html)
{
    static const char *const scripts[] = {"<script", "<SCRIPT", NULL};
    static const char *const data[] = {"application/ld+json",
                                       "__NEXT_DATA__",
                                       "itemscope",
                                       "typeof=\"",
                                       "h-event",
                                       "vevent",
                                       NULL};
    return contains_any(html, scripts) && !contains_any(html, data);
}

// -------------------------------------------------------------------------------------------------- commands

static struct slice base64(struct arena *arena, struct slice bytes)
{
    char *text = arena_alloc(arena, (bytes.len + 2) / 3 * 4 + 1);
    int len =
        EVP_EncodeBlock((unsigned char *)text, (const unsigned char *)bytes.ptr, (int)bytes.len);
    return (struct slice){text, (size_t)len};
}

static enum err send(struct rendering *page, const char *method, const struct buffer *params)
{
    if (params->overflow)
        return error_set(page->error, ERR_PAGE_TOO_LARGE, "a part of the page is too large");
    return browser_send(page->browser, method, page->session, buffer_slice(params), &page->awaited,
                        page->error);
}

static enum err send_text(struct rendering *page, const char *method, const char *params)
{
    return browser_send(page->browser, method, page->session, slice_from_cstr(params),
                        &page->awaited, page->error);
}

static enum err refuse(struct rendering *page, struct slice request)
{
    struct buffer params CLEANUP(buffer_done);
    buffer_init(&params, 4096);
    struct json_writer w = json_writer_on(&params);
    json_begin_object(&w);
    json_key(&w, "requestId");
    json_text(&w, request);
    json_key(&w, "errorReason");
    json_cstr(&w, "BlockedByClient");
    json_end_object(&w);
    int64_t awaited = page->awaited; // nobody waits for this answer
    enum err err = send(page, "Fetch.failRequest", &params);
    page->awaited = awaited;
    return err;
}

static void write_header(struct json_writer *w, const char *name, struct slice value)
{
    json_begin_object(w);
    json_key(w, "name");
    json_cstr(w, name);
    json_key(w, "value");
    json_text(w, value);
    json_end_object(w);
}

static enum err give(struct rendering *page, struct slice request, int status, struct slice type,
                     struct slice body)
{
    struct buffer params CLEANUP(buffer_done);
    buffer_init(&params, MAX_PARAMS_BYTES);
    struct json_writer w = json_writer_on(&params);
    json_begin_object(&w);
    json_key(&w, "requestId");
    json_text(&w, request);
    json_key(&w, "responseCode");
    json_int(&w, status);
    json_key(&w, "responseHeaders");
    json_begin_array(&w);
    write_header(&w, "Content-Type", type.len ? type : SLICE("application/octet-stream"));
    // What the page may read is decided by which hosts are allowed, not by those hosts' wishes.
    write_header(&w, "Access-Control-Allow-Origin", SLICE("*"));
    json_end_array(&w);
    json_key(&w, "body");
    json_text(&w, base64(page->message, body));
    json_end_object(&w);
    int64_t awaited = page->awaited;
    enum err err = send(page, "Fetch.fulfillRequest", &params);
    page->awaited = awaited;
    return err;
}

// ---------------------------------------------------------------------------------------------------- events

// Scripts and their data; pictures, fonts, style sheets, frames and sockets carry nothing that is read.
static bool is_wanted(yyjson_val *params)
{
    static const char *const types[] = {"Script", "XHR", "Fetch", NULL};
    struct slice type = json_get_text(params, "resourceType");
    if (!slice_equal(json_get_text(params, "request.method"), SLICE("GET")))
        return false;
    for (size_t i = 0; types[i]; i++)
        if (slice_equal(type, slice_from_cstr(types[i])))
            return true;
    return false;
}

static enum err on_request(struct rendering *page, yyjson_val *params)
{
    struct slice request = json_get_text(params, "requestId");
    struct slice url = json_get_text(params, "request.url"), body, type;
    int status = 0;
    if (!page->given && slice_equal(json_get_text(params, "resourceType"), SLICE("Document"))) {
        page->given = true;
        return give(page, request, 200, SLICE("text/html; charset=utf-8"), page->html);
    }
    if (!is_wanted(params) || page->resources == RENDER_MAX_RESOURCES)
        return refuse(page, request);
    page->resources++;
    struct error ignored = {0};
    enum err err = page->options->load(page->options->user, url, page->message, &body, &type,
                                       &status, &ignored);
    if (err == ERR_SHUTTING_DOWN)
        return error_set(page->error, err, "%s", ignored.detail);
    return err ? refuse(page, request) : give(page, request, status, type, body);
}

// Reads one message and does what it asks for; *ret_quiet when none came within wait_ms.
static enum err step(struct rendering *page, uint32_t wait_ms, bool *ret_quiet)
{
    struct slice text;
    yyjson_val *message;
    enum err err = browser_receive(page->browser, wait_ms, &text, page->error);
    *ret_quiet = !err && !text.ptr;
    if (err || *ret_quiet)
        return err;
    arena_reset(page->message);
    err = json_parse(page->message, text, &message, page->error);
    if (err)
        return err;
    struct slice method = json_get_text(message, "method");
    if (slice_equal(method, SLICE("Fetch.requestPaused")))
        return on_request(page, json_get(message, "params"));
    if (slice_equal(method, SLICE("Page.loadEventFired")))
        page->loaded = true;
    if (slice_equal(method, SLICE("Inspector.targetCrashed")))
        return error_set(page->error, ERR_IO, "the page made the browser crash");
    if (page->awaited && json_get_int(message, "id", 0) == page->awaited)
        page->answer = message;
    return ERR_OK;
}

// Until the answer to the last command is there.
static enum err await(struct rendering *page)
{
    bool quiet;
    page->answer = NULL;
    while (!page->answer) {
        enum err err = step(page, 0, &quiet);
        if (err)
            return err;
    }
    page->awaited = 0;
    struct slice complaint = json_get_text(page->answer, "error.message");
    return complaint.len ? error_set(page->error, ERR_IO, "the browser says: %.*s",
                                     SLICE_FMT(slice_sub(complaint, 0, 200)))
                         : ERR_OK;
}

static enum err call(struct rendering *page, const char *method, const char *params)
{
    enum err err = send_text(page, method, params);
    return err ? err : await(page);
}

// ------------------------------------------------------------------------------------------------- one page

static enum err open_page(struct rendering *page, struct arena *arena)
{
    enum err err = call(page, "Target.createTarget", "{\"url\":\"about:blank\"}");
    if (err)
        return err;
    const char *target = arena_cstr(arena, json_get_text(page->answer, "result.targetId"));
    err = call(page, "Target.attachToTarget",
               arena_printf(arena, "{\"targetId\":\"%s\",\"flatten\":true}", target));
    if (err)
        return err;
    page->session = arena_slice(arena, json_get_text(page->answer, "result.sessionId"));
    static const char *const settings[][2] = {
        {"Page.enable", "{}"},
        {"Fetch.enable", "{\"patterns\":[{\"urlPattern\":\"*\"}]}"},
        {"Network.enable", "{}"},
        {"Network.setBypassServiceWorker", "{\"bypass\":true}"},
    };
    for (size_t i = 0; i < ARRAY_LEN(settings) && !err; i++)
        err = call(page, settings[i][0], settings[i][1]);
    return err;
}

static enum err navigate(struct rendering *page)
{
    struct buffer params CLEANUP(buffer_done);
    buffer_init(&params, 64 * 1024);
    struct json_writer w = json_writer_on(&params);
    json_begin_object(&w);
    json_key(&w, "url");
    json_text(&w, page->url);
    json_end_object(&w);
    enum err err = send(page, "Page.navigate", &params);
    if (!err)
        err = await(page);
    bool quiet = false;
    uint32_t settle_ms = page->options->settle_ms ? page->options->settle_ms : DEFAULT_SETTLE_MS;
    while (!err && !(page->loaded && quiet))
        err = step(page, settle_ms, &quiet);
    return err;
}

static enum err read_document(struct rendering *page, struct arena *arena, struct slice *ret_html)
{
    enum err err =
        call(page, "Runtime.evaluate",
             "{\"expression\":\"'<!DOCTYPE html>' + document.documentElement.outerHTML\","
             "\"returnByValue\":true}");
    if (err)
        return err;
    struct slice html = json_get_text(page->answer, "result.result.value");
    if (!html.len)
        return error_set(page->error, ERR_IO, "the browser gave no document");
    if (html.len > page->options->max_bytes)
        return error_set(page->error, ERR_PAGE_TOO_LARGE, "the rendered page is too large");
    *ret_html = arena_slice(arena, html);
    return ERR_OK;
}

enum err render_page(const struct render_options *options, struct slice url, struct slice html,
                     struct arena *arena, struct slice *ret_html, struct error *ret_error)
{
    struct arena *message CLEANUP(arena_free_cleanup) = arena_new(MESSAGE_ARENA_BYTES);
    struct rendering page = {
        .options = options, .message = message, .url = url, .html = html, .error = ret_error};
    const struct browser_options browser = {
        .path = options->browser ? options->browser : "chromium",
        .max_message_bytes = 2 * options->max_bytes + RENDER_MAX_RESOURCE_BYTES,
        .deadline_ms =
            clock_monotonic_ms() + (options->timeout_ms ? options->timeout_ms : DEFAULT_TIMEOUT_MS),
        .cancel = options->cancel,
    };
    enum err err = browser_start(&browser, &page.browser, ret_error);
    if (!err)
        err = open_page(&page, arena);
    if (!err)
        err = navigate(&page);
    if (!err)
        err = read_document(&page, arena, ret_html);
    browser_stop(page.browser);
    return err;
}
