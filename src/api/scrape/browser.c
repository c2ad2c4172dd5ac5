#include "api/scrape/browser.h"

#include "lib/base/buffer.h"
#include "lib/base/clock.h"
#include "lib/base/ensure.h"
#include "lib/json/json.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <linux/close_range.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    COMMANDS_FD = 3,
    ANSWERS_FD = 4,
    FREE_FD = 10, // above the two, for moving descriptors about
    NOBODY = 65534,
    SLICE_OF_WAIT_MS = 200,
    MAX_COMMAND_BYTES = 64 * 1024 * 1024,
    READ_BYTES = 64 * 1024,
    FOLDER_BYTES = 64,
    MAX_OPEN_FOLDERS = 16,
};

struct browser {
    struct browser_options options;
    pid_t pid;
    int commands, answers; // our ends of the pipes
    int64_t last_id;
    struct buffer received;
    size_t taken; // of received: the message given out last
    char folder[FOLDER_BYTES];
};

// ------------------------------------------------------------------------------------------------- the process

// Prepared before the fork: behind it only async-signal-safe calls are allowed.
struct start {
    char *const *argv;
    char *const *environment;
    const char *path; // found in PATH already
    int commands, answers, null_fd;
    pid_t parent;
};

[[noreturn]] static void run_child(const struct start *start)
{
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    setpgid(0, 0);
    int commands = fcntl(start->commands, F_DUPFD, FREE_FD);
    int answers = fcntl(start->answers, F_DUPFD, FREE_FD);
    int null_fd = fcntl(start->null_fd, F_DUPFD, FREE_FD);
    bool placed = dup2(null_fd, STDIN_FILENO) >= 0 && dup2(null_fd, STDOUT_FILENO) >= 0 &&
                  dup2(null_fd, STDERR_FILENO) >= 0 && dup2(commands, COMMANDS_FD) >= 0 &&
                  dup2(answers, ANSWERS_FD) >= 0;
    close_range(ANSWERS_FD + 1, ~0u, 0);
    if (!placed || (geteuid() == 0 && (setgid(NOBODY) != 0 || setuid(NOBODY) != 0)))
        _exit(126);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != start->parent)
        _exit(1);
    execve(start->path, start->argv, start->environment);
    _exit(127);
}

// The program's path; false when there is none of that name.
static bool find_program(const char *name, char ret_path[static PATH_MAX])
{
    if (strchr(name, '/'))
        return snprintf(ret_path, PATH_MAX, "%s", name) < PATH_MAX && access(name, X_OK) == 0;
    const char *path = getenv("PATH");
    struct slice rest = slice_from_cstr(path ? path : "/usr/bin:/bin"), folder;
    while (slice_split_next(&rest, ':', &folder))
        if (folder.len &&
            snprintf(ret_path, PATH_MAX, "%.*s/%s", SLICE_FMT(folder), name) < PATH_MAX &&
            access(ret_path, X_OK) == 0)
            return true;
    return false;
}

static enum err spawn(struct browser *browser, const struct start *prepared,
                      struct error *ret_error)
{
    int commands[2], answers[2];
    struct start start = *prepared;
    if (pipe2(commands, O_CLOEXEC) != 0)
        return error_set(ret_error, ERR_IO, "pipe: %s", strerror(errno));
    if (pipe2(answers, O_CLOEXEC) != 0) {
        close(commands[0]);
        close(commands[1]);
        return error_set(ret_error, ERR_IO, "pipe: %s", strerror(errno));
    }
    browser->commands = commands[1];
    browser->answers = answers[0];
    fcntl(browser->commands, F_SETFL, O_NONBLOCK);
    fcntl(browser->answers, F_SETFL, O_NONBLOCK);
    start.commands = commands[0];
    start.answers = answers[1];
    start.null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);
    start.parent = getpid();
    browser->pid = start.null_fd < 0 ? -1 : fork();
    if (browser->pid == 0)
        run_child(&start);
    int failed = errno;
    close(start.commands);
    close(start.answers);
    if (start.null_fd >= 0)
        close(start.null_fd);
    if (browser->pid < 0)
        return error_set(ret_error, ERR_IO, "fork: %s", strerror(failed));
    setpgid(browser->pid, browser->pid); // in both, so that it is true whoever runs first
    return ERR_OK;
}

