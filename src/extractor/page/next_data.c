// __NEXT_DATA__, the state of a Next.js page: {"page", "query", "props": {"pageProps":
// {"initialData": {"kind", "data"}}}}. Luma puts there all that its own page shows.
#include "extractor/page/luma.h"
#include "extractor/page/reader.h"
#include "lib/json/json.h"

static const struct {
    const char *kind;
    enum page_kind page;
} kinds[] = {
    {"event", PAGE_EVENT},
    {"calendar", PAGE_CALENDAR},
    {"user", PAGE_PROFILE},
    {"profile", PAGE_PROFILE},
    {"discover-place", PAGE_NOT_EVENT},
    {"discover-category", PAGE_NOT_EVENT},
    {"category", PAGE_NOT_EVENT},
};

static enum page_kind kind_of(const struct page_input *page, yyjson_val *root, yyjson_val *initial)
{
    struct slice kind = json_get_text(initial, "kind");
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
        if (slice_equal(kind, slice_from_cstr(kinds[i].kind)))
            return kinds[i].page;
    // The name of the kind may change; what an event is stays.
    if (slice_starts_with(json_get_text(initial, "data.event.api_id"), SLICE("evt-")))
        return PAGE_EVENT;
    if (page->is_luma && slice_starts_with(json_get_text(root, "page"), SLICE("/user")))
        return PAGE_PROFILE;
    return page->is_luma && initial ? PAGE_NOT_EVENT : PAGE_UNKNOWN;
}

void next_data_read(const struct page_input *page, struct record *ret_record)
{
    ret_record->method = METHOD_NEXT_DATA;
    if (!page->html->next_data.ptr)
        return;
    yyjson_val *root = reader_parse_json(ret_record, "next_data", page->html->next_data);
    yyjson_val *initial = json_get(root, "props.pageProps.initialData");
    yyjson_val *data = json_get(initial, "data");
    ret_record->kind = kind_of(page, root, initial);
    if (ret_record->kind == PAGE_EVENT && yyjson_is_obj(json_get(data, "event")))
        luma_event_read(data, ret_record);
    else if (ret_record->kind == PAGE_EVENT)
        ret_record->kind = PAGE_UNKNOWN; // says so, but holds none
    else if (ret_record->kind != PAGE_UNKNOWN)
        luma_list_read(initial, ret_record);
}
