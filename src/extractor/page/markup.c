#include "extractor/page/markup.h"

#include "extractor/page/html.h"
#include "extractor/page/html_tokens.h"
#include "extractor/page/json_ld.h"
#include "extractor/page/links.h"
#include "extractor/page/reader.h"

#include <string.h>

// ---- a document in the arena

static void *alloc(void *context, size_t size)
{
    return arena_alloc(context, size);
}

static void *grow(void *context, void *old, size_t old_size, size_t size)
{
    void *room = arena_alloc(context, size);
    memcpy(room, old, old_size < size ? old_size : size);
    return room;
}

static void forget(void *context, void *memory)
{
    (void)context, (void)memory;
}

static yyjson_mut_val *text_value(struct markup *markup, struct slice text)
{
    return yyjson_mut_strn(markup->doc, text.ptr, text.len);
}

yyjson_mut_val *markup_add_item(struct markup *markup, struct slice types)
{
    if (markup->items++ >= MARKUP_MAX_ITEMS)
        return NULL;
    yyjson_mut_val *item = yyjson_mut_obj(markup->doc), *list = yyjson_mut_arr(markup->doc);
    struct slice type;
    while (types.len) {
        types = slice_trim(types);
        size_t len = 0;
        while (len < types.len && !html_is_space(types.ptr[len]))
            len++;
        type = slice_sub(types, 0, len);
        if (type.len && yyjson_mut_arr_size(list) < MARKUP_MAX_REFERENCES)
            yyjson_mut_arr_append(list, text_value(markup, type));
        html_advance(&types, len);
    }
    yyjson_mut_obj_add_val(markup->doc, item, "@type", list);
    return item;
}

void markup_add_value(struct markup *markup, yyjson_mut_val *item, struct slice property,
                      yyjson_mut_val *value)
{
    yyjson_mut_val *known = yyjson_mut_obj_getn(item, property.ptr, property.len);
    if (!known) {
        if (yyjson_mut_obj_size(item) < MARKUP_MAX_PROPERTIES)
            yyjson_mut_obj_add(item, text_value(markup, property), value);
        return;
    }
    if (!yyjson_mut_is_arr(known)) {
        yyjson_mut_val *list = yyjson_mut_arr(markup->doc);
        yyjson_mut_obj_remove_keyn(item, property.ptr, property.len);
        yyjson_mut_arr_append(list, known);
        yyjson_mut_obj_add(item, text_value(markup, property), list);
        known = list;
    }
    if (yyjson_mut_arr_size(known) < MARKUP_MAX_ITEMS)
        yyjson_mut_arr_append(known, value);
}

void markup_add_text(struct markup *markup, yyjson_mut_val *item, struct slice property,
                     struct slice text)
{
    if (text.len)
        markup_add_value(markup, item, property, text_value(markup, text));
}

bool markup_may_read(struct markup *markup, const struct html_node *node)
{
    if (node->raw.len > MARKUP_MAX_TEXT - markup->text_bytes)
        return false;
    markup->text_bytes += node->raw.len;
    return true;
}

struct slice markup_text(struct markup *markup, const struct html_node *node)
{
    return markup_may_read(markup, node) ? html_inner_text(markup->arena, node) : (struct slice){0};
}

struct slice markup_description(struct markup *markup, const struct html_node *node)
{
    if (!markup_may_read(markup, node))
        return (struct slice){0};
    for (const struct html_node *inner = node; (inner = html_tree_next(node, inner, false));)
        if (inner->tag != HTML_TEXT)
            return slice_trim(node->raw);
    return html_inner_text(markup->arena, node);
}

// ---- microdata and RDFa Lite

// What the two call the same things.
struct dialect {
    enum html_attribute scope, type, property;
};
static const struct dialect dialects[] = {
    {HTML_ATTRIBUTE_ITEMSCOPE, HTML_ATTRIBUTE_ITEMTYPE, HTML_ATTRIBUTE_ITEMPROP},
    {HTML_ATTRIBUTE_TYPEOF, HTML_ATTRIBUTE_TYPEOF, HTML_ATTRIBUTE_PROPERTY},
};

