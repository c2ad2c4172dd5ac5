-- Topics that are parts of broader ones: who asks for "AI" means "AI agents" too.

-- Every broader topic of a topic, not only the next one, as the extraction tells them with an event.
create table topic_broader (
    topic_id uuid not null references topics (id) on delete cascade,
    broader_id uuid not null references topics (id) on delete cascade,
    primary key (topic_id, broader_id),
    check (topic_id <> broader_id)
);
create index topic_broader_broader_idx on topic_broader (broader_id, topic_id);

-- Topics that are meant by keys or ids: the names themselves, what they are other names of, that one's other names, and
-- the narrower topics of all these.
create or replace function topic_ids(wanted text[]) returns uuid[]
    language sql stable strict parallel safe
    return array(
        with asked as (
            select w as name from unnest(wanted) w
        ), meant as (
            select name from asked
            union select a.name from topic_aliases a join asked on a.alias = asked.name
        ), names as (
            select name from meant
            union select a.alias from topic_aliases a join meant on a.name = meant.name
        ), named as (
            select t.id from topics t where t.normalized_name in (select name from names)
            union select t.id from topics t where t.id in (select uuid_or_null(name) from asked)
        )
        select id from named
        union select b.topic_id from topic_broader b join named on named.id = b.broader_id);
