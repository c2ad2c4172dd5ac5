#include "extractor/topics/topics.h"

#include "extractor/prose/markdown.h"
#include "extractor/topics/sections.h"
#include "extractor/topics/taxonomy.h"

#include <stdlib.h>
#include <string.h>

// How much one find says, by its place: the chance, so to speak, that the event is about it. Finds
// join as independent signs, at most one a line. Formats are read from titles and programmes; in
// running text they are mostly other events.
static const struct {
    double topic, format;
} weights[TOPIC_PLACES] = {
    [TOPIC_IN_TITLE] = {0.72, 0.75},    [TOPIC_IN_HASHTAG] = {0.40, 0.30},
    [TOPIC_IN_CALENDAR] = {0.36, 0.10}, [TOPIC_IN_HEADING] = {0.28, 0.30},
    [TOPIC_IN_LEAD] = {0.25, 0.32},     [TOPIC_IN_PROGRAMME] = {0.14, 0.30},
    [TOPIC_IN_BODY] = {0.14, 0.14},     [TOPIC_IN_LATE] = {0.08, 0.06},
    [TOPIC_IN_AUDIENCE] = {0.06, 0.03}, [TOPIC_IN_PEOPLE] = {0.04, 0.02},
    [TOPIC_IN_MARGIN] = {0.03, 0.01},
};
// A category or keyword of the page; a broad one is given to much that is not about it.
static const double TAG_WEIGHT = 0.45, BROAD_TAG_WEIGHT = 0.25;
// A category that also a narrower topic speaks for leaves less in doubt: it should not lose its place
// to that one.
static const double SUPPORTED_TAG = 0.75;
// Of a weak alias: in the title, where a meal is the format rather than a matter, and elsewhere.
static const double WEAK_IN_TITLE = 0.5, WEAK_FORMAT_IN_TITLE = 0.6, WEAK_ELSEWHERE = 0.3;
static const double HINT_IN_TITLE = 0.4; // of a hint
static const double HINT_ELSEWHERE = 0.6;
static const double IN_JOB_TITLE = 0.15; // "Head of AI"
static const double BEHIND_AT = 0.3;
static const double PLURAL_FORMAT = 0.35; // "we run hackathons"
static const double FROM_BELOW = 0.5;     // of what speaks for a narrower topic
static const double FROM_BELOW_FORMAT = 0.55;
// Of who takes part: two or a few speakers make an evening of talks, many a conference.
static const double FROM_TWO_SPEAKERS = 0.2, FROM_SPEAKERS = 0.35, FROM_MANY_SPEAKERS = 0.3,
                    FROM_PANELISTS = 0.35;
// What is shown: from these sums on. Readers put down one format or two and two topics or three: the
// first ones are shown from a lower sum on (MIN_FIRST_...), more only if much speaks for them.
static const double MIN_TOPIC = 0.54, MIN_FIRST_TOPICS = 0.26;
static const double MIN_FORMAT = 0.44, MIN_FIRST_FORMAT = 0.2;
static const double MIN_PART = 0.22; // of a format that is a part of many programmes
// From here on a topic stands beside one below it, and a broad one gives way to one below it.
static const double MIN_PARENT = 0.35, MIN_COVERING = 0.38;
enum {
    MAX_TOPICS_SHOWN = 3,
    MAX_FORMATS_SHOWN = 2,
    FIRST_TOPICS = 2,
    FIRST_FORMATS = 1,
    NEGATION_REACH = 2,
    MANY_SPEAKERS = 9, // from here on
    FEW_SPEAKERS = 6,  // up to here
    MIN_LINE_PART = 60,
    MAX_LINE_PART = 240,
    BROAD = 30,
    MAX_BROADER = 12
};

// What was found of one topic.
struct evidence {
    double open;  // 1 less the sum of the signs
    double below; // the same of the topics below it
    size_t line;  // the last one that counted
    bool is_tagged;
};

struct reading {
    struct record *record;
    const struct taxonomy *taxonomy;
    struct evidence *evidence; // of each topic
    size_t line;
};

