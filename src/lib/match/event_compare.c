// How two events agree: title, edition, time, place, address. Other editions of a series are other
// events, and so are other occasions around one ("afterparty"). See match.h.
#include "lib/match/event.h"
#include "lib/match/model.h"
#include "lib/match/similar.h"

#include <string.h>

enum { MINUTES_PER_DAY = 24 * 60, SAME_MINUTES = 90 };
static const double ALIKE_LEAST = 0.88, OWN_ALIKE_LEAST = 0.8;

static size_t count_shared(const struct slice *a, size_t a_count, const struct slice *b,
                           size_t b_count)
{
    size_t shared = 0;
    for (size_t i = 0, j = 0; i < a_count && j < b_count;) {
        int order = slice_compare(a[i], b[j]);
        shared += order == 0;
        i += order <= 0;
        j += order >= 0;
    }
    return shared;
}

// Is there a word of another occasion in the one title that the other lacks?
static bool adds_occasion(const struct match_event_form *a, const struct match_event_form *b)
{
    for (size_t i = 0, j = 0; i < a->word_count; i++) {
        while (j < b->word_count && slice_compare(b->words[j], a->words[i]) < 0)
            j++;
        bool both = j < b->word_count && slice_equal(b->words[j], a->words[i]);
        if (!both && event_word_is_occasion(a->words[i]))
            return true;
    }
    return false;
}

static bool has_word(const struct match_event_form *form, struct slice word)
{
    for (size_t i = 0; i < form->word_count; i++)
        if (slice_equal(form->words[i], word))
            return true;
    return false;
}

// The telling words that the other title lacks, as letters; and the digits in them.
static void read_own(const struct match_event_form *of, const struct match_event_form *other,
                     char ret_letters[static SIMILAR_MAX_BYTES], size_t *ret_len,
                     char ret_digits[static SIMILAR_MAX_BYTES], size_t *ret_digit_count)
{
    *ret_len = *ret_digit_count = 0;
    for (size_t i = 0; i < of->written_count; i++) {
        struct slice word = of->written[i];
        if (event_word_is_general(word) || has_word(other, word))
            continue;
        for (size_t j = 0; j < word.len && *ret_len < SIMILAR_MAX_BYTES; j++) {
            ret_letters[(*ret_len)++] = word.ptr[j];
            if (word.ptr[j] >= '0' && word.ptr[j] <= '9')
                ret_digits[(*ret_digit_count)++] = word.ptr[j];
        }
    }
}

// Each title names something that the other does not: "Berlin Rust Meetup" and "Berlin Python Meetup".
static bool are_crossed(const struct match_event_form *a, const struct match_event_form *b)
{
    char of_a[SIMILAR_MAX_BYTES], of_b[SIMILAR_MAX_BYTES];
    char digits_a[SIMILAR_MAX_BYTES], digits_b[SIMILAR_MAX_BYTES];
    size_t len_a, len_b, count_a, count_b;
    read_own(a, b, of_a, &len_a, digits_a, &count_a);
    read_own(b, a, of_b, &len_b, digits_b, &count_b);
    if (len_a == 0 || len_b == 0)
        return false;
    return !slice_equal((struct slice){digits_a, count_a}, (struct slice){digits_b, count_b}) ||
           similar_jaro_winkler((struct slice){of_a, len_a}, (struct slice){of_b, len_b}) <
               OWN_ALIKE_LEAST;
}

// Not in the middle of a number: "route 12" does not begin with "route 1".
static bool begins_with(struct slice text, struct slice beginning)
{
    static const char digits[] = "0123456789";
    if (!slice_starts_with(text, beginning))
        return false;
    return text.len == beginning.len || beginning.len == 0 ||
           !strchr(digits, beginning.ptr[beginning.len - 1]) ||
           !strchr(digits, text.ptr[beginning.len]);
}

