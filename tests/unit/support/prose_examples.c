#include "support/prose_examples.h"

#include "extractor/prose/markdown.h"
#include "extractor/prose/prose.h"
#include "lib/base/buffer.h"
#include "support/arena_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct record prose_event(const char *name, const char *text)
{
    struct record record;
    record_init(&record, arena);
    record.kind = PAGE_EVENT;
    record_set_cstr(&record, FIELD_NAME, METHOD_NEXT_DATA, name);
    record_set_prose(&record, METHOD_NEXT_DATA, markdown_read(arena, slice_from_cstr(text)));
    prose_read(&record);
    return record;
}

static void append_slice(struct buffer *out, const char *before, struct slice text)
{
    if (!text.len)
        return;
    buffer_append_cstr(out, before);
    buffer_append(out, text);
}

// "speaker Ada Byron, Founder @ Acme; host [Acme]": people first, companies in brackets.
const char *prose_found(const struct record *record)
{
    struct buffer out CLEANUP(buffer_done);
    buffer_init(&out, 64 * 1024);
    for (size_t i = 0; i < record->people_count; i++) {
        const struct person *person = &record->people[i];
        buffer_append_cstr(&out, out.len ? "; " : "");
        buffer_printf(&out, "%s %.*s", person->role, SLICE_FMT(person->name));
        append_slice(&out, ", ", person->title);
        append_slice(&out, " @ ", person->company);
    }
    for (size_t i = 0; i < record->companies_count; i++) {
        const struct company *company = &record->companies[i];
        buffer_append_cstr(&out, out.len ? "; " : "");
        buffer_printf(&out, "%s [%.*s]", company->relationship, SLICE_FMT(company->name));
    }
    return arena_cstr(arena, buffer_slice(&out));
}

void prose_check(const char *name, const struct example *examples, size_t count)
{
    size_t wrong = 0; // all are shown, not the first alone
    for (size_t i = 0; i < count; i++) {
        struct record record = prose_event(name, examples[i].text);
        const char *found = prose_found(&record);
        if (strcmp(found, examples[i].found) == 0)
            continue;
        print_error("of: %s\n    found: %s\n    wanted: %s\n", examples[i].text, found,
                    examples[i].found);
        wrong++;
    }
    assert_int_equal(wrong, 0);
}
