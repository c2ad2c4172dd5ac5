// What the text says of people who are known already, wherever it says it: of visible hosts, and of
// those whom a phrase named without a title.
#include "extractor/prose/reading.h"

#include "lib/text/names.h"

// A page whose every line names everybody is nobody's description of an event.
enum { MAX_LINES_READ = 500 };

// The word that begins at this byte of the line; count when none does.
static size_t word_at(const struct words *words, size_t offset)
{
    size_t at = 0;
    while (at < words->count && words_offset(words, at) < offset)
        at++;
    return at < words->count && words_offset(words, at) == offset ? at : words->count;
}

static bool follows_founded(const struct words *words, size_t at)
{
    return at >= 2 && words_is(words, at - 1, "by") && words_is(words, at - 2, "founded");
}

// Does the line say what the person does, at the place where it names them?
static bool read_line(struct reading *reading, struct person *person, size_t offset)
{
    struct words *words = &reading->words;
    struct position position;
    *words = words_of(reading->arena, reading->line->text);
    size_t at = word_at(words, offset), behind = at + name_count_words(person->name);
    if (at == words->count || behind > words->count)
        return false;
    if (follows_founded(words, at)) {
        person->title = SLICE("Founder");
    } else if (entry_position_behind(reading, behind, &position)) {
        person->title = position.title;
        person->company = position.company;
    }
    return person->title.len || person->company.len;
}

void known_read(struct reading *reading)
{
    const struct record *record = reading->record;
    size_t read = 0;
    for (size_t i = 0; i < record->people_count; i++) {
        struct person *person = &reading->record->people[i];
        bool is_open =
            !person->title.len && !person->company.len && name_count_words(person->name) > 1;
        for (size_t k = 0; k < record->prose.count && is_open; k++) {
            reading->line = &record->prose.lines[k];
            size_t offset = slice_find(reading->line->text, person->name);
            if (offset == SIZE_MAX)
                continue;
            is_open = ++read < MAX_LINES_READ && !read_line(reading, person, offset);
        }
    }
}
