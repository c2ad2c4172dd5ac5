// Children of this very program: it is its own template when it is started with "extract-child".
#include "extractor/sandbox/sandbox.h"

#include "extractor/sandbox/lock.h"
#include "extractor/sandbox/pool.h"
#include "extractor/sandbox/wire.h"
#include "extractor/service.h"
#include "lib/base/clock.h"
#include "lib/loop/loop.h"
#include "lib/metric/metric.h"

#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static const char PAGE[] =
    "<html><head><title>x</title><script type=\"application/ld+json\">{\"@type\":\"Event\","
    "\"name\":\"An evening of looms\",\"startDate\":\"2031-05-06T19:00:00+02:00\"}</script></head>"
    "</html>";

enum { PATIENCE_MS = 20000, TIMEOUT_MS = 10000 };

struct fixture {
    struct sandbox *sandbox;
    struct sandbox_child child;
    struct buffer record;
};

static int setup(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    const struct sandbox_options options = {.timeout_ms = TIMEOUT_MS};
    struct error error = {0};
    if (sandbox_new(&options, &f->sandbox, &error) ||
        sandbox_child_start(f->sandbox, &f->child, &error))
        return -1;
    buffer_init(&f->record, EXTRACTOR_MAX_ANSWER);
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    if (f->child.pid)
        sandbox_child_end(f->sandbox, &f->child, SANDBOX_END_STOPPED);
    sandbox_release(f->sandbox);
    buffer_done(&f->record);
    free(f);
    return 0;
}

static enum sandbox_word next_word(struct fixture *f)
{
    struct pollfd channel = {.fd = f->child.channel, .events = POLLIN};
    uint64_t until_ms = clock_monotonic_ms() + PATIENCE_MS;
    enum sandbox_word word = SANDBOX_WORD_NONE;
    while (word == SANDBOX_WORD_NONE && clock_monotonic_ms() < until_ms) {
        poll(&channel, 1, 1000);
        word = sandbox_child_receive(&f->child, &f->record);
    }
    return word;
}

static void check_record(struct slice record, struct slice html, struct slice url)
{
    struct buffer here;
    struct error error = {0};
    buffer_init(&here, EXTRACTOR_MAX_ANSWER);
    assert_int_equal(extractor_answer(html, url, &here, &error), ERR_OK);
    assert_true(slice_equal(record, buffer_slice(&here)));
    buffer_done(&here);
}

static void check_reads(struct fixture *f, struct slice html, struct slice url)
{
    struct error error = {0};
    buffer_clear(&f->record);
    assert_int_equal(sandbox_child_send(&f->child, html, url, &error), ERR_OK);
    assert_int_equal(next_word(f), SANDBOX_WORD_RECORD);
    check_record(buffer_slice(&f->record), html, url);
}

static void test_a_child_reads_what_we_read(void **state)
{
    struct fixture *f = *state;
    check_reads(f, slice_from_cstr(PAGE), SLICE("https://looms.example/evening"));
    check_reads(f, slice_from_cstr(PAGE), (struct slice){0});
    check_reads(f, SLICE(""), SLICE(""));
    check_reads(f, (struct slice){0}, (struct slice){0});
    check_reads(f, SLICE("\0\xff<script>"), SLICE("http://\xff"));
    assert_int_equal(f->child.pages, 5);
}

static void test_a_large_page(void **state)
{
    struct fixture *f = *state;
    char *page = malloc(PAGE_MAX_BYTES + 1);
    assert_non_null(page);
    memset(page, 'a', PAGE_MAX_BYTES + 1);
    memcpy(page, PAGE, sizeof PAGE - 1);
    check_reads(f, (struct slice){page, PAGE_MAX_BYTES}, (struct slice){0});
    check_reads(f, slice_from_cstr(PAGE), (struct slice){0});
    struct error error = {0};
    assert_int_equal(sandbox_child_send(&f->child, (struct slice){page, PAGE_MAX_BYTES + 1},
                                        (struct slice){0}, &error),
                     ERR_PAGE_TOO_LARGE);
    assert_int_equal(sandbox_child_send(&f->child, SLICE("x"),
                                        (struct slice){page, SANDBOX_MAX_URL + 1}, &error),
                     ERR_INVALID_FIELD);
    free(page);
    check_reads(f, slice_from_cstr(PAGE), (struct slice){0});
}

