// One schema.org Event.
#include "extractor/page/hosts.h"
#include "extractor/page/html_prose.h"
#include "extractor/page/json_ld.h"
#include "extractor/page/links.h"
#include "extractor/prose/markdown.h"
#include "lib/json/json.h"
#include "lib/text/dates.h"
#include "lib/text/names.h"

#include <math.h>
#include <string.h>
#include <unicode/ucurr.h>
#include <unicode/ustring.h>

enum { MAX_PARTIES = 100, MAX_DESCRIPTION_BYTES = 512 * 1024 };

static const double MAX_PRICE = 1e9;

// Texts of other sites are often HTML text put into JSON as it was.
static struct slice decoded(const struct page_input *page, struct arena *arena, struct slice text)
{
    return page->is_luma ? text : html_decode_text(arena, text);
}

// ---- times and status

static void read_times(yyjson_val *event, struct record *record)
{
    reader_set_times(record, record->method, json_ld_text(event, "startDate"),
                     json_ld_text(event, "endDate"), (struct slice){0});
    struct date_duration duration;
    int64_t ends_at;
    if (record_has(record, FIELD_STARTS_AT) && !record_has(record, FIELD_ENDS_AT) &&
        duration_parse(json_ld_text(event, "duration"), &duration) &&
        instant_add(record->fields[FIELD_STARTS_AT].integer, duration, &ends_at))
        record_set_instant(record, FIELD_ENDS_AT, record->method, ends_at);
}

static const struct {
    const char *name, *status;
} statuses[] = {
    {"EventScheduled", "scheduled"},   {"EventCancelled", "cancelled"},
    {"EventCanceled", "cancelled"},    {"EventPostponed", "postponed"},
    {"EventRescheduled", "scheduled"}, {"EventMovedOnline", "scheduled"},
};

static void read_status(yyjson_val *event, struct record *record)
{
    struct slice name = json_ld_local_name(json_ld_text(event, "eventStatus"));
    for (size_t i = 0; i < ARRAY_LEN(statuses); i++)
        if (slice_equal(name, slice_from_cstr(statuses[i].name)))
            record_set_cstr(record, FIELD_STATUS, record->method, statuses[i].status);
    if (slice_equal(name, SLICE("EventMovedOnline")))
        record_set_flag(record, FIELD_IS_ONLINE, record->method, true);
}

static void read_mode(yyjson_val *event, struct record *record)
{
    struct slice mode = json_ld_local_name(json_ld_text(event, "eventAttendanceMode"));
    if (slice_starts_with(mode, SLICE("Online")) || slice_starts_with(mode, SLICE("Mixed")))
        record_set_flag(record, FIELD_IS_ONLINE, record->method, true);
    else if (slice_starts_with(mode, SLICE("Offline")))
        record_set_flag(record, FIELD_IS_ONLINE, record->method, false);
}

// ---- offers

struct offers {
    double lowest; // NaN: none
    struct slice currency;
    size_t count, told, sold_out; // told: whether there are any left
};

static void add_offer(struct offers *offers, yyjson_val *offer)
{
    double price = json_ld_number(offer, "price");
    if (isnan(price))
        price = json_ld_number(offer, "lowPrice");
    struct slice availability = json_ld_local_name(json_ld_text(offer, "availability"));
    offers->count++;
    offers->told += availability.len > 0;
    offers->sold_out += slice_equal(availability, SLICE("SoldOut")) ||
                        slice_equal(availability, SLICE("OutOfStock"));
    if (!(price >= 0 && price <= MAX_PRICE) || (!isnan(offers->lowest) && offers->lowest <= price))
        return;
    offers->lowest = price;
    offers->currency = json_ld_text(offer, "priceCurrency");
}

static bool currency_code(struct slice text, char ret_code[static 4])
{
    text = slice_trim(text);
    for (size_t i = 0; i < text.len && i < 3; i++) {
        ret_code[i] = (char)(text.ptr[i] & ~0x20);
        if (ret_code[i] < 'A' || ret_code[i] > 'Z')
            return false;
    }
    ret_code[3] = '\0';
    return text.len == 3;
}

// Money in the currency's minor units: 25.5 USD is 2550, 2500 JPY is 2500.
static int64_t minor_units(double price, const char *currency)
{
    UChar wide[4];
    UErrorCode status = U_ZERO_ERROR;
    u_charsToUChars(currency, wide, 4);
    int32_t digits = ucurr_getDefaultFractionDigits(wide, &status);
    return llround(price * pow(10, U_SUCCESS(status) && digits >= 0 ? digits : 2));
}

