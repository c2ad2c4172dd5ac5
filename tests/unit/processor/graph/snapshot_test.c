// A small graph whose measures can be told by hand.
#include "processor/graph/measures.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { SECOND = 1000 };

// People 1…9, companies 20…, topics 30…, events 40…: an id is its number.
static const char *id(int number)
{
    static char texts[8][GRAPH_ID_TEXT];
    static size_t next;
    char *text = texts[next++ % 8];
    snprintf(text, GRAPH_ID_TEXT, "00000000-0000-4000-8000-%012d", number);
    return text;
}

static void add(struct graph_snapshot *snapshot, enum graph_kind kind, int number)
{
    char label[16];
    snprintf(label, sizeof label, "n%d", number);
    graph_snapshot_add_node(snapshot, kind, id(number), slice_from_cstr(label));
}

// Two triangles, 1 2 3 (event 40) and 4 5 6 (event 41), joined by 3 and 4 meeting twice (42, 43). 7 met nobody. 8 became 1.
static struct graph_snapshot *two_triangles(const struct graph_limits *limits)
{
    static const int links[][2] = {{1, 40}, {2, 40}, {3, 40}, {4, 41},  {5, 41},
                                   {6, 41}, {3, 42}, {4, 42}, {30, 42}, {20, 42},
                                   {3, 43}, {4, 43}, {7, 44}, {20, 44}, {30, 44}};
    struct graph_snapshot *snapshot = graph_snapshot_new(limits);
    struct error error = {0};
    for (int i = 1; i <= 7; i++)
        add(snapshot, GRAPH_SPEAKER, i);
    graph_snapshot_add_node(snapshot, GRAPH_ALIAS, id(8), slice_from_cstr(id(1)));
    add(snapshot, GRAPH_COMPANY, 20);
    add(snapshot, GRAPH_TOPIC, 30);
    for (int i = 40; i <= 44; i++)
        add(snapshot, GRAPH_EVENT, i);
    for (size_t i = 0; i < ARRAY_LEN(links); i++)
        graph_snapshot_add_link(snapshot, id(links[i][0]), id(links[i][1]), 1);
    graph_snapshot_add_link(snapshot, id(99), id(44), 1); // nobody knows it
    assert_int_equal(graph_snapshot_finish(snapshot, &error), ERR_OK);
    return snapshot;
}

static int enter(void **state)
{
    graph_igraph_begin(20 * SECOND, NULL, NULL);
    *state = two_triangles(&graph_default_limits);
    return 0;
}

static int leave(void **state)
{
    graph_snapshot_free(*state);
    graph_igraph_end();
    return 0;
}

static void people_are_tied_by_events(void **state)
{
    const struct graph_snapshot *s = *state;
    assert_int_equal(s->person_count, 7);
    assert_int_equal(s->link_count, 15);
    assert_int_equal(s->tie_count, 7);
    assert_false(s->truncated);
    for (size_t i = 0; i < s->tie_count; i++)
        assert_int_equal(s->ties[i].events, s->ties[i].a == 2 && s->ties[i].b == 3 ? 2 : 1);
}

static void an_alias_is_what_it_became(void **state)
{
    const struct graph_snapshot *s = *state;
    assert_int_equal(graph_snapshot_find(s, id(8)), graph_snapshot_find(s, id(1)));
    assert_string_equal(s->nodes[graph_snapshot_find(s, id(8))].id, id(1));
    assert_int_equal(graph_snapshot_find(s, id(98)), GRAPH_NONE);
    assert_int_equal(graph_snapshot_find(s, "nothing"), GRAPH_NONE);
}

static void centrality_is_that_of_the_picture(void **state)
{
    struct graph_snapshot *s = *state;
    struct error error = {0};
    assert_int_equal(graph_measure_centrality(s, &error), ERR_OK);
    const struct graph_centrality *c = &s->centrality;
    static const double degree[] = {2, 2, 3, 3, 2, 2, 0}, strength[] = {2, 2, 4, 4, 2, 2, 0};
    static const double betweenness[] = {0, 0, 6, 6, 0, 0, 0};
    double sum = 0;
    for (size_t i = 0; i < s->person_count; i++) {
        assert_true(fabs(VECTOR(c->degree)[i] - degree[i]) < 1e-9);
        assert_true(fabs(VECTOR(c->strength)[i] - strength[i]) < 1e-9);
        assert_true(fabs(VECTOR(c->betweenness)[i] - betweenness[i]) < 1e-9);
        sum += VECTOR(c->pagerank)[i];
    }
    assert_true(fabs(sum - 1) < 1e-6);
    assert_true(VECTOR(c->pagerank)[2] > VECTOR(c->pagerank)[0]);
}

static void triangles_are_communities(void **state)
{
    struct graph_snapshot *s = *state;
    struct error error = {0};
    assert_int_equal(graph_find_communities(s, &error), ERR_OK);
    static const int expected[] = {0, 0, 0, 1, 1, 1, 2};
    assert_int_equal(s->communities.count, 3);
    for (size_t i = 0; i < s->person_count; i++)
        assert_int_equal(VECTOR(s->communities.membership)[i], expected[i]);
    // 2 groups of 3 ties inside, 8 in all, each group half of the strength.
    assert_true(fabs(s->communities.modularity - (6.0 / 8 - 0.5)) < 1e-9);
}

