#include "processor/graph/cypher.h"

#include "lib/json/json.h"
#include "statements.gen.h"

#include <ctype.h>
#include <string.h>

enum { MAX_ANSWER_BYTES = 8 * 1024 * 1024, MAX_NAME_BYTES = 100 };

// ------------------------------------------------------------------------------------------------ columns

static bool is_word(char c)
{
    return isalnum((unsigned char)c) || c == '_' || (unsigned char)c >= 0x80;
}

// The end of the token at `at`: a string, a quoted name, a comment, white space, a word, or one character.
static size_t token_end(struct slice text, size_t at)
{
    char c = text.ptr[at];
    size_t i = at + 1;
    if (c == '\'' || c == '"' || c == '`') {
        for (; i < text.len && text.ptr[i] != c; i++)
            i += text.ptr[i] == '\\' && c != '`';
        return i < text.len ? i + 1 : text.len;
    }
    if (c == '/' && i < text.len && text.ptr[i] == '/') {
        while (i < text.len && text.ptr[i] != '\n')
            i++;
        return i;
    }
    if (c == '/' && i < text.len && text.ptr[i] == '*') {
        size_t end = slice_find(slice_sub(text, i + 1, text.len), SLICE("*/"));
        return end == SIZE_MAX ? text.len : i + 1 + end + 2;
    }
    if (is_word(c))
        while (i < text.len && is_word(text.ptr[i]))
            i++;
    return i;
}

static bool is_comment(struct slice token)
{
    return slice_starts_with(token, SLICE("//")) || slice_starts_with(token, SLICE("/*"));
}

static bool ends_clause(struct slice word)
{
    static const char *const words[] = {"order", "skip", "limit", "union"};
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (slice_equal_nocase(word, slice_from_cstr(words[i])))
            return true;
    return false;
}

// What is being read: the columns of the RETURN clause under way.
struct reader {
    struct arena *arena;
    struct slice text, *names;
    size_t count;      // columns ended so far
    size_t start, end; // of the expression under way; end 0: nothing yet
    struct slice alias;
    bool inside, after_as;
    int depth;
};

static struct slice unquoted(struct slice name)
{
    return name.len >= 2 && name.ptr[0] == '`' ? slice_sub(name, 1, name.len - 2) : name;
}

static void end_column(struct reader *r)
{
    if (r->inside && r->end > 0 && r->count < CYPHER_MAX_COLUMNS) {
        struct slice name = slice_trim(slice_sub(r->text, r->start, r->end - r->start));
        name = r->alias.len ? unquoted(r->alias) : unquoted(name);
        r->names[r->count] = slice_sub(name, 0, MAX_NAME_BYTES);
    }
    if (r->inside && r->end > 0)
        r->count++;
    r->end = 0;
    r->alias = (struct slice){0};
    r->after_as = false;
}

static void read_token(struct reader *r, size_t at, size_t end)
{
    struct slice token = slice_sub(r->text, at, end - at);
    char c = token.ptr[0];
    if (isspace((unsigned char)c) || is_comment(token))
        return;
    if (c == ')' || c == ']' || c == '}')
        r->depth--;
    bool top = r->depth == 0;
    if (c == '(' || c == '[' || c == '{')
        r->depth++;
    if (top && slice_equal_nocase(token, SLICE("return"))) {
        r->inside = true;
        r->count = 0;
        r->end = 0;
        r->alias = (struct slice){0};
        return;
    }
    if (!r->inside || (r->end == 0 && slice_equal_nocase(token, SLICE("distinct"))))
        return;
    if (top && (ends_clause(token) || c == ',')) {
        end_column(r);
        r->inside = c == ',';
        return;
    }
    if (r->after_as)
        r->alias = token;
    r->after_as = top && r->end > 0 && slice_equal_nocase(token, SLICE("as"));
    if (r->end == 0)
        r->start = at;
    r->end = end;
}

static void make_different(struct arena *arena, struct slice *names, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        struct slice original = names[i];
        int number = 1;
        for (size_t k = 0; k < i; k++)
            if (slice_equal(names[k], names[i])) {
                names[i] =
                    slice_from_cstr(arena_printf(arena, "%.*s_%d", SLICE_FMT(original), ++number));
                k = SIZE_MAX; // from the start
            }
    }
}

size_t cypher_columns(struct arena *arena, struct slice query, struct slice *ret_names)
{
    struct reader r = {.arena = arena, .text = query, .names = ret_names};
    for (size_t at = 0, end; at < query.len; at = end) {
        end = token_end(query, at);
        read_token(&r, at, end);
    }
    end_column(&r);
    if (r.count > CYPHER_MAX_COLUMNS)
        return SIZE_MAX;
    if (r.count == 1 && slice_equal(ret_names[0], SLICE("*")))
        return 0;
    make_different(arena, ret_names, r.count);
    return r.count;
}

// ------------------------------------------------------------------------------------------------- values

static size_t string_end(struct slice text, size_t at)
{
    size_t i = at + 1;
    for (; i < text.len && text.ptr[i] != '"'; i++)
        i += text.ptr[i] == '\\';
    return i < text.len ? i + 1 : text.len;
}

static size_t word_end(struct slice text, size_t at)
{
    while (at < text.len && (is_word(text.ptr[at])))
        at++;
    return at;
}

