#include "lib/account/quota.h"

#include "lib/base/clock.h"
#include "lib/base/digest.h"
#include "lib/base/ensure.h"
#include "statements.gen.h"

#include <stdlib.h>
#include <string.h>

enum {
    CHAINS = 4096,
    MAX_BUCKETS =
        32768, // beyond it those whose window is over go, and then new subjects have to wait
    MAX_ADDRESSES =
        MAX_BUCKETS / 4 * 3, // then no more of them: anybody may have many; keys find room
    MAX_PORTION = 50,
    PORTION_SHARE = 10,
    MAX_WAITING = 256,
    SUBJECT_TEXT = 96,
};

// A request that waits for a portion.
struct waiter {
    struct waiter *next;
    int64_t amount;
    quota_done *done;
    void *data;
};

// One subject's window, as far as this loop knows it.
struct bucket {
    struct bucket *next; // of its chain
    struct quota_book *book;
    char subject[SUBJECT_TEXT];
    const char *policy; // constant
    int64_t limit;
    int window_s;
    int64_t held;      // taken from the window and not used yet
    int64_t left;      // of the window beyond that, at the last asking
    uint64_t until_ms; // end of the window
    bool asking, settling;
    uint64_t asked_ms;
    struct waiter *first, **last;
    size_t waiting;
};

struct quota_book {
    struct db_pipeline *db;
    struct bucket *chains[CHAINS]; // by subject and policy
    size_t count;
    size_t asking; // portions on their way
};

static int reset_s(const struct bucket *bucket)
{
    uint64_t now = clock_monotonic_ms();
    return bucket->until_ms > now ? (int)((bucket->until_ms - now + 999) / 1000) : 1;
}

static struct quota_state state_of(const struct bucket *bucket, bool allowed)
{
    return (struct quota_state){
        .allowed = allowed, .remaining = bucket->held + bucket->left, .reset_s = reset_s(bucket)};
}

static void answer(const struct bucket *bucket, struct waiter *waiter, bool allowed)
{
    const struct quota_state state = state_of(bucket, allowed);
    waiter->done(waiter->data, &state, NULL);
    free(waiter);
}

static struct waiter *take_waiter(struct bucket *bucket)
{
    struct waiter *waiter = bucket->first;
    bucket->first = waiter->next;
    if (!bucket->first)
        bucket->last = &bucket->first;
    bucket->waiting--;
    return waiter;
}

static void fail_all(struct bucket *bucket, const struct error *error)
{
    while (bucket->first) {
        struct waiter *waiter = take_waiter(bucket);
        waiter->done(waiter->data, NULL, error);
        free(waiter);
    }
}

static void ask(struct bucket *bucket);

// Lets through who can be, refuses who cannot, asks again when the window has more.
static void settle(struct bucket *bucket)
{
    bucket->settling = true; // those who are told may come back in here, and look for room
    while (bucket->first && !bucket->asking) {
        if (bucket->first->amount <= bucket->held) {
            struct waiter *waiter = take_waiter(bucket);
            bucket->held -= waiter->amount;
            answer(bucket, waiter, true);
        } else if (bucket->first->amount > bucket->held + bucket->left) {
            answer(bucket, take_waiter(bucket), false);
        } else {
            ask(bucket);
        }
    }
    bucket->settling = false;
}

static void on_portion(void *data, const struct db_rows *rows, const struct error *error)
{
    struct bucket *bucket = data;
    bucket->asking = false;
    bucket->book->asking--;
    if (error) {
        fail_all(bucket, error);
        return;
    }
    int64_t granted = db_rows_int(rows, 0, db_rows_column(rows, "granted"));
    int64_t used = db_rows_int(rows, 0, db_rows_column(rows, "used"));
    uint64_t now = clock_monotonic_ms();
    if (now >= bucket->until_ms) // a new window: what was held of the old one has lapsed
        bucket->held = 0;
    bucket->held += granted;
    bucket->left = bucket->limit - used;
    // From when it was asked: what is held lapses here before the window ends there.
    bucket->until_ms =
        bucket->asked_ms + (uint64_t)db_rows_int(rows, 0, db_rows_column(rows, "reset_ms"));
    settle(bucket);
}

static void ask(struct bucket *bucket)
{
    struct arena *arena CLEANUP(arena_free_cleanup) = arena_new(4096);
    int64_t portion = (bucket->held + bucket->left) / PORTION_SHARE;
    int64_t missing = bucket->first->amount - bucket->held;
    if (portion > MAX_PORTION)
        portion = MAX_PORTION;
    const struct db_value values[] = {
        db_cstr(bucket->subject),     db_cstr(bucket->policy),
        db_int(arena, bucket->limit), db_int(arena, bucket->window_s),
        db_int(arena, missing),       db_int(arena, portion > missing ? portion : missing),
    };
    bucket->asking = true;
    bucket->asked_ms = clock_monotonic_ms();
    bucket->book->asking++;
    db_pipeline_query(bucket->book->db, &sql_accounts_take_quota, values, on_portion, bucket);
}