// The titles are not the same, but alike.
static enum match_level likeness_level(const struct match_event_form *a,
                                       const struct match_event_form *b)
{
    size_t shared = count_shared(a->words, a->word_count, b->words, b->word_count);
    size_t least = a->word_count < b->word_count ? a->word_count : b->word_count;
    bool begins = begins_with(a->letters, b->letters) || begins_with(b->letters, a->letters);
    double share = (double)shared / (double)(a->word_count + b->word_count - shared);
    if (shared == least || begins)
        return a->is_general || b->is_general ? MATCH_EVENT_TITLE_GENERAL : MATCH_EVENT_TITLE_PART;
    if (share >= 0.5 || similar_jaro_winkler(a->letters, b->letters) >= ALIKE_LEAST)
        return are_crossed(a, b) ? MATCH_EVENT_TITLE_CROSSED : MATCH_EVENT_TITLE_ALIKE;
    return MATCH_EVENT_TITLE_OTHER;
}

static enum match_level title_level(const struct match_event_form *a,
                                    const struct match_event_form *b)
{
    bool is_general = a->is_general && b->is_general;
    if (a->title.len && slice_equal(a->title, b->title))
        return is_general ? MATCH_EVENT_TITLE_GENERAL : MATCH_EVENT_TITLE_SAME;
    if (a->letters.len == 0 || b->letters.len == 0)
        return MATCH_EVENT_TITLE_OTHER;
    if (slice_equal(a->letters, b->letters))
        return is_general ? MATCH_EVENT_TITLE_GENERAL : MATCH_EVENT_TITLE_LETTERS;
    enum match_level level = likeness_level(a, b);
    return level != MATCH_EVENT_TITLE_OTHER && (adds_occasion(a, b) || adds_occasion(b, a))
               ? MATCH_EVENT_TITLE_OCCASION
               : level;
}

static int64_t apart(int64_t a, int64_t b)
{
    return a > b ? a - b : b - a;
}

static bool is_of_one_day(const struct match_event_form *form)
{
    return form->last_day - form->first_day <= 1; // one that goes on after midnight, too
}

// Both tell the hour, and not the same one. A clock that shows the same in two zones was read in a wrong one.
static enum match_level hours_level(const struct match_event_form *a,
                                    const struct match_event_form *b)
{
    int64_t days = apart(a->first_day, b->first_day);
    if (is_of_one_day(a) && is_of_one_day(b) && a->wall_minute != b->wall_minute)
        return MATCH_EVENT_TIME_HOURS;
    return days == 0 ? MATCH_EVENT_TIME_DAY : MATCH_EVENT_TIME_NEXT_DAY;
}

static enum match_level time_level(const struct match_event_form *a,
                                   const struct match_event_form *b)
{
    if (!a->has_start || !b->has_start)
        return MATCH_EVENT_TIME_MISSING;
    if (a->has_time && b->has_time) {
        if (apart(a->minute, b->minute) <= SAME_MINUTES)
            return MATCH_EVENT_TIME_SAME;
        if (apart(a->minute, b->minute) >= MINUTES_PER_DAY + SAME_MINUTES)
            return MATCH_EVENT_TIME_OTHER;
        return hours_level(a, b);
    }
    int64_t days = apart(a->first_day, b->first_day);
    if (days <= 1)
        return days == 0 ? MATCH_EVENT_TIME_DAY : MATCH_EVENT_TIME_NEXT_DAY;
    bool overlap = a->first_day <= b->last_day && b->first_day <= a->last_day;
    return overlap ? MATCH_EVENT_TIME_OVERLAP : MATCH_EVENT_TIME_OTHER;
}

static enum match_level place_level(const struct match_event_form *a,
                                    const struct match_event_form *b)
{
    if (a->place_count == 0 || b->place_count == 0)
        return MATCH_EVENT_PLACE_MISSING;
    if (count_shared(a->places, a->place_count, b->places, b->place_count))
        return MATCH_EVENT_PLACE_SAME;
    return a->is_online || b->is_online ? MATCH_EVENT_PLACE_ONLINE : MATCH_EVENT_PLACE_OTHER;
}

static bool links_to(const struct match_event_form *from, struct slice path)
{
    for (size_t i = 0; i < from->link_count; i++)
        if (slice_equal(from->links[i].path, path))
            return true;
    return false;
}

// One page links to the other, or both to one listing.
static bool are_linked(const struct match_event_form *a, const struct match_event_form *b)
{
    if ((b->address.path.ptr && links_to(a, b->address.path)) ||
        (a->address.path.ptr && links_to(b, a->address.path)))
        return true;
    for (size_t i = 0; i < a->link_count; i++)
        if (a->links[i].is_listing && links_to(b, a->links[i].path))
            return true;
    return false;
}

