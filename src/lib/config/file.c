#include "lib/config/setting.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

enum { MAX_ENTRIES = 1024 };

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

static bool is_key(struct slice key)
{
    for (size_t i = 0; i < key.len; i++)
        if (!isalnum((unsigned char)key.ptr[i]) && key.ptr[i] != '_')
            return false;
    return key.len > 0;
}

// The quoted text at the start of rest, without its quotes; *rest goes behind it. False: no closing quote.
static bool take_quoted(struct arena *arena, struct slice *rest, struct slice *ret_value)
{
    char quote = rest->ptr[0], *out = arena_alloc(arena, rest->len);
    size_t len = 0;
    for (size_t i = 1; i < rest->len; i++) {
        char c = rest->ptr[i];
        if (c == quote) {
            *ret_value = (struct slice){out, len};
            *rest = slice_sub(*rest, i + 1, rest->len);
            return true;
        }
        if (quote == '"' && c == '\\' && i + 1 < rest->len) {
            c = rest->ptr[++i];
            c = c == 'n' ? '\n' : c == 't' ? '\t' : c;
        }
        out[len++] = c;
    }
    return false;
}

// An unquoted value ends at a '#' behind white space, so that addresses may hold one.
static struct slice plain_value(struct slice text)
{
    for (size_t i = 0; i < text.len; i++)
        if (text.ptr[i] == '#' && (i == 0 || is_space(text.ptr[i - 1])))
            text.len = i;
    return slice_trim(text);
}

static const char *parse_line(struct arena *arena, struct slice line,
                              struct config_file_entry *ret_entry)
{
    size_t equals = slice_find_char(line, '=');
    if (equals == SIZE_MAX)
        return "expected KEY=VALUE";
    ret_entry->key = slice_trim(slice_sub(line, 0, equals));
    if (!is_key(ret_entry->key))
        return "expected KEY=VALUE with letters, digits and '_' in the key";
    struct slice rest = slice_trim(slice_sub(line, equals + 1, line.len));
    if (!rest.len || (rest.ptr[0] != '"' && rest.ptr[0] != '\'')) {
        ret_entry->value = plain_value(rest);
        return NULL;
    }
    if (!take_quoted(arena, &rest, &ret_entry->value))
        return "the closing quote is missing";
    return plain_value(rest).len ? "text behind the closing quote" : NULL;
}

static enum err at_line(const char *name, size_t line, enum err code, const char *problem,
                        struct error *ret_error)
{
    return error_set(ret_error, code, "%s, line %zu: %s", name, line, problem);
}

enum err config_file_parse(struct arena *arena, const char *name, struct slice text,
                           enum err (*entry)(void *data, const struct config_file_entry *entry,
                                             struct error *ret_error),
                           void *data, struct error *ret_error)
{
    struct slice *keys = ARENA_ARRAY(arena, MAX_ENTRIES, struct slice), line;
    size_t count = 0;
    for (size_t number = 1; slice_split_next(&text, '\n', &line); number++) {
        struct config_file_entry found = {0};
        struct error inner = {0};
        line = slice_trim(line);
        if (!line.len || line.ptr[0] == '#')
            continue;
        const char *problem = parse_line(arena, line, &found);
        for (size_t i = 0; !problem && i < count; i++)
            if (slice_equal(keys[i], found.key))
                problem = "this key was given before";
        if (!problem && count == MAX_ENTRIES)
            problem = "too many entries";
        if (problem)
            return at_line(name, number, ERR_CONFIG_INVALID, problem, ret_error);
        keys[count++] = found.key;
        enum err code = entry(data, &found, &inner);
        if (code)
            return at_line(name, number, code, inner.detail, ret_error);
    }
    return ERR_OK;
}

enum err config_file_read(struct arena *arena, const char *path, struct slice *ret_text,
                          struct error *ret_error)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return error_set(ret_error, errno == ENOENT ? ERR_NOT_FOUND : ERR_IO, "%s: %s", path,
                         strerror(errno));
    char *text = arena_alloc(arena, CONFIG_MAX_FILE_BYTES + 1);
    size_t len = 0;
    ssize_t n;
    while ((n = read(fd, text + len, CONFIG_MAX_FILE_BYTES + 1 - len)) > 0)
        len += (size_t)n;
    int failed = n < 0 ? errno : 0;
    close(fd);
    if (failed)
        return error_set(ret_error, ERR_IO, "%s: %s", path, strerror(failed));
    if (len > CONFIG_MAX_FILE_BYTES)
        return error_set(ret_error, ERR_CONFIG_INVALID, "%s: larger than %d KiB", path,
                         CONFIG_MAX_FILE_BYTES / 1024);
    *ret_text = (struct slice){text, len};
    return ERR_OK;
}
