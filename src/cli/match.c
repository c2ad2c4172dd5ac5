// eventd match speakers|companies|events: pairs of records on standard input, one JSON object a line
// ({"a":{…},"b":{…}}), whether they are the same on standard output, a line for each. Needs no database;
// of the input one line is held at a time. A line that is no
// such pair gets an object with "error" and "detail" in its place; then the exit status is 1, otherwise 0.
#include "lib/match/match.h"
#include "cli/cli.h"
#include "lib/json/json.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum {
    ARENA_BYTES = 64 * 1024 * 1024,
    MAX_LINE_BYTES = 1024 * 1024,
    MAX_ANSWER_BYTES = 64 * 1024,
    FLUSH_BYTES = 48 * 1024,
    OUTPUT_BYTES = 2 * MAX_ANSWER_BYTES,
    INPUT_BYTES = 64 * 1024,
};

struct task {
    const struct match_model *model;
    enum match_kind kind;
    struct arena *arena; // of one pair
    struct arena *input; // of the run
};

// ---- records

// The first of the fields that is there.
static struct slice text_of(yyjson_val *record, const char *const *fields, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct slice text = json_get_text(record, fields[i]);
        if (text.len)
            return text;
    }
    return (struct slice){0};
}
#define TEXT_OF(record, ...)                            \
    text_of(record, (const char *const[]){__VA_ARGS__}, \
            ARRAY_LEN(((const char *const[]){__VA_ARGS__})))

struct links {
    struct slice *items;
    size_t *count;
};

static void add_link(struct links links, struct slice text)
{
    if (text.len && *links.count < MATCH_MAX_LINKS)
        links.items[(*links.count)++] = text;
}

// A handle alone ("@ada") becomes an address of its site.
static void add_handle(struct task *task, struct links links, const char *site, struct slice text)
{
    while (text.len && text.ptr[0] == '@')
        text = slice_sub(text, 1, text.len);
    if (text.len == 0)
        return;
    bool is_address =
        slice_find_char(text, '/') != SIZE_MAX || slice_find(text, SLICE(".com")) != SIZE_MAX;
    if (!is_address)
        text = slice_from_cstr(arena_printf(task->arena, "%s%.*s", site, SLICE_FMT(text)));
    add_link(links, text);
}

static const struct {
    const char *field, *site;
} handle_fields[] = {
    {"linkedin", "linkedin.com/in/"},
    {"linkedin_url", "linkedin.com/in/"},
    {"twitter", "x.com/"},
    {"x", "x.com/"},
    {"twitter_url", "x.com/"},
    {"github", "github.com/"},
    {"github_url", "github.com/"},
    {"instagram", "instagram.com/"},
};
static const char *const link_fields[] = {"website", "url", "homepage", "domain", "profile_url"};
static const char *const list_fields[] = {"links", "handles", "social", "urls", "domains"};

// Arrays of addresses or of {"url"}, and objects of site and handle.
static void add_list(struct task *task, struct links links, yyjson_val *list)
{
    yyjson_arr_iter items = yyjson_arr_iter_with(list);
    for (yyjson_val *item; yyjson_is_arr(list) && (item = yyjson_arr_iter_next(&items));)
        add_link(links, yyjson_is_str(item)
                            ? (struct slice){yyjson_get_str(item), yyjson_get_len(item)}
                            : json_get_text(item, "url"));
    if (!yyjson_is_obj(list))
        return;
    for (size_t i = 0; i < ARRAY_LEN(handle_fields); i++)
        add_handle(task, links, handle_fields[i].site, json_get_text(list, handle_fields[i].field));
    for (size_t i = 0; i < ARRAY_LEN(link_fields); i++)
        add_link(links, json_get_text(list, link_fields[i]));
}

static void read_links(struct task *task, yyjson_val *record, struct links links)
{
    add_list(task, links, record);
    for (size_t i = 0; i < ARRAY_LEN(list_fields); i++)
        add_list(task, links, json_get(record, list_fields[i]));
}

static struct match_person read_person(struct task *task, yyjson_val *record)
{
    struct match_person person = {
        .name = TEXT_OF(record, "name", "full_name"),
        .company = TEXT_OF(record, "company", "affiliation", "organization", "company.name"),
        .title = TEXT_OF(record, "title", "job_title", "role_title"),
        .bio = TEXT_OF(record, "bio", "bio_short", "description"),
        .email = TEXT_OF(record, "email"),
    };
    read_links(task, record, (struct links){person.links, &person.link_count});
    return person;
}