// true, "True" or "https://schema.org/True": a boolean of JSON, or what markup makes of it.
static void read_free_flag(yyjson_val *event, struct record *record)
{
    yyjson_val *value = yyjson_obj_get(event, "isAccessibleForFree");
    struct slice text = json_ld_local_name(slice_trim(json_ld_text(event, "isAccessibleForFree")));
    if (yyjson_is_bool(value))
        record_set_flag(record, FIELD_IS_FREE, record->method, yyjson_get_bool(value));
    else if (slice_equal_nocase(text, SLICE("true")) || slice_equal_nocase(text, SLICE("false")))
        record_set_flag(record, FIELD_IS_FREE, record->method, text.len == 4);
}

static void read_offers(const struct page_input *page, yyjson_val *event, struct record *record)
{
    yyjson_val *value = yyjson_obj_get(event, "offers"), *offer;
    struct offers offers = {.lowest = NAN};
    size_t index, count;
    char currency[4];
    if (yyjson_is_obj(value))
        add_offer(&offers, value);
    yyjson_arr_foreach (value, index, count, offer) {
        if (yyjson_is_obj(offer))
            add_offer(&offers, offer);
    }
    read_free_flag(event, record);
    if (offers.lowest == 0)
        record_set_flag(record, FIELD_IS_FREE, record->method, true);
    if (offers.lowest > 0 && currency_code(offers.currency, currency)) {
        record_set_flag(record, FIELD_IS_FREE, record->method, false);
        record_set_integer(record, FIELD_PRICE_CENTS, record->method,
                           minor_units(offers.lowest, currency));
        record_set_text(record, FIELD_PRICE_CURRENCY, record->method,
                        arena_slice(record->arena, slice_from_cstr(currency)));
    }
    // Luma says InStock of full events too.
    if (offers.told && (offers.sold_out == offers.count || !page->is_luma))
        record_set_flag(record, FIELD_SOLD_OUT, record->method, offers.sold_out == offers.count);
}

// ---- people and companies

// Where else a person is found.
static void read_same_as(const struct page_input *page, yyjson_val *person, struct arena *arena,
                         struct slice *ret_links)
{
    yyjson_val *value = yyjson_obj_get(person, "sameAs"), *item;
    size_t index, count;
    struct slice url = reader_resolve(page, arena, json_ld_url(person, "sameAs"));
    if (!yyjson_is_arr(value) && url.len && !ret_links[link_kind(arena, url)].len)
        ret_links[link_kind(arena, url)] = url;
    yyjson_arr_foreach (value, index, count, item) {
        struct slice text = {yyjson_get_str(item), yyjson_get_len(item)};
        url = index < LINK_COUNT ? link_http(arena, text) : (struct slice){0};
        if (url.len && !ret_links[link_kind(arena, url)].len)
            ret_links[link_kind(arena, url)] = url;
    }
}

// "jobTitle" and "worksFor" of a person, where the name does not say them.
static void read_position(yyjson_val *value, struct arena *arena, struct person *person)
{
    if (!person->title.len)
        person->title = reader_clean_line(arena, json_ld_text(value, "jobTitle"), READER_MAX_NAME);
    if (!person->company.len)
        person->company =
            reader_clean_line(arena, json_ld_text(value, "worksFor"), READER_MAX_NAME);
    if (!person->company.len)
        person->company =
            reader_clean_line(arena, json_ld_text(value, "affiliation"), READER_MAX_NAME);
}

static struct host party_of(const struct page_input *page, yyjson_val *value, struct arena *arena,
                            struct slice *ret_links)
{
    struct slice name = yyjson_is_str(value)
                            ? (struct slice){yyjson_get_str(value), yyjson_get_len(value)}
                            : json_ld_text(value, "name");
    struct slice url = link_http(arena, json_ld_url(value, "url"));
    struct host party = {.raw =
                             reader_clean_line(arena, decoded(page, arena, name), READER_MAX_NAME)};
    if (link_is_luma(arena, url))
        ret_links[LINK_LUMA] = link_event(arena, url); // the address of the user, without its query
    else
        party.website = ret_links[LINK_WEBSITE] = url;
    // Luma types every host as an organisation.
    party.is_typed_person = !page->is_luma && json_ld_is(value, "Person");
    if (party.is_typed_person)
        read_same_as(page, value, arena, ret_links);
    party.is_typed_organization = !page->is_luma && yyjson_is_obj(value) && !party.is_typed_person;
    return party;
}

typedef void add_party(struct record *record, yyjson_val *value, struct host *party,
                       const struct slice *links);