static enum err make_folder(struct browser *browser, struct error *ret_error)
{
    snprintf(browser->folder, sizeof browser->folder, "/tmp/eventd-browser-XXXXXX");
    if (!mkdtemp(browser->folder)) {
        browser->folder[0] = '\0';
        return error_set(ret_error, ERR_IO, "a folder in /tmp: %s", strerror(errno));
    }
    if (geteuid() == 0 && chown(browser->folder, NOBODY, NOBODY) != 0)
        return error_set(ret_error, ERR_IO, "%s: %s", browser->folder, strerror(errno));
    return ERR_OK;
}

static enum err launch(struct browser *browser, struct error *ret_error)
{
    char path[PATH_MAX], home[FOLDER_BYTES + 8], profile[FOLDER_BYTES + 32];
    snprintf(home, sizeof home, "HOME=%s", browser->folder);
    snprintf(profile, sizeof profile, "--user-data-dir=%s", browser->folder);
    char search[] = "PATH=/usr/bin:/bin", language[] = "LANG=C.UTF-8";
    char *const environment[] = {search, language, home, NULL};
    // Names resolve to nothing, so whatever escapes the interception reaches nobody.
    static const char *const switches[] = {
        "chromium",
        "--headless=new",
        "--remote-debugging-pipe",
        "--disable-gpu",
        "--no-first-run",
        "--disable-extensions",
        "--disable-sync",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-default-apps",
        "--disable-breakpad",
        "--mute-audio",
        "--no-pings",
        "--disable-features=WebRtcHideLocalIpsWithMdns,OptimizationHints",
        "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
        "--host-resolver-rules=MAP * ~NOTFOUND",
        "--js-flags=--max-old-space-size=512"};
    const char *argv[ARRAY_LEN(switches) + 3];
    memcpy(argv, switches, sizeof switches);
    argv[ARRAY_LEN(switches)] = profile;
    argv[ARRAY_LEN(switches) + 1] = "about:blank";
    argv[ARRAY_LEN(switches) + 2] = NULL;
    if (!find_program(browser->options.path, path))
        return error_set(ret_error, ERR_IO, "there is no program '%s'", browser->options.path);
    // execve does not change what it is given.
    const struct start start = {
        .path = path, .argv = (char *const *)(uintptr_t)argv, .environment = environment};
    return spawn(browser, &start, ret_error);
}

enum err browser_start(const struct browser_options *options, struct browser **ret,
                       struct error *ret_error)
{
    struct browser *browser = calloc(1, sizeof *browser);
    ensure(browser != NULL);
    *browser = (struct browser){.options = *options, .pid = -1, .commands = -1, .answers = -1};
    buffer_init(&browser->received, options->max_message_bytes + READ_BYTES);
    enum err err = make_folder(browser, ret_error);
    if (!err)
        err = launch(browser, ret_error);
    if (err)
        browser_stop(browser);
    else
        *ret = browser;
    return err;
}

static int remove_entry(const char *path, const struct stat *info, int type, struct FTW *walk)
{
    (void)info, (void)type, (void)walk;
    remove(path);
    return 0;
}

void browser_stop(struct browser *browser)
{
    if (!browser)
        return;
    if (browser->commands >= 0)
        close(browser->commands);
    if (browser->answers >= 0)
        close(browser->answers);
    if (browser->pid > 0) {
        kill(-browser->pid, SIGKILL);
        waitpid(browser->pid, NULL, 0);
    }
    if (browser->folder[0])
        nftw(browser->folder, remove_entry, MAX_OPEN_FOLDERS, FTW_DEPTH | FTW_PHYS);
    buffer_done(&browser->received);
    free(browser);
}

// -------------------------------------------------------------------------------------------- the conversation

