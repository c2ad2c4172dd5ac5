// robots.txt (RFC 9309): may this path be read? A pure function over the file's bytes, without memory of
// its own; the answer of a file that could not be fetched is fetch.c's business.
#pragma once

#include "lib/base/slice.h"

#include <stdbool.h>
#include <stdint.h>

enum {
    ROBOTS_MAX_BYTES = 512 * 1024, // what is read of a file (RFC 9309 2.5 wants at least 500 KiB)
    ROBOTS_MAX_PATH_BYTES = 4096,  // what is compared of a path
    ROBOTS_MAX_DELAY_MS = 60000,   // longest Crawl-delay that is believed
};

// user_agent_token: the crawler's product token alone ("EventDataAPI"). path_and_query: as it will be
// requested, beginning with "/". All groups that name the token count as one; without any, those for "*".
// The longest matching rule decides, Allow wins a tie, no rule allows. ret_crawl_delay_ms (may be NULL): the
// group's Crawl-delay, 0 when there is none (not in the RFC, but widely used and harmless to obey).
bool robots_allows(struct slice robots_txt, struct slice user_agent_token,
                   struct slice path_and_query, uint32_t *ret_crawl_delay_ms);