static void add_organizer(struct record *record, yyjson_val *value, struct host *party,
                          const struct slice *links)
{
    const struct host_context none = {0};
    (void)value;
    hosts_add(record, record->method, party, &none, links, (struct slice){0});
}

static void add_performer(struct record *record, yyjson_val *value, struct host *party,
                          const struct slice *links)
{
    if (!party->is_typed_person)
        return;
    struct person_name name = name_split_person(record->arena, party->raw);
    struct person person = {.name = name.name,
                            .company = name.company,
                            .title = name.title,
                            .role = "speaker",
                            .evidence = party->raw,
                            .method = record->method,
                            .confidence = 0.7};
    memcpy(person.links, links, sizeof person.links);
    read_position(value, record->arena, &person);
    record_add_person(record, person);
}

static void add_sponsor(struct record *record, yyjson_val *value, struct host *party,
                        const struct slice *links)
{
    (void)value;
    if (party->is_typed_person)
        return;
    struct company company = {.name = name_clean_company(record->arena, party->raw),
                              .domain = link_domain(record->arena, party->website),
                              .relationship = "sponsor",
                              .evidence = party->raw,
                              .method = record->method,
                              .confidence = 0.85};
    memcpy(company.links, links, sizeof company.links);
    record_add_company(record, company);
}

// Luma's performers are a copy of its organizers, and it has no sponsors.
static const struct {
    const char *property;
    add_party *add;
    bool on_luma;
} parties[] = {
    {"organizer", add_organizer, true},
    {"performer", add_performer, false},
    {"performers", add_performer, false},
    {"sponsor", add_sponsor, false},
};

static void read_party(const struct page_input *page, yyjson_val *value, struct record *record,
                       add_party *add)
{
    struct slice links[LINK_COUNT] = {0};
    struct host party = party_of(page, value, record->arena, links);
    if (party.raw.len)
        add(record, value, &party, links);
}

static void read_parties(const struct page_input *page, yyjson_val *event, struct record *record)
{
    for (size_t i = 0; i < ARRAY_LEN(parties); i++) {
        yyjson_val *value = yyjson_obj_get(event, parties[i].property), *item;
        size_t index, count;
        if (page->is_luma && !parties[i].on_luma)
            continue;
        if (!yyjson_is_arr(value))
            read_party(page, value, record, parties[i].add);
        yyjson_arr_foreach (value, index, count, item) {
            if (index < MAX_PARTIES)
                read_party(page, item, record, parties[i].add);
        }
    }
}

// ---- the rest

// BCP 47 in its short forms: "en", "pt-BR".
static void read_language(yyjson_val *event, struct record *record)
{
    struct slice text = slice_trim(json_ld_text(event, "inLanguage"));
    size_t dash = slice_find_char(text, '-');
    size_t primary = dash == SIZE_MAX ? text.len : dash;
    for (size_t i = 0; i < text.len; i++)
        if (i != dash && ((text.ptr[i] | 0x20) < 'a' || (text.ptr[i] | 0x20) > 'z'))
            return;
    if ((primary == 2 || primary == 3) && (dash == SIZE_MAX || text.len - dash == 3))
        record_set_text(record, FIELD_LANGUAGE, record->method, arena_slice(record->arena, text));
}

// Plain text, Markdown, HTML, or HTML written as text.
static void read_description(const struct page_input *page, yyjson_val *event,
                             struct record *record)
{
    struct arena *arena = record->arena;
    struct slice text = slice_sub(json_ld_text(event, "description"), 0, MAX_DESCRIPTION_BYTES);
    struct slice plain = decoded(page, arena, text);
    if (page->is_luma || (!html_prose_is_markup(text) && !html_prose_is_markup(plain)))
        record_set_prose(record, record->method, markdown_read(arena, plain));
    else
        record_set_prose(record, record->method,
                         html_prose_read(arena, html_prose_is_markup(text) ? text : plain));
}

void json_ld_event_read(const struct page_input *page, yyjson_val *event, struct record *record)
{
    struct arena *arena = record->arena;
    struct slice name = decoded(page, arena, json_ld_text(event, "name"));
    record_set_text(record, FIELD_NAME, record->method,
                    reader_clean_line(arena, name, READER_MAX_NAME));
    read_description(page, event, record);
    record_set_text(record, FIELD_URL, record->method, json_ld_event_url(page, arena, event));
    record_set_text(record, FIELD_IMAGE_URL, record->method,
                    reader_resolve(page, arena, json_ld_url(event, "image")));
    read_times(event, record);
    read_status(event, record);
    read_mode(event, record);
    read_offers(page, event, record);
    read_language(event, record);
    json_ld_place_read(event, record);
    read_parties(page, event, record);
}
