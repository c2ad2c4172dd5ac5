// One setting as data, and its value from text and back. Of lib/config only.
#pragma once

#include "lib/base/arena.h"
#include "lib/config/config.h"

enum config_kind {
    CONFIG_TEXT,
    CONFIG_SECRET,
    CONFIG_URL,
    CONFIG_INT,
    CONFIG_MS,
    CONFIG_BOOL,
    CONFIG_LIST,
    CONFIG_CHOICE
};

enum { CONFIG_MAX_LIST = 256, CONFIG_MAX_FILE_BYTES = 256 * 1024 };

struct config_setting {
    enum config_kind kind;
    const char *name, *fallback, *doc;
    size_t offset; // of the field in struct config
    int64_t min, max;
    const char *choices; // "a|b"
};

extern const struct config_setting config_settings[CONFIG_KEY_COUNT];

// The setting of that name, or NULL and the nearest name (NULL when none is near).
const struct config_setting *config_setting_find(struct slice name, const char **ret_nearest);

// Checks the text and puts its value into the setting's field; texts are copied into config->arena. The detail of
// ERR_CONFIG_INVALID begins with the name of the setting and never holds the value of a secret.
MUST_CHECK enum err config_setting_parse(struct config *config,
                                         const struct config_setting *setting, struct slice text,
                                         struct error *ret_error);
// Appends the value as it is written in a file, without quotes.
void config_setting_format(const struct config *config, const struct config_setting *setting,
                           struct buffer *out);

// Calls entry for each KEY=VALUE of a configuration file's text; name is what messages call the file. Stops at the
// first error, its own (a line that cannot be read, a key given twice) or the entry's, and adds the line to it.
struct config_file_entry {
    struct slice key, value; // in the arena
};
MUST_CHECK enum err config_file_parse(struct arena *arena, const char *name, struct slice text,
                                      enum err (*entry)(void *data,
                                                        const struct config_file_entry *entry,
                                                        struct error *ret_error),
                                      void *data, struct error *ret_error);
// The whole file. ret_error->code is ERR_NOT_FOUND when there is none, ERR_IO when it cannot be read.
MUST_CHECK enum err config_file_read(struct arena *arena, const char *path, struct slice *ret_text,
                                     struct error *ret_error);

// STATE_DIR/secrets, in the arena.
const char *config_secrets_path(struct arena *arena, const struct config *config);
