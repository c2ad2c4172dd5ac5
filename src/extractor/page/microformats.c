// h-event and hCalendar: classes on elements whose texts are what people read.
#include "extractor/page/html_tokens.h"
#include "extractor/page/markup.h"
#include "lib/base/compiler.h"

#include <string.h>

enum { MAX_CLASSES = 32, MAX_EVENTS = 1000, MAX_TIME_PARTS = 4 };

enum kind { KIND_TEXT, KIND_URL, KIND_TIME, KIND_DESCRIPTION };

// Where a property goes: to the event, its place, or the place's address.
enum part { PART_EVENT, PART_PLACE, PART_ADDRESS, PART_GEO };

struct row {
    const char *class;
    enum part part;
    const char *property;
    enum kind kind;
};

// Classes in both their writings; an element may have several.
static const struct row rows[] = {
    {"p-name", PART_EVENT, "name", KIND_TEXT},
    {"summary", PART_EVENT, "name", KIND_TEXT},
    {"dt-start", PART_EVENT, "startDate", KIND_TIME},
    {"dtstart", PART_EVENT, "startDate", KIND_TIME},
    {"dt-end", PART_EVENT, "endDate", KIND_TIME},
    {"dtend", PART_EVENT, "endDate", KIND_TIME},
    {"dt-duration", PART_EVENT, "duration", KIND_TIME},
    {"duration", PART_EVENT, "duration", KIND_TIME},
    {"u-url", PART_EVENT, "url", KIND_URL},
    {"url", PART_EVENT, "url", KIND_URL},
    {"u-photo", PART_EVENT, "image", KIND_URL},
    {"u-featured", PART_EVENT, "image", KIND_URL},
    {"e-content", PART_EVENT, "description", KIND_DESCRIPTION},
    {"e-description", PART_EVENT, "description", KIND_DESCRIPTION},
    {"p-description", PART_EVENT, "description", KIND_DESCRIPTION},
    {"description", PART_EVENT, "description", KIND_DESCRIPTION},
    {"p-category", PART_EVENT, "keywords", KIND_TEXT},
    {"category", PART_EVENT, "keywords", KIND_TEXT},
    {"p-street-address", PART_ADDRESS, "streetAddress", KIND_TEXT},
    {"street-address", PART_ADDRESS, "streetAddress", KIND_TEXT},
    {"p-locality", PART_ADDRESS, "addressLocality", KIND_TEXT},
    {"locality", PART_ADDRESS, "addressLocality", KIND_TEXT},
    {"p-region", PART_ADDRESS, "addressRegion", KIND_TEXT},
    {"region", PART_ADDRESS, "addressRegion", KIND_TEXT},
    {"p-postal-code", PART_ADDRESS, "postalCode", KIND_TEXT},
    {"postal-code", PART_ADDRESS, "postalCode", KIND_TEXT},
    {"p-country-name", PART_ADDRESS, "addressCountry", KIND_TEXT},
    {"country-name", PART_ADDRESS, "addressCountry", KIND_TEXT},
    {"p-latitude", PART_GEO, "latitude", KIND_TEXT},
    {"latitude", PART_GEO, "latitude", KIND_TEXT},
    {"p-longitude", PART_GEO, "longitude", KIND_TEXT},
    {"longitude", PART_GEO, "longitude", KIND_TEXT},
};

struct event {
    struct markup *markup;
    const struct html_node *root;
    yyjson_mut_val *value, *place, *address, *geo;
};

static bool has_class(const struct html_node *node, const char *class)
{
    return html_has_word(node, HTML_ATTRIBUTE_CLASS, slice_from_cstr(class));
}

static bool has_any(const struct html_node *node, const char *const *classes, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (has_class(node, classes[i]))
            return true;
    return false;
}

static bool is_event(const struct html_node *node)
{
    return has_class(node, "h-event") || has_class(node, "vevent");
}

// A card, an address: an object of its own, whose name is not the event's.
static bool is_card(const struct html_node *node)
{
    static const char *const classes[] = {"h-card", "vcard", "h-adr", "adr"};
    return has_any(node, classes, ARRAY_LEN(classes));
}