// ---- finding

static bool is_format(const struct taxonomy_topic *topic)
{
    return topic->category && strcmp(topic->category, "format") == 0;
}

static bool is_broad(const struct reading *reading, size_t topic)
{
    return taxonomy_topic(reading->taxonomy, topic)->below_count >= BROAD;
}

static bool is_one_of(struct slice word, const char *const *list, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (slice_equal_nocase(word, slice_from_cstr(list[i])))
            return true;
    return false;
}

static const char *const negations[] = {"no",    "not",  "without", "isn",  "aren", "instead",
                                        "never", "kein", "keine",   "sans", "sin",  "sem"};
static const char *const job_words[] = {
    "head",    "director",  "vp",         "professor", "chief",     "chair",   "dean", "lead",
    "manager", "president", "department", "school",    "institute", "faculty", "svp"};

// "no pitches", "not a workshop"; "rather than" is told by "than".
static bool is_negated(const struct topic_words *words, size_t at)
{
    for (size_t i = at; i > 0 && at - i < NEGATION_REACH; i--) {
        if (words->items[i].after_break)
            return false;
        if (is_one_of(words->items[i - 1].text, negations, ARRAY_LEN(negations)))
            return true;
        if (i >= 2 && slice_equal_nocase(words->items[i - 1].text, SLICE("than")) &&
            slice_equal_nocase(words->items[i - 2].text, SLICE("rather")))
            return true;
    }
    return false;
}

// "Head of AI", "VP Marketing".
static bool is_job_title(const struct topic_words *words, size_t at)
{
    for (size_t i = at; i > 0 && at - i < 2; i--) {
        if (words->items[i].after_break)
            return false;
        if (is_one_of(words->items[i - 1].text, job_words, ARRAY_LEN(job_words)))
            return true;
    }
    return false;
}

// "Movie night @ Grand Theater", "Quiz w/ Quill AI", "Meetup by Judo": where and by whom it is, not
// what it is.
static bool is_behind_at(const struct reading *reading, struct slice word)
{
    static const char *const signs[] = {"@", " w/", " by "};
    struct slice title = record_text(reading->record, FIELD_NAME);
    for (size_t i = 0; i < ARRAY_LEN(signs); i++) {
        size_t at = slice_find(title, slice_from_cstr(signs[i]));
        if (at != SIZE_MAX && word.ptr > title.ptr + at)
            return true;
    }
    return false;
}

static bool is_plural(const struct topic_word *word)
{
    return word->text.len > 3 && word->text.ptr[word->text.len - 1] == 's';
}

static void add_sign(struct reading *reading, size_t topic, double weight)
{
    reading->evidence[topic].open *= 1 - weight;
}

static void take_match(struct reading *reading, const struct topic_words *words, size_t at,
                       const struct taxonomy_match *match, enum topic_place place)
{
    const struct taxonomy_topic *topic = taxonomy_topic(reading->taxonomy, match->topic);
    struct evidence *evidence = &reading->evidence[match->topic];
    if (words->items[at].in_hashtag && place > TOPIC_IN_HASHTAG)
        place = TOPIC_IN_HASHTAG;
    bool near_title = place <= TOPIC_IN_CALENDAR;
    if (!topic->category || evidence->line == reading->line || (match->title_only && !near_title) ||
        is_negated(words, at))
        return;
    evidence->line = reading->line;
    double weight = is_format(topic) ? weights[place].format : weights[place].topic;
    if (place == TOPIC_IN_TITLE && is_behind_at(reading, words->items[at].text))
        weight *= BEHIND_AT;
    if (match->is_weak)
        weight *= place != TOPIC_IN_TITLE ? WEAK_ELSEWHERE
                  : is_format(topic)      ? WEAK_FORMAT_IN_TITLE
                                          : WEAK_IN_TITLE;
    if (match->is_hint)
        weight *= place == TOPIC_IN_TITLE ? HINT_IN_TITLE : HINT_ELSEWHERE;
    if (is_format(topic) && is_plural(&words->items[at + match->word_count - 1]) &&
        (place == TOPIC_IN_LEAD || place == TOPIC_IN_BODY || place == TOPIC_IN_LATE))
        weight *= PLURAL_FORMAT;
    if (place != TOPIC_IN_TITLE && is_job_title(words, at))
        weight *= IN_JOB_TITLE;
    add_sign(reading, match->topic, weight);
}

