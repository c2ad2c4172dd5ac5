// Reading of schema.org objects in JSON-LD, in all the shapes people write them in.
#pragma once

#include "extractor/page/reader.h"

#include <yyjson.h>

// Is one of the object's types this one ("Event", "https://schema.org/Event", "schema:Event",
// ["Event", "Thing"])?
bool json_ld_is(yyjson_val *object, const char *type);
// Is one of them Event or a kind of it ("MusicEvent", "Hackathon", "Festival")?
bool json_ld_is_event(yyjson_val *object);
// A property's text: a string, the "@value" or "name" of an object, or the same of the first
// element of an array.
struct slice json_ld_text(yyjson_val *object, const char *property);
// A property's address: a string, the "url", "contentUrl" or "@id" of an object, or of the first
// element.
struct slice json_ld_url(yyjson_val *object, const char *property);
// The number in a property: a number or a text that is one; NaN otherwise.
double json_ld_number(yyjson_val *object, const char *property);
// The last part of a text that may be an address: "EventScheduled" of
// "https://schema.org/EventScheduled".
struct slice json_ld_local_name(struct slice text);

// Where an Event has its page; absent when it does not say.
struct slice json_ld_event_url(const struct page_input *page, struct arena *arena,
                               yyjson_val *event);

// Reads the events of a document that was JSON-LD from the start or was made of other markup;
// record->method says which.
void json_ld_read_root(const struct page_input *page, yyjson_val *root, struct record *record);
// Fills the record with one Event.
void json_ld_event_read(const struct page_input *page, yyjson_val *event, struct record *record);
// With the property "location" of an Event: Place, PostalAddress, VirtualLocation, text, or
// several.
void json_ld_place_read(yyjson_val *event, struct record *record);
