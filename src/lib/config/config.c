#include "lib/config/config.h"

#include "lib/config/setting.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { ARENA_BYTES = 4 * 1024 * 1024 };

// What is being read at the moment.
struct reading {
    struct config *config;
    enum config_source source;
};

static enum err set(struct config *config, const struct config_setting *setting, struct slice text,
                    enum config_source source, struct error *ret_error)
{
    enum err code = config_setting_parse(config, setting, text, ret_error);
    if (!code)
        config->sources[setting - config_settings] = source;
    return code;
}

static enum err set_defaults(struct config *config, struct error *ret_error)
{
    enum err code = ERR_OK;
    for (size_t i = 0; !code && i < CONFIG_KEY_COUNT; i++)
        code = set(config, &config_settings[i], slice_from_cstr(config_settings[i].fallback),
                   CONFIG_SOURCE_DEFAULT, ret_error);
    return code;
}

static const char *lookup(const char *const *environment, const char *name)
{
    size_t len = strlen(name);
    for (; *environment; environment++)
        if (strncmp(*environment, name, len) == 0 && (*environment)[len] == '=')
            return *environment + len + 1;
    return "";
}

static enum err file_entry(void *data, const struct config_file_entry *entry,
                           struct error *ret_error)
{
    struct reading *reading = data;
    const char *nearest;
    const struct config_setting *setting = config_setting_find(entry->key, &nearest);
    if (!setting && nearest)
        return error_set(ret_error, ERR_CONFIG_INVALID, "unknown key %.*s; did you mean %s?",
                         SLICE_FMT(entry->key), nearest);
    if (!setting)
        return error_set(ret_error, ERR_CONFIG_INVALID, "unknown key %.*s", SLICE_FMT(entry->key));
    if (!entry->value.len) // the same rule as in the environment
        return ERR_OK;
    return set(reading->config, setting, entry->value, reading->source, ret_error);
}

static enum err read_file(struct config *config, const char *path, enum config_source source,
                          struct error *ret_error)
{
    struct reading reading = {config, source};
    struct slice text;
    enum err code = config_file_read(config->arena, path, &text, ret_error);
    if (code)
        return code;
    return config_file_parse(config->arena, path, text, file_entry, &reading, ret_error);
}

static enum err read_named_file(struct config *config, const char *const *environment,
                                struct error *ret_error)
{
    const char *path = lookup(environment, "EVENTD_CONFIG");
    struct error inner = {0};
    if (!*path || !read_file(config, path, CONFIG_SOURCE_FILE, &inner))
        return ERR_OK;
    return error_set(ret_error, ERR_CONFIG_INVALID, "EVENTD_CONFIG: %s", inner.detail);
}

static enum err read_environment(struct config *config, const char *const *environment,
                                 struct error *ret_error)
{
    enum err code = ERR_OK;
    for (size_t i = 0; !code && i < CONFIG_KEY_COUNT; i++) {
        const char *value = lookup(environment, config_settings[i].name);
        if (*value)
            code = set(config, &config_settings[i], slice_from_cstr(value),
                       CONFIG_SOURCE_ENVIRONMENT, ret_error);
    }
    return code;
}

// Kept secrets are the weakest source, but where they are is known only when the others have been read.
static enum err read_kept_secrets(struct config *config, struct error *ret_error)
{
    struct config kept = {.arena = config->arena};
    struct error inner = {0};
    const char *path = config_secrets_path(config->arena, config);
    enum err code = read_file(&kept, path, CONFIG_SOURCE_STATE, &inner);
    // Another user's secrets are none of ours: then they are simply not set.
    if (code == ERR_NOT_FOUND || code == ERR_IO)
        return ERR_OK;
    if (code)
        return error_set(ret_error, code, "%s", inner.detail);
#define TAKE(field)                                                     \
    if (!config_is_set(config, field) && config_is_set(&kept, field)) { \
        config->field = kept.field;                                     \
        config->sources[CONFIG_KEY_##field] = CONFIG_SOURCE_STATE;      \
    }
    TAKE(internal_token)
    TAKE(secret_key_base)
#undef TAKE
    return ERR_OK;
}

// Must agree with environment_state_dir in script/environment.sh.
static const char *default_state_dir(struct arena *arena, const char *const *environment)
{
    const char *base = lookup(environment, "XDG_STATE_HOME"), *home = lookup(environment, "HOME");
    if (geteuid() == 0)
        return "/var/lib/eventd";
    return *base ? arena_printf(arena, "%s/eventd", base)
                 : arena_printf(arena, "%s/.local/state/eventd", home);
}

static const char *local_url(const struct config *config, int port)
{
    bool any = strcmp(config->bind, "0.0.0.0") == 0 || strcmp(config->bind, "::") == 0;
    const char *host = any ? "127.0.0.1" : config->bind;
    bool v6 = strchr(host, ':') != NULL;
    return arena_printf(config->arena, "http://%s%s%s:%d", v6 ? "[" : "", host, v6 ? "]" : "",
                        port);
}

static const char *embedded_url(const struct config *config)
{
    static const char safe[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/";
    size_t size = 3 * strlen(config->state_dir) + 1;
    char *folder = arena_alloc(config->arena, size), *out = folder;
    for (const char *in = config->state_dir; *in; in++)
        if (strchr(safe, *in))
            *out++ = *in;
        else
            out += snprintf(out, 4, "%%%02X", (unsigned)(unsigned char)*in);
    return arena_printf(config->arena, "postgresql://eventd@/events?host=%s/postgres", folder);
}

// Defaults that follow from other settings.
static void derive(struct config *config, const char *const *environment)
{
    if (!*config->state_dir)
        config->state_dir = default_state_dir(config->arena, environment);
    if (!*config->processor_url)
        config->processor_url = local_url(config, config->processor_port);
    if (!*config->extractor_url)
        config->extractor_url = local_url(config, config->extractor_port);
    config->embedded_url = embedded_url(config);
}

enum err config_load_from(const char *const *environment, struct config **ret_config,
                          struct error *ret_error)
{
    struct arena *arena = arena_new(ARENA_BYTES);
    struct config *config = ARENA_NEW(arena, struct config);
    config->arena = arena;
    enum err code = set_defaults(config, ret_error);
    if (!code)
        code = read_named_file(config, environment, ret_error);
    if (!code)
        code = read_environment(config, environment, ret_error);
    if (!code) {
        derive(config, environment);
        code = read_kept_secrets(config, ret_error);
    }
    if (!code && config->state_dir[0] != '/')
        code = error_set(ret_error, ERR_CONFIG_INVALID,
                         "STATE_DIR: expected a path that begins with '/', not '%s'",
                         config->state_dir);
    if (code)
        arena_free(arena);
    else
        *ret_config = config;
    return code;
}

enum err config_load(struct config **ret_config, struct error *ret_error)
{
    return config_load_from((const char *const *)environ, ret_config, ret_error);
}

void config_free(struct config *config)
{
    if (config)
        arena_free(config->arena);
}

void config_free_cleanup(struct config **config)
{
    config_free(*config);
    *config = NULL;
}

bool config_is_embedded(const struct config *config)
{
    return !*config->database_url;
}

const char *config_database_url(const struct config *config)
{
    return config_is_embedded(config) ? config->embedded_url : config->database_url;
}