static void check_end(struct fixture *f, int signal_number, enum sandbox_end expected)
{
    struct error error = {0};
    kill(f->child.pid, signal_number);
    assert_int_equal(next_word(f), SANDBOX_WORD_LOST);
    enum sandbox_end end =
        sandbox_child_end(f->sandbox, &f->child, sandbox_end_after(SANDBOX_WORD_LOST));
    assert_string_equal(sandbox_end_name(end), sandbox_end_name(expected));
    assert_int_equal(f->child.pid, 0);
    assert_int_equal(sandbox_child_start(f->sandbox, &f->child, &error), ERR_OK);
    check_reads(f, slice_from_cstr(PAGE), (struct slice){0});
}

static void test_why_a_child_ended(void **state)
{
    struct fixture *f = *state;
    struct error error = {0};
    check_reads(f, slice_from_cstr(PAGE), (struct slice){0});
    check_end(f, SIGXCPU, SANDBOX_END_CPU_TIME);
    check_end(f, SIGKILL, SANDBOX_END_KILLED);
    check_end(f, SIGSYS, SANDBOX_END_FORBIDDEN);
    assert_int_equal(sandbox_end_error(SANDBOX_END_CRASHED, &error), ERR_PARSE_ERROR);
    assert_int_equal(sandbox_end_error(SANDBOX_END_KILLED, &error), ERR_INTERNAL);
    assert_int_equal(sandbox_end_error(SANDBOX_END_TIMEOUT, &error), ERR_TIMEOUT);
}

static void test_a_crash(void **state)
{
    struct fixture *f = *state;
    if (SANDBOX_IS_SANITIZED) // whose own these signals are
        skip();
    check_end(f, SIGSEGV, SANDBOX_END_CRASHED);
    check_end(f, SIGBUS, SANDBOX_END_CRASHED);
    check_end(f, SIGABRT, SANDBOX_END_ABORTED);
}

static void test_a_new_template(void **state)
{
    struct fixture *f = *state;
    struct sandbox_child second;
    struct error error = {0};
    unsigned generation = f->child.generation;
    siginfo_t info;
    // The template is this program's only child.
    assert_int_equal(waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT), 0);
    char path[64], line[64] = "";
    snprintf(path, sizeof path, "/proc/self/task/%d/children", getpid());
    FILE *file = fopen(path, "re");
    if (!file || !fgets(line, sizeof line, file)) {
        if (file)
            fclose(file);
        skip(); // a kernel without that file
    }
    fclose(file);
    kill(atoi(line), SIGKILL);
    assert_int_equal(next_word(f), SANDBOX_WORD_LOST);
    assert_int_equal(sandbox_child_start(f->sandbox, &second, &error), ERR_OK);
    assert_int_equal(second.generation, generation + 1);
    assert_int_equal(sandbox_child_end(f->sandbox, &f->child, SANDBOX_END_EXITED),
                     SANDBOX_END_TEMPLATE);
    f->child = second;
    check_reads(f, slice_from_cstr(PAGE), (struct slice){0});
}

static void test_nothing_starts_after_the_end(void **state)
{
    struct fixture *f = *state;
    struct sandbox_child second;
    struct error error = {0};
    sandbox_stop(f->sandbox);
    assert_int_equal(next_word(f), SANDBOX_WORD_LOST);
    assert_int_equal(sandbox_child_start(f->sandbox, &second, &error), ERR_SHUTTING_DOWN);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1); // nothing is left, also not to be waited for
}