// Waits until the descriptor is ready; *ret_ready is false when until_ms came first.
static enum err wait_for(const struct browser *browser, int fd, short events, uint64_t until_ms,
                         bool *ret_ready, struct error *ret_error)
{
    for (;;) {
        if (browser->options.cancel && __atomic_load_n(browser->options.cancel, __ATOMIC_ACQUIRE))
            return error_set(ret_error, ERR_SHUTTING_DOWN, "the service is shutting down");
        uint64_t now = clock_monotonic_ms();
        uint64_t end =
            until_ms < browser->options.deadline_ms ? until_ms : browser->options.deadline_ms;
        uint64_t left = now < end ? end - now : 0;
        struct pollfd ask = {.fd = fd, .events = events};
        *ret_ready = poll(&ask, 1, left < SLICE_OF_WAIT_MS ? (int)left : SLICE_OF_WAIT_MS) > 0;
        if (*ret_ready || (left == 0 && now < browser->options.deadline_ms))
            return ERR_OK;
        if (left == 0)
            return error_set(ret_error, ERR_FETCH_TIMEOUT,
                             "the page's scripts did not end in time");
    }
}

static enum err write_all(const struct browser *browser, struct slice bytes,
                          struct error *ret_error)
{
    while (bytes.len) {
        bool ready;
        enum err err = wait_for(browser, browser->commands, POLLOUT, UINT64_MAX, &ready, ret_error);
        if (err)
            return err;
        ssize_t written = write(browser->commands, bytes.ptr, bytes.len);
        if (written < 0 && errno != EAGAIN && errno != EINTR)
            return error_set(ret_error, ERR_IO, "the browser has ended");
        if (written > 0)
            bytes = slice_sub(bytes, (size_t)written, bytes.len);
    }
    return ERR_OK;
}

enum err browser_send(struct browser *browser, const char *method, struct slice session,
                      struct slice params, int64_t *ret_id, struct error *ret_error)
{
    struct buffer text CLEANUP(buffer_done);
    buffer_init(&text, MAX_COMMAND_BYTES);
    struct json_writer w = json_writer_on(&text);
    json_begin_object(&w);
    json_key(&w, "id");
    json_int(&w, ++browser->last_id);
    json_key(&w, "method");
    json_cstr(&w, method);
    json_key(&w, "params");
    json_raw(&w, params);
    if (session.len) {
        json_key(&w, "sessionId");
        json_text(&w, session);
    }
    json_end_object(&w);
    buffer_append_char(&text, '\0');
    if (ret_id)
        *ret_id = browser->last_id;
    if (text.overflow)
        return error_set(ret_error, ERR_PAGE_TOO_LARGE, "a command for the browser is too long");
    return write_all(browser, buffer_slice(&text), ret_error);
}

static void drop_taken(struct browser *browser)
{
    struct buffer *received = &browser->received;
    if (browser->taken) {
        memmove(received->ptr, received->ptr + browser->taken, received->len - browser->taken);
        received->len -= browser->taken;
        browser->taken = 0;
    }
}

static bool take_message(struct browser *browser, struct slice *ret_message)
{
    struct slice all = buffer_slice(&browser->received);
    size_t end = slice_find_char(all, '\0');
    if (end == SIZE_MAX || end >= all.len)
        return false;
    *ret_message = slice_sub(all, 0, end);
    browser->taken = end + 1;
    return true;
}

enum err browser_receive(struct browser *browser, uint32_t wait_ms, struct slice *ret_message,
                         struct error *ret_error)
{
    uint64_t until_ms = wait_ms ? clock_monotonic_ms() + wait_ms : UINT64_MAX;
    drop_taken(browser);
    *ret_message = (struct slice){0};
    while (!take_message(browser, ret_message)) {
        char piece[READ_BYTES];
        bool ready;
        enum err err = wait_for(browser, browser->answers, POLLIN, until_ms, &ready, ret_error);
        if (err || !ready)
            return err;
        ssize_t got = read(browser->answers, piece, sizeof piece);
        if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR))
            return error_set(ret_error, ERR_IO, "the browser has ended");
        if (got > 0)
            buffer_append(&browser->received, (struct slice){piece, (size_t)got});
        if (browser->received.overflow)
            return error_set(ret_error, ERR_PAGE_TOO_LARGE, "the page grew too large");
    }
    return ERR_OK;
}
