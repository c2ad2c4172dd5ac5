// The ways to read a person's name. See person.h.
#include "lib/match/person.h"

#include "lib/match/similar.h"

#include <string.h>

static struct name_reading *add_reading(struct written_name *name, const struct name_part *given,
                                        const struct name_part *family, enum name_order order)
{
    if (name->reading_count == PERSON_MAX_READINGS)
        return NULL;
    struct name_reading *reading = &name->readings[name->reading_count++];
    *reading = (struct name_reading){.given = given, .family = family, .order = order};
    for (size_t i = 0; i < name->count; i++)
        if (given == &name->parts[i] || family == &name->parts[i])
            reading->used |= 1U << i;
    return reading;
}

// The parts from `from` to before `end` written in one; NULL when they are initials, or too long for a name.
static const struct name_part *join_parts(struct arena *arena, const struct written_name *name,
                                          size_t from, size_t end)
{
    char text[SIMILAR_MAX_BYTES];
    size_t used = 0;
    bool pinyin = true;
    if (name->parts[from].is_initial)
        return NULL; // "C. H." is no "Ch."
    for (size_t i = from; i < end; i++) {
        struct slice part = name->parts[i].text;
        pinyin &= name->parts[i].is_pinyin;
        if (used + part.len > sizeof text)
            return NULL;
        memcpy(text + used, part.ptr, part.len);
        used += part.len;
    }
    struct name_part *joined = ARENA_NEW(arena, struct name_part);
    *joined = person_part(arena, (struct slice){text, used});
    joined->is_pinyin &= pinyin;
    return joined;
}

static unsigned bits_between(size_t from, size_t end)
{
    return (1U << end) - (1U << from);
}

struct joined {
    size_t from, end, other; // the parts written in one, and the other name
    enum name_order order;
};

static void add_joined_given(struct arena *arena, struct written_name *name, struct joined joined)
{
    const struct name_part *given = join_parts(arena, name, joined.from, joined.end);
    struct name_reading *reading =
        given ? add_reading(name, given, &name->parts[joined.other], joined.order) : NULL;
    if (reading)
        reading->used |= bits_between(joined.from, joined.end);
}

static void add_joined_family(struct arena *arena, struct written_name *name, struct joined joined)
{
    const struct name_part *family = join_parts(arena, name, joined.from, joined.end);
    struct name_reading *reading =
        family ? add_reading(name, &name->parts[joined.other], family, joined.order) : NULL;
    if (reading)
        reading->used |= bits_between(joined.from, joined.end);
}

static void add_long_readings(struct arena *arena, struct written_name *name, size_t n)
{
    const struct name_part *parts = name->parts;
    add_reading(name, &parts[1], &parts[0], NAME_TURNED);
    add_joined_given(arena, name, (struct joined){0, 2, n - 1, NAME_AS_WRITTEN});
    add_joined_given(arena, name, (struct joined){1, 3, 0, NAME_TURNED});
    add_joined_family(arena, name, (struct joined){n - 2, n, 0, NAME_AS_WRITTEN});
    add_joined_family(arena, name, (struct joined){0, 2, n - 1, NAME_TURNED});
    for (size_t family = n - 2; family > 0; family--) {
        struct name_reading *reading =
            add_reading(name, &parts[0], &parts[family], NAME_AS_WRITTEN);
        if (reading)
            reading->family_is_part = true;
    }
    // "J. M. Pierre Langlois" is called Pierre.
    size_t called = 1;
    while (called + 2 < n && parts[called].is_initial && parts[called - 1].is_initial)
        called++;
    add_reading(name, &parts[called], &parts[n - 1], NAME_LEFT_OUT);
    if (n > 3)
        add_joined_given(arena, name, (struct joined){0, n - 1, n - 1, NAME_AS_WRITTEN});
}

void person_read_ways(struct arena *arena, struct written_name *name)
{
    size_t n = name->count - name->aside_count;
    const struct name_part *parts = name->parts;
    name->readings = ARENA_ARRAY(arena, PERSON_MAX_READINGS, struct name_reading);
    if (n == 1) {
        add_reading(name, &parts[0], NULL, NAME_AS_WRITTEN);
        add_reading(name, NULL, &parts[0], NAME_AS_WRITTEN);
        return;
    }
    add_reading(name, &parts[0], &parts[n - 1], NAME_AS_WRITTEN);
    if (n == 2)
        add_reading(name, &parts[1], &parts[0], NAME_TURNED);
    else
        add_long_readings(arena, name, n);
    for (size_t i = n; i < name->count; i++)
        add_reading(name, &parts[i], &parts[n - 1], NAME_LEFT_OUT);
}
