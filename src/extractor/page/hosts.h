// Adds one host to a record, as the person or the company it is judged to be.
#pragma once

#include "extractor/page/host_kind.h"
#include "extractor/record.h"

// The host needs its raw name, bio, linkedin, website and what the markup says; the rest is derived
// here. A blank name is left out. links has LINK_COUNT places; luma_id may be absent.
void hosts_add(struct record *record, enum method method, struct host *host,
               const struct host_context *context, const struct slice *links, struct slice luma_id);
