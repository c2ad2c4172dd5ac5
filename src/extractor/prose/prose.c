#include "extractor/prose/prose.h"

#include "extractor/prose/line.h"
#include "extractor/prose/phrase.h"
#include "extractor/prose/reading.h"
#include "extractor/prose/settle.h"
#include "lib/text/lexicon.h"

#include <string.h>

enum {
    LABEL_WORDS = 9, // at most, in front of a colon
    SHORT_LINE = 12,
    LONG_LINE = 30,
    MAX_MISSES = 3, // paragraphs in a section that are no entries, before it is over
    NO_LEVEL = 7,   // of labels that are no headings
};

// Least scores of names (name.h), by where they stand.
static const double LISTED = -0.8, LISTED_IN_TEXT = 0.6, UNLABELLED = 0.6, BEHIND_COLON = 1.0,
                    IN_TEXT = NAME_SURE, BEHIND_TITLE = 1.5;

// How the entries of a section are set apart; once known, the others must be alike.
enum style { STYLE_ANY, STYLE_PLAIN, STYLE_ITEM, STYLE_SPAN };

struct section {
    struct label label;
    int level;
    int misses, hits;
    enum style style;
};

struct state {
    struct reading reading;
    struct section section;
    bool event_is_panel, slot_is_panel;
    bool in_slot;       // of the agenda
    size_t open_person; // index + 1 of somebody whose position may be on the next line
    const struct prose_line *open_line; // theirs
    const struct prose_line *name_line; // the line before, when a name is all of it
};

static enum style style_of(const struct state *state, size_t from)
{
    if (reading_span_end(&state->reading, from, 12, false) > from)
        return STYLE_SPAN;
    return state->reading.line->kind == PROSE_ITEM ? STYLE_ITEM : STYLE_PLAIN;
}

// ---- sections

static const char *role_in(const struct state *state, const char *role)
{
    // Those listed as speakers of a panel are its panelists.
    if (role && strcmp(role, "speaker") == 0 && (state->slot_is_panel || state->event_is_panel))
        return "panelist";
    return role;
}

static void enter(struct state *state, struct label label, const struct prose_line *line)
{
    state->section = (struct section){
        .label = label, .level = line->kind == PROSE_HEADING ? line->level : NO_LEVEL};
    state->open_person = 0;
}

static void leave(struct state *state)
{
    state->section = (struct section){0};
    state->open_person = 0;
}

// Does something stand below its label that is read?
static bool is_open(const struct section *section)
{
    return section->label.kind == LABEL_PEOPLE || section->label.kind == LABEL_COMPANY ||
           section->label.kind == LABEL_PLACE;
}

static bool read_entry(struct state *state, struct label label, size_t from, double needed)
{
    struct reading *reading = &state->reading;
    size_t people = reading->record->people_count;
    if (label.kind == LABEL_PLACE)
        return venue_read_line(reading, from);
    const struct entry_rule rule = {
        .role = role_in(state, label.role), .needed = needed, .is_mixed = label.relation != NULL};
    if (label.kind == LABEL_PEOPLE && entry_read_people(reading, from, rule)) {
        const struct record *record = reading->record;
        bool is_new = record->people_count == people + 1;
        const struct person *last = is_new ? &record->people[people] : NULL;
        state->open_person = last && !last->title.len && !last->company.len ? people + 1 : 0;
        state->open_line = reading->line;
        return true;
    }
    size_t behind;
    if (!label.relation || !entry_read_companies(reading, from, label.relation, &behind))
        return false;
    if (behind && label.kind == LABEL_PEOPLE)
        entry_read_people(
            reading, behind,
            (struct entry_rule){.role = role_in(state, label.role), .needed = IN_TEXT});
    return true;
}

// Is the line the next entry of the same list as the one before?
static bool is_sibling(const struct prose_line *above, const struct prose_line *line)
{
    return above && above->kind == PROSE_ITEM && line->kind == PROSE_ITEM &&
           above->level == line->level && !line->continues;
}

// A title or company on the line below the name.
static bool complete_person(struct state *state)
{
    struct reading *reading = &state->reading;
    if (state->open_person == 0)
        return false;
    struct person *person = &reading->record->people[state->open_person - 1];
    state->open_person = 0;
    struct found_name name;
    // The next one of the list, with a position of their own.
    if (name_find(reading->arena, &reading->words, 0, &name) && !name.is_alone &&
        (is_sibling(state->open_line, reading->line) || (name.is_known && name.score >= IN_TEXT)) &&
        words_gap_after(&reading->words, name.to - 1) != GAP_SPACE)
        return false;
    struct position position = position_read(reading->arena, &reading->words, 0);
    if (!position.is_strong || position.to == 0)
        return false;
    person->title = position.title;
    person->company = position.company;
    person->confidence = person->confidence < SURE ? person->confidence + 0.1 : SURE;
    return true;
}

