#include "extractor/page/text.h"

#include "extractor/page/hosts.h"
#include "extractor/page/html_tokens.h"
#include "extractor/page/html_tree.h"
#include "extractor/page/links.h"
#include "extractor/page/luma.h"
#include "extractor/page/place.h"
#include "extractor/page/reader.h"
#include "extractor/prose/markdown.h"
#include "lib/text/dates.h"

#include <string.h>

enum { BEGINNING = 4096, MAX_KEY = 32, MAX_TEXT = 512 * 1024 };

static const double HEADING_IS_NAME = 0.6, LINE_IS_PLACE = 0.5;

// ---- is it text?

// Tags that people write into Markdown.
static bool is_inline(enum html_tag tag)
{
    static const enum html_tag tags[] = {HTML_OTHER, HTML_A,  HTML_B,     HTML_BR,  HTML_CODE,
                                         HTML_EM,    HTML_HR, HTML_I,     HTML_IMG, HTML_S,
                                         HTML_SMALL, HTML_U,  HTML_STRONG};
    for (size_t i = 0; i < ARRAY_LEN(tags); i++)
        if (tags[i] == tag)
            return true;
    return false;
}

static struct slice without_mark(struct slice text)
{
    return slice_starts_with(text, SLICE("\xef\xbb\xbf")) ? slice_sub(text, 3, text.len) : text;
}

bool text_is_plain(struct slice bytes)
{
    struct slice rest = slice_sub(slice_trim(without_mark(bytes)), 0, BEGINNING);
    if (rest.len == 0 || strchr("<{[", rest.ptr[0]) || memchr(rest.ptr, '\0', rest.len))
        return false;
    for (size_t at; (at = slice_find_char(rest, '<')) != SIZE_MAX;) {
        html_advance(&rest, at + 1);
        struct slice tag = rest;
        if (rest.len && rest.ptr[0] == '!')
            return false;
        if (rest.len && html_is_letter(rest.ptr[0]) &&
            !is_inline(html_tag_of(html_take_tag_name(&tag))))
            return false;
    }
    return true;
}

// ---- what stands between the lines of dashes

enum key {
    KEY_ADDRESS,
    KEY_CITY,
    KEY_COUNTRY,
    KEY_DESCRIPTION,
    KEY_END_DATE,
    KEY_END_TIME,
    KEY_HOSTS,
    KEY_ID,
    KEY_IMAGE,
    KEY_LOCATION,
    KEY_LOCATION_TYPE,
    KEY_NAME,
    KEY_START_DATE,
    KEY_START_TIME,
    KEY_URL,
    KEY_VENUE,
    KEY_ZONE,
    KEY_COUNT,
};

// In lower case, without "_" and "-".
static const struct {
    const char *name;
    enum key key;
} keys[] = {
    {"address", KEY_ADDRESS},
    {"apiid", KEY_ID},
    {"city", KEY_CITY},
    {"country", KEY_COUNTRY},
    {"cover", KEY_IMAGE},
    {"coverimage", KEY_IMAGE},
    {"coverurl", KEY_IMAGE},
    {"date", KEY_START_DATE},
    {"description", KEY_DESCRIPTION},
    {"end", KEY_END_DATE},
    {"endat", KEY_END_DATE},
    {"enddate", KEY_END_DATE},
    {"ends", KEY_END_DATE},
    {"endsat", KEY_END_DATE},
    {"endtime", KEY_END_TIME},
    {"eventurl", KEY_URL},
    {"heroimage", KEY_IMAGE},
    {"host", KEY_HOSTS},
    {"hosts", KEY_HOSTS},
    {"image", KEY_IMAGE},
    {"imageurl", KEY_IMAGE},
    {"link", KEY_URL},
    {"location", KEY_LOCATION},
    {"locationtype", KEY_LOCATION_TYPE},
    {"name", KEY_NAME},
    {"organiser", KEY_HOSTS},
    {"organizer", KEY_HOSTS},
    {"rsvpbuttonurl", KEY_URL},
    {"rsvpurl", KEY_URL},
    {"start", KEY_START_DATE},
    {"startat", KEY_START_DATE},
    {"startdate", KEY_START_DATE},
    {"starts", KEY_START_DATE},
    {"startsat", KEY_START_DATE},
    {"starttime", KEY_START_TIME},
    {"summary", KEY_DESCRIPTION},
    {"time", KEY_START_TIME},
    {"timezone", KEY_ZONE},
    {"title", KEY_NAME},
    {"url", KEY_URL},
    {"venue", KEY_VENUE},
    {"venueaddress", KEY_ADDRESS},
    {"venuename", KEY_VENUE},
};

