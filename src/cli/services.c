// eventd api, processor, extractor: one service alone, in the foreground.
#include "api/service.h"
#include "cli/cli.h"
#include "extractor/service.h"
#include "processor/service.h"

static int run_service(int argc, char **argv, const char *name,
                       int (*run)(const struct config *config))
{
    int status = cli_no_arguments(argc, argv);
    struct config *config CLEANUP(config_free_cleanup) = status ? NULL : cli_config(name);
    if (status)
        return status;
    return config ? run(config) : CLI_BAD_CONFIG;
}

int cli_api(int argc, char **argv)
{
    return run_service(argc, argv, "api", api_run);
}

int cli_processor(int argc, char **argv)
{
    return run_service(argc, argv, "processor", processor_run);
}

int cli_extractor(int argc, char **argv)
{
    return run_service(argc, argv, "extractor", extractor_run);
}
