// Addresses of profiles and pages, reduced to what tells two people or companies apart.
#pragma once

#include "lib/base/arena.h"
#include "lib/base/slice.h"

#include <stdbool.h>
#include <stddef.h>

enum match_site {
    SITE_NONE, // no address, or one that says nothing
    SITE_LINKEDIN,
    SITE_TWITTER,
    SITE_GITHUB,
    SITE_PROFILE, // another site where people have accounts; the handle names the site too
    SITE_WEBSITE,
    SITE_COUNT,
};

struct match_link {
    enum match_site site;
    struct slice
        handle; // folded: an account's name; of a web site its host, and the path of a shared one
};

// "https://www.linkedin.com/in/ada/?x=1" gives LinkedIn and "in/ada"; "acme.com" a web site.
struct match_link link_read(struct arena *arena, struct slice text);

// The part of a host that its owner chose: "www.acme.co.uk" gives "acme", "acme.io" too. Part of the
// host; absent when there is none.
struct slice link_host_core(struct slice host);
// The registrable end of a host: "blog.acme.co.uk" gives "acme.co.uk".
struct slice link_host_domain(struct slice host);

// Does the text look like a bare host or an address ("acme.io", "https://acme.io/")? Then its host, in
// small letters.
bool link_is_host(struct arena *arena, struct slice text, struct slice *ret_host);

// How the addresses of one site agree: LINKS_NONE where one of the two has none there.
enum link_agreement { LINKS_NONE, LINKS_SAME, LINKS_OTHER };
enum link_agreement link_compare(enum match_site site, const struct match_link *a, size_t a_count,
                                 const struct match_link *b, size_t b_count);