struct head {
    struct slice values[KEY_COUNT]; // the first of several
};

static void keep_value(struct head *head, struct slice name, struct slice value)
{
    char plain[MAX_KEY];
    size_t len = 0;
    for (size_t i = 0; i < name.len && len < MAX_KEY; i++)
        if (name.ptr[i] != '_' && name.ptr[i] != '-' && name.ptr[i] != ' ')
            plain[len++] = (char)(html_is_letter(name.ptr[i]) ? name.ptr[i] | 0x20 : name.ptr[i]);
    for (size_t i = 0; i < ARRAY_LEN(keys); i++)
        if (slice_equal((struct slice){plain, len}, slice_from_cstr(keys[i].name)) &&
            !head->values[keys[i].key].len)
            head->values[keys[i].key] = value;
}

// A value in quotes, with their escapes; "null" and "~" are none.
static struct slice unquote(struct arena *arena, struct slice text)
{
    text = slice_trim(text);
    if (slice_equal(text, SLICE("null")) || slice_equal(text, SLICE("~")))
        return (struct slice){0};
    char quote = text.len >= 2 ? text.ptr[0] : '\0';
    if ((quote != '"' && quote != '\'') || text.ptr[text.len - 1] != quote)
        return text;
    text = slice_sub(text, 1, text.len - 2);
    char *out = arena_alloc(arena, text.len + 1);
    size_t len = 0;
    for (size_t i = 0; i < text.len; i++) {
        bool escaped = text.ptr[i] == (quote == '"' ? '\\' : '\'') && i + 1 < text.len;
        i += escaped;
        out[len++] = (char)(escaped && quote == '"' && text.ptr[i] == 'n' ? ' ' : text.ptr[i]);
    }
    return slice_trim((struct slice){out, len});
}

static struct slice next_line(struct slice *rest)
{
    struct slice line = {0};
    slice_split_next(rest, '\n', &line);
    return slice_trim(line);
}

// Takes the head off *rest; what is not ended by a line of dashes is none.
static void take_head(struct arena *arena, struct slice *rest, struct head *ret_head)
{
    struct slice at = *rest;
    memset(ret_head, 0, sizeof *ret_head);
    if (!slice_equal(next_line(&at), SLICE("---")))
        return;
    struct head head = {0};
    for (size_t lines = 0; at.ptr && lines < TEXT_MAX_LINES; lines++) {
        struct slice line = next_line(&at);
        if (slice_equal(line, SLICE("---"))) {
            *ret_head = head;
            *rest = at.ptr ? at : SLICE("");
            return;
        }
        size_t colon = slice_find_char(line, ':');
        if (colon != SIZE_MAX)
            keep_value(&head, slice_trim(slice_sub(line, 0, colon)),
                       unquote(arena, slice_sub(line, colon + 1, line.len)));
    }
}

// ---- times

static bool take_number(struct slice *rest, int64_t *ret_number)
{
    size_t len = 0;
    while (len < rest->len && len < 2 && rest->ptr[len] >= '0' && rest->ptr[len] <= '9')
        len++;
    bool found = slice_to_int(slice_sub(*rest, 0, len), ret_number);
    html_advance(rest, len);
    return found;
}

