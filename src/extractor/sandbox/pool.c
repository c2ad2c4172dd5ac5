#include "extractor/sandbox/pool.h"

#include "extractor/service.h"
#include "lib/base/ensure.h"
#include "lib/log/log.h"
#include "lib/loop/watch.h"

#include <stdlib.h>

// One place for a child.
struct place {
    struct sandbox_pool *pool;
    struct sandbox_child child;
    struct loop_watch *watch;    // of its channel
    struct loop_timer *deadline; // while it reads
    struct sandbox_page *page;   // that it reads; NULL: none
};

struct sandbox_pool {
    struct sandbox *sandbox;
    struct loop *loop;
    struct place places[SANDBOX_POOL_CHILDREN];
    struct sandbox_page *first, **last; // those that wait
    size_t waiting;
    struct buffer record;
};

static void serve(struct sandbox_pool *pool);

static void finish(struct sandbox_page *page, struct slice record, enum err err, const char *detail)
{
    struct error error = {0};
    if (err)
        error_set(&error, err, "%s", detail);
    page->done(page->data, record, err ? &error : NULL);
}

// ------------------------------------------------------------------------------------------------- children

// Ends the child of a place; the page that it was reading fails.
static void end_child(struct place *place, enum sandbox_end because)
{
    struct sandbox_page *page = place->page;
    loop_timer_stop(place->deadline);
    place->deadline = NULL;
    place->page = NULL;
    loop_watch_close(place->watch);
    place->watch = NULL;
    enum sandbox_end end = sandbox_child_end(place->pool->sandbox, &place->child, because);
    struct error error = {0};
    if (page)
        finish(page, (struct slice){0}, sandbox_end_error(end, &error), error.detail);
}

static void on_channel(void *data, int);

static enum err start_child(struct place *place, struct error *ret_error)
{
    enum err err = sandbox_child_start(place->pool->sandbox, &place->child, ret_error);
    if (err) {
        log_error("sandbox_child_not_started", log_str("detail", ret_error->detail));
        return err;
    }
    place->watch = loop_watch_new(place->pool->loop, place->child.channel,
                                  UV_READABLE | UV_DISCONNECT, on_channel, place);
    return ERR_OK;
}

// One that had read pages is replaced at once, so that the next page does not wait for it. One that had not may never
// live: it is tried again when there is a page.
static void replace_child(struct place *place, enum sandbox_end because)
{
    bool had_read = place->child.pages > 0;
    struct error error = {0};
    end_child(place, because);
    // Whoever was answered may have asked again, and have started it.
    if (had_read && !place->child.pid && !start_child(place, &error))
        log_debug("sandbox_child_started", log_int("pid", place->child.pid));
}

// ---------------------------------------------------------------------------------------------------- pages

static void on_deadline(void *data)
{
    struct place *place = data;
    struct sandbox_pool *pool = place->pool;
    replace_child(place, SANDBOX_END_TIMEOUT);
    serve(pool);
}

static void on_word(struct place *place, enum sandbox_word word)
{
    struct sandbox_pool *pool = place->pool;
    struct sandbox_page *page = place->page;
    if (word == SANDBOX_WORD_NONE)
        return;
    if (word != SANDBOX_WORD_RECORD && word != SANDBOX_WORD_TOO_LARGE) {
        replace_child(place, sandbox_end_after(word));
        return;
    }
    loop_timer_stop(place->deadline);
    place->deadline = NULL;
    place->page = NULL;
    if (sandbox_child_is_old(&place->child))
        replace_child(place, SANDBOX_END_RETIRED);
    if (word == SANDBOX_WORD_RECORD)
        finish(page, buffer_slice(&pool->record), ERR_OK, NULL);
    else
        finish(page, (struct slice){0}, ERR_PAGE_TOO_LARGE, "the record of this page is too large");
}

static void on_channel(void *data, int)
{
    struct place *place = data; // what happened, reading says
    struct sandbox_pool *pool = place->pool;
    buffer_clear(&pool->record);
    enum sandbox_word word = sandbox_child_receive(&place->child, &pool->record);
    on_word(place, word);
    serve(pool);
}

static struct place *free_place(struct sandbox_pool *pool)
{
    struct place *empty = NULL;
    for (size_t i = 0; i < SANDBOX_POOL_CHILDREN; i++) {
        struct place *place = &pool->places[i];
        if (place->child.pid && !place->page)
            return place;
        if (!place->child.pid && !empty)
            empty = place;
    }
    return empty;
}

static enum err send_page(struct place *place, const struct sandbox_page *page,
                          struct error *ret_error)
{
    enum err err = place->child.pid ? ERR_OK : start_child(place, ret_error);
    return err ? err : sandbox_child_send(&place->child, page->html, page->url, ret_error);
}

static void begin(struct place *place, struct sandbox_page *page)
{
    struct error error = {0};
    enum err err = send_page(place, page, &error);
    if (err == ERR_IO && place->child.pid) {
        // It had ended before it got the page, which is not to blame.
        end_child(place, SANDBOX_END_EXITED);
        err = send_page(place, page, &error);
    }
    if (err) {
        finish(page, (struct slice){0}, err, error.detail);
        return;
    }
    place->page = page;
    place->deadline =
        loop_after(place->pool->loop, sandbox_timeout_ms(place->pool->sandbox), on_deadline, place);
}

static void serve(struct sandbox_pool *pool)
{
    struct place *place;
    while (pool->first && (place = free_place(pool))) {
        struct sandbox_page *page = pool->first;
        pool->first = page->next;
        if (!pool->first)
            pool->last = &pool->first;
        pool->waiting--;
        begin(place, page);
    }
}

void sandbox_pool_read(struct sandbox_pool *pool, struct sandbox_page *page)
{
    if (pool->waiting >= SANDBOX_POOL_WAITING) {
        finish(page, (struct slice){0}, ERR_OVERLOADED, "too many pages wait to be read");
        return;
    }
    page->next = NULL;
    *pool->last = page;
    pool->last = &page->next;
    pool->waiting++;
    serve(pool);
}

// ----------------------------------------------------------------------------------------------------- life

struct sandbox_pool *sandbox_pool_new(struct sandbox *sandbox, struct loop *loop)
{
    struct sandbox_pool *pool = calloc(1, sizeof *pool);
    struct error error = {0};
    ensure(pool != NULL);
    pool->sandbox = sandbox_hold(sandbox);
    pool->loop = loop;
    pool->last = &pool->first;
    buffer_init(&pool->record, EXTRACTOR_MAX_ANSWER);
    for (size_t i = 0; i < SANDBOX_POOL_CHILDREN; i++)
        pool->places[i].pool = pool;
    (void)start_child(&pool->places[0], &error); // logged; the first page tries again
    return pool;
}

void sandbox_pool_free(struct sandbox_pool *pool)
{
    if (!pool)
        return;
    for (size_t i = 0; i < SANDBOX_POOL_CHILDREN; i++)
        if (pool->places[i].child.pid)
            end_child(&pool->places[i], SANDBOX_END_STOPPED);
    while (pool->first) {
        struct sandbox_page *page = pool->first;
        pool->first = page->next;
        finish(page, (struct slice){0}, ERR_SHUTTING_DOWN, "the service ends");
    }
    buffer_done(&pool->record);
    sandbox_release(pool->sandbox);
    free(pool);
}
