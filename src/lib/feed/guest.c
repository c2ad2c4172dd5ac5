// Who follows: how many streams one client may have, and whether its key is still good.
#include "lib/feed/state.h"

#include "lib/base/ensure.h"

#include <stdlib.h>
#include <string.h>

static const char overloaded_detail[] = "too many streams are open here";

static bool is_anonymous(const struct guest *guest)
{
    return slice_starts_with(slice_from_cstr(guest->subject), SLICE("ip:"));
}

// Of one client, in all loops of the process; 0: no bound.
static size_t most_of(const struct guest *guest)
{
    if (guest->key_id[0])
        return FEED_MAX_OF_KEY;
    return is_anonymous(guest) ? FEED_MAX_OF_ADDRESS : 0;
}

static bool is_full(const struct feed *feed, const struct guest *newcomer)
{
    size_t anonymous = 0;
    const struct guest *guest;
    TAILQ_FOREACH(guest, &feed->guests, link) anonymous += is_anonymous(guest);
    return feed->guest_count >= FEED_MAX_GUESTS ||
           (is_anonymous(newcomer) && anonymous >= FEED_MAX_ANONYMOUS);
}

// ERR_OK: the guest has its place.
static enum err take_seat(struct guest *guest, struct feed *feed)
{
    size_t most = most_of(guest);
    if (is_full(feed, guest))
        return ERR_OVERLOADED;
    guest->seat = most ? feed_seats_take(feed->seats, guest->subject, most) : NULL;
    return most && !guest->seat ? ERR_RATE_LIMITED : ERR_OK;
}

// The key itself, as access.c has found it.
static struct slice key_of(const struct route_call *call)
{
    struct slice value = http_header_get(&call->exchange->headers, "authorization");
    return slice_trim(slice_sub(value, strlen("Bearer "), value.len));
}

bool guest_enter(struct guest *guest, struct feed *feed, struct route_call *call,
                 void (*expel)(struct guest *guest))
{
    *guest = (struct guest){
        .call = call, .subject = call->subject ? call->subject : "internal", .expel = expel};
    guest->key_id = call->account.key_id;
    enum err obstacle = take_seat(guest, feed);
    if (obstacle) {
        const char *detail =
            obstacle == ERR_OVERLOADED
                ? overloaded_detail
                : arena_printf(call->arena, "you have %zu streams open here; that is the limit",
                               most_of(guest));
        http_respond_problem(call->exchange, obstacle, detail, NULL, 0);
        return false;
    }
    TAILQ_INSERT_TAIL(&feed->guests, guest, link);
    feed->guest_count++;
    return true;
}

void guest_leave(struct feed *feed, struct guest *guest)
{
    TAILQ_REMOVE(&feed->guests, guest, link);
    feed->guest_count--;
    feed_seats_return(feed->seats, guest->seat);
}

// ------------------------------------------------------------------------------------------------ their keys

// A question about one key; whoever came with it may have left before the answer.
struct key_check {
    struct feed *feed;
    char key_id[UUID_TEXT];
};

static bool may_stay(const struct guest *guest, const struct account *account)
{
    return account && strcmp(account->key_id, guest->key_id) == 0 &&
           account->role >= guest->call->account.role; // what it sees may depend on it
}

static void on_account(void *data, const struct account *account, const struct error *error)
{
    struct key_check *check = data;
    struct feed *feed = check->feed;
    feed->key_checks--;
    struct guest *next;
    for (struct guest *guest = TAILQ_FIRST(&feed->guests); guest && !error; guest = next) {
        next = TAILQ_NEXT(guest, link);
        if (strcmp(guest->key_id, check->key_id) == 0 && !may_stay(guest, account))
            guest->expel(guest);
    }
    free(check);
}

// Whether an earlier one has the same key: one question is enough.
static bool is_asked(const struct feed *feed, const struct guest *guest)
{
    const struct guest *other;
    TAILQ_FOREACH(other, &feed->guests, link)
    {
        if (other == guest)
            return false;
        if (strcmp(other->key_id, guest->key_id) == 0)
            return true;
    }
    return false;
}

void guest_check_keys(struct feed *feed)
{
    static thread_local struct guest *asked[FEED_MAX_GUESTS];
    size_t count = 0;
    if (feed->key_checks) // the round before is still under way: once more after it
        return;
    feed->check_keys = false;
    struct guest *guest;
    TAILQ_FOREACH(guest, &feed->guests, link)
    if (guest->key_id[0] && guest->call->accounts && !is_asked(feed, guest))
        asked[count++] = guest;
    feed->key_checks = count;
    for (size_t i = 0; i < count; i++) { // an answer that comes at once concerns this key only
        struct key_check *check = calloc(1, sizeof *check);
        ensure(check != NULL);
        check->feed = feed;
        memcpy(check->key_id, asked[i]->call->account.key_id, sizeof check->key_id);
        account_find(asked[i]->call->accounts, key_of(asked[i]->call), on_account, check);
    }
}