// "18:00", "6:00 PM", "6pm".
static bool parse_clock(struct slice text, int64_t *ret_hour, int64_t *ret_minute)
{
    struct slice rest = slice_trim(text);
    *ret_minute = 0;
    if (!take_number(&rest, ret_hour))
        return false;
    bool colon = slice_starts_with(rest, SLICE(":"));
    if (colon) {
        html_advance(&rest, 1);
        if (!take_number(&rest, ret_minute))
            return false;
    }
    rest = slice_trim(rest);
    bool am = slice_equal_nocase(rest, SLICE("am")) || slice_equal_nocase(rest, SLICE("a.m."));
    bool pm = slice_equal_nocase(rest, SLICE("pm")) || slice_equal_nocase(rest, SLICE("p.m."));
    if ((am || pm) ? *ret_hour < 1 || *ret_hour > 12 : rest.len || !colon)
        return false;
    if (am || pm)
        *ret_hour = *ret_hour % 12 + (pm ? 12 : 0);
    return *ret_hour < 24 && *ret_minute < 60;
}

// A day and the time beside it, as one text; the day alone when it has a time or there is none.
static struct slice moment(struct arena *arena, struct slice day, struct slice clock)
{
    struct date_time date;
    char text[DATE_TEXT];
    int64_t hour, minute;
    if (!date_parse(day, &date) || date.has_time || !parse_clock(clock, &hour, &minute))
        return day;
    date_format(&date, text);
    return slice_from_cstr(arena_printf(arena, "%sT%02d:%02d:00", text, (int)hour, (int)minute));
}

static void read_times(const struct head *head, struct record *record)
{
    struct slice zone = head->values[KEY_ZONE], start = head->values[KEY_START_DATE],
                 end = head->values[KEY_END_DATE];
    if (zone_is_valid(zone))
        record_set_text(record, FIELD_TIMEZONE, METHOD_RULE, arena_slice(record->arena, zone));
    start = moment(record->arena, start, head->values[KEY_START_TIME]);
    if (!end.len && head->values[KEY_END_TIME].len)
        end = head->values[KEY_START_DATE];
    end = moment(record->arena, end, head->values[KEY_END_TIME]);
    if (start.len)
        reader_set_times(record, METHOD_RULE, start, end.len ? end : (struct slice){0},
                         record_text(record, FIELD_TIMEZONE));
}

// ---- the rest of the head

static struct slice line_of(const struct head *head, enum key key, struct record *record)
{
    return reader_clean_line(record->arena, head->values[key], READER_MAX_LINE);
}

// A name for people, not one for addresses ("ca--los-angeles").
static bool is_slug(struct slice text)
{
    for (size_t i = 0; i < text.len; i++)
        if (text.ptr[i] == ' ' || (unsigned char)text.ptr[i] >= 0x80 ||
            (text.ptr[i] >= 'A' && text.ptr[i] <= 'Z'))
            return false;
    return true;
}

static void read_place(const struct head *head, struct record *record)
{
    struct arena *arena = record->arena;
    struct slice venue = line_of(head, KEY_VENUE, record),
                 address = line_of(head, KEY_ADDRESS, record),
                 location = line_of(head, KEY_LOCATION, record),
                 city = line_of(head, KEY_CITY, record), type = head->values[KEY_LOCATION_TYPE];
    if (place_is_online(arena, location) || place_is_online(arena, venue) ||
        slice_equal_nocase(type, SLICE("online")))
        record_set_flag(record, FIELD_IS_ONLINE, METHOD_RULE, true);
    else if (slice_equal_nocase(type, SLICE("offline")))
        record_set_flag(record, FIELD_IS_ONLINE, METHOD_RULE, false);
    if (!place_is_hidden(arena, venue) && !place_is_online(arena, venue))
        record_set_text(record, place_is_street(arena, venue) ? FIELD_ADDRESS : FIELD_VENUE,
                        METHOD_RULE, venue);
    if (!place_is_hidden(arena, address))
        record_set_text(record, FIELD_ADDRESS, METHOD_RULE, address);
    if (!is_slug(city))
        record_set_text(record, FIELD_CITY, METHOD_RULE, city);
    reader_set_country(record, METHOD_RULE, line_of(head, KEY_COUNTRY, record));
    // One line may be anything from a venue to a country.
    if (venue.len == 0 && !place_is_hidden(arena, location) && !place_is_online(arena, location)) {
        record_set_text(record, FIELD_LOCATION, METHOD_RULE, location);
        record_doubt(record, FIELD_LOCATION, LINE_IS_PLACE);
    }
}