// A child that is not ours any more: the other end of its channel is played here.
static void test_a_hostile_child(void **state)
{
    struct fixture *f = *state;
    static char shared[SANDBOX_SHARED_BYTES];
    const struct sandbox_reply replies[] = {
        {1, SANDBOX_SAID_RECORD, UINT32_MAX, 0},
        {2, SANDBOX_SAID_RECORD, 1, 0},
        {1, 99, 0, 0},
        {1, SANDBOX_SAID_LOCKED, 0, 0},
    };
    int pair[2];
    struct error error = {0};
    assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair), 0);
    struct sandbox_child played = {.pid = 1, .channel = pair[0], .shared = shared};
    assert_int_equal(sandbox_child_send(&played, SLICE("page"), (struct slice){0}, &error), ERR_OK);
    assert_memory_equal(shared, "page", 4);
    assert_int_equal(sandbox_child_receive(&played, &f->record), SANDBOX_WORD_NONE);
    for (size_t i = 0; i < ARRAY_LEN(replies); i++) {
        assert_int_equal(write(pair[1], &replies[i], sizeof replies[i]), sizeof replies[i]);
        assert_int_equal(sandbox_child_receive(&played, &f->record), SANDBOX_WORD_NONSENSE);
    }
    // Twice the same answer, twice a greeting.
    const struct sandbox_reply answer = {1, SANDBOX_SAID_TOO_LARGE, 0, 0};
    const struct sandbox_reply greeting = {0, SANDBOX_SAID_LOCKED, 0, 0};
    for (int i = 0; i < 2; i++) {
        assert_int_equal(write(pair[1], &answer, sizeof answer), sizeof answer);
        assert_int_equal(write(pair[1], &greeting, sizeof greeting), sizeof greeting);
    }
    assert_int_equal(sandbox_child_receive(&played, &f->record), SANDBOX_WORD_TOO_LARGE);
    assert_int_equal(sandbox_child_receive(&played, &f->record), SANDBOX_WORD_NONE);
    assert_int_equal(sandbox_child_receive(&played, &f->record), SANDBOX_WORD_NONSENSE);
    assert_int_equal(sandbox_child_receive(&played, &f->record), SANDBOX_WORD_NONSENSE);
    char long_message[4096] = {1};
    assert_int_equal(write(pair[1], long_message, sizeof long_message), sizeof long_message);
    assert_int_equal(sandbox_child_receive(&played, &f->record), SANDBOX_WORD_NONSENSE);
    assert_int_equal(write(pair[1], "x", 1), 1);
    assert_int_equal(sandbox_child_receive(&played, &f->record), SANDBOX_WORD_NONSENSE);
    close(pair[1]);
    assert_int_equal(sandbox_child_receive(&played, &f->record), SANDBOX_WORD_LOST);
    assert_int_equal(sandbox_child_send(&played, SLICE("page"), (struct slice){0}, &error), ERR_IO);
    close(pair[0]);
}

static void test_once(void **state)
{
    struct fixture *f = *state;
    struct error error = {0};
    buffer_clear(&f->record);
    assert_int_equal(sandbox_read_once(f->sandbox, slice_from_cstr(PAGE),
                                       SLICE("https://x.example/"), &f->record, &error),
                     ERR_OK);
    check_record(buffer_slice(&f->record), slice_from_cstr(PAGE), SLICE("https://x.example/"));
}

// ----------------------------------------------------------------------------------------------------- pool

struct reading {
    struct loop *loop;
    struct sandbox_page page;
    size_t *left;
    bool is_done;
    enum err err;
};

static void on_done(void *data, struct slice record, const struct error *error)
{
    struct reading *reading = data;
    assert_false(reading->is_done);
    reading->is_done = true;
    reading->err = error ? error->code : ERR_OK;
    assert_int_equal(error != NULL, record.len == 0);
    if (--*reading->left == 0)
        loop_stop(reading->loop);
}

