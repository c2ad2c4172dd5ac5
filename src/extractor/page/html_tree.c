#include "extractor/page/html_tree.h"

#include "extractor/page/html.h"
#include "extractor/page/html_tokens.h"
#include "lib/base/buffer.h"
#include "lib/base/compiler.h"
#include "lib/text/unicode.h"

#include <string.h>

enum { MAX_INNER_TEXT = 512 * 1024, LONGEST_NAME = 13, SMALL_TEXT = 256 };

enum flag {
    NONE = 0,
    VOID = 1,
    RAW = 2, // its content is text up to its end tag
    FORMATTING = 4,
    SPECIAL = 8,       // an end tag of an ordinary element does not reach beyond it
    IN_BLOCK = 16,     // its start ends an open paragraph
    IN_SCOPE = 32,     // no end tag but its own and those of tables reaches beyond it
    FOREIGN = 64,      // other rules inside
    INTEGRATION = 128, // and HTML's again
    BLOCK = SPECIAL | IN_BLOCK,
    SCOPE = SPECIAL | IN_SCOPE,
};

static const struct {
    const char *name;
    int flags;
} tags[] = {
    [HTML_OTHER] = {"", NONE},
#define X(NAME, name, flags) [HTML_##NAME] = {#name, flags},
    HTML_TAGS(X)
#undef X
        [HTML_TEXT] = {"", NONE},
};

static const char *const attribute_names[] = {
#define X(NAME, name) name,
    HTML_ATTRIBUTES(X)
#undef X
};

// One open element.
struct open {
    struct html_node *node;
    struct slice name;
};

struct builder {
    struct arena *arena;
    struct slice rest;
    struct open open[HTML_TREE_MAX_DEPTH]; // the document first
    size_t depth;
    size_t too_deep; // open elements that were not put on the stack
    size_t nodes;
    size_t open_count[HTML_TEXT + 1]; // of each tag, on the stack
};

// ---- names

static int compare_name(struct slice name, const char *other)
{
    for (size_t i = 0; i < name.len; i++) {
        int c = name.ptr[i] >= 'A' && name.ptr[i] <= 'Z' ? name.ptr[i] | 0x20 : name.ptr[i];
        if (c != other[i] || other[i] == '\0')
            return c - other[i] ? c - other[i] : 1;
    }
    return other[name.len] ? -1 : 0;
}

