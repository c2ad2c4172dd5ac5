// eventd extract-child: what the extraction service starts to read pages in (src/extractor/sandbox). Not for people.
#include "cli/cli.h"
#include "extractor/service.h"

int cli_extract_child(int argc, char **argv)
{
    int usage = cli_no_arguments(argc, argv);
    return usage ? usage : extractor_child_run();
}
