// One child, seen from the service, and what its end means.
#include "extractor/sandbox/link.h"
#include "lib/base/clock.h"
#include "lib/base/ensure.h"
#include "lib/log/log.h"
#include "lib/metric/metric.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { KEPT_BYTES = 1024 * 1024 }; // of shared memory, from one page to the next

static const double page_bounds[] = {0, 1, 10, 50, 100, 250, 500, 750, 999, SANDBOX_PAGES};
static struct metric restarts =
    METRIC_COUNTER("extractor_sandbox_restarts_total",
                   "Sandboxed children that ended, but for the service's own end.", "reason");
static struct metric pages_of_children =
    METRIC_HISTOGRAM("extractor_sandbox_child_pages",
                     "Pages that a sandboxed child had read when it ended.", page_bounds, NULL);

static const struct {
    const char *name;
    enum err err; // for the page that it was reading
    const char *detail;
} ends[SANDBOX_END_COUNT] = {
    [SANDBOX_END_RETIRED] = {"retired", ERR_INTERNAL, "its process had read its share"},
    [SANDBOX_END_STOPPED] = {"stopped", ERR_SHUTTING_DOWN, "the service ends"},
    [SANDBOX_END_CRASHED] = {"crashed", ERR_PARSE_ERROR, "reading this page crashed"},
    [SANDBOX_END_ABORTED] = {"aborted", ERR_PARSE_ERROR,
                             "reading this page took too much memory, or met a broken invariant"},
    [SANDBOX_END_FORBIDDEN] = {"forbidden_call", ERR_PARSE_ERROR,
                               "reading this page made a system call that it may not make"},
    // Perhaps it is this machine that had no time: worth another try later.
    [SANDBOX_END_TIMEOUT] = {"timeout", ERR_TIMEOUT, "reading this page took too long"},
    [SANDBOX_END_CPU_TIME] = {"cpu_time", ERR_TIMEOUT, "reading this page took too long"},
    [SANDBOX_END_KILLED] = {"killed", ERR_INTERNAL, "the process that read this page was killed"},
    [SANDBOX_END_PROTOCOL] = {"protocol", ERR_PARSE_ERROR,
                              "the process that read this page answered nonsense"},
    [SANDBOX_END_EXITED] = {"exited", ERR_PARSE_ERROR, "the process that read this page ended"},
    [SANDBOX_END_TEMPLATE] = {"template", ERR_INTERNAL, "the process that read this page was lost"},
};

const char *sandbox_end_name(enum sandbox_end end)
{
    return ends[end].name;
}

enum err sandbox_end_error(enum sandbox_end end, struct error *ret_error)
{
    return error_set(ret_error, ends[end].err, "%s", ends[end].detail);
}

// ----------------------------------------------------------------------------------------------------- life

