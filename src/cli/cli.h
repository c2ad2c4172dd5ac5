// The commands of the eventd program: one file a command, listed in src/main.c.
#pragma once

#include "lib/config/config.h"

#include <stddef.h>

struct cli_command {
    const char *name;
    const char *arguments; // for the help, "" when there are none
    const char *summary;   // one line; NULL: not in the list (a part of another command)
    int (*run)(int argc,
               char **argv); // argv[0] is the name of the command; returns the exit status
};

enum cli_exit {
    CLI_OK = 0,
    CLI_FAILED = 1,
    CLI_USAGE = 2,      // the command line is wrong
    CLI_BAD_CONFIG = 78 // the configuration is, or something that only a person can change
};

// Finds the command that argv[1] names and runs it. `help [COMMAND]`, --help and --version are understood.
int cli_main(const struct cli_command *commands, size_t count, int argc, char **argv);

// One line on standard error, behind the program's name.
void cli_complain(const char *format, ...) PRINTF_LIKE(1, 2);
// Complains about the first argument behind the command's name, if there is one, and returns CLI_USAGE.
int cli_no_arguments(int argc, char **argv);
// The configuration, and logging set up with it; NULL when it is wrong, which has been said then (exit with
// CLI_BAD_CONFIG). service is a constant.
struct config *cli_config(const char *service);

int cli_up(int argc, char **argv);
int cli_api(int argc, char **argv);
int cli_processor(int argc, char **argv);
int cli_extractor(int argc, char **argv);
int cli_scrape(int argc, char **argv);
int cli_extract(int argc, char **argv);
int cli_extract_child(int argc, char **argv);
int cli_postgres(int argc, char **argv);
int cli_migrate(int argc, char **argv);
int cli_key(int argc, char **argv);
int cli_doctor(int argc, char **argv);
int cli_health(int argc, char **argv);
int cli_config_print(int argc, char **argv);
