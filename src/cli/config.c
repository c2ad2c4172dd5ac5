// eventd config [NAME]: what is in force.
#include "cli/cli.h"

#include <stdio.h>

enum { MAX_BYTES = 4 * 1024 * 1024 };

int cli_config_print(int argc, char **argv)
{
    if (argc > 2)
        return cli_no_arguments(argc - 1, argv + 1);
    struct config *config CLEANUP(config_free_cleanup) = cli_config("config");
    struct error error = {0};
    struct buffer out CLEANUP(buffer_done);
    buffer_init(&out, MAX_BYTES);
    if (!config)
        return CLI_BAD_CONFIG;
    if (argc < 2) {
        config_print(config, &out);
    } else if (config_print_value(config, slice_from_cstr(argv[1]), &out, &error)) {
        cli_complain("%s", error.detail);
        return CLI_USAGE;
    } else {
        buffer_append_char(&out, '\n');
    }
    fwrite(out.ptr, 1, out.len, stdout);
    return fflush(stdout) == 0 ? CLI_OK : CLI_FAILED;
}
