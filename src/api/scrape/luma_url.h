// Which addresses may be scraped, and the one form in which each is stored. Pure functions of their input
// and of the list of allowed hosts.
//
// Canonical form on Luma's hosts (lu.ma, luma.com and their subdomains): https, "luma.com" for lu.ma and
// for www., no port, no fragment, no query (on Luma everything in it is noise, and ?pk= is a guest's
// personal key), no doubled or trailing slashes, normal escapes, the slug in its own case, and
// "/event/evt-abc" for "/evt-abc". On other
// configured hosts the scheme and slashes stay, tracking parameters go, the others are sorted.
#pragma once

#include "lib/base/arena.h"
#include "lib/base/error.h"
#include "lib/base/slice.h"
#include "lib/text/url.h"

enum { LUMA_URL_MAX_BYTES = 2048, LUMA_URL_MAX_HOSTS = 64 };

// SCRAPE_ALLOWED_HOSTS when it is not set.
#define LUMA_URL_DEFAULT_HOSTS "lu.ma,luma.com"

struct luma_url_rules; // immutable; any thread may use it

// hosts: separated by commas or white space. "example.com" allows that host and its subdomains,
// "*.example.com" the subdomains alone; ":8443" behind either allows that port instead of the scheme's.
// Names only. Fails with ERR_CONFIG_INVALID and names the entry.
MUST_CHECK enum err luma_url_rules_new(struct slice hosts, struct luma_url_rules **ret_rules,
                                       struct error *ret_error);
void luma_url_rules_free(struct luma_url_rules *rules);

// Why an address is refused.
enum luma_url_reason {
    LUMA_URL_FINE,
    LUMA_URL_NOT_A_URL,
    LUMA_URL_SCHEME,
    LUMA_URL_TOO_LONG,
    LUMA_URL_USERINFO,
    LUMA_URL_ADDRESS_LITERAL,
    LUMA_URL_HOST,
    LUMA_URL_PORT,
};
const char *luma_url_reason_code(enum luma_url_reason reason); // "host_not_allowed": stable
const char *luma_url_reason_text(enum luma_url_reason reason); // for people

// An address that passed. Everything lives in the arena; texts are zero-terminated.
struct luma_url {
    struct slice canonical; // what is stored and compared
    struct slice site;      // host of the canonical form: what politeness counts by
    struct slice
        fetch; // what to request: as given, without fragment and userinfo, https on Luma's hosts
    struct url parts; // of `fetch`
    bool is_luma;
};

// The rule for one address, as a person or a Location header gave it (absolute).
MUST_CHECK enum luma_url_reason luma_url_check(const struct luma_url_rules *rules,
                                               struct arena *arena, struct slice text,
                                               struct luma_url *ret_url);

// The same as an error: ERR_URL_NOT_ALLOWED with the reason's text.
MUST_CHECK enum err luma_url_canonicalise(const struct luma_url_rules *rules, struct arena *arena,
                                          struct slice text, struct luma_url *ret_url,
                                          struct error *ret_error);

// "luma.com" for lu.ma, www.lu.ma, www.luma.com; "x.luma.com" for x.lu.ma; any other host as it is. The host
// must be in normal form (url_host).
struct slice luma_url_site(struct arena *arena, struct slice host, bool *ret_is_luma);