// A list of JSON objects as Luma's pages have them, or one name.
static void read_hosts(const struct head *head, struct record *record)
{
    struct slice text = head->values[KEY_HOSTS];
    if (text.len && text.ptr[0] == '[') {
        text = slice_from_cstr(arena_printf(record->arena, "{\"hosts\":%.*s}", SLICE_FMT(text)));
        luma_hosts_read(reader_parse_json(record, "hosts", text), record);
        return;
    }
    const struct host_context none = {0};
    const struct slice links[LINK_COUNT] = {0};
    struct host host = {.raw = reader_clean_line(record->arena, text, READER_MAX_NAME)};
    hosts_add(record, METHOD_RULE, &host, &none, links, (struct slice){0});
}

// Luma's editor begins each block with a zero-width space: in a name copied from its page, what is
// behind one is the line that followed.
static struct slice first_block(struct slice name)
{
    const struct slice mark = SLICE("\u200b");
    while (slice_starts_with(name, mark))
        name = slice_sub(name, mark.len, name.len);
    return slice_sub(name, 0, slice_find(name, mark));
}

static void read_head(const struct head *head, struct record *record)
{
    struct arena *arena = record->arena;
    struct slice id = line_of(head, KEY_ID, record);
    record_set_text(record, FIELD_NAME, METHOD_RULE,
                    reader_clean_line(arena, first_block(head->values[KEY_NAME]), READER_MAX_NAME));
    record_set_text(record, FIELD_URL, METHOD_RULE,
                    link_event(arena, link_http(arena, head->values[KEY_URL])));
    record_set_text(record, FIELD_IMAGE_URL, METHOD_RULE,
                    link_http(arena, head->values[KEY_IMAGE]));
    if (slice_starts_with(id, SLICE("evt-")) && id.len <= 40 &&
        slice_find_char(id, ' ') == SIZE_MAX)
        record_set_text(record, FIELD_LUMA_ID, METHOD_RULE, id);
    read_times(head, record);
    read_place(head, record);
    read_hosts(head, record);
}

// ---- the text

// The heading the document begins with, which is then no part of the description.
static void take_name(struct prose_document *prose, struct record *record)
{
    bool begins =
        prose->count > 0 && prose->lines[0].kind == PROSE_HEADING && prose->lines[0].level <= 2;
    if (!begins || record_has(record, FIELD_NAME))
        return;
    record_set_text(record, FIELD_NAME, METHOD_RULE,
                    reader_clean_line(record->arena, prose->lines[0].text, READER_MAX_NAME));
    record_doubt(record, FIELD_NAME, HEADING_IS_NAME);
    prose->lines++;
    prose->count--;
}

void text_read(const struct page_input *page, struct record *ret_record)
{
    struct head head;
    if (!text_is_plain(page->bytes))
        return;
    ret_record->method = METHOD_RULE;
    struct slice rest = slice_trim(without_mark(page->bytes));
    take_head(ret_record->arena, &rest, &head);
    struct prose_document prose = markdown_read(ret_record->arena, slice_sub(rest, 0, MAX_TEXT));
    read_head(&head, ret_record);
    take_name(&prose, ret_record);
    if (!record_has(ret_record, FIELD_NAME))
        return;
    ret_record->kind = PAGE_EVENT;
    if (prose.count == 0)
        prose = markdown_read(ret_record->arena, head.values[KEY_DESCRIPTION]);
    record_set_prose(ret_record, METHOD_RULE, prose);
}