static bool is_location(const struct html_node *node)
{
    static const char *const classes[] = {"p-location", "location"};
    return has_any(node, classes, ARRAY_LEN(classes));
}

static bool is_organizer(const struct html_node *node)
{
    static const char *const classes[] = {"p-organizer", "organizer"};
    return has_any(node, classes, ARRAY_LEN(classes));
}

// ---- values

// The value that stands in an attribute, for machines.
static struct slice machine_value(struct arena *arena, const struct html_node *node)
{
    static const enum html_attribute attributes[] = {HTML_ATTRIBUTE_DATETIME,
                                                     HTML_ATTRIBUTE_CONTENT, HTML_ATTRIBUTE_VALUE,
                                                     HTML_ATTRIBUTE_TITLE};
    for (size_t i = 0; i < ARRAY_LEN(attributes); i++) {
        bool is_title = attributes[i] == HTML_ATTRIBUTE_TITLE;
        if (is_title && node->tag != HTML_ABBR && !has_class(node, "value-title"))
            continue;
        struct slice value = slice_trim(html_attribute(arena, node, attributes[i]));
        if (value.len)
            return value;
    }
    return (struct slice){0};
}

// "2026-05-01" and "19:00" in elements of their own: the value class pattern.
static struct slice joined_time(struct markup *markup, const struct html_node *node)
{
    struct arena *arena = markup->arena;
    struct slice parts[MAX_TIME_PARTS];
    size_t count = 0;
    if (!markup_may_read(markup, node))
        return (struct slice){0};
    for (const struct html_node *inner = node;
         count < MAX_TIME_PARTS && (inner = html_tree_next(node, inner, false));) {
        if (!has_class(inner, "value") && !has_class(inner, "value-title"))
            continue;
        struct slice part = machine_value(arena, inner);
        parts[count++] = part.len ? part : markup_text(markup, inner);
    }
    if (count == 0)
        return (struct slice){0};
    if (count == 1)
        return parts[0];
    return slice_from_cstr(arena_printf(arena, "%.*sT%.*s%.*s", SLICE_FMT(parts[0]),
                                        SLICE_FMT(parts[1]), count > 2 ? (int)parts[2].len : 0,
                                        count > 2 ? parts[2].ptr : ""));
}

static struct slice time_of(struct markup *markup, const struct html_node *node)
{
    struct slice value = machine_value(markup->arena, node);
    if (value.len == 0)
        value = joined_time(markup, node);
    bool may_read = markup_may_read(markup, node);
    // <span class="dt-start"><time datetime="…">
    for (const struct html_node *inner = node;
         may_read && value.len == 0 && (inner = html_tree_next(node, inner, false));)
        if (inner->tag == HTML_TIME || inner->tag == HTML_ABBR)
            value = machine_value(markup->arena, inner);
    return value.len ? value : markup_text(markup, node);
}

static struct slice value_of(struct markup *markup, const struct html_node *node, enum kind kind)
{
    struct arena *arena = markup->arena;
    struct slice value = {0};
    if (kind == KIND_TIME)
        return time_of(markup, node);
    if (kind == KIND_DESCRIPTION)
        return markup_description(markup, node);
    if (kind == KIND_URL) {
        value = slice_trim(html_attribute(arena, node, HTML_ATTRIBUTE_HREF));
        if (value.len == 0)
            value = slice_trim(html_attribute(arena, node, HTML_ATTRIBUTE_SRC));
    } else {
        value = machine_value(arena, node);
    }
    return value.len ? value : markup_text(markup, node);
}

// ---- the place and who gives it

static yyjson_mut_val *part_of(struct event *event, enum part part);

static yyjson_mut_val *open_part(struct event *event, yyjson_mut_val **part, enum part owner,
                                 const char *property, const char *type)
{
    yyjson_mut_val *parent = *part ? NULL : part_of(event, owner);
    if (parent && (*part = markup_add_item(event->markup, slice_from_cstr(type))))
        markup_add_value(event->markup, parent, slice_from_cstr(property), *part);
    return *part;
}