static bool is_of(const struct bucket *bucket, struct slice subject,
                  const struct quota_policy *policy)
{
    return slice_equal(slice_from_cstr(bucket->subject), subject) &&
           strcmp(bucket->policy, policy->name) == 0;
}

// Makes room: what is over and what nobody waits for need not be remembered.
static void forget_old(struct quota_book *book)
{
    uint64_t now = clock_monotonic_ms();
    for (size_t i = 0; i < CHAINS; i++)
        for (struct bucket **at = &book->chains[i]; *at;) {
            struct bucket *bucket = *at;
            if (bucket->until_ms > now || bucket->asking || bucket->settling || bucket->first) {
                at = &bucket->next;
                continue;
            }
            *at = bucket->next;
            free(bucket);
            book->count--;
        }
}

static size_t chain_of(struct slice subject, const struct quota_policy *policy)
{
    uint64_t hash = digest_fnv1a(subject) * 31 + digest_fnv1a(slice_from_cstr(policy->name));
    return hash % CHAINS;
}

static struct bucket *find_bucket(const struct quota_book *book, struct slice subject,
                                  const struct quota_policy *policy)
{
    struct bucket *bucket = book->chains[chain_of(subject, policy)];
    while (bucket && !is_of(bucket, subject, policy))
        bucket = bucket->next;
    return bucket;
}

// The subject's bucket; NULL when there are too many.
static struct bucket *bucket_of(struct quota_book *book, struct slice subject,
                                const struct quota_policy *policy)
{
    struct bucket *found = find_bucket(book, subject, policy);
    if (found)
        return found;
    struct bucket **chain = &book->chains[chain_of(subject, policy)];
    size_t most = slice_starts_with(subject, SLICE("ip:")) ? MAX_ADDRESSES : MAX_BUCKETS;
    if (book->count >= most)
        forget_old(book);
    if (book->count >= most)
        return NULL;
    struct bucket *bucket = calloc(1, sizeof *bucket);
    ensure(bucket != NULL && subject.len < SUBJECT_TEXT);
    *bucket = (struct bucket){.next = *chain, .book = book, .policy = policy->name};
    memcpy(bucket->subject, subject.ptr, subject.len);
    bucket->last = &bucket->first;
    *chain = bucket;
    book->count++;
    return bucket;
}

// Windows begin at multiples of their length since 1970, in the database as here.
static uint64_t window_left_ms(int window_s)
{
    int64_t window_ms = (int64_t)window_s * 1000;
    return (uint64_t)(window_ms - clock_unix_ms() % window_ms);
}

void quota_take(struct quota_book *book, struct slice subject, const struct quota_policy *policy,
                int64_t amount, quota_done *done, void *data)
{
    struct error error = {0};
    struct bucket *bucket = bucket_of(book, subject, policy);
    if (!bucket || bucket->waiting == MAX_WAITING) {
        (void)!error_set(&error, ERR_OVERLOADED, "too many requests of this key at once");
        done(data, NULL, &error);
        return;
    }
    bucket->limit = policy->limit;
    bucket->window_s = policy->window_s;
    if (!bucket->asking && clock_monotonic_ms() >= bucket->until_ms) {
        bucket->held = 0;
        bucket->left = policy->limit;
        bucket->until_ms = clock_monotonic_ms() + window_left_ms(policy->window_s);
    }
    if (!bucket->first && !bucket->asking && amount <= bucket->held) {
        bucket->held -= amount;
        const struct quota_state state = state_of(bucket, true);
        done(data, &state, NULL);
        return;
    }
    struct waiter *waiter = calloc(1, sizeof *waiter);
    ensure(waiter != NULL);
    *waiter = (struct waiter){.amount = amount, .done = done, .data = data};
    *bucket->last = waiter;
    bucket->last = &waiter->next;
    bucket->waiting++;
    settle(bucket);
}

bool quota_is_spent(const struct quota_book *book, struct slice subject,
                    const struct quota_policy *policy, struct quota_state *ret_state)
{
    const struct bucket *bucket = find_bucket(book, subject, policy);
    if (!bucket || bucket->asking || clock_monotonic_ms() >= bucket->until_ms ||
        bucket->held + bucket->left > 0)
        return false;
    *ret_state = state_of(bucket, false);
    return true;
}

struct quota_book *quota_book_new(struct db_pipeline *db)
{
    struct quota_book *book = calloc(1, sizeof *book);
    ensure(book != NULL);
    book->db = db;
    return book;
}

void quota_book_free(struct quota_book *book)
{
    struct error error = {0};
    if (!book)
        return;
    ensure(book->asking == 0); // db_pipeline_free has answered all
    (void)!error_set(&error, ERR_SHUTTING_DOWN, "the service is shutting down");
    for (size_t i = 0; i < CHAINS; i++)
        while (book->chains[i]) {
            struct bucket *bucket = book->chains[i];
            fail_all(bucket, &error);
            book->chains[i] = bucket->next;
            free(bucket);
        }
    free(book);
}
