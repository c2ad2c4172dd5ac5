// robots.txt: the first line is the path, the rest the file. Whatever stands there, the answer must not
// change when the file's line ends do, and the file itself may always be read.
#include "api/scrape/robots.h"

#include "lib/base/ensure.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice rest = {size ? (const char *)data : "", size}, path, token = SLICE("EventDataAPI");
    if (!slice_split_next(&rest, '\n', &path) || size > ROBOTS_MAX_BYTES)
        return 0;
    uint32_t delay_ms, other_delay_ms;
    bool allowed = robots_allows(rest, token, path, &delay_ms);
    ensure(delay_ms <= ROBOTS_MAX_DELAY_MS);
    ensure(robots_allows(rest, token, SLICE("/robots.txt"), NULL));

    char *other = malloc(rest.len + 1);
    ensure(other);
    for (size_t i = 0; i < rest.len; i++)
        other[i] = rest.ptr[i] == '\n' ? '\r' : rest.ptr[i];
    ensure(robots_allows((struct slice){other, rest.len}, token, path, &other_delay_ms) == allowed);
    ensure(delay_ms == other_delay_ms);
    free(other);
    return 0;
}