// "Powered by Acme" below a list: a sentence, no entry.
static bool begins_giving(const struct words *words, size_t from)
{
    size_t end;
    const struct phrase *phrase = phrase_find(words, from, &end);
    return phrase && phrase->relation && end < words->count;
}

// "The talk is moderated by Ada Byron" below a list of the panel: a role of its own.
static bool says_other_role(const struct words *words, size_t from)
{
    for (size_t at = from, end; at < words->count; at++) {
        const struct phrase *phrase = phrase_find(words, at, &end);
        if (phrase && phrase->role && strcmp(phrase->role, "speaker") != 0)
            return true;
    }
    return false;
}

// A line below a label.
static bool read_listed(struct state *state, size_t from)
{
    struct section *section = &state->section;
    const struct prose_line *line = state->reading.line;
    enum style style = style_of(state, from);
    bool is_text = style == STYLE_PLAIN && state->reading.words.count > SHORT_LINE;
    if (!is_open(section) || begins_giving(&state->reading.words, from) ||
        line_has_word(&state->reading.words, "tba") ||
        line_has_word(&state->reading.words, "tbd") ||
        line_has_word(&state->reading.words, "available"))
        return false;
    if (complete_person(state))
        return true;
    bool alike = section->style == STYLE_ANY || style == section->style ||
                 (section->style == STYLE_ITEM && line->kind == PROSE_ITEM) ||
                 (section->style == STYLE_PLAIN && style != STYLE_PLAIN);
    bool is_company = section->label.kind != LABEL_PEOPLE;
    // "**Accessibility**" below a plain list of companies begins another part.
    if (is_company && section->style == STYLE_PLAIN && section->hits && prose_is_bold(line))
        return false;
    // An address below a name says no more.
    if (section->hits && state->reading.words.count == 1 && state->reading.words.items[0].has_dot)
        return false;
    if ((is_company && is_text) || (is_company && !alike))
        return false;
    struct label label = section->label;
    double needed = label.is_title ? BEHIND_TITLE : !alike || is_text ? LISTED_IN_TEXT : LISTED;
    // A paragraph behind entries that stood out is no further company.
    if (is_text && !alike)
        label.relation = NULL;
    // Below "Talks:" a title stands in front of who gives it.
    bool is_talk = label.is_title && label.kind == LABEL_PEOPLE &&
                   state->reading.words.count <= LONG_LINE &&
                   !says_other_role(&state->reading.words, from);
    if (!read_entry(state, label, from, needed) &&
        !(is_talk && entry_read_slot(&state->reading, from, role_in(state, label.role), false)))
        return false;
    if (section->style == STYLE_ANY)
        section->style = style;
    section->hits++;
    section->misses = 0;
    return true;
}

// "Founders of companies that join:" begins something else than what was listed so far.
static bool begins_other_list(const struct state *state)
{
    return state->reading.words.end == GAP_COLON && state->reading.words.count >= 3 &&
           state->section.hits > 0 && state->section.level == NO_LEVEL;
}

static void count_miss(struct state *state)
{
    struct section *section = &state->section;
    if (!is_open(section))
        return;
    bool is_block = !state->reading.line->continues && state->reading.line->kind != PROSE_ITEM;
    section->misses += is_block;
    int allowed = section->level < NO_LEVEL ? 2 * MAX_MISSES : MAX_MISSES;
    if (section->misses > allowed || section->label.kind == LABEL_PLACE)
        leave(state);
}

// ---- lines

// "Gold: Acme" below "Sponsors": a common word says in which way.
static bool is_tier(const struct state *state, size_t from, size_t colon)
{
    bool common = state->section.label.kind == LABEL_COMPANY && colon <= from + 2;
    for (size_t i = from; i < colon && common; i++)
        common = state->reading.words.items[i].lexicon & LEXICON_WORD;
    return common && reading_span_end(&state->reading, from, LABEL_WORDS, true) == from;
}

