// Addresses found in pages: events of Luma, websites, handles. Pure text work; nothing is fetched.
// Results are valid UTF-8 in the arena or parts of the input; absent when the input is no such
// thing.
#pragma once

#include "extractor/record.h"
#include "lib/base/arena.h"
#include "lib/base/slice.h"

#include <stdbool.h>

// An http or https address with a host, cleaned of white space; "www.acme.org" gets https.
// Otherwise absent.
struct slice link_http(struct arena *arena, struct slice url);
// The host of such an address in its normal form (lower case, punycode), without port; absent for
// numbers.
struct slice link_host(struct arena *arena, struct slice url);
// Is it one of the two names of Luma, or a subdomain?
bool link_is_luma(struct arena *arena, struct slice url);

// The canonical address of an event: from a slug ("ab12cd34") or an address on lu.ma or luma.com
// "https://luma.com/ab12cd34" without query; another site's address (an external entry) stays.
struct slice link_event(struct arena *arena, struct slice slug_or_url);

// The domain that stands for an organisation: the host of its website without "www."; absent for
// sites that many share (social networks, link lists, site builders).
struct slice link_domain(struct arena *arena, struct slice website);

// Which kind of link an address of link_http is: LINK_WEBSITE unless its host is known.
enum link link_kind(struct arena *arena, struct slice url);

// The address of a handle as Luma stores it ("/in/ada", "@acme", "acme"), by the kind of link;
// absent when the handle has impossible characters or is a placeholder ("/in/me").
struct slice link_of_handle(struct arena *arena, enum link link, struct slice handle);
