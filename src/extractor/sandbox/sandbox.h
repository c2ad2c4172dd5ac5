// Pages are made by strangers, and reading them is a lot of code: it happens in children that are locked in (lock.h),
// started from a template (template.h), which the extraction service asks over a narrow border (wire.h). A page that makes
// its child crash, or run on, or ask for what it may not, costs its own request; another child takes the place.
//
// This header is what a whole process has once: the template, and starting and ending children. The pool of a loop is
// pool.h. Children may be started and ended by any thread; each child belongs to one.
#pragma once

#include "lib/base/buffer.h"
#include "lib/base/error.h"
#include "lib/base/slice.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

enum {
    SANDBOX_PAGES = 1000,          // of one child, then a fresh one takes its place
    SANDBOX_READING_MS = 60 * 1000 // the same, by time: well below SANDBOX_CPU_SECONDS
};

struct sandbox_options {
    const char *program; // NULL: this one (/proc/self/exe)
    uint32_t timeout_ms; // for one page, from when a child gets it
    bool needs_filter;   // rather no child than one without a filter of system calls
};

struct sandbox;

// Starts the template, and one child to see that it works. Logs if the kernel has no filter for us. ERR_IO, or
// ERR_CONFIG_INVALID when needs_filter cannot be had.
MUST_CHECK enum err sandbox_new(const struct sandbox_options *options, struct sandbox **ret_sandbox,
                                struct error *ret_error);
// Kills the template and with it all children; nothing is started after it.
void sandbox_stop(struct sandbox *sandbox);
// sandbox_new has one reference; the memory goes with the last one. The last one stops it.
struct sandbox *sandbox_hold(struct sandbox *sandbox);
void sandbox_release(struct sandbox *sandbox); // NULL is fine
void sandbox_release_cleanup(struct sandbox **sandbox);
uint32_t sandbox_timeout_ms(const struct sandbox *sandbox);

// Why a child has ended, as metrics and log lines name it.
enum sandbox_end {
    SANDBOX_END_RETIRED,   // had read its share
    SANDBOX_END_STOPPED,   // the service ends
    SANDBOX_END_CRASHED,   // SIGSEGV and the like
    SANDBOX_END_ABORTED,   // a broken invariant, or its memory was used up
    SANDBOX_END_FORBIDDEN, // a system call that it may not make
    SANDBOX_END_TIMEOUT,   // the page took too long
    SANDBOX_END_CPU_TIME,  // SANDBOX_CPU_SECONDS were used up
    SANDBOX_END_KILLED,    // by somebody else: the system short of memory, a person
    SANDBOX_END_PROTOCOL,  // said what makes no sense
    SANDBOX_END_EXITED,    // by itself
    SANDBOX_END_TEMPLATE,  // together with its template
    SANDBOX_END_COUNT,
};
const char *sandbox_end_name(enum sandbox_end end); // "retired"

// What a child's end means for the page that it was reading: ERR_PARSE_ERROR where another try would end the same way.
enum err sandbox_end_error(enum sandbox_end end, struct error *ret_error);

// One child, seen from the service. Zero-initialised: none.
struct sandbox_child {
    pid_t pid;           // 0: none
    unsigned generation; // of the template that it is a fork of
    int channel;         // non-blocking
    char *shared;        // SANDBOX_SHARED_BYTES
    uint32_t number;     // of the last request
    uint32_t page_bytes; // of the last request
    bool is_reading;     // has a page that it did not answer yet
    bool has_greeted;    // said its first word
    uint32_t pages;      // read
    uint64_t sent_ns, reading_ns;
    int filter_errno; // with which the kernel refused the filter of calls, once the child has said so; 0: it has one
};

enum sandbox_word {
    SANDBOX_WORD_NONE,      // nothing came yet
    SANDBOX_WORD_RECORD,    // the record was appended to ret_record
    SANDBOX_WORD_TOO_LARGE, // there is none: ERR_PAGE_TOO_LARGE
    SANDBOX_WORD_LOST,      // the channel has ended: the child has
    SANDBOX_WORD_NONSENSE,
};

// Why a child ends of which this was the last word; after NONE, the time is up.
enum sandbox_end sandbox_end_after(enum sandbox_word word);

// Blocks for milliseconds (for a tenth of a second when the template has to be started again). ERR_IO.
MUST_CHECK enum err sandbox_child_start(struct sandbox *sandbox, struct sandbox_child *ret_child,
                                        struct error *ret_error);
// Gives it a page; it must not have one. url may be absent. ERR_PAGE_TOO_LARGE, ERR_INVALID_FIELD (the url), ERR_IO (the
// child has ended).
MUST_CHECK enum err sandbox_child_send(struct sandbox_child *child, struct slice page,
                                       struct slice url, struct error *ret_error);
// Takes one message; does not block. ret_record: of EXTRACTOR_MAX_ANSWER.
enum sandbox_word sandbox_child_receive(struct sandbox_child *child, struct buffer *ret_record);
// Has it read enough?
bool sandbox_child_is_old(const struct sandbox_child *child);
// Ends it, if it still lives, and counts and logs that. because: why, unless it has ended by itself (SANDBOX_END_EXITED).
// The true reason; the child is none afterwards.
enum sandbox_end sandbox_child_end(struct sandbox *sandbox, struct sandbox_child *child,
                                   enum sandbox_end because);

// One page in one child, for programs without a loop: blocks, at most timeout_ms and what starting takes. Appends to
// ret_record (of EXTRACTOR_MAX_ANSWER).
MUST_CHECK enum err sandbox_read_once(struct sandbox *sandbox, struct slice page, struct slice url,
                                      struct buffer *ret_record, struct error *ret_error);
