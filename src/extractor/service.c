#include "extractor/service.h"

#include "extractor/extract.h"
#include "extractor/record.h"
#include "lib/json/json.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

enum { READ_SIZE = 64 * 1024 };

static enum err extract(struct slice html, struct slice url, struct arena *arena,
                        struct buffer *ret_json, struct error *ret_error)
{
    struct record record;
    enum err err = extract_page(html, url, arena, &record, ret_error);
    if (err != ERR_OK)
        return err;
    record_render(&record, ret_json);
    if (ret_json->overflow)
        return error_set(ret_error, ERR_PAGE_TOO_LARGE,
                         "the record is larger than the answer may be");
    return ERR_OK;
}

enum err extract_handle(struct slice body_json, struct arena *arena, struct buffer *ret_json,
                        struct error *ret_error)
{
    yyjson_val *root;
    if (body_json.len > EXTRACT_MAX_BODY)
        return error_set(ret_error, ERR_PAYLOAD_TOO_LARGE, "the maximum is %d bytes",
                         EXTRACT_MAX_BODY);
    enum err err = json_parse(arena, body_json, &root, ret_error);
    if (err != ERR_OK)
        return err;
    if (!yyjson_is_obj(root))
        return error_set(ret_error, ERR_INVALID_FIELD, "/: must be an object");
    yyjson_val *html = yyjson_obj_get(root, "html"), *url = yyjson_obj_get(root, "url");
    if (!html)
        return error_set(ret_error, ERR_MISSING_FIELD, "/html: the page's HTML is needed");
    if (!yyjson_is_str(html))
        return error_set(ret_error, ERR_INVALID_FIELD, "/html: must be a string");
    if (url && !yyjson_is_null(url) && !yyjson_is_str(url))
        return error_set(ret_error, ERR_INVALID_FIELD, "/url: must be a string");
    return extract(json_get_text(root, "html"), json_get_text(root, "url"), arena, ret_json,
                   ret_error);
}

static enum err read_file(const char *path, struct buffer *ret_bytes, struct error *ret_error)
{
    int fd = strcmp(path, "-") == 0 ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3)
                                    : open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return error_set(ret_error, ERR_IO, "%s: %s", path, strerror(errno));
    gzFile file = gzdopen(fd, "rb"); // reads plain files as they are
    if (!file) {
        close(fd);
        return error_set(ret_error, ERR_IO, "%s: out of memory", path);
    }
    int len;
    char *room;
    while ((room = buffer_reserve(ret_bytes, READ_SIZE)) &&
           (len = gzread(file, room, READ_SIZE)) > 0)
        buffer_commit(ret_bytes, (size_t)len);
    bool failed = room && len < 0;
    gzclose(file);
    if (!room)
        return error_set(ret_error, ERR_PAGE_TOO_LARGE, "%s: the maximum is %d bytes", path,
                         EXTRACT_MAX_PAGE);
    return failed ? error_set(ret_error, ERR_IO, "%s: cannot be read", path) : ERR_OK;
}

enum err extract_file(const char *path, struct slice url, struct buffer *ret_json,
                      struct error *ret_error)
{
    CLEANUP(buffer_done) struct buffer page;
    buffer_init(&page, EXTRACT_MAX_PAGE + READ_SIZE);
    enum err err = read_file(path, &page, ret_error);
    if (err != ERR_OK)
        return err;
    CLEANUP(arena_free_cleanup) struct arena *arena = arena_new(EXTRACT_ARENA_BYTES);
    return extract(buffer_slice(&page), url, arena, ret_json, ret_error);
}