static struct match_company read_company(struct task *task, yyjson_val *record)
{
    struct match_company company = {.name = TEXT_OF(record, "name", "company")};
    read_links(task, record, (struct links){company.links, &company.link_count});
    return company;
}

static struct match_event read_event(yyjson_val *record)
{
    struct match_event event = {
        .name = TEXT_OF(record, "name", "title"),
        .url = TEXT_OF(record, "url", "luma_url", "website"),
        .luma_id = TEXT_OF(record, "luma_id", "luma_event_id", "api_id"),
        .venue = TEXT_OF(record, "venue", "venue_name", "venue.name", "location.name", "address"),
        .place = TEXT_OF(record, "city", "location", "location.city", "place"),
        .organiser = TEXT_OF(record, "organiser", "organizer", "host", "calendar", "calendar_name"),
        .starts_at = TEXT_OF(record, "starts_at", "start_time", "start_at", "date", "start"),
        .ends_at = TEXT_OF(record, "ends_at", "end_time", "end_at", "end_date", "end"),
    };
    yyjson_val *link, *links = json_get(record, "links");
    size_t index, most;
    yyjson_arr_foreach (links, index, most, link)
        if (yyjson_is_str(link) && event.link_count < MATCH_MAX_LINKS)
            event.links[event.link_count++] =
                (struct slice){yyjson_get_str(link), yyjson_get_len(link)};
    return event;
}

static void compare(struct task *task, yyjson_val *a, yyjson_val *b, struct match_answer *ret)
{
    if (task->kind == MATCH_SPEAKERS) {
        struct match_person left = read_person(task, a), right = read_person(task, b);
        match_people(task->model, task->arena, &left, &right, ret);
    } else if (task->kind == MATCH_COMPANIES) {
        struct match_company left = read_company(task, a), right = read_company(task, b);
        match_companies(task->model, task->arena, &left, &right, ret);
    } else {
        struct match_event left = read_event(a), right = read_event(b);
        match_events(task->model, task->arena, &left, &right, ret);
    }
}

// ---- answers

static double round_to(double value, double parts)
{
    double scaled = value * parts;
    return (double)(int64_t)(scaled + (scaled < 0 ? -0.5 : 0.5)) / parts;
}

static void write_answer(const struct task *task, const struct match_answer *answer,
                         struct buffer *out)
{
    struct json_writer w = json_writer_on(out);
    json_begin_object(&w);
    json_key(&w, "match_probability");
    json_double(&w, round_to(answer->probability, 1e6));
    json_key(&w, "match_weight");
    json_double(&w, round_to(answer->weight, 100));
    json_key(&w, "decision");
    json_cstr(&w, match_decision_name(answer->decision));
    json_key(&w, "waterfall");
    json_begin_array(&w);
    for (size_t i = 0; i < answer->step_count; i++) {
        const struct match_step *step = &answer->steps[i];
        json_begin_object(&w);
        json_key(&w, "field");
        json_cstr(&w, match_level_field(step->level));
        json_key(&w, "level");
        json_cstr(&w, match_level_name(step->level));
        json_key(&w, "weight");
        json_double(&w, round_to(step->bits, 100));
        json_key(&w, "explanation");
        json_text(&w, task->model->levels[step->level].words);
        json_end_object(&w);
    }
    json_begin_object(&w);
    json_key(&w, "field");
    json_cstr(&w, "prior");
    json_key(&w, "level");
    json_cstr(&w, match_kind_name(task->kind));
    json_key(&w, "weight");
    json_double(&w, round_to(task->model->kinds[task->kind].prior, 100));
    json_key(&w, "explanation");
    json_cstr(&w, "how often candidates are the same before anything is compared");
    json_end_object(&w);
    json_end_array(&w);
    json_end_object(&w);
    buffer_append_char(out, '\n');
}

static void write_problem(const char *code, const char *detail, struct buffer *out)
{
    struct json_writer w = json_writer_on(out);
    json_begin_object(&w);
    json_key(&w, "error");
    json_cstr(&w, code);
    json_key(&w, "detail");
    json_cstr(&w, detail);
    json_end_object(&w);
    buffer_append_char(out, '\n');
}