static yyjson_mut_val *part_of(struct event *event, enum part part)
{
    if (part == PART_PLACE)
        return open_part(event, &event->place, PART_EVENT, "location", "Place");
    if (part == PART_ADDRESS)
        return open_part(event, &event->address, PART_PLACE, "address", "PostalAddress");
    if (part == PART_GEO)
        return open_part(event, &event->geo, PART_PLACE, "geo", "GeoCoordinates");
    return event->value;
}

static struct slice name_within(struct markup *markup, const struct html_node *card)
{
    static const char *const classes[] = {"p-name", "fn", "org", "p-org"};
    if (!markup_may_read(markup, card))
        return (struct slice){0};
    for (const struct html_node *inner = card; (inner = html_tree_next(card, inner, false));)
        if (has_any(inner, classes, ARRAY_LEN(classes)))
            return markup_text(markup, inner);
    return (struct slice){0};
}

static bool has_card(struct markup *markup, const struct html_node *node)
{
    if (is_card(node) || !markup_may_read(markup, node))
        return is_card(node);
    for (const struct html_node *inner = node; (inner = html_tree_next(node, inner, false));)
        if (is_card(inner))
            return true;
    return false;
}

// A location is a card, with what it says in classes of its own, or a text.
static void read_location(struct event *event, const struct html_node *node)
{
    if (!has_card(event->markup, node)) {
        if (!event->place)
            markup_add_text(event->markup, event->value, SLICE("location"),
                            markup_text(event->markup, node));
        return;
    }
    struct slice name = name_within(event->markup, node);
    bool is_address = has_class(node, "adr") || has_class(node, "h-adr");
    if (name.len == 0 && !is_address && !node->first)
        return;
    yyjson_mut_val *place = part_of(event, PART_PLACE);
    if (place)
        markup_add_text(event->markup, place, SLICE("name"), name);
}

static void read_organizer(struct event *event, const struct html_node *node)
{
    struct slice name = name_within(event->markup, node);
    markup_add_text(event->markup, event->value, SLICE("organizer"),
                    name.len ? name : markup_text(event->markup, node));
}

// ---- the events

// What is said of others, not of the event itself.
static bool is_apart(const struct html_node *node)
{
    static const char *const classes[] = {"attendee", "p-attendee", "contact", "p-author",
                                          "author"};
    return has_any(node, classes, ARRAY_LEN(classes));
}

// True when what is inside of the element was read with it. Names and addresses inside of a
// location are those of the place.
static bool read_properties(struct event *event, const struct html_node *node, bool in_location)
{
    bool whole = false;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const struct row *row = &rows[i];
        if ((in_location && row->part == PART_EVENT) || !has_class(node, row->class))
            continue;
        yyjson_mut_val *part = part_of(event, row->part);
        if (part)
            markup_add_text(event->markup, part, slice_from_cstr(row->property),
                            value_of(event->markup, node, row->kind));
        whole |= row->kind == KIND_DESCRIPTION;
    }
    return whole;
}

static void read_event(struct markup *markup, const struct html_node *root)
{
    struct event event = {.markup = markup, .root = root};
    const struct html_node *node = root, *location = NULL;
    bool skip = false;
    event.value = markup_add_item(markup, SLICE("Event"));
    while (event.value && (node = html_tree_next(root, node, skip))) {
        skip = is_event(node) || is_apart(node);
        if (skip || !html_has_attribute(node, HTML_ATTRIBUTE_CLASS))
            continue;
        if (!location && is_location(node)) {
            location = node;
            read_location(&event, node);
        }
        if (is_organizer(node)) {
            read_organizer(&event, node);
            skip = true;
            continue;
        }
        bool inside = false;
        for (const struct html_node *at = node; location && at != root; at = at->parent)
            inside |= at == location;
        skip = read_properties(&event, node, inside);
    }
    if (event.value)
        yyjson_mut_arr_append(markup->roots, event.value);
}

void microformats_read_items(struct markup *markup, const struct html_node *document)
{
    size_t events = 0;
    for (const struct html_node *node = document;
         events < MAX_EVENTS && (node = html_tree_next(document, node, false));)
        if (is_event(node)) {
            read_event(markup, node);
            events++;
        }
}