// "Moderator: Ada Byron, Acme", "Sponsors: Acme, Engines", "Panel: what comes next". Returns whether
// the line is done with.
static bool read_inline_label(struct state *state, size_t from, size_t colon)
{
    struct label label = label_read(&state->reading.words, from, colon, true);
    if (!label.kind && is_tier(state, from, colon))
        return read_entry(state, state->section.label, colon, LISTED);
    if (label.kind == LABEL_NONE || label.kind == LABEL_SKIP || label.kind == LABEL_OTHER)
        return false;
    // What stands behind the label decides whether it is one.
    struct section outer = state->section;
    state->slot_is_panel |= label.role && strcmp(label.role, "panelist") == 0;
    if (read_entry(state, label, colon, label.is_title ? BEHIND_TITLE : LISTED)) {
        // "Speakers: Ada Byron on looms; Augusta King on engines"
        for (size_t i = colon + 1; i < state->reading.words.count && !label.is_one; i++)
            if (words_gap_has(&state->reading.words, i, ';'))
                read_entry(state, label, i, LISTED);
        // "Speakers: Ada Byron" may go on below.
        if (!label.is_one && label.kind == LABEL_PEOPLE && !outer.label.kind)
            enter(state, label, state->reading.line);
        return true;
    }
    if (!label.is_one && label.kind == LABEL_PEOPLE)
        enter(state, label, state->reading.line);
    return false;
}

// "Venue sponsor: Acme. Food sponsor: Engines", "Panel: Who pays? | Moderator: Ada Byron"
static bool read_inline_labels(struct state *state, size_t from, size_t colon)
{
    const struct words *words = &state->reading.words;
    bool found = read_inline_label(state, from, colon);
    for (size_t i = colon + 1; i < words->count; i++) {
        bool begins = words->items[i].gap == GAP_STOP || words->items[i].gap == GAP_PIPE;
        size_t next = begins ? line_colon(words, i) : 0;
        if (next && label_read(words, i, next, true).is_sure)
            found |= read_inline_label(state, i, next);
    }
    return found;
}

// "**Gold** Acme, Engines" below "Sponsors": the word behind the tier, or `from`.
static size_t skip_tier(const struct state *state, size_t from)
{
    const struct words *words = &state->reading.words;
    size_t tier = reading_span_end(&state->reading, from, 2, false);
    static const char *const list[] = {"diamond", "platinum",  "gold",     "silver",
                                       "bronze",  "title",     "headline", "presenting",
                                       "premier", "supporting"};
    bool is_tier = tier > from && tier < words->count && WORDS_IS_ONE_OF(words, from, list);
    return is_tier && state->section.label.kind == LABEL_COMPANY ? tier : from;
}

static const char *default_role(const struct state *state)
{
    return role_in(state, "speaker");
}

// An entry under no label: "Ada Byron, Founder at Acme" as an item, bold, linked or short.
static bool read_unlabelled(struct state *state, size_t from)
{
    struct reading *reading = &state->reading;
    bool stands_out = style_of(state, from) != STYLE_PLAIN ||
                      reading->words.count - from <= SHORT_LINE ||
                      reading->line->kind == PROSE_HEADING;
    bool is_sentence = reading->words.count > LONG_LINE;
    if (!stands_out && is_sentence)
        return false;
    return entry_read_people(reading, from,
                             (struct entry_rule){.role = default_role(state),
                                                 .needed = stands_out ? UNLABELLED : IN_TEXT,
                                                 .needs_position = true});
}

static void read_heading(struct state *state, size_t from)
{
    const struct prose_line *line = state->reading.line;
    int level = line->kind == PROSE_HEADING ? line->level : NO_LEVEL;
    state->slot_is_panel = line_names_panel(&state->reading.words);
    if (read_listed(state, from) || read_unlabelled(state, from))
        return;
    // A heading of its own ends what was before; a deeper one may be a part of it.
    if (level <= state->section.level)
        leave(state);
}

// A line that is a label and nothing else begins a section.
static bool read_label(struct state *state, size_t from, bool heading)
{
    const struct words *words = &state->reading.words;
    bool in_front = heading || words->end == GAP_COLON || words->end == GAP_COMMA;
    struct label label = label_read(words, from, words->count, in_front);
    if (!label.kind && words->end == GAP_COLON)
        label = label_in_sentence(words);
    if (!label.kind && (words->end == GAP_SPACE || words->end == GAP_COLON))
        label = mention_label(words, from);
    if (!label.kind || (!in_front && !label.is_sure))
        return false;
    // "Ada Byron — Moderator" is no label.
    if (!label.is_sure && label.kind == LABEL_PEOPLE && read_unlabelled(state, from))
        return true;
    // "Gold sponsor: $500" is on offer, and so is what follows.
    if (label.kind == LABEL_COMPANY && line_has_price(words))
        label = (struct label){.kind = LABEL_SKIP};
    bool of_people = label.role && strcmp(label.role, "host") != 0;
    if (of_people && (strcmp(label.role, "panelist") == 0 || line_names_panel(words)))
        state->slot_is_panel = true;
    else if (heading && (!of_people || label.is_title))
        state->slot_is_panel = false;
    enter(state, label, state->reading.line);
    return true;
}