// An item, and the one it is a property of.
struct item {
    yyjson_mut_val *value;
    struct item *owner;
};

// The attribute that holds a property's value, by the element.
static const struct {
    enum html_tag tag;
    enum html_attribute attribute;
    bool is_url;
} value_attributes[] = {
    {HTML_A, HTML_ATTRIBUTE_HREF, true},       {HTML_AREA, HTML_ATTRIBUTE_HREF, true},
    {HTML_AUDIO, HTML_ATTRIBUTE_SRC, true},    {HTML_DATA, HTML_ATTRIBUTE_VALUE, false},
    {HTML_EMBED, HTML_ATTRIBUTE_SRC, true},    {HTML_IFRAME, HTML_ATTRIBUTE_SRC, true},
    {HTML_IMG, HTML_ATTRIBUTE_SRC, true},      {HTML_LINK, HTML_ATTRIBUTE_HREF, true},
    {HTML_METER, HTML_ATTRIBUTE_VALUE, false}, {HTML_OBJECT, HTML_ATTRIBUTE_DATA, true},
    {HTML_SOURCE, HTML_ATTRIBUTE_SRC, true},   {HTML_TIME, HTML_ATTRIBUTE_DATETIME, false},
    {HTML_VIDEO, HTML_ATTRIBUTE_SRC, true},
};

// Properties that are texts wherever they stand: people put the name's property on the link.
static bool is_text(struct slice property)
{
    static const char *const texts[] = {"name", "description", "startDate", "endDate"};
    for (size_t i = 0; i < ARRAY_LEN(texts); i++)
        if (slice_equal(property, slice_from_cstr(texts[i])))
            return true;
    return false;
}

static struct slice value_of(struct markup *markup, const struct html_node *node,
                             struct slice property)
{
    struct arena *arena = markup->arena;
    // Not of the standard for all elements, but what everybody writes and every reader takes.
    if (html_has_attribute(node, HTML_ATTRIBUTE_CONTENT))
        return slice_trim(html_attribute(arena, node, HTML_ATTRIBUTE_CONTENT));
    for (size_t i = 0; i < ARRAY_LEN(value_attributes); i++) {
        if (node->tag != value_attributes[i].tag ||
            !html_has_attribute(node, value_attributes[i].attribute) ||
            (value_attributes[i].is_url && is_text(property) && node->first))
            continue;
        return slice_trim(html_attribute(arena, node, value_attributes[i].attribute));
    }
    return slice_equal(property, SLICE("description")) ? markup_description(markup, node)
                                                       : markup_text(markup, node);
}

// The item a property on this element belongs to: that of the nearest element around it, or the one
// that refers to an element between.
static struct item *item_around(const struct html_node *node, const struct dialect *dialect,
                                struct html_node *const *referred, struct item *const *referrers,
                                size_t references)
{
    for (const struct html_node *at = node; at; at = at->parent) {
        if (at != node && at->mark && html_has_attribute(at, dialect->scope))
            return at->mark;
        for (size_t i = 0; at->is_marked && i < references; i++)
            if (referred[i] == at && (at != node || referrers[i] != node->mark))
                return referrers[i];
    }
    return NULL;
}

static bool is_within(const struct item *item, const struct item *owner)
{
    for (; item; item = item->owner)
        if (item == owner)
            return true;
    return false;
}

static void add_properties(struct markup *markup, struct html_node *node, struct item *owner,
                           struct slice properties)
{
    struct item *item = node->mark;
    size_t names = 0;
    while ((properties = slice_trim(properties)).len && names++ < MARKUP_MAX_REFERENCES) {
        size_t len = 0;
        while (len < properties.len && !html_is_space(properties.ptr[len]))
            len++;
        struct slice name = json_ld_local_name(slice_sub(properties, 0, len));
        html_advance(&properties, len);
        if (name.len == 0)
            continue;
        if (!item) {
            markup_add_text(markup, owner->value, name, value_of(markup, node, name));
        } else if (!item->owner && !is_within(owner, item)) {
            // One value has one place: under further names the item is not repeated.
            item->owner = owner;
            markup_add_value(markup, owner->value, name, item->value);
        }
    }
}

