#include "lib/config/setting.h"

#include "lib/text/nearest.h"

#include <limits.h>
#include <string.h>
#include <strings.h>

const struct config_setting config_settings[CONFIG_KEY_COUNT] = {
#define X(kind_, field_, name_, fallback_, doc_, ...) \
    [CONFIG_KEY_##                                    \
        field_] = {.kind = CONFIG_##kind_,            \
                   .name = (name_),                   \
                   .fallback = (fallback_),           \
                   .doc = (doc_),                     \
                   .offset = offsetof(struct config, field_) __VA_OPT__(, ) __VA_ARGS__},
    CONFIG_TABLE(X)
#undef X
};

const struct config_setting *config_setting_find(struct slice name, const char **ret_nearest)
{
    const char *names[CONFIG_KEY_COUNT];
    *ret_nearest = NULL;
    for (size_t i = 0; i < CONFIG_KEY_COUNT; i++) {
        names[i] = config_settings[i].name;
        if (slice_equal(name, slice_from_cstr(names[i])))
            return &config_settings[i];
    }
    *ret_nearest = text_nearest(name, names, CONFIG_KEY_COUNT);
    return NULL;
}

static void *field_of(const struct config *config, const struct config_setting *setting)
{
    return (char *)(uintptr_t)config + setting->offset;
}

static enum err bad(const struct config_setting *setting, struct slice text, const char *expected,
                    struct error *ret_error)
{
    return error_set(ret_error, ERR_CONFIG_INVALID, "%s: expected %s, not '%.*s'", setting->name,
                     expected, SLICE_FMT(slice_sub(text, 0, 60)));
}

static enum err parse_secret(struct config *config, const struct config_setting *setting,
                             struct slice text, struct error *ret_error)
{
    if (text.len && (int64_t)text.len < setting->min)
        return error_set(ret_error, ERR_CONFIG_INVALID, "%s: too short, at least %lld characters",
                         setting->name, (long long)setting->min);
    *(const char **)field_of(config, setting) = arena_cstr(config->arena, text);
    return ERR_OK;
}

static enum err parse_url(struct config *config, const struct config_setting *setting,
                          struct slice text, struct error *ret_error)
{
    size_t scheme = slice_starts_with(text, SLICE("http://"))    ? 7
                    : slice_starts_with(text, SLICE("https://")) ? 8
                                                                 : 0;
    bool has_host = scheme && text.len > scheme && text.ptr[scheme] != '/';
    if (text.len && (!has_host || slice_find_char(text, ' ') != SIZE_MAX))
        return bad(setting, text, "an http:// or https:// address", ret_error);
    while (slice_ends_with(text, SLICE("/")))
        text.len--;
    *(const char **)field_of(config, setting) = arena_cstr(config->arena, text);
    return ERR_OK;
}

static enum err out_of_range(const struct config_setting *setting, int64_t max, struct slice text,
                             struct error *ret_error)
{
    return error_set(ret_error, ERR_CONFIG_INVALID,
                     "%s: expected a whole number from %lld to %lld, not '%.*s'", setting->name,
                     (long long)setting->min, (long long)max, SLICE_FMT(slice_sub(text, 0, 60)));
}

static enum err parse_int(struct config *config, const struct config_setting *setting,
                          struct slice text, struct error *ret_error)
{
    int64_t value;
    if (!slice_to_int(text, &value) || value < setting->min || value > setting->max)
        return out_of_range(setting, setting->max, text, ret_error);
    *(int *)field_of(config, setting) = (int)value;
    return ERR_OK;
}

static enum err parse_ms(struct config *config, const struct config_setting *setting,
                         struct slice text, struct error *ret_error)
{
    static const struct {
        struct slice suffix;
        int64_t factor;
    } units[] = {{{"ms", 2}, 1}, {{"s", 1}, 1000}, {{"m", 1}, 60000}, {{"", 0}, 1}};
    for (size_t i = 0; i < ARRAY_LEN(units); i++) {
        int64_t value;
        if (!slice_ends_with(text, units[i].suffix))
            continue;
        struct slice digits = slice_sub(text, 0, text.len - units[i].suffix.len);
        if (!slice_to_int(digits, &value))
            return bad(setting, text, "a time such as 1500, 1500ms, 15s or 2m", ret_error);
        if (value < 0 || value > setting->max / units[i].factor ||
            value * units[i].factor < setting->min)
            return out_of_range(setting, setting->max, text, ret_error);
        *(uint32_t *)field_of(config, setting) = (uint32_t)(value * units[i].factor);
        return ERR_OK;
    }
    return ERR_OK;
}

