#include "support/fetch_fixture.h"

static enum err on_visit(void *user, const struct fetch_visit *visit, struct error *ret_error)
{
    struct fetch_fixture *f = user;
    assert_true(f->visits < MAX_VISITS);
    snprintf(f->visited[f->visits], sizeof f->visited[0], "%.*s%s %.*s", SLICE_FMT(visit->site),
             visit->is_robots_txt ? " robots" : "", SLICE_FMT(visit->url));
    f->crawl_delays[f->visits++] = visit->crawl_delay_ms;
    return f->hook_fails == ERR_OK ? ERR_OK
                                   : error_set(ret_error, f->hook_fails, "the hook says no");
}

static bool on_load(void *user, struct slice origin, struct arena *arena,
                    struct robots_file *ret_file)
{
    struct fetch_fixture *f = user;
    (void)arena;
    assert_true(slice_equal(origin, SLICE("https://luma.com")));
    f->loads++;
    *ret_file = f->file;
    return f->has_file;
}

static void on_store(void *user, struct slice origin, const struct robots_file *file)
{
    struct fetch_fixture *f = user;
    assert_true(slice_equal(origin, SLICE("https://luma.com")));
    f->stores++;
    f->has_file = true;
    f->file = *file;
    f->file.body = arena_slice(f->texts, file->body.ptr ? file->body : SLICE(""));
}

void fetch_fixture_listen(struct fetch_fixture *f, const struct script_row *rows, size_t count)
{
    *f = (struct fetch_fixture){
        .server = scripted_server_start(rows, count),
        .arena = arena_new(FETCH_ARENA_BYTES),
        .texts = arena_new(16 * 1024 * 1024),
    };
    f->hooks = (struct fetch_hooks){.user = f, .before_request = on_visit};
    assert_int_equal(luma_url_rules_new(SLICE(LUMA_URL_DEFAULT_HOSTS), &f->rules, NULL), ERR_OK);
    char text[64];
    snprintf(text, sizeof text, "https://luma.com=http://127.0.0.1:%u", f->server->port);
    assert_int_equal(origin_override_new(slice_from_cstr(text), &f->override, NULL), ERR_OK);
    f->options = (struct fetch_options){.rules = f->rules, .override = f->override};
}

void fetch_fixture_begin(struct fetch_fixture *f)
{
    assert_int_equal(fetcher_new(&f->options, &f->hooks, &f->fetcher, NULL), ERR_OK);
}

void fetch_fixture_start(struct fetch_fixture *f, const struct script_row *rows, size_t count)
{
    fetch_fixture_listen(f, rows, count);
    fetch_fixture_begin(f);
}

void fetch_fixture_stop(struct fetch_fixture *f)
{
    fetcher_free(f->fetcher);
    scripted_server_stop(f->server);
    origin_override_free(f->override);
    luma_url_rules_free(f->rules);
    arena_free(f->arena);
    arena_free(f->texts);
}

enum err fetch_fixture_fetch(struct fetch_fixture *f, struct fetch_request request)
{
    arena_reset(f->arena);
    enum err err = fetch_page(f->fetcher, &request, f->arena, &f->result);
    assert_int_equal(err, f->result.error.code);
    assert_int_equal(f->result.error.detail[0] != '\0', err != ERR_OK);
    return err;
}

void assert_slice_is(struct slice got, const char *wanted)
{
    if (!slice_equal(got, slice_from_cstr(wanted)))
        fail_msg("got \"%.*s\", wanted \"%s\"", SLICE_FMT(got), wanted);
}

void assert_outcome(struct fetch_fixture *f, enum err got, enum err wanted, const char *what)
{
    if (got != wanted)
        fail_msg("%s: %s (%s), wanted %s", what, error_info(got)->code, f->result.error.detail,
                 error_info(wanted)->code);
}

void fetch_fixture_use_store(struct fetch_fixture *f)
{
    f->hooks.robots_load = on_load;
    f->hooks.robots_store = on_store;
}