static void read_all(struct loop *loop, struct sandbox_pool *pool, struct reading *readings,
                     size_t count, size_t *left)
{
    *left = count;
    for (size_t i = 0; i < count; i++) {
        readings[i] = (struct reading){.loop = loop, .left = left};
        readings[i].page = (struct sandbox_page){
            .html = slice_from_cstr(PAGE), .done = on_done, .data = &readings[i]};
        sandbox_pool_read(pool, &readings[i].page);
    }
}

static struct sandbox_pool *new_pool(struct loop *loop, uint32_t timeout_ms)
{
    const struct sandbox_options options = {.timeout_ms = timeout_ms};
    struct sandbox *sandbox;
    struct error error = {0};
    assert_int_equal(sandbox_new(&options, &sandbox, &error), ERR_OK);
    struct sandbox_pool *pool = sandbox_pool_new(sandbox, loop);
    sandbox_release(sandbox);
    return pool;
}

// More than one child's share: children are replaced, no page is lost.
static void test_a_pool_reads_many(void **state)
{
    (void)state;
    enum { ROUNDS = 25, EACH = 100 };
    static struct reading readings[EACH];
    struct loop *loop = loop_new();
    struct sandbox_pool *pool = new_pool(loop, TIMEOUT_MS);
    size_t left;
    for (int round = 0; round < ROUNDS; round++) {
        read_all(loop, pool, readings, EACH, &left);
        loop_run(loop);
        assert_int_equal(left, 0);
        for (size_t i = 0; i < EACH; i++)
            assert_int_equal(readings[i].err, ERR_OK);
    }
    sandbox_pool_free(pool);
    loop_free(loop);
    struct buffer metrics;
    buffer_init(&metrics, 1024 * 1024);
    metric_render(&metrics);
    assert_int_not_equal(slice_find(buffer_slice(&metrics),
                                    SLICE("extractor_sandbox_restarts_total{reason=\"retired\"} ")),
                         SIZE_MAX);
    buffer_done(&metrics);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
}

static void test_a_pool_that_is_full(void **state)
{
    (void)state;
    enum { COUNT = SANDBOX_POOL_WAITING + SANDBOX_POOL_CHILDREN + 3 };
    static struct reading readings[COUNT];
    struct loop *loop = loop_new();
    struct sandbox_pool *pool = new_pool(loop, TIMEOUT_MS);
    size_t left, refused = 0;
    read_all(loop, pool, readings, COUNT, &left);
    for (size_t i = 0; i < COUNT; i++)
        refused += readings[i].is_done && readings[i].err == ERR_OVERLOADED;
    assert_int_equal(refused, 3);
    loop_run(loop);
    assert_int_equal(left, 0);
    sandbox_pool_free(pool);
    loop_free(loop);
}

static void test_a_pool_that_ends(void **state)
{
    (void)state;
    static struct reading readings[10];
    struct loop *loop = loop_new();
    struct sandbox_pool *pool = new_pool(loop, TIMEOUT_MS);
    size_t left;
    read_all(loop, pool, readings, ARRAY_LEN(readings), &left);
    sandbox_pool_free(pool);
    assert_int_equal(left, 0);
    for (size_t i = 0; i < ARRAY_LEN(readings); i++)
        assert_int_equal(readings[i].err, ERR_SHUTTING_DOWN);
    loop_free(loop);
}

int main(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "extract-child") == 0)
        return extractor_child_run();
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_a_child_reads_what_we_read),
        TEST(test_a_large_page),
        TEST(test_why_a_child_ended),
        TEST(test_a_crash),
        TEST(test_a_new_template),
        TEST(test_nothing_starts_after_the_end),
        TEST(test_a_hostile_child),
        TEST(test_once),
        cmocka_unit_test(test_a_pool_reads_many),
        cmocka_unit_test(test_a_pool_that_is_full),
        cmocka_unit_test(test_a_pool_that_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
