// How many pages a second the extraction reads on one core, and how much memory it keeps.
//
//     extraction_speed --pages COUNT FILE…      plain or gzip; read into memory first, then in turns
//
// Prints one line of JSON: {"pages","bytes","seconds","cpu_seconds","pages_per_second","rss_kb_early",
// "rss_kb_late"}: pages for a second of processor time, because machines are shared; the resident
// memory after a tenth of the pages and after all of them.
#include "extractor/service.h"
#include "lib/base/buffer.h"
#include "lib/base/clock.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <zlib.h>

enum { MAX_PAGE = 16 * 1024 * 1024, READ_BYTES = 64 * 1024, MAX_FILES = 4096 };

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

int main(int argc, char **argv)
{
    static struct buffer pages[MAX_FILES];
    size_t count = 0, bytes = 0;
    long total = argc > 3 && strcmp(argv[1], "--pages") == 0 ? strtol(argv[2], NULL, 10) : 0;
    for (int i = 3; i < argc && count < MAX_FILES; i++)
        if (!read_file(argv[i], &pages[count++])) {
            fprintf(stderr, "extraction_speed: %s cannot be read\n", argv[i]);
            return 1;
        }
    if (total < 10 || count == 0) {
        fprintf(stderr, "usage: extraction_speed --pages COUNT FILE…\n");
        return 2;
    }
    struct buffer answer CLEANUP(buffer_done);
    buffer_init(&answer, EXTRACTOR_MAX_ANSWER);
    long early = 0;
    uint64_t start = clock_monotonic_ms();
    double cpu = cpu_seconds();
    for (long i = 0; i < total; i++) {
        struct buffer *page = &pages[(size_t)i % count];
        struct error error = {0};
        buffer_clear(&answer);
        if (extractor_answer(buffer_slice(page), (struct slice){0}, &answer, &error)) {
            fprintf(stderr, "extraction_speed: %s\n", error.detail);
            return 1;
        }
        bytes += page->len;
        if (i == total / 10)
            early = resident_kb();
    }
    double seconds = (double)(clock_monotonic_ms() - start) / 1000;
    cpu = cpu_seconds() - cpu;
    printf("{\"pages\":%ld,\"bytes\":%zu,\"seconds\":%.3f,\"cpu_seconds\":%.3f,\"pages_per_"
           "second\":%.1f,"
           "\"rss_kb_early\":%ld,\"rss_kb_late\":%ld}\n",
           total, bytes, seconds, cpu, (double)total / cpu, early, resident_kb());
    return 0;
}
