// What event.c makes of a record, for event_compare.c and event_keys.c.
#pragma once

#include "lib/match/company.h"
#include "lib/match/match.h"

enum {
    EVENT_MAX_WORDS = 24,
    EVENT_NO_EDITION = -1,
};

// An address as it is compared: its host and path, and of a site where everybody lists events the listing's own mark.
// absent: it cannot be compared.
struct event_address {
    struct slice host; // the part that its owner chose, without a year; of a shared site all of it
    struct slice path; // begins with the host; with "@" where the site is shared
    bool
        is_listing; // of a site where each address is one event: "luma.com/x", "eventbrite.com/e/x-123456"
};

struct match_event_form {
    struct slice words[EVENT_MAX_WORDS]; // of the title, without years and editions; sorted
    size_t word_count;
    struct slice written[EVENT_MAX_WORDS]; // the same in the title's order
    size_t written_count;
    struct slice title;   // all of them, in order
    struct slice letters; // the words in their order, without spaces
    int64_t edition;      // the year or number in the title; EVENT_NO_EDITION
    bool is_general;      // the title has general words only: "AI Meetup"
    bool has_time, has_start;
    int64_t first_day, last_day; // as written
    int64_t minute;              // of the start, since 1970
    int64_t wall_minute;         // what a clock on the wall shows then
    struct slice places[EVENT_MAX_WORDS], venue[EVENT_MAX_WORDS];
    size_t place_count, venue_count;
    bool is_online;
    struct event_address address, links[MATCH_MAX_LINKS];
    size_t link_count;
    struct slice luma_id;
    const struct match_company_form *organiser;
    struct slice key; // orders two forms, so that comparing is symmetric
};

// Words that many titles have and that tell no two events apart ("meetup", "ai").
bool event_word_is_general(struct slice word);
// Words that make another occasion of a title: "afterparty", "workshop".
bool event_word_is_occasion(struct slice word);
// Words that many venues have, and numbers: "hall", "street", "7".
bool event_word_is_of_places(struct slice word);
