// The commands of eventd. Each is a file in cli/.
#include "cli/cli.h"

static const struct cli_command commands[] = {
    {"up", "", "everything on this machine: database, extractor, processor, api", cli_up},
    {"api", "", "the public API alone", cli_api},
    {"processor", "", "the processor alone", cli_processor},
    {"extractor", "", "the extraction service alone", cli_extractor},
    {"scrape", "URL", "fetch and process one page through the running API, and print the event",
     cli_scrape},
    {"extract", "FILE [URL]", "print what is read in a page, without starting a service",
     cli_extract},
    {"key", "create|list|revoke …", "keys of the API: make one, show them, end one", cli_key},
    {"migrate", "[--wait S]", "bring the database's schema up to date", cli_migrate},
    {"doctor", "[--repair]", "check database, schema, graph and services; say what to do",
     cli_doctor},
    {"health", "SERVICE", "whether api, processor or extractor on this machine is ready",
     cli_health},
    {"config", "[NAME]", "print the settings in force, or the value of one", cli_config_print},
    {"postgres", "", NULL, cli_postgres},
    {"extract-child", "", NULL, cli_extract_child},
};

int main(int argc, char **argv)
{
    return cli_main(commands, ARRAY_LEN(commands), argc, argv);
}
