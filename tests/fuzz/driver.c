// Drives a fuzz target without libFuzzer, which gcc lacks:
//
//   NAME_fuzz [--iterations N] [--seconds S] [--seed X] CORPUS…
//
// A file of CORPUS is run as it is; of a folder, every file is a seed: run as it is, then mutated N times or
// for S seconds (whichever ends first; N alone gives the same inputs every time). An input that breaks the
// target is kept as crash-SEED-ITERATION in the working directory; give it as CORPUS to see it again.
#include "lib/base/clock.h"
#include "lib/base/ensure.h"
#include "lib/base/slice.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { MAX_SEEDS = 4096, INPUT_MAX = 64 * 1024, MAX_STEPS = 6 };

struct input {
    uint8_t *bytes; // heap
    size_t len;
};

static struct input seeds[MAX_SEEDS];
static size_t seed_count;
static uint64_t random_state, random_seed = 1;
static unsigned long iteration;
static uint8_t current[INPUT_MAX];
static size_t current_len;

// xorshift64*: small, and the same everywhere.
static uint64_t next_random(void)
{
    random_state ^= random_state >> 12;
    random_state ^= random_state << 25;
    random_state ^= random_state >> 27;
    return random_state * 0x2545f4914f6cdd1du;
}

static size_t below(size_t limit)
{
    return limit ? (size_t)(next_random() % limit) : 0;
}

// The process is lost anyway: snprintf is no risk worth a formatter of our own.
static void keep_crash(int signal_number)
{
    char name[64];
    int len =
        snprintf(name, sizeof name, "crash-%llu-%lu", (unsigned long long)random_seed, iteration);
    int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (fd < 0 || write(fd, current, current_len) != (ssize_t)current_len ||
        write(2, name, (size_t)len) != len || write(2, ": the input is kept\n", 20) != 20)
        _exit(1);
    signal(signal_number, SIG_DFL);
    raise(signal_number);
}

// Mutations of `current`

static void flip_bit(void)
{
    if (current_len)
        current[below(current_len)] ^= (uint8_t)(1 << below(8));
}

static void set_byte(void)
{
    static const uint8_t telling[] = {0,   1,   9,   10,  13,  32,   34,   39,   44,   45,  46,
                                      47,  48,  57,  58,  59,  60,   62,   63,   91,   92,  93,
                                      123, 125, 127, 128, 191, 0xc3, 0xe2, 0xf0, 0xfe, 0xff};
    if (current_len)
        current[below(current_len)] = telling[below(sizeof telling)];
}

static void remove_piece(void)
{
    size_t at = below(current_len), len = 1 + below(16);
    if (len > current_len - at)
        len = current_len - at;
    memmove(current + at, current + at + len, current_len - at - len);
    current_len -= len;
}

static void insert_piece(const uint8_t *bytes, size_t len)
{
    if (len > INPUT_MAX - current_len)
        len = INPUT_MAX - current_len;
    size_t at = below(current_len + 1);
    memmove(current + at + len, current + at, current_len - at);
    memcpy(current + at, bytes, len);
    current_len += len;
}

// A piece of any seed: what the format is made of gets to unusual places.
static void borrow_piece(void)
{
    const struct input *other = &seeds[below(seed_count)];
    size_t at = below(other->len), len = 1 + below(below(4) ? 24 : 400);
    insert_piece(other->bytes + at, len < other->len - at ? len : other->len - at);
}

static void repeat_piece(void)
{
    uint8_t piece[32];
    size_t at = below(current_len), len = 1 + below(sizeof piece);
    if (len > current_len - at)
        len = current_len - at;
    memcpy(piece, current + at, len);
    for (size_t times = 1 + below(below(10) ? 3 : 300); times; times--)
        insert_piece(piece, len);
}

static void cut_off(void)
{
    current_len = below(current_len + 1);
}

static void mutate(void)
{
    static void (*const mutations[])(void) = {flip_bit,     set_byte,     remove_piece,
                                              borrow_piece, borrow_piece, repeat_piece,
                                              set_byte,     cut_off};
    const struct input *seed = &seeds[below(seed_count)];
    memcpy(current, seed->bytes, seed->len);
    current_len = seed->len;
    for (size_t steps = 1 + below(MAX_STEPS); steps; steps--)
        mutations[below(ARRAY_LEN(mutations))]();
}

// The target gets memory of exactly the input's size, so that the sanitizer sees a step beyond.
static void run_current(void)
{
    uint8_t *copy = malloc(current_len ? current_len : 1);
    ensure(copy != NULL);
    memcpy(copy, current, current_len);
    LLVMFuzzerTestOneInput(copy, current_len);
    free(copy);
}

static void add_seed(const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? -1 : read(fd, current, sizeof current);
    if (n < 0) {
        perror(path);
        exit(2);
    }
    close(fd);
    ensure(seed_count < MAX_SEEDS);
    uint8_t *bytes = malloc((size_t)n + 1);
    ensure(bytes != NULL);
    memcpy(bytes, current, (size_t)n);
    seeds[seed_count++] = (struct input){bytes, (size_t)n};
    current_len = (size_t)n;
    run_current();
}

static int visible(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

static void add_folder(const char *folder)
{
    struct dirent **entries;
    int count = scandir(folder, &entries, visible, alphasort);
    for (int i = 0; i < count; i++) {
        char path[4096];
        snprintf(path, sizeof path, "%s/%s", folder, entries[i]->d_name);
        add_seed(path);
        free(entries[i]);
    }
    if (count >= 0)
        free(entries);
}

int main(int argc, char **argv)
{
    unsigned long iterations = 0, seconds = 0;
    bool is_fuzzing = false;
    signal(SIGABRT, keep_crash);
    signal(SIGSEGV, keep_crash);
    for (int i = 1; i < argc; i++) {
        struct stat status;
        if (strcmp(argv[i], "--iterations") == 0 && i + 1 < argc) {
            iterations = strtoul(argv[++i], NULL, 10);
        } else if (strcmp(argv[i], "--seconds") == 0 && i + 1 < argc) {
            seconds = strtoul(argv[++i], NULL, 10);
        } else if (strcmp(argv[i], "--seed") == 0 && i + 1 < argc) {
            random_seed = strtoull(argv[++i], NULL, 10);
        } else if (stat(argv[i], &status) == 0 && S_ISDIR(status.st_mode)) {
            add_folder(argv[i]);
            is_fuzzing = true;
        } else {
            add_seed(argv[i]);
        }
    }
    if (!seed_count) {
        fprintf(stderr, "usage: %s [--iterations N] [--seconds S] [--seed X] CORPUS...\n", argv[0]);
        return 2;
    }
    random_state = random_seed * 0x9e3779b97f4a7c15u | 1;
    uint64_t end_ms = clock_monotonic_ms() + seconds * 1000;
    while (is_fuzzing && (iterations || seconds) && (!iterations || iteration < iterations) &&
           (!seconds || clock_monotonic_ms() < end_ms)) {
        iteration++;
        mutate();
        run_current();
    }
    printf("%zu seeds and %lu mutations run\n", seed_count, iteration);
    for (size_t i = 0; i < seed_count; i++)
        free(seeds[i].bytes);
    return 0;
}