static enum err parse_bool(struct config *config, const struct config_setting *setting,
                           struct slice text, struct error *ret_error)
{
    static const char *const words[] = {"false", "true", "no", "yes", "off", "on", "0", "1"};
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (slice_equal_nocase(text, slice_from_cstr(words[i]))) {
            *(bool *)field_of(config, setting) = i % 2;
            return ERR_OK;
        }
    return bad(setting, text, "true or false", ret_error);
}

static enum err parse_list(struct config *config, const struct config_setting *setting,
                           struct slice text, struct error *ret_error)
{
    const char **items = ARENA_ARRAY(config->arena, CONFIG_MAX_LIST, const char *);
    size_t count = 0;
    struct slice item;
    while (slice_split_next(&text, ',', &item)) {
        item = slice_trim(item);
        if (!item.len)
            continue;
        if (count == CONFIG_MAX_LIST)
            return error_set(ret_error, ERR_CONFIG_INVALID, "%s: more than %d items", setting->name,
                             CONFIG_MAX_LIST);
        items[count++] = arena_cstr(config->arena, item);
    }
    *(struct config_list *)field_of(config, setting) = (struct config_list){items, count};
    return ERR_OK;
}

static enum err parse_choice(struct config *config, const struct config_setting *setting,
                             struct slice text, struct error *ret_error)
{
    struct slice rest = slice_from_cstr(setting->choices), choice;
    for (int i = 0; slice_split_next(&rest, '|', &choice); i++)
        if (slice_equal_nocase(choice, text)) {
            *(int *)field_of(config, setting) = i;
            return ERR_OK;
        }
    return bad(setting, text, setting->choices, ret_error);
}

enum err config_setting_parse(struct config *config, const struct config_setting *setting,
                              struct slice text, struct error *ret_error)
{
    typedef enum err parse(struct config *, const struct config_setting *, struct slice,
                           struct error *);
    static parse *const parsers[] = {
        [CONFIG_TEXT] = parse_secret, // a text has no least length
        [CONFIG_SECRET] = parse_secret, [CONFIG_URL] = parse_url,   [CONFIG_INT] = parse_int,
        [CONFIG_MS] = parse_ms,         [CONFIG_BOOL] = parse_bool, [CONFIG_LIST] = parse_list,
        [CONFIG_CHOICE] = parse_choice,
    };
    if (memchr(text.ptr, '\0', text.len))
        return error_set(ret_error, ERR_CONFIG_INVALID, "%s: holds a zero byte", setting->name);
    return parsers[setting->kind](config, setting, text, ret_error);
}

void config_setting_format(const struct config *config, const struct config_setting *setting,
                           struct buffer *out)
{
    const void *field = field_of(config, setting);
    const struct config_list *list = field;
    struct slice rest, choice;
    switch (setting->kind) {
    case CONFIG_TEXT:
    case CONFIG_SECRET:
    case CONFIG_URL:
        buffer_append_cstr(out, *(const char *const *)field);
        break;
    case CONFIG_INT:
        buffer_append_int(out, *(const int *)field);
        break;
    case CONFIG_MS:
        buffer_append_int(out, *(const uint32_t *)field);
        break;
    case CONFIG_BOOL:
        buffer_append_cstr(out, *(const bool *)field ? "true" : "false");
        break;
    case CONFIG_LIST:
        for (size_t i = 0; i < list->count; i++)
            buffer_printf(out, "%s%s", i ? "," : "", list->items[i]);
        break;
    case CONFIG_CHOICE:
        rest = slice_from_cstr(setting->choices);
        for (int i = *(const int *)field; i >= 0 && slice_split_next(&rest, '|', &choice); i--)
            ;
        buffer_append(out, choice);
        break;
    }
}
