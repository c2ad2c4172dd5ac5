#include "cli/cli.h"

#include "lib/log/log.h"
#include "lib/text/nearest.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { MAX_COMMANDS = 64 };

#ifndef EVENTD_VERSION
#error "EVENTD_VERSION comes from meson.build"
#endif

void cli_complain(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    fputs("eventd: ", stderr);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
    va_end(args);
}

int cli_no_arguments(int argc, char **argv)
{
    if (argc <= 1)
        return CLI_OK;
    cli_complain("%s takes no arguments, but got '%s'", argv[0], argv[1]);
    return CLI_USAGE;
}

struct config *cli_config(const char *service)
{
    struct config *config = NULL;
    struct error error = {0};
    if (config_load(&config, &error)) {
        cli_complain("%s", error.detail);
        return NULL;
    }
    log_init(service, (enum log_level)config->log_level, (enum log_format)config->log_format);
    return config;
}

static const struct cli_command *find(const struct cli_command *commands, size_t count,
                                      const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(commands[i].name, name) == 0)
            return &commands[i];
    return NULL;
}

static int complain_unknown(const struct cli_command *commands, size_t count, const char *name)
{
    const char *names[MAX_COMMANDS];
    size_t listed = 0;
    for (size_t i = 0; i < count && listed < MAX_COMMANDS; i++)
        if (commands[i].summary)
            names[listed++] = commands[i].name;
    const char *nearest = text_nearest(slice_from_cstr(name), names, listed);
    if (nearest)
        cli_complain("unknown command '%s'; did you mean '%s'?", name, nearest);
    else
        cli_complain("unknown command '%s'; `eventd help` lists them", name);
    return CLI_USAGE;
}

static int help(const struct cli_command *commands, size_t count, const char *name)
{
    const struct cli_command *command = name ? find(commands, count, name) : NULL;
    if (name && !command)
        return complain_unknown(commands, count, name);
    if (command) {
        printf("usage: eventd %s %s\n\n%s\n", command->name, command->arguments,
               command->summary ? command->summary : "Part of another command.");
        return CLI_OK;
    }
    puts("usage: eventd COMMAND [ARGUMENTS…]\n");
    for (size_t i = 0; i < count; i++)
        if (commands[i].summary)
            printf("  %-9s %-12s %s\n", commands[i].name, commands[i].arguments,
                   commands[i].summary);
    puts("  help      [COMMAND]    this list, or more about one command\n"
         "  version                the version of this program\n\n"
         "Settings come from the environment and the file that EVENTD_CONFIG names: `eventd "
         "config`.");
    return CLI_OK;
}

int cli_main(const struct cli_command *commands, size_t count, int argc, char **argv)
{
    const char *name = argc > 1 ? argv[1] : "";
    if (!*name) {
        help(commands, count, NULL);
        return CLI_USAGE;
    }
    if (strcmp(name, "help") == 0 || strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0)
        return help(commands, count, argc > 2 ? argv[2] : NULL);
    if (strcmp(name, "version") == 0 || strcmp(name, "--version") == 0) {
        puts("eventd " EVENTD_VERSION);
        return CLI_OK;
    }
    const struct cli_command *command = find(commands, count, name);
    if (!command)
        return complain_unknown(commands, count, name);
    if (argc > 2 && strcmp(argv[2], "--help") == 0)
        return help(commands, count, name);
    return command->run(argc - 1, argv + 1);
}