static bool has_small_letters(struct slice text)
{
    for (size_t i = 0; i < text.len; i++)
        if (text.ptr[i] >= 'a' && text.ptr[i] <= 'z')
            return true;
    return false;
}

static void read_text(struct reading *reading, struct slice text, enum topic_place place)
{
    struct topic_words words = taxonomy_words(reading->taxonomy, reading->record->arena, text);
    bool with_case = has_small_letters(text);
    reading->line++;
    for (size_t i = 0; i < words.count;) {
        struct taxonomy_match match;
        if (words.items[i].id && taxonomy_match(reading->taxonomy, &words, i, with_case, &match)) {
            take_match(reading, &words, i, &match, place);
            i += match.word_count;
        } else {
            i++;
        }
    }
}

// Categories and keywords: the topic whose name or alias one is as a whole. What the taxonomy does
// not know stays as it is.
static void read_tags(struct reading *reading, const struct topic *tags, size_t count)
{
    struct record *record = reading->record;
    for (size_t i = 0; i < count; i++) {
        struct taxonomy_match match;
        struct topic_words words = taxonomy_words(reading->taxonomy, record->arena, tags[i].name);
        bool known = words.count && taxonomy_match(reading->taxonomy, &words, 0, true, &match) &&
                     match.word_count == words.count &&
                     taxonomy_topic(reading->taxonomy, match.topic)->category;
        if (!known) {
            record_add_topic(record, tags[i]);
            continue;
        }
        if (!reading->evidence[match.topic].is_tagged)
            add_sign(reading, match.topic,
                     is_broad(reading, match.topic) ? BROAD_TAG_WEIGHT : TAG_WEIGHT);
        reading->evidence[match.topic].is_tagged = true;
    }
}

static void add_sign_to(struct reading *reading, const char *name, double weight)
{
    struct topic_words words =
        taxonomy_words(reading->taxonomy, reading->record->arena, slice_from_cstr(name));
    struct taxonomy_match match;
    if (taxonomy_match(reading->taxonomy, &words, 0, true, &match))
        add_sign(reading, match.topic, weight);
}

static size_t count_role(const struct record *record, const char *role)
{
    size_t count = 0;
    for (size_t i = 0; i < record->people_count; i++)
        count += strcmp(record->people[i].role, role) == 0;
    return count;
}

static void read_people(struct reading *reading)
{
    size_t speakers = count_role(reading->record, "speaker");
    if (speakers >= 2 && speakers <= FEW_SPEAKERS)
        add_sign_to(reading, "Meetup", speakers == 2 ? FROM_TWO_SPEAKERS : FROM_SPEAKERS);
    if (speakers >= MANY_SPEAKERS)
        add_sign_to(reading, "Conference", FROM_MANY_SPEAKERS);
    if (count_role(reading->record, "panelist") >= 2 || count_role(reading->record, "moderator"))
        add_sign_to(reading, "Panel", FROM_PANELISTS);
}

// Takes a part of a line off *rest: some text of the web is one line of many sentences.
static struct slice next_part(struct slice *rest)
{
    size_t len = rest->len;
    for (size_t i = MIN_LINE_PART; i + 1 < rest->len && len == rest->len; i++)
        if (rest->ptr[i + 1] == ' ' && (strchr(".!?", rest->ptr[i]) || i >= MAX_LINE_PART))
            len = i + 1;
    struct slice part = slice_sub(*rest, 0, len);
    *rest = slice_sub(*rest, len, rest->len);
    return part;
}

