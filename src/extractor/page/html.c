#include "extractor/page/html.h"

#include "extractor/page/html_tokens.h"

#include "lib/base/compiler.h"

#include <stdint.h>
#include <string.h>

enum { MAX_FOREIGN_DEPTH = 64 };

// What a start tag means to the scanner.
enum element {
    ELEMENT_OTHER,
    ELEMENT_SCRIPT,
    ELEMENT_RAW_TEXT,  // content is text up to the end tag
    ELEMENT_TITLE,     // so too, with character references
    ELEMENT_PLAINTEXT, // the rest of the page is text
    ELEMENT_META,
    ELEMENT_LINK,
    ELEMENT_FOREIGN,     // <svg>, <math>: other rules inside
    ELEMENT_INTEGRATION, // inside those: HTML's rules again
};

static const struct {
    const char *name;
    enum element element;
} elements[] = {
    {"script", ELEMENT_SCRIPT},       {"style", ELEMENT_RAW_TEXT},
    {"meta", ELEMENT_META},           {"link", ELEMENT_LINK},
    {"title", ELEMENT_TITLE},         {"textarea", ELEMENT_RAW_TEXT},
    {"iframe", ELEMENT_RAW_TEXT},     {"xmp", ELEMENT_RAW_TEXT},
    {"noembed", ELEMENT_RAW_TEXT},    {"noframes", ELEMENT_RAW_TEXT},
    {"plaintext", ELEMENT_PLAINTEXT}, {"svg", ELEMENT_FOREIGN},
    {"math", ELEMENT_FOREIGN},        {"foreignobject", ELEMENT_INTEGRATION},
    {"desc", ELEMENT_INTEGRATION},    {"mi", ELEMENT_INTEGRATION},
    {"mo", ELEMENT_INTEGRATION},      {"mn", ELEMENT_INTEGRATION},
    {"ms", ELEMENT_INTEGRATION},      {"mtext", ELEMENT_INTEGRATION},
};

// The attributes that matter; the first of a name counts.
struct attributes {
    struct slice id, type, name, property, itemprop, content, rel, href;
};

struct foreign {
    struct slice name; // of the open element
    bool is_html;      // an integration point
};

struct scanner {
    struct slice rest;
    struct html_page *page;
    struct foreign foreign[MAX_FOREIGN_DEPTH];
    size_t foreign_depth;
};

// ---- tags

static void keep_attribute(struct attributes *attributes, struct slice name, struct slice value)
{
    const struct {
        const char *name;
        struct slice *value;
    } places[] = {{"id", &attributes->id},
                  {"type", &attributes->type},
                  {"name", &attributes->name},
                  {"property", &attributes->property},
                  {"itemprop", &attributes->itemprop},
                  {"content", &attributes->content},
                  {"rel", &attributes->rel},
                  {"href", &attributes->href}};
    if (!value.ptr)
        value = SLICE("");
    for (size_t i = 0; i < ARRAY_LEN(places); i++)
        if (!places[i].value->ptr && slice_equal_nocase(name, slice_from_cstr(places[i].name)))
            *places[i].value = value;
}

// The attributes and the end of a tag. False when the page ends before: then the tag is none.
static bool take_attributes(struct scanner *s, struct attributes *ret_attributes,
                            bool *ret_self_closing)
{
    *ret_self_closing = false;
    while (s->rest.len) {
        char c = s->rest.ptr[0];
        if (c == '>') {
            html_advance(&s->rest, 1);
            return true;
        }
        *ret_self_closing = c == '/';
        if (c == '/' || html_is_space(c)) {
            html_advance(&s->rest, 1);
            continue;
        }
        struct slice name = html_take_attribute_name(&s->rest);
        struct slice value = html_take_attribute_value(&s->rest);
        if (ret_attributes)
            keep_attribute(ret_attributes, name, value);
    }
    return false;
}

// ---- what the readers want

static bool is_json_ld(struct slice type)
{
    type = slice_trim(type);
    return slice_equal_nocase(slice_trim(slice_sub(type, 0, slice_find_char(type, ';'))),
                              SLICE("application/ld+json"));
}

static void keep_script(struct html_page *page, const struct attributes *attributes,
                        struct slice text)
{
    if (!page->next_data.ptr && slice_equal(attributes->id, SLICE("__NEXT_DATA__")))
        page->next_data = text;
    else if (is_json_ld(attributes->type) && page->json_ld_count < HTML_MAX_JSON_LD)
        page->json_ld[page->json_ld_count++] = text;
}

static void keep_meta(struct html_page *page, const struct attributes *attributes)
{
    const struct slice names[] = {attributes->property, attributes->name, attributes->itemprop};
    for (size_t i = 0; i < ARRAY_LEN(names) && attributes->content.ptr; i++)
        if (names[i].len && page->meta_count < HTML_MAX_METAS) {
            page->metas[page->meta_count++] =
                (struct html_meta){slice_trim(names[i]), attributes->content};
            return;
        }
}

static void keep_link(struct html_page *page, const struct attributes *attributes)
{
    struct slice rest = attributes->rel, word;
    while (!page->canonical.ptr && slice_split_next(&rest, ' ', &word))
        if (slice_equal_nocase(slice_trim(word), SLICE("canonical")) && attributes->href.len)
            page->canonical = attributes->href;
}

// ---- elements

