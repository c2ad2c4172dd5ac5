// How many streams each client has open in this process, over all its loops. May be used by several threads at once.
#pragma once

#include <stddef.h>

struct feed_seats;

struct feed_seats *feed_seats_new(void);
void feed_seats_free(struct feed_seats *seats); // once all seats were given back

// One of at most `most` places of a client ("key:…", "ip:…"); NULL when it has them all. To be given back.
struct feed_seat;
struct feed_seat *feed_seats_take(struct feed_seats *seats, const char *subject, size_t most);
void feed_seats_return(struct feed_seats *seats, struct feed_seat *seat); // NULL is fine
