#include "lib/base/digest.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

enum { COUNT = 5000 };

static int compare(const void *a, const void *b)
{
    return strcmp(a, b);
}

static void expect_distinct(char (*ids)[UUID_TEXT], size_t count)
{
    qsort(ids, count, sizeof *ids, compare);
    for (size_t i = 1; i < count; i++)
        assert_string_not_equal(ids[i - 1], ids[i]);
}

static void *fill(void *data)
{
    char(*ids)[UUID_TEXT] = data;
    for (size_t i = 0; i < COUNT; i++)
        uuid_new_v4(ids[i]);
    return NULL;
}

static void form(void **state)
{
    (void)state;
    for (int i = 0; i < 200; i++) {
        char id[UUID_TEXT];
        uuid_new_v4(id);
        assert_true(uuid_is_valid(slice_from_cstr(id)));
        assert_int_equal(id[14], '4');
        assert_non_null(strchr("89ab", id[19]));
        assert_int_equal(strspn(id, "0123456789abcdef-"), UUID_TEXT - 1);
    }
}

static void threads_do_not_repeat_each_other(void **state)
{
    (void)state;
    static char ids[4][COUNT][UUID_TEXT];
    pthread_t threads[4];
    for (size_t i = 0; i < 4; i++)
        pthread_create(&threads[i], NULL, fill, ids[i]);
    for (size_t i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    expect_distinct(&ids[0][0], 4 * (size_t)COUNT);
}

static void a_forked_child_does_not_repeat_its_parent(void **state)
{
    (void)state;
    char ids[3][UUID_TEXT];
    uuid_new_v4(ids[0]); // bytes for more are waiting now
    int pipes[2];
    assert_int_equal(pipe(pipes), 0);
    pid_t child = fork();
    if (child == 0) {
        char id[UUID_TEXT];
        uuid_new_v4(id);
        _exit(write(pipes[1], id, sizeof id) == sizeof id ? 0 : 1);
    }
    uuid_new_v4(ids[1]);
    assert_int_equal(read(pipes[0], ids[2], sizeof ids[2]), sizeof ids[2]);
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    close(pipes[0]);
    close(pipes[1]);
    expect_distinct(ids, 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(form),
        cmocka_unit_test(threads_do_not_repeat_each_other),
        cmocka_unit_test(a_forked_child_does_not_repeat_its_parent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