static bool in_foreign(const struct scanner *s)
{
    return s->foreign_depth > 0 && !s->foreign[s->foreign_depth - 1].is_html;
}

static void foreign_push(struct scanner *s, struct slice name, bool is_html)
{
    if (s->foreign_depth < MAX_FOREIGN_DEPTH)
        s->foreign[s->foreign_depth++] = (struct foreign){name, is_html};
}

static void foreign_break_out(struct scanner *s)
{
    while (in_foreign(s))
        s->foreign_depth--;
}

static void foreign_pop(struct scanner *s, struct slice name)
{
    for (size_t depth = s->foreign_depth; depth > 0; depth--)
        if (slice_equal_nocase(s->foreign[depth - 1].name, name)) {
            s->foreign_depth = depth - 1;
            return;
        }
}

static enum element element_of(struct slice name)
{
    // The first letter spares most comparisons: pages consist of div, a, span.
    for (size_t i = 0; i < ARRAY_LEN(elements); i++)
        if ((name.ptr[0] | 0x20) == elements[i].name[0] &&
            slice_equal_nocase(name, slice_from_cstr(elements[i].name)))
            return elements[i].element;
    return ELEMENT_OTHER;
}

// A start tag inside <svg> or <math>: nothing there is text or ours, until HTML's rules hold again.
static void scan_foreign_start(struct scanner *s, struct slice name, enum element element,
                               bool self_closing)
{
    if (self_closing)
        return;
    if (element == ELEMENT_INTEGRATION || element == ELEMENT_TITLE)
        foreign_push(s, name, true);
    else if (element == ELEMENT_FOREIGN)
        foreign_push(s, name, false);
}

static void scan_html_start(struct scanner *s, struct slice name, enum element element,
                            const struct attributes *attributes, bool self_closing)
{
    struct slice text;
    switch (element) {
    case ELEMENT_SCRIPT:
        text = html_take_script(&s->rest);
        keep_script(s->page, attributes, text);
        break;
    case ELEMENT_RAW_TEXT:
        html_take_raw_text(&s->rest, name);
        break;
    case ELEMENT_TITLE:
        text = html_take_raw_text(&s->rest, name);
        if (!s->page->title.ptr && s->foreign_depth == 0)
            s->page->title = text;
        break;
    case ELEMENT_PLAINTEXT:
        html_advance(&s->rest, s->rest.len);
        break;
    case ELEMENT_META:
        keep_meta(s->page, attributes);
        break;
    case ELEMENT_LINK:
        keep_link(s->page, attributes);
        break;
    case ELEMENT_FOREIGN:
        if (!self_closing)
            foreign_push(s, name, false);
        break;
    case ELEMENT_OTHER:
    case ELEMENT_INTEGRATION:
        break;
    }
}

static void scan_start_tag(struct scanner *s)
{
    struct slice name = html_take_tag_name(&s->rest);
    enum element element = element_of(name);
    struct attributes attributes = {0};
    bool self_closing,
        wanted = element == ELEMENT_SCRIPT || element == ELEMENT_META || element == ELEMENT_LINK;
    if (!take_attributes(s, wanted ? &attributes : NULL, &self_closing))
        return;
    if (in_foreign(s) && html_ends_foreign(name))
        foreign_break_out(s);
    if (in_foreign(s))
        scan_foreign_start(s, name, element, self_closing);
    else
        scan_html_start(s, name, element, &attributes, self_closing);
}

static void scan_end_tag(struct scanner *s)
{
    struct slice name = html_take_tag_name(&s->rest);
    bool self_closing;
    if (take_attributes(s, NULL, &self_closing) && s->foreign_depth)
        foreign_pop(s, name);
}

// At a "<".
static void scan_markup(struct scanner *s)
{
    char next = s->rest.len > 1 ? s->rest.ptr[1] : '\0';
    char after = s->rest.len > 2 ? s->rest.ptr[2] : '\0';
    if (html_is_letter(next)) {
        html_advance(&s->rest, 1);
        scan_start_tag(s);
    } else if (next == '/' && html_is_letter(after)) {
        html_advance(&s->rest, 2);
        scan_end_tag(s);
    } else if (slice_starts_with(s->rest, SLICE("<!--"))) {
        html_skip_comment(&s->rest);
    } else if (in_foreign(s) && slice_starts_with(s->rest, SLICE("<![CDATA["))) {
        html_skip_past(&s->rest, SLICE("]]>"));
    } else if (next == '!' || next == '?' || (next == '/' && after)) {
        html_advance(&s->rest, 2);
        html_skip_past_char(&s->rest, '>');
    } else {
        html_advance(&s->rest, 1);
    }
}

void html_scan(struct slice page, struct html_page *ret_page)
{
    memset(ret_page, 0, sizeof *ret_page);
    struct scanner scanner = {.rest = page, .page = ret_page};
    for (size_t at; (at = slice_find_char(scanner.rest, '<')) != SIZE_MAX;) {
        html_advance(&scanner.rest, at);
        scan_markup(&scanner);
    }
}

struct slice html_meta(struct arena *arena, const struct html_page *page, const char *name)
{
    for (size_t i = 0; i < page->meta_count; i++)
        if (slice_equal_nocase(page->metas[i].name, slice_from_cstr(name)))
            return html_decode_attribute(arena, page->metas[i].content);
    return (struct slice){0};
}
