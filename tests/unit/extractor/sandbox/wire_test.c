#include "extractor/sandbox/wire.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static bool takes_request(struct sandbox_request request)
{
    struct sandbox_request decoded;
    return sandbox_request_decode(&request, sizeof request, &decoded);
}

static bool takes_reply(struct sandbox_reply reply, uint32_t number)
{
    struct sandbox_reply decoded;
    return sandbox_reply_decode(&reply, sizeof reply, number, &decoded);
}

static void test_requests(void **state)
{
    (void)state;
    assert_true(takes_request((struct sandbox_request){1, 0, 0, 0}));
    assert_true(takes_request((struct sandbox_request){9, PAGE_MAX_BYTES, SANDBOX_MAX_URL, 1}));
    assert_false(takes_request((struct sandbox_request){0, 1, 1, 1}));
    assert_false(takes_request((struct sandbox_request){1, PAGE_MAX_BYTES + 1, 0, 0}));
    assert_false(takes_request((struct sandbox_request){1, UINT32_MAX, 0, 0}));
    assert_false(takes_request((struct sandbox_request){1, 0, SANDBOX_MAX_URL + 1, 0}));
    assert_false(takes_request((struct sandbox_request){1, 0, 0, 2}));
}

static void test_replies(void **state)
{
    (void)state;
    assert_true(takes_reply((struct sandbox_reply){0, SANDBOX_SAID_LOCKED, 0, 0}, 0));
    assert_true(takes_reply((struct sandbox_reply){0, SANDBOX_SAID_UNFILTERED, 1, 0}, 7));
    assert_true(
        takes_reply((struct sandbox_reply){7, SANDBOX_SAID_RECORD, EXTRACTOR_MAX_ANSWER, 0}, 7));
    assert_true(takes_reply((struct sandbox_reply){7, SANDBOX_SAID_TOO_LARGE, 0, 0}, 7));
    // Longer than there is room, of another request, before any request, of no kind, with something unknown.
    assert_false(takes_reply(
        (struct sandbox_reply){7, SANDBOX_SAID_RECORD, EXTRACTOR_MAX_ANSWER + 1, 0}, 7));
    assert_false(takes_reply((struct sandbox_reply){7, SANDBOX_SAID_RECORD, UINT32_MAX, 0}, 7));
    assert_false(takes_reply((struct sandbox_reply){6, SANDBOX_SAID_RECORD, 5, 0}, 7));
    assert_false(takes_reply((struct sandbox_reply){0, SANDBOX_SAID_RECORD, 5, 0}, 0));
    assert_false(takes_reply((struct sandbox_reply){7, SANDBOX_SAID_LOCKED, 0, 0}, 7));
    assert_false(takes_reply((struct sandbox_reply){7, SANDBOX_SAID_COUNT, 0, 0}, 7));
    assert_false(takes_reply((struct sandbox_reply){7, SANDBOX_SAID_RECORD, 5, 1}, 7));
}

static void test_messages_of_other_lengths(void **state)
{
    (void)state;
    char bytes[64] = {1};
    struct sandbox_request request;
    struct sandbox_reply reply;
    for (size_t len = 0; len < sizeof bytes; len++) {
        assert_int_equal(sandbox_request_decode(bytes, len, &request), len == sizeof request);
        assert_int_equal(sandbox_reply_decode(bytes, len, 1, &reply), false);
    }
}

// What is not refused stays within the shared memory, whatever the bytes.
static void test_any_bytes(void **state)
{
    (void)state;
    unsigned random = 12345;
    for (int round = 0; round < 200000; round++) {
        uint32_t words[4];
        for (size_t i = 0; i < 4; i++) {
            random = random * 1103515245 + 12345;
            words[i] = random >> (random % 5 * 7 % 32);
        }
        struct sandbox_request request;
        struct sandbox_reply reply;
        if (sandbox_request_decode(words, sizeof words, &request)) {
            assert_true(SANDBOX_PAGE_AT + (size_t)request.page_bytes <= SANDBOX_URL_AT);
            assert_true(SANDBOX_URL_AT + (size_t)request.url_bytes <= SANDBOX_RECORD_AT);
        }
        if (sandbox_reply_decode(words, sizeof words, words[0], &reply) && reply.number)
            assert_true(SANDBOX_RECORD_AT + (size_t)reply.bytes <= SANDBOX_SHARED_BYTES);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_requests),
        cmocka_unit_test(test_replies),
        cmocka_unit_test(test_messages_of_other_lengths),
        cmocka_unit_test(test_any_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