static void whoever_joins_groups_is_a_bridge(void **state)
{
    struct graph_snapshot *s = *state;
    struct arena *arena CLEANUP(arena_free_cleanup) = arena_new(1 << 20);
    struct error error = {0};
    uint32_t *people;
    size_t count, *sizes, parts;
    assert_int_equal(graph_find_bridges(s, arena, &people, &count, &error), ERR_OK);
    assert_int_equal(count, 2);
    assert_int_equal(people[0], 2);
    assert_int_equal(people[1], 3);
    assert_int_equal(graph_split_without(s, 2, arena, &sizes, &parts, &error), ERR_OK);
    assert_int_equal(parts, 2);
    assert_int_equal(sizes[0], 3);
    assert_int_equal(sizes[1], 2);
}

static void paths_use_what_they_may(void **state)
{
    struct graph_snapshot *s = *state;
    struct arena *arena CLEANUP(arena_free_cleanup) = arena_new(1 << 20);
    struct error error = {0};
    static const struct {
        int from, to;
        unsigned via;
        int length; // -1: none
    } cases[] = {
        {1, 6, 1u << GRAPH_SPEAKER, 6},
        {1, 2, 0, 2},
        {1, 6, 0, -1},
        {1, 7, 1u << GRAPH_SPEAKER, -1},
        {1, 7, ~0u, 6},
        {1, 7, 1u << GRAPH_SPEAKER | 1u << GRAPH_TOPIC, 6},
        {30, 44, 0, 1},
        {30, 40, 1u << GRAPH_SPEAKER, 3},
        {5, 5, 0, 0},
        {8, 2, 0, 2},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct graph_path path;
        uint32_t from = graph_snapshot_find(s, id(cases[i].from));
        uint32_t to = graph_snapshot_find(s, id(cases[i].to));
        assert_int_equal(graph_find_path(s, from, to, cases[i].via, arena, &path, &error), ERR_OK);
        assert_int_equal(path.nodes ? (int)path.length : -1, cases[i].length);
        if (!path.nodes)
            continue;
        assert_int_equal(path.nodes[0], from);
        assert_int_equal(path.nodes[path.length], to);
    }
}

static void limits_cut_and_say_so(void **state)
{
    (void)state;
    static const struct graph_limits limits[] = {{5, 100, 100}, {100, 5, 100}, {100, 100, 2}};
    graph_igraph_begin(20 * SECOND, NULL, NULL);
    for (size_t i = 0; i < ARRAY_LEN(limits); i++) {
        struct graph_snapshot *s = two_triangles(&limits[i]);
        assert_true(s->truncated);
        assert_true(s->node_count <= limits[i].nodes && s->link_count <= limits[i].links &&
                    s->tie_count <= limits[i].ties);
        graph_snapshot_free(s);
    }
    graph_igraph_end();
}

static void nothing_is_a_graph_too(void **state)
{
    (void)state;
    struct arena *arena CLEANUP(arena_free_cleanup) = arena_new(1 << 20);
    struct error error = {0};
    uint32_t *people;
    size_t count;
    graph_igraph_begin(20 * SECOND, NULL, NULL);
    struct graph_snapshot *s = graph_snapshot_new(&graph_default_limits);
    assert_int_equal(graph_snapshot_finish(s, &error), ERR_OK);
    assert_int_equal(graph_measure_centrality(s, &error), ERR_OK);
    assert_int_equal(graph_find_communities(s, &error), ERR_OK);
    assert_int_equal(graph_find_bridges(s, arena, &people, &count, &error), ERR_OK);
    assert_int_equal(count, 0);
    assert_int_equal(graph_snapshot_find(s, id(1)), GRAPH_NONE);
    graph_snapshot_free(s);
    graph_igraph_end();
}

static bool always(const void *data)
{
    (void)data;
    return true;
}

// A ring of people: betweenness of it takes long enough to be asked whether to go on.
static void long_computations_end_early(void **state)
{
    (void)state;
    enum { PEOPLE = 2000 };
    struct error error = {0};
    graph_igraph_begin(20 * SECOND, NULL, NULL);
    struct graph_snapshot *s = graph_snapshot_new(&graph_default_limits);
    for (int i = 0; i < PEOPLE; i++)
        add(s, GRAPH_SPEAKER, i);
    for (int i = 0; i < PEOPLE; i++)
        add(s, GRAPH_EVENT, PEOPLE + i);
    for (int i = 0; i < PEOPLE; i++) {
        graph_snapshot_add_link(s, id(i), id(PEOPLE + i), 1);
        graph_snapshot_add_link(s, id((i + 1) % PEOPLE), id(PEOPLE + i), 1);
    }
    assert_int_equal(graph_snapshot_finish(s, &error), ERR_OK);
    graph_igraph_end();
    graph_igraph_begin(20 * SECOND, always, NULL);
    assert_int_equal(graph_measure_centrality(s, &error), ERR_SHUTTING_DOWN);
    graph_igraph_end();
    graph_igraph_begin(20 * SECOND, NULL, NULL);
    assert_int_equal(graph_measure_centrality(s, &error), ERR_OK); // and nothing is left behind
    graph_snapshot_free(s);
    graph_igraph_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(people_are_tied_by_events, enter, leave),
        cmocka_unit_test_setup_teardown(an_alias_is_what_it_became, enter, leave),
        cmocka_unit_test_setup_teardown(centrality_is_that_of_the_picture, enter, leave),
        cmocka_unit_test_setup_teardown(triangles_are_communities, enter, leave),
        cmocka_unit_test_setup_teardown(whoever_joins_groups_is_a_bridge, enter, leave),
        cmocka_unit_test_setup_teardown(paths_use_what_they_may, enter, leave),
        cmocka_unit_test(limits_cut_and_say_so),
        cmocka_unit_test(nothing_is_a_graph_too),
        cmocka_unit_test(long_computations_end_early),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