static void add_addresses(struct match_sum *sum, const struct match_event_form *a,
                          const struct match_event_form *b)
{
    const struct event_address *x = &a->address, *y = &b->address;
    bool is_known = x->host.ptr && y->host.ptr, one_site = false, both_ids = false;
    if (a->luma_id.len && b->luma_id.len) {
        both_ids = true;
        match_add(sum, slice_equal(a->luma_id, b->luma_id) ? MATCH_EVENT_LUMA_SAME
                                                           : MATCH_EVENT_LUMA_OTHER);
    }
    one_site = is_known && x->is_listing && y->is_listing && slice_equal(x->host, y->host);
    bool is_shared = is_known && (x->path.ptr[0] == '@' || y->path.ptr[0] == '@');
    if (is_known && slice_equal(x->path, y->path))
        match_add(sum, MATCH_EVENT_URL_SAME);
    else if (one_site && !both_ids) // of two pages with ids these tell it
        match_add(sum, MATCH_EVENT_URL_SITE);
    else if (!one_site && are_linked(a, b))
        match_add(sum, MATCH_EVENT_URL_LINKED);
    else if (!is_known)
        match_add(sum, MATCH_EVENT_URL_MISSING);
    else if (!one_site)
        match_add(sum, !is_shared && slice_equal(x->host, y->host) ? MATCH_EVENT_URL_HOST
                                                                   : MATCH_EVENT_URL_OTHER);
}

static void add_edition(struct match_sum *sum, const struct match_event_form *a,
                        const struct match_event_form *b)
{
    if (a->edition != EVENT_NO_EDITION && b->edition != EVENT_NO_EDITION)
        match_add(sum,
                  a->edition == b->edition ? MATCH_EVENT_EDITION_SAME : MATCH_EVENT_EDITION_OTHER);
}

// Two ids at the source, or two pages of a site where each is an event: they may be one that was entered twice, but only a
// person can know. The step takes as much from the sum as that needs.
static void bound(struct match_sum *sum)
{
    static const double below_merge = 0.25;
    double most =
        sum->model->kinds[MATCH_EVENTS].merge - below_merge - sum->model->kinds[MATCH_EVENTS].prior;
    for (size_t i = 0; i < sum->count; i++) {
        enum match_level level = sum->steps[i].level;
        bool is_bound = level == MATCH_EVENT_LUMA_OTHER || level == MATCH_EVENT_URL_SITE;
        if (is_bound && sum->bits > most) {
            sum->steps[i].bits -= sum->bits - most;
            sum->bits = most;
        }
    }
}

void match_event_compare(const struct match_model *model, const struct match_event_form *a,
                         const struct match_event_form *b, struct match_answer *ret)
{
    if (slice_compare(a->key, b->key) > 0) {
        const struct match_event_form *other = a;
        a = b, b = other;
    }
    struct match_sum sum = {.model = model};
    if (a->title.len && b->title.len)
        match_add(&sum, title_level(a, b));
    add_edition(&sum, a, b);
    match_add(&sum, time_level(a, b));
    match_add(&sum, place_level(a, b));
    if (a->venue_count && b->venue_count)
        match_add(&sum, count_shared(a->venue, a->venue_count, b->venue, b->venue_count)
                            ? MATCH_EVENT_VENUE_SAME
                            : MATCH_EVENT_VENUE_OTHER);
    add_addresses(&sum, a, b);
    if (a->organiser && b->organiser) {
        enum match_level names = company_compare_names(a->organiser, b->organiser);
        bool same = names == MATCH_COMPANY_SAME || names == MATCH_COMPANY_LETTERS ||
                    names == MATCH_COMPANY_SAME_FORM || names == MATCH_COMPANY_GENERAL;
        match_add(&sum, same ? MATCH_EVENT_ORGANISER_SAME : MATCH_EVENT_ORGANISER_OTHER);
    }
    bound(&sum);
    match_decide(&sum, MATCH_EVENTS, ret);
}

void match_events(const struct match_model *model, struct arena *arena, const struct match_event *a,
                  const struct match_event *b, struct match_answer *ret)
{
    match_event_compare(model, match_event_prepare(arena, a), match_event_prepare(arena, b), ret);
}