static void read_line(struct reading *reading, struct topic_sections *sections,
                      const struct prose_line *line)
{
    struct prose_line part = *line;
    for (struct slice rest = line->text; rest.len;) {
        part.text = next_part(&rest);
        if (part.text.len < line->text.len)
            part.kind = PROSE_PARAGRAPH, part.span_count = 0;
        read_text(reading, part.text, topic_place_of(sections, reading->record->arena, &part));
    }
}

static void read_record(struct reading *reading)
{
    struct record *record = reading->record;
    struct topic_sections sections = {0};
    read_text(reading, record_text(record, FIELD_NAME), TOPIC_IN_TITLE);
    read_text(reading, record_text(record, FIELD_CALENDAR_NAME), TOPIC_IN_CALENDAR);
    struct prose_document prose = record->prose;
    if (prose.count == 0)
        prose = markdown_read(record->arena, record_text(record, FIELD_DESCRIPTION));
    for (size_t i = 0; i < prose.count; i++)
        read_line(reading, &sections, &prose.lines[i]);
}

// ---- choosing

// What speaks for a topic speaks for those above it too; but a broad one ("Tech") has to be named.
static void raise(struct reading *reading, size_t topic, double sign)
{
    const struct taxonomy_topic *below = taxonomy_topic(reading->taxonomy, topic);
    sign *= is_format(below) ? FROM_BELOW_FORMAT : FROM_BELOW;
    for (size_t i = 0; i < below->parent_count; i++) {
        if (!is_broad(reading, below->parents[i]))
            reading->evidence[below->parents[i]].below *= 1 - sign;
        raise(reading, below->parents[i], sign);
    }
}

struct candidate {
    size_t topic;
    double own, score;
    bool is_format;
};

static int by_score(const void *a, const void *b)
{
    const struct candidate *x = a, *y = b;
    return x->score != y->score ? (x->score < y->score ? 1 : -1)
                                : (x->topic > y->topic) - (x->topic < y->topic);
}

static size_t list_candidates(struct reading *reading, struct candidate *candidates)
{
    size_t count = 0, topics = taxonomy_count(reading->taxonomy);
    for (size_t i = 0; i < topics; i++)
        if (reading->evidence[i].open < 1)
            raise(reading, i, 1 - reading->evidence[i].open);
    for (size_t i = 0; i < topics; i++) {
        const struct evidence *evidence = &reading->evidence[i];
        bool format = is_format(taxonomy_topic(reading->taxonomy, i));
        double rest = evidence->open * evidence->below;
        double score =
            1 - (evidence->is_tagged && evidence->below < 1 ? rest * SUPPORTED_TAG : rest);
        if (score >= (format ? MIN_FIRST_FORMAT : MIN_FIRST_TOPICS))
            candidates[count++] = (struct candidate){i, 1 - evidence->open, score, format};
    }
    qsort(candidates, count, sizeof *candidates, by_score);
    return count;
}

// A part of the programme of many kinds of events, mostly named once.
static bool is_part(const struct reading *reading, const struct candidate *candidate)
{
    static const char *const parts[] = {"Networking", "Panel", "Fireside chat", "Workshop"};
    return is_one_of(taxonomy_topic(reading->taxonomy, candidate->topic)->name, parts,
                     ARRAY_LEN(parts));
}

// Does enough speak for it, next to `shown` of its kind that are more relevant?
static bool is_enough(const struct reading *reading, const struct candidate *candidate,
                      size_t shown)
{
    double least = shown < FIRST_TOPICS ? MIN_FIRST_TOPICS : MIN_TOPIC;
    if (candidate->is_format)
        least = is_part(reading, candidate) ? MIN_PART
                : shown < FIRST_FORMATS     ? MIN_FIRST_FORMAT
                                            : MIN_FORMAT;
    return candidate->score >= least;
}

// Is one a narrower topic of the other? A format does not say what an event is about: "Screening" is
// no narrower "Film".
static bool is_narrower(const struct reading *reading, const struct candidate *narrow,
                        const struct candidate *broad)
{
    return narrow->is_format == broad->is_format &&
           taxonomy_is_above(reading->taxonomy, broad->topic, narrow->topic);
}

