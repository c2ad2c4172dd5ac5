#include "api/scrape/placeholder.h"

#include "lib/http/message.h"
#include "lib/text/unicode.h"

struct slice placeholder_name(struct arena *arena, struct slice canonical_url)
{
    struct slice rest = canonical_url, part, last = {0};
    size_t depth = 0; // scheme, nothing, host, then the path
    while (slice_split_next(&rest, '/', &part))
        if (++depth > 3 && part.len)
            last = part;
    struct slice name = unicode_clean_line(arena, http_url_decode(arena, last, false));
    return name.len ? name : canonical_url;
}
