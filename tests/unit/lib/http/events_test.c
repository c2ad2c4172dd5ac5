// The text of server-sent events.
#include "lib/http/events.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void expect(struct slice id, struct slice type, struct slice data, const char *wanted)
{
    struct buffer text CLEANUP(buffer_done);
    buffer_init(&text, 4096);
    http_events_render(&text, id, type, data);
    buffer_append(&text, (struct slice){"", 1});
    assert_string_equal(buffer_slice(&text).ptr, wanted);
}

static void an_event_is_a_few_lines(void **state)
{
    (void)state;
    expect(SLICE("7-1"), SLICE("event.processed"), SLICE("{\"a\":1}"),
           "id: 7-1\nevent: event.processed\ndata: {\"a\":1}\n\n");
    expect((struct slice){0}, (struct slice){0}, SLICE("{}"), "data: {}\n\n");
    expect((struct slice){0}, SLICE("state"), SLICE(""), "event: state\ndata: \n\n");
}

static void nobody_begins_a_field(void **state)
{
    (void)state;
    expect(SLICE("1\nevent: x"), SLICE("a\rb"), SLICE("{\n\"a\":\r\n1}\n"),
           "id: 1 event: x\nevent: a b\ndata: { \"a\":  1} \n\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_event_is_a_few_lines),
        cmocka_unit_test(nobody_begins_a_field),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