// Is the line a pair? What is wrong with it is written in place of an answer.
static bool answer_line(struct task *task, struct slice line, struct buffer *out)
{
    yyjson_val *pair;
    struct error error = {0};
    if (line.len > MAX_LINE_BYTES) {
        write_problem("line_too_long", "a line has at most 1 MiB", out);
        return false;
    }
    if (json_parse(task->arena, line, &pair, &error)) {
        write_problem("invalid_json", error.detail, out);
        return false;
    }
    yyjson_val *a = json_get(pair, "a"), *b = json_get(pair, "b");
    if (!yyjson_is_obj(a) || !yyjson_is_obj(b)) {
        write_problem("not_a_pair", "expected {\"a\":{…},\"b\":{…}}", out);
        return false;
    }
    struct match_answer answer;
    compare(task, a, b, &answer);
    write_answer(task, &answer, out);
    return true;
}

// ---- input and output

struct stream {
    char *input; // read, not yet taken
    size_t from, len;
    struct buffer out;
    bool failed;
};

static void flush_output(struct stream *stream)
{
    if (stream->out.len && fwrite(stream->out.ptr, 1, stream->out.len, stdout) != stream->out.len)
        stream->failed = true;
    stream->failed |= fflush(stdout) != 0;
    buffer_clear(&stream->out);
}

// What is known is written before more input is waited for: somebody may wait for the answer.
static bool refill(struct stream *stream)
{
    flush_output(stream);
    ssize_t len;
    do
        len = read(STDIN_FILENO, stream->input, INPUT_BYTES);
    while (len < 0 && errno == EINTR);
    stream->failed |= len < 0;
    stream->from = 0;
    stream->len = len > 0 ? (size_t)len : 0;
    return len > 0;
}

// The next line, of which MAX_LINE_BYTES and one more are kept; false at the end.
static bool read_line(struct stream *stream, struct buffer *line)
{
    buffer_clear(line);
    for (;;) {
        if (stream->from == stream->len && !refill(stream))
            return line->len > 0;
        struct slice rest = {stream->input + stream->from, stream->len - stream->from};
        size_t end = slice_find_char(rest, '\n');
        struct slice part = slice_sub(rest, 0, end);
        size_t room = MAX_LINE_BYTES + 1 - line->len;
        buffer_append(line, slice_sub(part, 0, room));
        stream->from += part.len + (end != SIZE_MAX);
        if (end != SIZE_MAX)
            return true;
    }
}

static int match_all(struct task *task)
{
    struct stream stream = {.input = arena_alloc(task->input, INPUT_BYTES)};
    struct buffer line CLEANUP(buffer_done);
    buffer_init(&line, MAX_LINE_BYTES + 1);
    buffer_init(&stream.out, OUTPUT_BYTES);
    bool all_fine = true;
    while (!stream.failed && read_line(&stream, &line)) {
        if (slice_trim(buffer_slice(&line)).len == 0)
            continue;
        all_fine &= answer_line(task, buffer_slice(&line), &stream.out);
        arena_reset(task->arena);
        if (stream.out.len >= FLUSH_BYTES)
            flush_output(&stream);
    }
    flush_output(&stream);
    buffer_done(&stream.out);
    if (stream.failed)
        cli_complain("standard input or output failed");
    return !stream.failed && all_fine ? CLI_OK : CLI_FAILED;
}

int cli_match(int argc, char **argv)
{
    struct task task = {.kind = MATCH_KIND_COUNT};
    for (size_t i = 0; argc == 2 && i < MATCH_KIND_COUNT; i++)
        if (strcmp(argv[1], match_kind_name((enum match_kind)i)) == 0)
            task.kind = (enum match_kind)i;
    if (task.kind == MATCH_KIND_COUNT) {
        cli_complain("%s takes speakers, companies or events, and pairs on standard input",
                     argv[0]);
        return CLI_USAGE;
    }
    task.model = match_model_get();
    task.arena = arena_new(ARENA_BYTES);
    task.input = arena_new(2 * INPUT_BYTES);
    int status = match_all(&task);
    arena_free(task.arena);
    arena_free(task.input);
    return status;
}
