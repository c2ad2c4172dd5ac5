#include "lib/config/setting.h"

#include <string.h>
#include <strings.h>

static const char mask[] = "********";

// Is this the start of a `password=` in a libpq string or in the query of an address?
static size_t password_key_at(struct slice text, size_t at)
{
    static const struct slice keys[] = {{"password=", 9}, {"sslpassword=", 12}};
    bool at_start = at == 0 || strchr(" \t?&,;'", text.ptr[at - 1]) != NULL;
    for (size_t i = 0; at_start && i < ARRAY_LEN(keys); i++)
        if (text.len - at >= keys[i].len &&
            strncasecmp(text.ptr + at, keys[i].ptr, keys[i].len) == 0)
            return keys[i].len;
    return 0;
}

static size_t skip_password_value(struct slice text, size_t at)
{
    if (at < text.len && text.ptr[at] == '\'') { // libpq: quoted, with \' inside
        for (at++; at < text.len && text.ptr[at] != '\''; at++)
            if (text.ptr[at] == '\\')
                at++;
        return at < text.len ? at + 1 : text.len;
    }
    while (at < text.len && !strchr(" \t&#", text.ptr[at]))
        at++;
    return at;
}

static bool is_port(struct slice text, size_t at)
{
    while (at < text.len && text.ptr[at] >= '0' && text.ptr[at] <= '9')
        at++;
    return at == text.len || strchr("/?#, \t=", text.ptr[at]);
}

// The password of scheme://user:password@host, when the authority that begins at `at` has one. It ends at the last
// '@' of the authority; a password with an unescaped '/' is wrong, but still nobody's business.
static bool find_url_password(struct slice text, size_t at, size_t *ret_from, size_t *ret_to)
{
    size_t colon = SIZE_MAX, sign = SIZE_MAX;
    for (size_t i = at; i < text.len && !strchr(" \t", text.ptr[i]); i++) {
        bool ends_authority = strchr("/?#", text.ptr[i]) != NULL;
        if (ends_authority && (colon == SIZE_MAX || sign != SIZE_MAX || is_port(text, colon + 1)))
            break;
        if (text.ptr[i] == ':' && colon == SIZE_MAX)
            colon = i;
        if (text.ptr[i] == '@')
            sign = i;
    }
    if (colon == SIZE_MAX || sign == SIZE_MAX || colon > sign)
        return false;
    *ret_from = colon + 1;
    *ret_to = sign;
    return true;
}

void config_mask(struct slice text, struct buffer *out)
{
    for (size_t at = 0; at < text.len;) {
        size_t from, to, key = password_key_at(text, at);
        if (key) {
            buffer_append(out, slice_sub(text, at, key));
            buffer_append_cstr(out, mask);
            at = skip_password_value(text, at + key);
        } else if (slice_starts_with(slice_sub(text, at, text.len), SLICE("://")) &&
                   find_url_password(text, at + 3, &from, &to)) {
            buffer_append(out, slice_sub(text, at, from - at));
            buffer_append_cstr(out, mask);
            at = to;
        } else {
            buffer_append_char(out, text.ptr[at++]);
        }
    }
}

static void append_quoted(struct buffer *out, struct slice text)
{
    bool plain = true;
    for (size_t i = 0; i < text.len; i++)
        plain = plain && !strchr("\"' \t\n#\\", text.ptr[i]);
    if (plain) {
        buffer_append(out, text);
        return;
    }
    buffer_append_char(out, '"');
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (c == '"' || c == '\\' || c == '\n' || c == '\t')
            buffer_append_char(out, '\\');
        buffer_append_char(out, c == '\n' ? 'n' : c == '\t' ? 't' : c);
    }
    buffer_append_char(out, '"');
}

static void print_setting(const struct config *config, const struct config_setting *setting,
                          struct buffer *out)
{
    static const char *const sources[] = {"default", "kept in STATE_DIR", "file", "environment"};
    struct buffer value CLEANUP(buffer_done), masked CLEANUP(buffer_done);
    buffer_init(&value, CONFIG_MAX_FILE_BYTES);
    buffer_init(&masked, 2 * CONFIG_MAX_FILE_BYTES);
    config_setting_format(config, setting, &value);
    if (setting->kind == CONFIG_SECRET)
        buffer_append_cstr(&masked, value.len ? mask : "");
    else
        config_mask(buffer_slice(&value), &masked);
    buffer_printf(out, "# %s%s%s [%s]\n%s=", setting->doc, setting->choices ? " One of " : "",
                  setting->choices ? setting->choices : "",
                  sources[config->sources[setting - config_settings]], setting->name);
    append_quoted(out, buffer_slice(&masked));
    buffer_append_char(out, '\n');
}

void config_print(const struct config *config, struct buffer *out)
{
    for (size_t i = 0; i < CONFIG_KEY_COUNT; i++)
        print_setting(config, &config_settings[i], out);
}

enum err config_print_value(const struct config *config, struct slice name, struct buffer *out,
                            struct error *ret_error)
{
    const char *nearest;
    const struct config_setting *setting = config_setting_find(name, &nearest);
    if (!setting && nearest)
        return error_set(ret_error, ERR_NOT_FOUND, "unknown setting %.*s; did you mean %s?",
                         SLICE_FMT(name), nearest);
    if (!setting)
        return error_set(ret_error, ERR_NOT_FOUND, "unknown setting %.*s", SLICE_FMT(name));
    if (setting == &config_settings[CONFIG_KEY_database_url])
        buffer_append_cstr(out, config_database_url(config));
    else
        config_setting_format(config, setting, out);
    return ERR_OK;
}
