// Secrets that nobody has set: made once, kept in STATE_DIR/secrets, shared by all services.
#include "lib/base/digest.h"
#include "lib/config/setting.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { SECRET_BYTES = 32 };

const char *config_secrets_path(struct arena *arena, const struct config *config)
{
    return arena_printf(arena, "%s/secrets", config->state_dir);
}

static const char *new_secret(struct arena *arena)
{
    uint8_t bytes[SECRET_BYTES];
    char *text = arena_alloc(arena, 2 * SECRET_BYTES + 1);
    random_bytes(bytes, sizeof bytes);
    for (size_t i = 0; i < sizeof bytes; i++)
        snprintf(text + 2 * i, 3, "%02x", bytes[i]);
    return text;
}

static enum err write_file(const char *path, struct slice text, struct error *ret_error)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0)
        return error_set(ret_error, ERR_IO, "%s: %s", path, strerror(errno));
    bool written = write(fd, text.ptr, text.len) == (ssize_t)text.len && fsync(fd) == 0;
    int failed = written ? 0 : errno;
    if (close(fd) != 0 && !failed)
        failed = errno;
    return failed ? error_set(ret_error, ERR_IO, "%s: %s", path, strerror(failed)) : ERR_OK;
}

enum err config_keep_secrets(struct config *config, struct error *ret_error)
{
    // Those from the environment or the file are their owner's to keep; the file holds only ours.
    struct {
        enum config_key key;
        const char **field;
    } secrets[] = {{CONFIG_KEY_internal_token, &config->internal_token},
                   {CONFIG_KEY_secret_key_base, &config->secret_key_base}};
    bool changed = false;
    struct buffer text CLEANUP(buffer_done);
    buffer_init(&text, 4096);
    buffer_append_cstr(&text, "# Made by eventd; shared by its services on this machine.\n");
    for (size_t i = 0; i < ARRAY_LEN(secrets); i++) {
        enum config_source *source = &config->sources[secrets[i].key];
        if (*source == CONFIG_SOURCE_DEFAULT) {
            *secrets[i].field = new_secret(config->arena);
            *source = CONFIG_SOURCE_STATE;
            changed = true;
        }
        if (*source == CONFIG_SOURCE_STATE)
            buffer_printf(&text, "%s=%s\n", config_settings[secrets[i].key].name,
                          *secrets[i].field);
    }
    if (!changed)
        return ERR_OK;
    // Under its name only when it is whole.
    const char *path = config_secrets_path(config->arena, config);
    const char *partial = arena_printf(config->arena, "%s.partial", path);
    enum err code = write_file(partial, buffer_slice(&text), ret_error);
    if (!code && rename(partial, path) != 0)
        code = error_set(ret_error, ERR_IO, "%s: %s", path, strerror(errno));
    return code;
}
