// Is a host a person or an organisation? Luma does not say; a table of signs decides (host_kind.c).
#pragma once

#include "extractor/page/bio.h"
#include "lib/base/arena.h"
#include "lib/base/slice.h"
#include "lib/text/names.h"

#include <stdbool.h>

// All that is known of one host. Texts are clean lines; absent where unknown.
struct host {
    struct slice raw;        // the name as it is shown
    struct person_name name; // taken apart as if it were a person's
    struct slice key;        // name_company_key of the raw name
    struct slice bio;
    struct bio_position position;
    struct slice linkedin; // the handle: "/in/…", "/company/…", "/school/…"
    struct slice website;
    bool is_typed_organization; // the page's markup says so, where that can be trusted
    bool is_typed_person;
};

// What surrounds the hosts.
struct host_context {
    struct slice calendar_name; // the presenting calendar, if it is no person's own
    struct slice calendar_key;
    struct slice event_name;
    struct slice venue_key; // name_company_key of the place, if it has a name
};

struct host_verdict {
    bool is_company;
    double confidence;
};

struct host_verdict host_judge(struct arena *arena, const struct host *host,
                               const struct host_context *context);
