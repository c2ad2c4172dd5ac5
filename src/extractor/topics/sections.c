#include "extractor/topics/sections.h"

#include "lib/text/unicode.h"

#include <string.h>

enum { MAX_HEADING = 90, LEAD_BYTES = 500, LATE_BYTES = 2500 };

// Words of headings, folded; the first row that a heading has decides. A row with "^" must begin it.
static const struct {
    const char *words;
    enum topic_place place;
} headings[] = {
    {"about the event", TOPIC_IN_BODY},
    {"about this event", TOPIC_IN_BODY},
    {"about the evening", TOPIC_IN_BODY},
    {"about the workshop", TOPIC_IN_BODY},
    {"about the talk", TOPIC_IN_BODY},
    {"about the hackathon", TOPIC_IN_BODY},
    {"^about the", TOPIC_IN_MARGIN},
    {"who should", TOPIC_IN_AUDIENCE},
    {"who this is", TOPIC_IN_AUDIENCE},
    {"who is this", TOPIC_IN_AUDIENCE},
    {"who it s for", TOPIC_IN_AUDIENCE},
    {"who s this", TOPIC_IN_AUDIENCE},
    {"who s it", TOPIC_IN_AUDIENCE},
    {"who is it", TOPIC_IN_AUDIENCE},
    {"who will", TOPIC_IN_AUDIENCE},
    {"who ll be", TOPIC_IN_AUDIENCE},
    {"who s coming", TOPIC_IN_AUDIENCE},
    {"who attends", TOPIC_IN_AUDIENCE},
    {"who comes", TOPIC_IN_AUDIENCE},
    {"this is for", TOPIC_IN_AUDIENCE},
    {"perfect for", TOPIC_IN_AUDIENCE},
    {"ideal for", TOPIC_IN_AUDIENCE},
    {"designed for", TOPIC_IN_AUDIENCE},
    {"for whom", TOPIC_IN_AUDIENCE},
    {"fur wen", TOPIC_IN_AUDIENCE},
    {"pour qui", TOPIC_IN_AUDIENCE},
    {"para quien", TOPIC_IN_AUDIENCE},
    {"audience", TOPIC_IN_AUDIENCE},
    {"who s invited", TOPIC_IN_AUDIENCE},
    {"who s in the room", TOPIC_IN_AUDIENCE},
    {"who you ll meet", TOPIC_IN_AUDIENCE},
    {"who this event is for", TOPIC_IN_AUDIENCE},
    {"^agenda", TOPIC_IN_PROGRAMME},
    {"^schedule", TOPIC_IN_PROGRAMME},
    {"agenda", TOPIC_IN_PROGRAMME},
    {"schedule", TOPIC_IN_PROGRAMME},
    {"program", TOPIC_IN_PROGRAMME},
    {"programme", TOPIC_IN_PROGRAMME},
    {"programm", TOPIC_IN_PROGRAMME},
    {"run of show", TOPIC_IN_PROGRAMME},
    {"timeline", TOPIC_IN_PROGRAMME},
    {"format", TOPIC_IN_PROGRAMME},
    {"what to expect", TOPIC_IN_PROGRAMME},
    {"ablauf", TOPIC_IN_PROGRAMME},
    {"programa", TOPIC_IN_PROGRAMME},
    {"about the speaker", TOPIC_IN_PEOPLE},
    {"speakers", TOPIC_IN_PEOPLE},
    {"speaker", TOPIC_IN_PEOPLE},
    {"panelists", TOPIC_IN_PEOPLE},
    {"panelist", TOPIC_IN_PEOPLE},
    {"moderator", TOPIC_IN_PEOPLE},
    {"judges", TOPIC_IN_PEOPLE},
    {"mentors", TOPIC_IN_PEOPLE},
    {"facilitator", TOPIC_IN_PEOPLE},
    {"instructor", TOPIC_IN_PEOPLE},
    {"meet the", TOPIC_IN_PEOPLE},
    {"sprecher", TOPIC_IN_PEOPLE},
    {"ponentes", TOPIC_IN_PEOPLE},
    {"intervenants", TOPIC_IN_PEOPLE},
    {"sponsors", TOPIC_IN_MARGIN},
    {"sponsor", TOPIC_IN_MARGIN},
    {"partners", TOPIC_IN_MARGIN},
    {"hosts", TOPIC_IN_MARGIN},
    {"host", TOPIC_IN_MARGIN},
    {"hosted by", TOPIC_IN_MARGIN},
    {"hosted at", TOPIC_IN_MARGIN},
    {"become a", TOPIC_IN_MARGIN},
    {"accessibility", TOPIC_IN_MARGIN},
    {"who we are", TOPIC_IN_MARGIN},
    {"who s behind", TOPIC_IN_MARGIN},
    {"our mission", TOPIC_IN_MARGIN},
    {"stay in the loop", TOPIC_IN_MARGIN},
    {"stay connected", TOPIC_IN_MARGIN},
    {"get involved", TOPIC_IN_MARGIN},
    {"sponsorship", TOPIC_IN_MARGIN},
    {"sponsorships", TOPIC_IN_MARGIN},
    {"volunteer", TOPIC_IN_MARGIN},
    {"what to bring", TOPIC_IN_MARGIN},
    {"logistics", TOPIC_IN_MARGIN},
    {"house rules", TOPIC_IN_MARGIN},
    {"good to know", TOPIC_IN_MARGIN},
    {"please note", TOPIC_IN_MARGIN},
    {"policies", TOPIC_IN_MARGIN},
    {"privacy", TOPIC_IN_MARGIN},
    {"organizers", TOPIC_IN_MARGIN},
    {"organisers", TOPIC_IN_MARGIN},
    {"past events", TOPIC_IN_MARGIN},
    {"previous", TOPIC_IN_MARGIN},
    {"last year", TOPIC_IN_MARGIN},
    {"upcoming events", TOPIC_IN_MARGIN},
    {"other events", TOPIC_IN_MARGIN},
    {"code of conduct", TOPIC_IN_MARGIN},
    {"policy", TOPIC_IN_MARGIN},
    {"faq", TOPIC_IN_MARGIN},
    {"frequently asked", TOPIC_IN_MARGIN},
    {"disclaimer", TOPIC_IN_MARGIN},
    {"terms", TOPIC_IN_MARGIN},
    {"parking", TOPIC_IN_MARGIN},
    {"getting there", TOPIC_IN_MARGIN},
    {"how to get", TOPIC_IN_MARGIN},
    {"directions", TOPIC_IN_MARGIN},
    {"location", TOPIC_IN_MARGIN},
    {"venue", TOPIC_IN_MARGIN},
    {"tickets", TOPIC_IN_MARGIN},
    {"refund", TOPIC_IN_MARGIN},
    {"contact", TOPIC_IN_MARGIN},
    {"follow us", TOPIC_IN_MARGIN},
    {"join our", TOPIC_IN_MARGIN},
    {"prizes", TOPIC_IN_MARGIN},
    {"uber uns", TOPIC_IN_MARGIN},
    {"a propos", TOPIC_IN_MARGIN},
    {"sobre nosotros", TOPIC_IN_MARGIN},
    {"^about", TOPIC_IN_MARGIN},
};

