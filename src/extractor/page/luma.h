// The parts of Luma's payloads, as __NEXT_DATA__ and their API hold them. Each takes the part's
// JSON, of any shape, and fills the record with method next_data.
#pragma once

#include "extractor/record.h"

#include <yyjson.h>

// `data` of an event page: {"event", "hosts", "calendar", "ticket_info", "categories", …}.
void luma_event_read(yyjson_val *data, struct record *record);
// Place and is_online, from data.event and what surrounds it.
void luma_place_read(yyjson_val *data, struct record *record);
// Hosts and the presenting calendar, as people and companies, found by record->method.
void luma_hosts_read(yyjson_val *data, struct record *record);
// The addresses of all events found anywhere in `data`: calendars, discover, city and category
// pages.
void luma_list_read(yyjson_val *data, struct record *record);