void cypher_append_json(struct buffer *out, struct slice agtype)
{
    for (size_t at = 0, end; at < agtype.len; at = end) {
        struct slice rest = slice_sub(agtype, at, agtype.len);
        if (agtype.ptr[at] == '"') {
            end = string_end(agtype, at);
            buffer_append(out, slice_sub(agtype, at, end - at));
        } else if (slice_starts_with(rest, SLICE("::"))) {
            end = word_end(agtype, at + 2);
        } else if (slice_starts_with(rest, SLICE("-Infinity"))) {
            end = at + 9;
            buffer_append_cstr(out, "null");
        } else if (slice_starts_with(rest, SLICE("Infinity")) ||
                   slice_starts_with(rest, SLICE("NaN"))) {
            end = word_end(agtype, at);
            buffer_append_cstr(out, "null");
        } else {
            end = at + 1;
            buffer_append_char(out, agtype.ptr[at]);
        }
    }
}

// One value; what is not JSON even so is shown as text.
static void render_value(struct arena *arena, yyjson_val *cell, struct json_writer *w)
{
    if (!yyjson_is_str(cell)) {
        json_null(w);
        return;
    }
    struct slice text = {yyjson_get_str(cell), yyjson_get_len(cell)};
    struct buffer json CLEANUP(buffer_done);
    yyjson_val *root;
    buffer_init(&json, MAX_ANSWER_BYTES);
    cypher_append_json(&json, text);
    if (json_parse(arena, buffer_slice(&json), &root, NULL))
        json_text(w, text);
    else
        json_raw(w, buffer_slice(&json));
}

// ------------------------------------------------------------------------------------------------ running

// PostgreSQL's and AGE's reasons (SQLSTATE first) as ones for the writer of the query.
static enum err explain_failure(const struct error *failure, struct error *ret_error)
{
    static const struct {
        const char *prefix;
        enum err code;
        const char *detail;
    } rows[] = {
        {"25006", ERR_FORBIDDEN, "the query would change something; only reading is allowed"},
        {"42501", ERR_FORBIDDEN, "the query asks for something that only reading does not allow"},
        {"53100", ERR_INVALID_QUERY, "the query needs too much room"},
        {"53200", ERR_INVALID_QUERY, "the query needs too much memory"},
        {"53400", ERR_INVALID_QUERY, "the query needs too much room"},
        {"54", ERR_INVALID_QUERY, "the query is too large"},
        {"XX", ERR_INVALID_QUERY, "AGE cannot run this query"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (strncmp(failure->detail, rows[i].prefix, strlen(rows[i].prefix)) == 0)
            return error_set(ret_error, rows[i].code, "%s", rows[i].detail);
    if (failure->code == ERR_TIMEOUT)
        return error_set(ret_error, ERR_TIMEOUT, "the query took too long");
    if (failure->code != ERR_DATABASE_ERROR)
        return error_set(ret_error, failure->code, "the database could not answer");
    // "42601: graph/run_cypher: syntax error …"
    const char *reason = strstr(failure->detail, "run_cypher: ");
    reason = reason ? reason + strlen("run_cypher: ") : "it cannot be run";
    bool columns = strstr(reason, "column definition list") != NULL;
    return error_set(ret_error, ERR_INVALID_QUERY, "%s",
                     columns ? "the query returns another number of columns: name them in columns"
                             : reason);
}

static enum err render(const struct db_rows *rows, const struct cypher_question *question,
                       struct arena *arena, struct buffer *out, struct error *ret_error)
{
    struct json_writer w = json_writer_on(out);
    size_t count = db_rows_count(rows);
    bool truncated = count > 0 && db_rows_is_null(rows, count - 1, 0);
    json_begin_object(&w);
    json_key(&w, "columns");
    json_begin_array(&w);
    for (size_t c = 0; c < question->columns; c++)
        json_text(&w, question->names[c]);
    json_end_array(&w);
    json_key(&w, "data");
    json_begin_array(&w);
    for (size_t i = 0; i < count - truncated; i++) {
        yyjson_val *cells;
        enum err err = json_parse(arena, db_rows_text(rows, i, 0), &cells, ret_error);
        if (err)
            return err;
        json_begin_object(&w);
        for (size_t c = 0; c < question->columns; c++) {
            if (c > 0)
                buffer_append_char(out, ',');
            json_append_string(out, question->names[c]);
            buffer_append_char(out, ':');
            w.needs_comma = false;
            render_value(arena, yyjson_arr_get(cells, c), &w);
        }
        json_end_object(&w);
    }
    json_end_array(&w);
    json_key(&w, "truncated");
    json_bool(&w, truncated);
    json_end_object(&w);
    if (out->overflow)
        return error_set(ret_error, ERR_INVALID_QUERY, "the answer is too large");
    return ERR_OK;
}

static enum err run(struct db_session *session, struct arena *arena,
                    const struct cypher_question *question, struct db_rows **ret_rows,
                    struct error *ret_error)
{
    const struct db_value values[] = {
        db_text(question->query),
        db_text(question->params),
        db_int(arena, (int64_t)(question->columns)),
        db_int(arena, question->max_rows),
        db_int(arena, MAX_ANSWER_BYTES / 2),
    };
    enum err err = db_session_begin(session, ret_error);
    if (!err)
        err = db_session_query(session, &sql_graph_read_only, NULL, NULL, ret_error);
    if (!err)
        err = db_session_query(session, &sql_graph_run_cypher, values, ret_rows, ret_error);
    db_session_rollback(session);
    return err;
}

enum err cypher_run(struct db_session *session, struct arena *arena,
                    const struct cypher_question *question, struct buffer *out,
                    struct error *ret_error)
{
    struct db_rows *rows CLEANUP(db_rows_free_cleanup) = NULL;
    struct error failure = {0};
    if (run(session, arena, question, &rows, &failure))
        return explain_failure(&failure, ret_error);
    return render(rows, question, arena, out, ret_error);
}
