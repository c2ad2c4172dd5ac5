// eventd api | processor | extractor: one service in this process.
#include "api/service.h"
#include "cli/cli.h"
#include "extractor/service.h"
#include "processor/service.h"

static int run_service(int argc, char **argv, int (*run)(const struct config *config))
{
    int usage = cli_no_arguments(argc, argv);
    if (usage)
        return usage;
    struct config *config CLEANUP(config_free_cleanup) = cli_config(argv[0]);
    return config ? run(config) : CLI_BAD_CONFIG;
}

int cli_api(int argc, char **argv)
{
    return run_service(argc, argv, api_run);
}

int cli_processor(int argc, char **argv)
{
    return run_service(argc, argv, processor_run);
}

int cli_extractor(int argc, char **argv)
{
    return run_service(argc, argv, extractor_run);
}
