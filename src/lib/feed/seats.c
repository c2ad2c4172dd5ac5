#include "lib/feed/seats.h"

#include "lib/base/digest.h"
#include "lib/base/ensure.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { CHAINS = 1024 };

// A client with streams; as many as there are streams at most, which each loop bounds.
struct feed_seat {
    struct feed_seat *next;
    size_t chain, used;
    char subject[];
};

struct feed_seats {
    pthread_mutex_t lock;
    struct feed_seat *chains[CHAINS];
};

struct feed_seats *feed_seats_new(void)
{
    struct feed_seats *seats = calloc(1, sizeof *seats);
    ensure(seats != NULL && pthread_mutex_init(&seats->lock, NULL) == 0);
    return seats;
}

void feed_seats_free(struct feed_seats *seats)
{
    if (!seats)
        return;
    for (size_t i = 0; i < CHAINS; i++)
        ensure(!seats->chains[i]);
    pthread_mutex_destroy(&seats->lock);
    free(seats);
}

// The client's; a new one when it has none yet.
static struct feed_seat *find_seat(struct feed_seats *seats, const char *subject)
{
    size_t chain = digest_fnv1a(slice_from_cstr(subject)) % CHAINS, size = strlen(subject) + 1;
    struct feed_seat *seat = seats->chains[chain];
    while (seat && strcmp(seat->subject, subject) != 0)
        seat = seat->next;
    if (seat)
        return seat;
    seat = malloc(sizeof *seat + size);
    ensure(seat != NULL);
    *seat = (struct feed_seat){.next = seats->chains[chain], .chain = chain};
    memcpy(seat->subject, subject, size);
    seats->chains[chain] = seat;
    return seat;
}

struct feed_seat *feed_seats_take(struct feed_seats *seats, const char *subject, size_t most)
{
    ensure(most > 0);
    pthread_mutex_lock(&seats->lock);
    struct feed_seat *seat = find_seat(seats, subject);
    bool has_room = seat->used < most;
    seat->used += has_room;
    pthread_mutex_unlock(&seats->lock);
    return has_room ? seat : NULL;
}

void feed_seats_return(struct feed_seats *seats, struct feed_seat *seat)
{
    if (!seat)
        return;
    pthread_mutex_lock(&seats->lock);
    if (--seat->used == 0) {
        struct feed_seat **at = &seats->chains[seat->chain];
        while (*at != seat)
            at = &(*at)->next;
        *at = seat->next;
        free(seat);
    }
    pthread_mutex_unlock(&seats->lock);
}
