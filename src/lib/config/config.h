// The configuration: typed, checked, read once at start and constant afterwards (see config_table.h for the settings).
// From weak to strong: defaults, secrets kept in STATE_DIR, the file that EVENTD_CONFIG names, the environment. A
// variable that is set but empty counts as unset.
//
// The file has KEY=VALUE lines; '#' at the start of a line or behind white space begins a comment; values may be
// quoted: 'as it is' or "with \" \\ \n \t".
#pragma once

#include "lib/base/arena.h"
#include "lib/base/buffer.h"
#include "lib/base/error.h"
#include "lib/config/config_table.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum config_render { CONFIG_RENDER_OFF, CONFIG_RENDER_AUTO };
enum config_sandbox { CONFIG_SANDBOX_ON, CONFIG_SANDBOX_REQUIRED, CONFIG_SANDBOX_OFF };
enum config_embedding { CONFIG_EMBEDDING_LOCAL, CONFIG_EMBEDDING_OPENAI };

struct config_list {
    const char *const *items;
    size_t count;
};

typedef const char *config_type_TEXT;
typedef const char *config_type_SECRET;
typedef const char *config_type_URL;
typedef int config_type_INT;
typedef uint32_t config_type_MS;
typedef bool config_type_BOOL;
typedef struct config_list config_type_LIST;
typedef int config_type_CHOICE;

enum config_key {
#define X(kind, field, ...) CONFIG_KEY_##field,
    CONFIG_TABLE(X)
#undef X
        CONFIG_KEY_COUNT,
};

enum config_source {
    CONFIG_SOURCE_DEFAULT,
    CONFIG_SOURCE_STATE, // kept in STATE_DIR/secrets
    CONFIG_SOURCE_FILE,
    CONFIG_SOURCE_ENVIRONMENT
};

struct config {
#define X(kind, field, ...) config_type_##kind field;
    CONFIG_TABLE(X)
#undef X
    enum config_source sources[CONFIG_KEY_COUNT];
    struct arena *arena; // of all texts
    const char *embedded_url;
};

// From the environment of this process, or from the given "NAME=value" texts up to a NULL. Errors:
// ERR_CONFIG_INVALID, the detail names the setting, what is wrong and, for unknown names, the nearest.
MUST_CHECK enum err config_load(struct config **ret_config, struct error *ret_error);
MUST_CHECK enum err config_load_from(const char *const *environment, struct config **ret_config,
                                     struct error *ret_error);
void config_free(struct config *config); // NULL is fine
void config_free_cleanup(struct config **config);

// Did somebody say so? config_is_set(config, api_port)
#define config_is_set(config, field) \
    ((config)->sources[CONFIG_KEY_##field] != CONFIG_SOURCE_DEFAULT)

// Is the database the embedded one (DATABASE_URL unset)?
bool config_is_embedded(const struct config *config);
// DATABASE_URL, or the address of the embedded database in STATE_DIR (whether it runs or not). Lives with config.
const char *config_database_url(const struct config *config);

// Makes those of INTERNAL_TOKEN and SECRET_KEY_BASE that nobody has set, and keeps them in STATE_DIR/secrets (mode
// 0600), where later loads find them. STATE_DIR must exist. Errors: ERR_IO.
MUST_CHECK enum err config_keep_secrets(struct config *config, struct error *ret_error);

// The effective settings as lines of a configuration file, each with its source and doc as a comment. Secrets and the
// passwords in addresses are masked.
void config_print(const struct config *config, struct buffer *out);
// One value as it is, secret or not. DATABASE_URL is the effective one. ERR_NOT_FOUND, with the nearest name, when there
// is no such setting.
MUST_CHECK enum err config_print_value(const struct config *config, struct slice name,
                                       struct buffer *out, struct error *ret_error);
// Any text with the passwords of the addresses in it masked, for messages.
void config_mask(struct slice text, struct buffer *out);