enum html_tag html_tag_of(struct slice name)
{
    size_t low = HTML_OTHER + 1, high = HTML_TEXT;
    while (low < high && name.len <= LONGEST_NAME) {
        size_t middle = (low + high) / 2;
        int order = compare_name(name, tags[middle].name);
        if (order == 0)
            return (enum html_tag)middle;
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return HTML_OTHER;
}

static bool attribute_of(struct slice name, enum html_attribute *ret_attribute)
{
    for (size_t i = 0; i < HTML_ATTRIBUTE_COUNT; i++)
        if ((name.ptr[0] | 0x20) == attribute_names[i][0] &&
            slice_equal_nocase(name, slice_from_cstr(attribute_names[i]))) {
            *ret_attribute = (enum html_attribute)i;
            return true;
        }
    return false;
}

// ---- the stack of open elements

static struct open *top(struct builder *b)
{
    return &b->open[b->depth - 1];
}

static bool has(const struct open *open, int flag)
{
    return tags[open->node->tag].flags & flag;
}

// Ends the open elements from this one on.
static void pop_to(struct builder *b, size_t at, const char *end)
{
    while (b->depth > at && b->depth > 1) {
        struct html_node *node = top(b)->node;
        node->raw.len = (size_t)(end - node->raw.ptr);
        b->open_count[node->tag]--;
        b->depth--;
    }
    b->too_deep = 0;
}

static bool is_among(enum html_tag tag, const enum html_tag *list)
{
    while (*list != HTML_OTHER)
        if (*list++ == tag)
            return true;
    return false;
}

// The place of the innermost open element among `wanted`, before any of `stops`; 0: there is none.
static size_t find_open(const struct builder *b, const enum html_tag *wanted,
                        const enum html_tag *stops)
{
    bool any = false;
    for (size_t i = 0; wanted[i] != HTML_OTHER; i++)
        any |= b->open_count[wanted[i]] > 0;
    for (size_t at = b->depth - 1; any && at > 0; at--) {
        enum html_tag tag = b->open[at].node->tag;
        if (is_among(tag, wanted))
            return at;
        if (stops ? is_among(tag, stops) : has(&b->open[at], IN_SCOPE))
            return 0;
    }
    return 0;
}

// ---- nodes

static struct html_node *add_node(struct builder *b, enum html_tag tag, struct slice raw)
{
    struct html_node *parent = top(b)->node;
    struct html_node *node = ARENA_NEW(b->arena, struct html_node);
    *node = (struct html_node){.tag = tag, .raw = raw, .parent = parent};
    if (parent->last)
        parent->last->next = node;
    else
        parent->first = node;
    parent->last = node;
    b->nodes++;
    return node;
}

static void add_text(struct builder *b, struct slice raw)
{
    if (raw.len)
        add_node(b, HTML_TEXT, raw);
}

static bool inside_foreign(struct builder *b)
{
    struct html_node *node = top(b)->node;
    return node->is_foreign && !(tags[node->tag].flags & INTEGRATION);
}

// ---- start tags

// Which open elements the start of another one ends. Without `stops` what has a scope of its own
// bounds the search.
static const struct implied {
    enum html_tag starts[8], ends[8], stops[8];
} implied[] = {
    {{HTML_LI}, {HTML_LI}, {HTML_UL, HTML_OL, HTML_MENU, HTML_TD, HTML_TABLE}},
    {{HTML_DT, HTML_DD}, {HTML_DT, HTML_DD}, {HTML_DL, HTML_TD, HTML_TABLE}},
    {{HTML_TD, HTML_TH}, {HTML_TD, HTML_TH}, {HTML_TR, HTML_TABLE}},
    {{HTML_TR}, {HTML_TR}, {HTML_TABLE}},
    {{HTML_TBODY, HTML_THEAD, HTML_TFOOT},
     {HTML_TBODY, HTML_THEAD, HTML_TFOOT, HTML_CAPTION, HTML_COLGROUP},
     {HTML_TABLE}},
    {{HTML_OPTION, HTML_OPTGROUP}, {HTML_OPTION}, {HTML_SELECT}},
    {{HTML_BODY}, {HTML_HEAD}, {HTML_OTHER}},
    {{HTML_A}, {HTML_A}, {HTML_TD, HTML_TH, HTML_TABLE, HTML_DIV, HTML_LI, HTML_P}},
};

static void end_implied(struct builder *b, enum html_tag tag, const char *end)
{
    static const enum html_tag paragraph[] = {HTML_P, HTML_OTHER};
    for (size_t i = 0; i < ARRAY_LEN(implied); i++) {
        if (!is_among(tag, implied[i].starts))
            continue;
        size_t at = find_open(b, implied[i].ends, implied[i].stops);
        if (at)
            pop_to(b, at, end);
    }
    size_t at = tags[tag].flags & IN_BLOCK ? find_open(b, paragraph, NULL) : 0;
    if (at)
        pop_to(b, at, end);
}

static bool take_attributes(struct builder *b, struct html_attribute_value *ret_attributes,
                            size_t *ret_count, bool *ret_self_closing)
{
    *ret_self_closing = false;
    *ret_count = 0;
    while (b->rest.len) {
        char c = b->rest.ptr[0];
        if (c == '>') {
            html_advance(&b->rest, 1);
            return true;
        }
        *ret_self_closing = c == '/';
        if (c == '/' || html_is_space(c)) {
            html_advance(&b->rest, 1);
            continue;
        }
        struct slice name = html_take_attribute_name(&b->rest);
        struct slice value = html_take_attribute_value(&b->rest);
        enum html_attribute attribute;
        if (*ret_count < HTML_TREE_MAX_ATTRIBUTES && attribute_of(name, &attribute))
            ret_attributes[(*ret_count)++] =
                (struct html_attribute_value){attribute, value.ptr ? value : SLICE("")};
    }
    return false;
}

static void push(struct builder *b, struct html_node *node, struct slice name)
{
    if (b->depth == HTML_TREE_MAX_DEPTH) {
        b->too_deep++;
        return;
    }
    b->open[b->depth++] = (struct open){node, name};
    b->open_count[node->tag]++;
}

// The text of an element whose content is no markup. Those of scripts and styles nobody reads.
static void take_raw(struct builder *b, struct html_node *node)
{
    struct slice text;
    if (node->tag == HTML_PLAINTEXT) {
        text = b->rest;
        html_advance(&b->rest, b->rest.len);
    } else if (node->tag == HTML_SCRIPT) {
        text = html_take_script(&b->rest);
    } else {
        text = html_take_raw_text(&b->rest, slice_from_cstr(tags[node->tag].name));
    }
    node->raw = slice_sub(text, 0, text.len);
}

static void start_tag(struct builder *b, const char *begin)
{
    struct html_attribute_value attributes[HTML_TREE_MAX_ATTRIBUTES];
    size_t count;
    bool self_closing;
    struct slice name = html_take_tag_name(&b->rest);
    enum html_tag tag = html_tag_of(name);
    if (!take_attributes(b, attributes, &count, &self_closing))
        return;
    if (inside_foreign(b) && html_ends_foreign(name)) {
        while (inside_foreign(b))
            pop_to(b, b->depth - 1, begin);
    }
    bool foreign = inside_foreign(b) || tags[tag].flags & FOREIGN;
    // The page has one of each.
    if ((tag == HTML_HTML || tag == HTML_BODY) && b->open_count[tag])
        return;
    if (!foreign)
        end_implied(b, tag, begin);
    struct html_node *node = add_node(b, tag, slice_sub(b->rest, 0, 0));
    node->is_foreign = foreign;
    if (count) {
        struct html_attribute_value *kept =
            ARENA_ARRAY(b->arena, count, struct html_attribute_value);
        memcpy(kept, attributes, count * sizeof *kept);
        node->attributes = kept;
        node->attribute_count = (unsigned char)count;
    }
    if (foreign ? self_closing : (tags[tag].flags & VOID) != 0)
        return;
    if (!foreign && tags[tag].flags & RAW)
        take_raw(b, node);
    else
        push(b, node, name);
}

// ---- end tags

static bool is_heading(enum html_tag tag)
{
    return tag >= HTML_H1 && tag <= HTML_H6;
}

static bool closes(const struct open *open, enum html_tag tag, struct slice name)
{
    if (tag == HTML_OTHER)
        return open->node->tag == HTML_OTHER && slice_equal_nocase(open->name, name);
    return open->node->tag == tag || (is_heading(tag) && is_heading(open->node->tag));
}

static bool bounds(const struct open *open, enum html_tag tag)
{
    int flags = tags[tag].flags;
    if (tag == HTML_TABLE || tag == HTML_TR || tag == HTML_TBODY)
        return open->node->tag == HTML_TABLE;
    if (flags & (SPECIAL | FOREIGN))
        return has(open, IN_SCOPE);
    return !(flags & FORMATTING) && has(open, SPECIAL);
}

// Takes one element out of the stack; the blocks inside of it go on without it.
static void end_formatting(struct builder *b, size_t at, const char *end)
{
    struct html_node *node = b->open[at].node;
    node->raw.len = (size_t)(end - node->raw.ptr);
    b->open_count[node->tag]--;
    memmove(&b->open[at], &b->open[at + 1], (b->depth - at - 1) * sizeof b->open[0]);
    b->depth--;
}

static void end_tag(struct builder *b, const char *begin)
{
    struct html_attribute_value attributes[HTML_TREE_MAX_ATTRIBUTES];
    size_t count;
    bool self_closing, blocks = false;
    struct slice name = html_take_tag_name(&b->rest);
    enum html_tag tag = html_tag_of(name);
    // What stands behind the end of the body belongs to it.
    if (!take_attributes(b, attributes, &count, &self_closing) || tag == HTML_HTML ||
        tag == HTML_BODY)
        return;
    if (b->too_deep) {
        b->too_deep--;
        return;
    }
    if (tag != HTML_OTHER && !is_heading(tag) && b->open_count[tag] == 0)
        return;
    for (size_t at = b->depth - 1; at > 0; at--) {
        if (closes(&b->open[at], tag, name)) {
            if (tags[tag].flags & FORMATTING && blocks)
                end_formatting(b, at, begin);
            else
                pop_to(b, at, begin);
            return;
        }
        if (bounds(&b->open[at], tag))
            return;
        blocks |= has(&b->open[at], SPECIAL);
    }
}

// ---- the page

// At a "<". False: it is text.
static bool take_markup(struct builder *b)
{
    const char *begin = b->rest.ptr;
    char next = b->rest.len > 1 ? begin[1] : '\0', after = b->rest.len > 2 ? begin[2] : '\0';
    if (html_is_letter(next)) {
        html_advance(&b->rest, 1);
        start_tag(b, begin);
    } else if (next == '/' && html_is_letter(after)) {
        html_advance(&b->rest, 2);
        end_tag(b, begin);
    } else if (slice_starts_with(b->rest, SLICE("<!--"))) {
        html_skip_comment(&b->rest);
    } else if (slice_starts_with(b->rest, SLICE("<![CDATA[")) && inside_foreign(b)) {
        html_skip_past(&b->rest, SLICE("]]>"));
    } else if (next == '!' || next == '?' || (next == '/' && after)) {
        html_advance(&b->rest, 2);
        html_skip_past_char(&b->rest, '>');
    } else {
        return false;
    }
    return true;
}

struct html_node *html_tree_build(struct arena *arena, struct slice page)
{
    struct builder *b = ARENA_NEW(arena, struct builder);
    struct html_node *document = ARENA_NEW(arena, struct html_node);
    b->arena = arena;
    b->rest = document->raw = slice_sub(page, 0, HTML_TREE_MAX_BYTES);
    b->open[b->depth++] = (struct open){.node = document};
    while (b->rest.len && b->nodes < HTML_TREE_MAX_NODES) {
        struct slice text = b->rest;
        size_t at = b->rest.ptr[0] == '<' && take_markup(b) ? SIZE_MAX : 0;
        if (at == SIZE_MAX)
            continue;
        at = slice_find_char(slice_sub(text, 1, text.len), '<');
        text = slice_sub(text, 0, at == SIZE_MAX ? text.len : at + 1);
        add_text(b, text);
        html_advance(&b->rest, text.len);
    }
    pop_to(b, 1, b->rest.ptr ? b->rest.ptr : page.ptr);
    return document;
}

struct html_node *html_tree_next(const struct html_node *root, const struct html_node *node,
                                 bool skip)
{
    if (node->first && !skip)
        return node->first;
    while (node != root && !node->next)
        node = node->parent;
    return node == root ? NULL : node->next;
}

// ---- reading

static const struct html_attribute_value *find_attribute(const struct html_node *node,
                                                         enum html_attribute attribute)
{
    for (size_t i = 0; i < node->attribute_count; i++)
        if (node->attributes[i].attribute == attribute)
            return &node->attributes[i];
    return NULL;
}

bool html_has_attribute(const struct html_node *node, enum html_attribute attribute)
{
    return find_attribute(node, attribute) != NULL;
}

struct slice html_attribute(struct arena *arena, const struct html_node *node,
                            enum html_attribute attribute)
{
    const struct html_attribute_value *found = find_attribute(node, attribute);
    return found ? html_decode_attribute(arena, found->raw) : (struct slice){0};
}

bool html_has_word(const struct html_node *node, enum html_attribute attribute, struct slice word)
{
    const struct html_attribute_value *found = find_attribute(node, attribute);
    struct slice rest = found ? found->raw : (struct slice){0};
    while (rest.len) {
        size_t len = 0;
        while (len < rest.len && !html_is_space(rest.ptr[len]))
            len++;
        if (len && slice_equal_nocase(slice_sub(rest, 0, len), word))
            return true;
        html_advance(&rest, len + 1);
    }
    return false;
}

struct slice html_inner_text(struct arena *arena, const struct html_node *node)
{
    struct buffer out CLEANUP(buffer_done);
    buffer_init(&out, MAX_INNER_TEXT);
    const struct html_node *inner = node;
    if (node->tag == HTML_TEXT)
        return unicode_clean_line(arena, html_decode_text(arena, node->raw));
    while ((inner = html_tree_next(node, inner, inner->tag == HTML_TEMPLATE))) {
        if (inner->tag == HTML_TEXT)
            buffer_append(&out, html_decode_text(arena, inner->raw));
        else if (tags[inner->tag].flags & IN_BLOCK || inner->tag == HTML_BR ||
                 inner->tag == HTML_TD || inner->tag == HTML_TH)
            buffer_append_char(&out, ' ');
    }
    return arena_slice(arena, unicode_clean_line(arena, buffer_slice(&out)));
}
