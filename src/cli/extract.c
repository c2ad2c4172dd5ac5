// eventd extract FILE [URL]: what the extraction service reads in a page, without starting a service.
#include "cli/cli.h"
#include "extractor/service.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

enum { READ_BYTES = 64 * 1024, MAX_FILE_BYTES = 16 * 1024 * 1024 };

// Plain or gzip; "-" is standard input.
static enum err read_page(const char *path, struct buffer *ret_page, struct error *ret_error)
{
    bool standard_input = strcmp(path, "-") == 0;
    int fd =
        standard_input ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3) : open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return error_set(ret_error, ERR_IO, "%s: %s", path, strerror(errno));
    gzFile file = gzdopen(fd, "rb");
    if (!file) {
        close(fd);
        return error_set(ret_error, ERR_IO, "%s: out of memory", path);
    }
    int len = 0;
    char *room;
    while ((room = buffer_reserve(ret_page, READ_BYTES)) &&
           (len = gzread(file, room, READ_BYTES)) > 0)
        buffer_commit(ret_page, (size_t)len);
    gzclose(file);
    if (!room)
        return error_set(ret_error, ERR_PAGE_TOO_LARGE, "%s: the maximum is %d bytes", path,
                         MAX_FILE_BYTES);
    return len < 0 ? error_set(ret_error, ERR_IO, "%s: cannot be read", path) : ERR_OK;
}

int cli_extract(int argc, char **argv)
{
    if (argc < 2 || argc > 3) {
        cli_complain("%s takes a file and perhaps the address it came from", argv[0]);
        return CLI_USAGE;
    }
    struct config *config CLEANUP(config_free_cleanup) = cli_config(argv[0]);
    if (!config)
        return CLI_BAD_CONFIG;
    struct buffer page CLEANUP(buffer_done), record CLEANUP(buffer_done);
    struct error error = {0};
    buffer_init(&page, MAX_FILE_BYTES);
    buffer_init(&record, EXTRACTOR_MAX_ANSWER);
    enum err err = read_page(argv[1], &page, &error);
    if (!err)
        err = extractor_answer_apart(config, buffer_slice(&page),
                                     slice_from_cstr(argc == 3 ? argv[2] : NULL), &record, &error);
    if (err) {
        cli_complain("%s", error.detail);
        return CLI_FAILED;
    }
    printf("%.*s\n", SLICE_FMT(buffer_slice(&record)));
    return CLI_OK;
}