// A broad topic ("AI") is not worth showing next to one below it that says it better, nor is one that
// little speaks for; of those, not even next to one that little speaks for but is shown.
static bool is_covered(const struct reading *reading, const struct candidate *candidates,
                       size_t count, size_t index, const bool *picked)
{
    const struct candidate *candidate = &candidates[index];
    bool is_weak = candidate->score < MIN_PARENT;
    if (!is_weak && !is_broad(reading, candidate->topic))
        return false;
    for (size_t i = 0; i < count; i++)
        if ((candidates[i].own >= MIN_COVERING || (is_weak && i < index && picked[i])) &&
            is_narrower(reading, &candidates[i], candidate))
            return true;
    return false;
}

static const struct broader_topic *list_broader(const struct reading *reading, size_t below,
                                                size_t *ret_count)
{
    const struct taxonomy *taxonomy = reading->taxonomy;
    struct broader_topic *list =
        ARENA_ARRAY(reading->record->arena, MAX_BROADER, struct broader_topic);
    *ret_count = 0;
    for (size_t i = 0; i < taxonomy_count(taxonomy) && *ret_count < MAX_BROADER; i++)
        if (i != below && taxonomy_topic(taxonomy, i)->category &&
            taxonomy_is_above(taxonomy, i, below))
            list[(*ret_count)++] = (struct broader_topic){taxonomy_topic(taxonomy, i)->name,
                                                          taxonomy_topic(taxonomy, i)->category};
    return list;
}

static void show(struct reading *reading, const struct candidate *candidate)
{
    const struct taxonomy_topic *topic = taxonomy_topic(reading->taxonomy, candidate->topic);
    const struct evidence *evidence = &reading->evidence[candidate->topic];
    size_t broader_count;
    const struct broader_topic *broader = list_broader(reading, candidate->topic, &broader_count);
    record_add_topic(reading->record,
                     (struct topic){.name = topic->name,
                                    .category = topic->category,
                                    .broader = broader,
                                    .broader_count = broader_count,
                                    .relevance = candidate->score,
                                    .method = evidence->is_tagged ? METHOD_NEXT_DATA : METHOD_RULE,
                                    .confidence = candidate->score});
}

static void choose(struct reading *reading)
{
    struct arena *arena = reading->record->arena;
    struct candidate *candidates =
        ARENA_ARRAY(arena, taxonomy_count(reading->taxonomy), struct candidate);
    size_t count = list_candidates(reading, candidates), shown[2] = {0};
    bool *picked = ARENA_ARRAY(arena, count + 1, bool);
    for (size_t i = 0; i < count; i++) {
        const struct candidate *candidate = &candidates[i];
        size_t *of_kind = &shown[candidate->is_format];
        picked[i] = *of_kind < (candidate->is_format ? MAX_FORMATS_SHOWN : MAX_TOPICS_SHOWN) &&
                    is_enough(reading, candidate, *of_kind) &&
                    !is_covered(reading, candidates, count, i, picked);
        if (!picked[i])
            continue;
        show(reading, candidate);
        ++*of_kind;
    }
}

void topics_read(struct record *record)
{
    const struct taxonomy *taxonomy = taxonomy_get();
    size_t count = taxonomy_count(taxonomy);
    struct reading reading = {.record = record,
                              .taxonomy = taxonomy,
                              .evidence = ARENA_ARRAY(record->arena, count, struct evidence)};
    for (size_t i = 0; i < count; i++)
        reading.evidence[i] = (struct evidence){.open = 1, .below = 1};
    const struct topic *tags = record->topics;
    size_t tag_count = record->topics_count;
    record->topics = NULL;
    record->topics_count = 0;
    if (record->kind != PAGE_EVENT)
        return;
    read_record(&reading);
    read_tags(&reading, tags, tag_count);
    read_people(&reading);
    choose(&reading);
}