static bool read_text(struct state *state, size_t from, size_t colon)
{
    struct reading *reading = &state->reading;
    const struct entry_rule behind_colon = {
        .role = default_role(state), .needed = BEHIND_COLON, .needs_position = true};
    if (read_listed(state, from))
        return true;
    if (state->section.label.kind == LABEL_SKIP)
        return false;
    return read_unlabelled(state, from) || entry_read_row(reading, from, default_role(state)) ||
           venue_read_address(reading, from) ||
           (colon && entry_read_row(reading, colon, default_role(state))) ||
           (colon && entry_read_people(reading, colon, behind_colon));
}

static void read_sentences(struct state *state, size_t from)
{
    struct reading *reading = &state->reading;
    mention_read(reading, from);
    giving_read(reading, from);
    appearance_read(reading, from);
    venue_read_sentences(reading, from);
}

// What a line says in its text: phrases, sentences, and of a slot or a short line the name in it.
static bool read_phrases(struct state *state, size_t from, bool heading)
{
    struct reading *reading = &state->reading;
    size_t before = reading->added;
    read_sentences(state, from);
    if (reading->added > before)
        return true;
    if (heading)
        return false;
    return (reading->words.count <= LONG_LINE &&
            entry_read_slot(reading, from, default_role(state), !state->in_slot)) ||
           appearance_read_bold(reading, from);
}

static bool is_name_alone(struct state *state)
{
    const struct words *words = &state->reading.words;
    struct found_name name;
    return name_find(state->reading.arena, words, 0, &name) && !name.is_alone && name.is_known &&
           name.score >= IN_TEXT && name.to == words->count;
}

// A name that is all of a line, and a position that is all of the next, under no label.
static bool read_two_lines(struct state *state)
{
    struct reading *reading = &state->reading;
    const struct prose_line *above = state->name_line, *line = reading->line;
    state->name_line = !state->section.label.kind && is_name_alone(state) ? line : NULL;
    if (!above || state->section.label.kind)
        return false;
    struct position position = position_read(reading->arena, &reading->words, 0);
    if (!position.is_strong || position.to < reading->words.count)
        return false;
    struct words words = reading->words;
    reading->line = above;
    reading->words = words_of(reading->arena, above->text);
    reading_add_person(reading, 0, reading->words.count, &position, default_role(state), SURE);
    reading->line = line;
    reading->words = words;
    return true;
}

static void read_line(struct state *state, const struct prose_line *line)
{
    struct reading *reading = &state->reading;
    struct words *words = &reading->words;
    reading->line = line;
    *words = words_of(reading->arena, line->text);
    if (words->count == 0 || line_is_table_head(words))
        return;
    size_t from = line_skip_times(words);
    bool heading = line_is_heading(line, words), is_slot = from > 0 && from < words->count;
    from += from == 0 && line_is_numbered(words);
    size_t colon = line_colon(words, from);
    if (!colon)
        colon = line_label_dash(words, from);
    if (line->after_rule && state->section.level == NO_LEVEL)
        leave(state);
    if (is_slot)
        state->slot_is_panel = line_names_panel(words);
    // Items below a slot belong to it.
    state->in_slot = is_slot || (state->in_slot && line->kind == PROSE_ITEM);
    reading->is_general =
        is_open(&state->section) && state->section.level < NO_LEVEL && !state->in_slot;
    if (read_two_lines(state) || read_label(state, from, heading))
        return;
    from = skip_tier(state, from);
    if (slice_starts_with(line->text, SLICE("\U0001F4CD")) && !colon &&
        venue_read_pinned(reading, from))
        return;
    if (begins_other_list(state))
        leave(state);
    size_t start = colon ? line_sentence_start(words, from, colon) : from;
    if (colon && read_inline_labels(state, start, colon)) {
        read_sentences(state, start > from ? from : colon);
        return;
    }
    if (heading && !colon && !is_slot)
        read_heading(state, from);
    else if (read_text(state, from, colon))
        return;
    bool skipped = state->section.label.kind == LABEL_SKIP;
    if ((skipped || !read_phrases(state, from, heading)) && !heading)
        count_miss(state);
}

static void read_name(struct state *state)
{
    struct reading *reading = &state->reading;
    reading->line = NULL;
    reading->words = words_of(reading->arena, record_text(reading->record, FIELD_NAME));
    state->event_is_panel = line_names_panel(&reading->words);
    mention_read_name(reading);
    venue_read_name(reading);
}

void prose_read(struct record *record)
{
    struct state state = {.reading = {.arena = record->arena, .record = record}};
    read_name(&state);
    for (size_t i = 0; i < record->prose.count; i++)
        read_line(&state, &record->prose.lines[i]);
    known_read(&state.reading);
    settle_people(record);
    settle_companies(record);
}
