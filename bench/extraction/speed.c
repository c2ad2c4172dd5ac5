// How many pages a second the extraction reads on one core, and how much memory it keeps.
//
//     extraction_speed [--sandbox EVENTD] --pages COUNT FILE…
//
// Plain or gzip; read into memory first, then in turns: in this process, or in sandboxed children of that program, one page at
// a time, a new child when one has read its share, as the service does.
//
// Prints one line of JSON: {"pages","bytes","seconds","cpu_seconds","pages_per_second","rss_kb_early",
// "rss_kb_late"}: pages for a second of processor time (of all processes that are ours), because machines are shared; the
// resident memory of this process after a tenth of the pages and after all of them.
#include "extractor/sandbox/sandbox.h"
#include "extractor/service.h"
#include "lib/base/buffer.h"
#include "lib/base/clock.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>
#include <zlib.h>

enum { MAX_PAGE = 16 * 1024 * 1024, READ_BYTES = 64 * 1024, MAX_FILES = 4096, TIMEOUT_MS = 20000 };

static bool read_file(const char *path, struct buffer *ret_page)
{
    gzFile file = gzopen(path, "rb");
    int len = 0;
    char *room;
    buffer_init(ret_page, MAX_PAGE);
    while (file && (room = buffer_reserve(ret_page, READ_BYTES)) &&
           (len = gzread(file, room, READ_BYTES)) > 0)
        buffer_commit(ret_page, (size_t)len);
    if (file)
        gzclose(file);
    return file && len == 0;
}

static long resident_kb(void)
{
    long pages = 0;
    FILE *file = fopen("/proc/self/statm", "re");
    if (!file || fscanf(file, "%*s %ld", &pages) != 1)
        pages = 0;
    if (file)
        fclose(file);
    return pages * (sysconf(_SC_PAGESIZE) / 1024);
}

static double cpu_seconds(void)
{
    struct timespec time = {0};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

// Of those that have ended: children count with the template when that has.
static double cpu_seconds_of_children(void)
{
    struct rusage usage = {0};
    getrusage(RUSAGE_CHILDREN, &usage);
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

static enum err read_in_child(struct sandbox *sandbox, struct sandbox_child *child,
                              struct slice page, struct buffer *ret_answer, struct error *ret_error)
{
    enum err err = child->pid ? ERR_OK : sandbox_child_start(sandbox, child, ret_error);
    if (!err)
        err = sandbox_child_send(child, page, (struct slice){0}, ret_error);
    if (err)
        return err;
    struct pollfd channel = {.fd = child->channel, .events = POLLIN};
    enum sandbox_word word;
    while ((word = sandbox_child_receive(child, ret_answer)) == SANDBOX_WORD_NONE)
        if (poll(&channel, 1, TIMEOUT_MS) <= 0)
            break;
    if (word != SANDBOX_WORD_RECORD)
        return sandbox_end_error(sandbox_child_end(sandbox, child, sandbox_end_after(word)),
                                 ret_error);
    if (sandbox_child_is_old(child))
        sandbox_child_end(sandbox, child, SANDBOX_END_RETIRED);
    return ERR_OK;
}

int main(int argc, char **argv)
{
    static struct buffer pages[MAX_FILES];
    struct sandbox *sandbox = NULL;
    struct sandbox_child child = {0};
    struct error error = {0};
    if (argc > 3 && strcmp(argv[1], "--sandbox") == 0) {
        const struct sandbox_options options = {.program = argv[2], .timeout_ms = TIMEOUT_MS};
        if (sandbox_new(&options, &sandbox, &error)) {
            fprintf(stderr, "extraction_speed: %s\n", error.detail);
            return 1;
        }
        argc -= 2;
        argv += 2;
    }
    size_t count = 0, bytes = 0;
    long total = argc > 3 && strcmp(argv[1], "--pages") == 0 ? strtol(argv[2], NULL, 10) : 0;
    for (int i = 3; i < argc && count < MAX_FILES; i++)
        if (!read_file(argv[i], &pages[count++])) {
            fprintf(stderr, "extraction_speed: %s cannot be read\n", argv[i]);
            return 1;
        }
    if (total < 10 || count == 0) {
        fprintf(stderr, "usage: extraction_speed [--sandbox EVENTD] --pages COUNT FILE…\n");
        return 2;
    }
    struct buffer answer CLEANUP(buffer_done);
    buffer_init(&answer, EXTRACTOR_MAX_ANSWER);
    long early = 0;
    uint64_t start = clock_monotonic_ms();
    double cpu = cpu_seconds();
    for (long i = 0; i < total; i++) {
        struct buffer *page = &pages[(size_t)i % count];
        buffer_clear(&answer);
        if (sandbox ? read_in_child(sandbox, &child, buffer_slice(page), &answer, &error)
                    : extractor_answer(buffer_slice(page), (struct slice){0}, &answer, &error)) {
            fprintf(stderr, "extraction_speed: %s\n", error.detail);
            return 1;
        }
        bytes += page->len;
        if (i == total / 10)
            early = resident_kb();
    }
    double seconds = (double)(clock_monotonic_ms() - start) / 1000;
    if (sandbox) {
        if (child.pid)
            sandbox_child_end(sandbox, &child, SANDBOX_END_STOPPED);
        sandbox_release(sandbox);
    }
    cpu = cpu_seconds() + cpu_seconds_of_children() - cpu;
    printf("{\"pages\":%ld,\"bytes\":%zu,\"seconds\":%.3f,\"cpu_seconds\":%.3f,\"pages_per_"
           "second\":%.1f,"
           "\"rss_kb_early\":%ld,\"rss_kb_late\":%ld}\n",
           total, bytes, seconds, cpu, (double)total / cpu, early, resident_kb());
    return 0;
}