static bool is_heading(const struct prose_line *line)
{
    if (line->text.len > MAX_HEADING)
        return false;
    return line->kind == PROSE_HEADING || (line->kind == PROSE_PARAGRAPH && prose_is_bold(line)) ||
           slice_ends_with(line->text, SLICE(":"));
}

// " who is this for ": the words of a heading, folded, with single spaces around each.
static struct slice padded_words(struct arena *arena, struct slice text)
{
    struct slice folded = unicode_fold(arena, text);
    char *padded = arena_alloc(arena, folded.len + 2);
    size_t len = 0;
    padded[len++] = ' ';
    for (size_t i = 0; i < folded.len; i++) {
        unsigned char c = (unsigned char)folded.ptr[i];
        bool is_word = c >= 0x80 || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
        if (is_word)
            padded[len++] = (char)c;
        else if (padded[len - 1] != ' ')
            padded[len++] = ' ';
    }
    if (padded[len - 1] != ' ')
        padded[len++] = ' ';
    return (struct slice){padded, len};
}

static bool has_words(struct slice padded, const char *words)
{
    bool at_start = words[0] == '^';
    struct slice wanted = slice_from_cstr(words + at_start);
    for (struct slice rest = padded;;) {
        size_t at = slice_find(rest, wanted);
        if (at == SIZE_MAX)
            return false;
        bool whole = at > 0 && rest.ptr[at - 1] == ' ' && at + wanted.len < rest.len &&
                     rest.ptr[at + wanted.len] == ' ';
        if (whole && (!at_start || &rest.ptr[at] == padded.ptr + 1))
            return true;
        rest = slice_sub(rest, at + 1, rest.len);
    }
}

static enum topic_place place_of_heading(struct arena *arena, struct slice text)
{
    struct slice padded = padded_words(arena, text);
    for (size_t i = 0; i < ARRAY_LEN(headings); i++)
        if (has_words(padded, headings[i].words))
            return headings[i].place;
    return TOPIC_IN_BODY;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

// A line of an agenda: "6:30", "7 pm", "18h00" near its beginning.
static bool has_time(struct slice text)
{
    size_t end = text.len < 40 ? text.len : 40;
    for (size_t i = 0; i + 1 < end; i++) {
        if (!is_digit(text.ptr[i]))
            continue;
        char next = text.ptr[i + 1];
        if ((next == ':' || next == 'h') && i + 2 < end && is_digit(text.ptr[i + 2]))
            return true;
        size_t at = next == ' ' ? i + 2 : i + 1;
        if (at + 1 < end && ((text.ptr[at] | 0x20) == 'p' || (text.ptr[at] | 0x20) == 'a') &&
            ((text.ptr[at + 1] | 0x20) == 'm' || text.ptr[at + 1] == '.'))
            return true;
    }
    return false;
}

// "About the Long Table" as the first words of a description: what follows is about the event.
static bool is_first_about(const struct topic_sections *sections, struct slice heading)
{
    return sections->bytes == heading.len &&
           slice_equal_nocase(slice_sub(heading, 0, strlen("about")), SLICE("about"));
}

enum topic_place topic_place_of(struct topic_sections *sections, struct arena *arena,
                                const struct prose_line *line)
{
    if (sections->bytes == 0)
        sections->section = TOPIC_IN_BODY;
    size_t before = sections->bytes;
    sections->bytes += line->text.len;
    if (is_heading(line)) {
        sections->section = is_first_about(sections, line->text)
                                ? TOPIC_IN_BODY
                                : place_of_heading(arena, line->text);
        return sections->section == TOPIC_IN_BODY ? TOPIC_IN_HEADING : sections->section;
    }
    if (sections->section == TOPIC_IN_PROGRAMME || has_time(line->text))
        return TOPIC_IN_PROGRAMME;
    if (sections->section != TOPIC_IN_BODY)
        return sections->section;
    return before < LEAD_BYTES   ? TOPIC_IN_LEAD
           : before < LATE_BYTES ? TOPIC_IN_BODY
                                 : TOPIC_IN_LATE;
}