enum err sandbox_child_start(struct sandbox *sandbox, struct sandbox_child *ret_child,
                             struct error *ret_error)
{
    int pair[2] = {-1, -1};
    int memory = memfd_create("eventd-page", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    char *shared = MAP_FAILED;
    enum err err = ERR_OK;
    // Sealed: no size that changes under a reader.
    if (memory < 0 || ftruncate(memory, SANDBOX_SHARED_BYTES) != 0 ||
        fcntl(memory, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) != 0 ||
        (shared = mmap(NULL, SANDBOX_SHARED_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, memory,
                       0)) == MAP_FAILED ||
        socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0 ||
        fcntl(pair[0], F_SETFL, O_NONBLOCK) != 0)
        err = error_set(ret_error, ERR_IO, "memory or channel of a child: %s", strerror(errno));
    *ret_child = (struct sandbox_child){.channel = pair[0], .shared = shared};
    if (!err)
        err = sandbox_order_start(sandbox, (const int[]){pair[1], memory}, &ret_child->pid,
                                  &ret_child->generation, ret_error);
    if (pair[1] >= 0)
        close(pair[1]);
    if (memory >= 0)
        close(memory);
    if (!err)
        return ERR_OK;
    if (pair[0] >= 0)
        close(pair[0]);
    if (shared != MAP_FAILED)
        munmap(shared, SANDBOX_SHARED_BYTES);
    *ret_child = (struct sandbox_child){0};
    return err;
}

static enum sandbox_end reason_of(int status)
{
    static const struct {
        int signal_number;
        enum sandbox_end end;
    } signals[] = {
        {SIGABRT, SANDBOX_END_ABORTED},
        {SIGSYS, SANDBOX_END_FORBIDDEN},
        {SIGXCPU, SANDBOX_END_CPU_TIME},
        {SIGKILL, SANDBOX_END_KILLED},
    };
    if (!WIFSIGNALED(status))
        return SANDBOX_END_EXITED;
    for (size_t i = 0; i < ARRAY_LEN(signals); i++)
        if (signals[i].signal_number == WTERMSIG(status))
            return signals[i].end;
    return SANDBOX_END_CRASHED;
}

static void note_end(const struct sandbox_child *child, enum sandbox_end end, int status)
{
    if (end == SANDBOX_END_STOPPED)
        return;
    metric_inc(metric_series(&restarts, ends[end].name));
    metric_observe(metric_series(&pages_of_children), child->pages);
    const char *signal_name = WIFSIGNALED(status) ? sigabbrev_np(WTERMSIG(status)) : NULL;
    const struct log_field fields[] = {log_str("reason", ends[end].name),
                                       log_int("pid", child->pid), log_int("pages", child->pages),
                                       end == SANDBOX_END_TEMPLATE ? (struct log_field){0}
                                       // nobody knows
                                       : signal_name ? log_str("signal", signal_name)
                                                     : log_int("status", WEXITSTATUS(status))};
    enum log_level level = end == SANDBOX_END_RETIRED ? LOG_DEBUG : LOG_WARN;
    if (log_enabled(level))
        log_write(level, "sandbox_child_ended", fields, ARRAY_LEN(fields));
}

enum sandbox_end sandbox_child_end(struct sandbox *sandbox, struct sandbox_child *child,
                                   enum sandbox_end because)
{
    int status = 0;
    bool told = sandbox_order_end(sandbox, child->pid, child->generation, &status);
    enum sandbox_end end = because;
    if (because == SANDBOX_END_EXITED)
        end = told ? reason_of(status) : SANDBOX_END_TEMPLATE;
    note_end(child, end, status);
    close(child->channel);
    munmap(child->shared, SANDBOX_SHARED_BYTES);
    *child = (struct sandbox_child){0};
    return end;
}

bool sandbox_child_is_old(const struct sandbox_child *child)
{
    return child->pages >= SANDBOX_PAGES ||
           child->reading_ns / 1000000 >= (uint64_t)SANDBOX_READING_MS;
}

// ---------------------------------------------------------------------------------------------------- pages

enum err sandbox_child_send(struct sandbox_child *child, struct slice page, struct slice url,
                            struct error *ret_error)
{
    if (page.len > PAGE_MAX_BYTES)
        return error_set(ret_error, ERR_PAGE_TOO_LARGE, "%zu bytes, the maximum is %d", page.len,
                         PAGE_MAX_BYTES);
    if (url.len > SANDBOX_MAX_URL)
        return error_set(ret_error, ERR_INVALID_FIELD, "the address has %zu bytes", url.len);
    const struct sandbox_request request = {
        .number = child->number == UINT32_MAX ? 1 : child->number + 1,
        .page_bytes = (uint32_t)page.len,
        .url_bytes = (uint32_t)url.len,
        .has_url = url.ptr != NULL,
    };
    if (page.len)
        memcpy(child->shared + SANDBOX_PAGE_AT, page.ptr, page.len);
    if (url.len)
        memcpy(child->shared + SANDBOX_URL_AT, url.ptr, url.len);
    child->number = request.number;
    child->is_reading = true;
    child->page_bytes = request.page_bytes;
    child->sent_ns = clock_monotonic_ns();
    if (send(child->channel, &request, sizeof request, MSG_NOSIGNAL) != sizeof request)
        return error_set(ret_error, ERR_IO, "the child has ended");
    return ERR_OK;
}

// Memory that an unusual page has taken goes back. Whole pages of memory: the borders are multiples.
static void give_back(char *at, size_t used)
{
    if (used > KEPT_BYTES)
        madvise(at + KEPT_BYTES, (used - KEPT_BYTES + 4095) & ~(size_t)4095, MADV_REMOVE);
}

static void note_page(struct sandbox_child *child)
{
    child->is_reading = false;
    child->pages++;
    child->reading_ns += clock_monotonic_ns() - child->sent_ns;
    give_back(child->shared + SANDBOX_PAGE_AT, child->page_bytes);
}

enum sandbox_word sandbox_child_receive(struct sandbox_child *child, struct buffer *ret_record)
{
    struct sandbox_reply reply;
    char message[sizeof reply + 1]; // what is longer shows
    ssize_t len = recv(child->channel, message, sizeof message, MSG_DONTWAIT);
    if (len < 0 && (errno == EAGAIN || errno == EINTR))
        return SANDBOX_WORD_NONE;
    if (len <= 0)
        return SANDBOX_WORD_LOST;
    // Each thing once: no child keeps us busy with words that nobody asked for.
    if (!sandbox_reply_decode(message, (size_t)len, child->is_reading ? child->number : 0,
                              &reply) ||
        (reply.number == 0 && child->has_greeted))
        return SANDBOX_WORD_NONSENSE;
    if (reply.number == 0) {
        child->has_greeted = true;
        child->filter_errno = reply.said == SANDBOX_SAID_UNFILTERED ? (int)reply.bytes : 0;
        return SANDBOX_WORD_NONE;
    }
    note_page(child);
    if (reply.said == SANDBOX_SAID_TOO_LARGE)
        return SANDBOX_WORD_TOO_LARGE;
    // Copied at once: nobody reads what the child could still change.
    buffer_append(ret_record, (struct slice){child->shared + SANDBOX_RECORD_AT, reply.bytes});
    give_back(child->shared + SANDBOX_RECORD_AT, reply.bytes);
    return ret_record->overflow ? SANDBOX_WORD_TOO_LARGE : SANDBOX_WORD_RECORD;
}

// ------------------------------------------------------------------------------------------- without a loop

static enum sandbox_word wait_for_word(struct sandbox_child *child, uint64_t until_ms,
                                       struct buffer *ret_record)
{
    struct pollfd channel = {.fd = child->channel, .events = POLLIN};
    enum sandbox_word word = SANDBOX_WORD_NONE;
    uint64_t now_ms;
    while (word == SANDBOX_WORD_NONE && (now_ms = clock_monotonic_ms()) < until_ms) {
        poll(&channel, 1, (int)(until_ms - now_ms));
        word = sandbox_child_receive(child, ret_record);
    }
    return word;
}

enum err sandbox_read_once(struct sandbox *sandbox, struct slice page, struct slice url,
                           struct buffer *ret_record, struct error *ret_error)
{
    struct sandbox_child child;
    enum err err = sandbox_child_start(sandbox, &child, ret_error);
    if (err)
        return err;
    err = sandbox_child_send(&child, page, url, ret_error);
    if (err) {
        sandbox_child_end(sandbox, &child, SANDBOX_END_STOPPED);
        return err;
    }
    enum sandbox_word word =
        wait_for_word(&child, clock_monotonic_ms() + sandbox_timeout_ms(sandbox), ret_record);
    enum sandbox_end end = sandbox_child_end(sandbox, &child, sandbox_end_after(word));
    if (word == SANDBOX_WORD_RECORD)
        return ERR_OK;
    if (word == SANDBOX_WORD_TOO_LARGE)
        return error_set(ret_error, ERR_PAGE_TOO_LARGE, "the record of this page is too large");
    return sandbox_end_error(end, ret_error);
}

enum sandbox_end sandbox_end_after(enum sandbox_word word)
{
    switch (word) {
    case SANDBOX_WORD_NONE:
        return SANDBOX_END_TIMEOUT;
    case SANDBOX_WORD_LOST:
        return SANDBOX_END_EXITED;
    case SANDBOX_WORD_NONSENSE:
        return SANDBOX_END_PROTOCOL;
    case SANDBOX_WORD_RECORD:
    case SANDBOX_WORD_TOO_LARGE:
        return SANDBOX_END_STOPPED;
    }
    ensure(!"a word");
}
