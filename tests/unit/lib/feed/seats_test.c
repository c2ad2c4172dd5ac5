#include "lib/feed/seats.h"

#include "lib/base/compiler.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

static void each_client_has_so_many(void **state)
{
    struct feed_seats *seats = feed_seats_new();
    struct feed_seat *mine[3], *other;
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(mine); i++)
        assert_non_null(mine[i] = feed_seats_take(seats, "key:a", 3));
    assert_null(feed_seats_take(seats, "key:a", 3));
    assert_non_null(other = feed_seats_take(seats, "key:b", 1));
    feed_seats_return(seats, mine[1]);
    assert_non_null(mine[1] = feed_seats_take(seats, "key:a", 3));
    assert_null(feed_seats_take(seats, "key:a", 3));
    for (size_t i = 0; i < ARRAY_LEN(mine); i++)
        feed_seats_return(seats, mine[i]);
    feed_seats_return(seats, other);
    feed_seats_return(seats, NULL);
    feed_seats_free(seats); // which finds that all were given back
}

static void clients_are_told_apart(void **state)
{
    static struct feed_seat *taken[5000];
    struct feed_seats *seats = feed_seats_new();
    char name[32];
    (void)state;
    for (int round = 0; round < 2; round++)
        for (size_t i = 0; i < ARRAY_LEN(taken); i++) {
            snprintf(name, sizeof name, "ip:%zu", i);
            struct feed_seat *seat = feed_seats_take(seats, name, 1);
            assert_int_equal(seat != NULL, round == 0);
            taken[i] = round ? taken[i] : seat;
        }
    for (size_t i = 0; i < ARRAY_LEN(taken); i++)
        feed_seats_return(seats, taken[i]);
    feed_seats_free(seats);
}

enum { MOST = 50, TRIES = 20000 };

static void *take_and_return(void *data)
{
    struct feed_seats *seats = data;
    struct feed_seat *held[MOST];
    size_t count = 0;
    for (int i = 0; i < TRIES; i++) {
        struct feed_seat *seat = count < MOST ? feed_seats_take(seats, "ip:same", MOST) : NULL;
        if (seat)
            held[count++] = seat;
        else if (count)
            feed_seats_return(seats, held[--count]);
    }
    while (count)
        feed_seats_return(seats, held[--count]);
    return NULL;
}

static void several_threads_at_once(void **state)
{
    struct feed_seats *seats = feed_seats_new();
    pthread_t threads[4];
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(threads); i++)
        assert_int_equal(pthread_create(&threads[i], NULL, take_and_return, seats), 0);
    for (size_t i = 0; i < ARRAY_LEN(threads); i++)
        pthread_join(threads[i], NULL);
    feed_seats_free(seats);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_client_has_so_many),
        cmocka_unit_test(clients_are_told_apart),
        cmocka_unit_test(several_threads_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