struct reading {
    struct markup *markup;
    const struct dialect *dialect;
    const struct html_node *document;
    struct html_node *referred[MARKUP_MAX_REFERENCES];
    struct item *referrers[MARKUP_MAX_REFERENCES];
    size_t references;
};

static struct html_node *find_id(const struct html_node *document, struct slice id)
{
    for (struct html_node *node = NULL;
         (node = html_tree_next(document, node ? node : document, false));)
        if (html_has_word(node, HTML_ATTRIBUTE_ID, id))
            return node;
    return NULL;
}

static void note_references(struct reading *r, struct html_node *node)
{
    struct slice ids = html_attribute(r->markup->arena, node, HTML_ATTRIBUTE_ITEMREF);
    while ((ids = slice_trim(ids)).len && r->references < MARKUP_MAX_REFERENCES) {
        size_t len = 0;
        while (len < ids.len && !html_is_space(ids.ptr[len]))
            len++;
        struct html_node *target = find_id(r->document, slice_sub(ids, 0, len));
        if (target)
            target->is_marked = true;
        html_advance(&ids, len);
        // An unknown name uses up its place too: looking for each costs a walk.
        r->referred[r->references] = target;
        r->referrers[r->references++] = node->mark;
    }
}

static void find_items(struct reading *r)
{
    struct html_node *node = NULL;
    while ((node = html_tree_next(r->document, node ? node : r->document,
                                  node && node->tag == HTML_TEMPLATE))) {
        if (!html_has_attribute(node, r->dialect->scope))
            continue;
        yyjson_mut_val *value =
            markup_add_item(r->markup, html_attribute(r->markup->arena, node, r->dialect->type));
        if (!value)
            return;
        struct item *item = ARENA_NEW(r->markup->arena, struct item);
        item->value = value;
        node->mark = item;
        note_references(r, node);
    }
}

static void read_dialect(struct reading *r)
{
    struct html_node *node = NULL;
    find_items(r);
    while ((node = html_tree_next(r->document, node ? node : r->document, false))) {
        struct slice properties = html_attribute(r->markup->arena, node, r->dialect->property);
        struct item *owner =
            properties.len ? item_around(node, r->dialect, r->referred, r->referrers, r->references)
                           : NULL;
        if (owner)
            add_properties(r->markup, node, owner, properties);
    }
    node = NULL;
    while ((node = html_tree_next(r->document, node ? node : r->document, false))) {
        struct item *item = node->mark;
        if (item && !item->owner)
            yyjson_mut_arr_append(r->markup->roots, item->value);
        node->mark = NULL; // the next dialect has its own
        node->is_marked = false;
    }
}

void markup_read_items(struct markup *markup, const struct html_node *document)
{
    for (size_t i = 0; i < ARRAY_LEN(dialects); i++) {
        struct reading *reading = ARENA_NEW(markup->arena, struct reading);
        *reading =
            (struct reading){.markup = markup, .dialect = &dialects[i], .document = document};
        read_dialect(reading);
    }
}

// ---- the reader

// Is one of the words there at all? Spares the tree to pages that have no such markup.
static bool mentions_markup(struct slice page)
{
    static const char *const words[] = {"itemscope", "typeof", "vevent", "h-event"};
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (slice_find(page, slice_from_cstr(words[i])) != SIZE_MAX)
            return true;
    return false;
}

void markup_read(const struct page_input *page, struct record *ret_record)
{
    struct arena *arena = ret_record->arena;
    const yyjson_alc alc = {alloc, grow, forget, arena};
    if (!mentions_markup(page->bytes))
        return;
    ret_record->method = METHOD_MICRODATA;
    const struct html_node *document = html_tree_build(arena, page->bytes);
    struct markup markup = {.arena = arena, .doc = yyjson_mut_doc_new(&alc)};
    markup.roots = yyjson_mut_arr(markup.doc);
    yyjson_mut_doc_set_root(markup.doc, markup.roots);
    markup_read_items(&markup, document);
    microformats_read_items(&markup, document);
    yyjson_doc *doc = yyjson_mut_doc_imut_copy(markup.doc, &alc);
    json_ld_read_root(page, yyjson_doc_get_root(doc), ret_record);
}
