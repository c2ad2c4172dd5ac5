-- Events nearest to one by embedding, by the same model, itself left out. A full page whenever enough exist: the index
-- scan goes on until the filters are satisfied (hnsw.iterative_scan, set on the database), and where it gave up (it is
-- approximate, and bounded) all that the filters let through are compared.
-- param: id uuid
-- param: cursor_1 float8 optional -- distance of the last row seen
-- param: cursor_2 uuid optional
-- param: limit int
-- index: events_embedding_idx
with subject as materialized (
    select s.id, s.embedding, s.embedding_model, s.merged_into from events s where s.id = :id
), indexed as materialized (
    select e.id, (e.embedding <=> (select s.embedding from subject s))::float8 as distance
    from events e
    where e.id <> :id and e.embedding is not null
      and e.embedding_model = (select s.embedding_model from subject s)
--+ events/_filters
--? cursor_1
      and ((e.embedding <=> (select s.embedding from subject s))::float8, e.id) > (:cursor_1, :cursor_2)
--.
    order by e.embedding <=> (select s.embedding from subject s), e.id
    limit :limit
), compared as (
    -- The sum keeps the index out of it.
    select e.id, (e.embedding <=> (select s.embedding from subject s))::float8 + 0 as distance
    from events e
    where (select count(*) from indexed) < :limit
      and e.id <> :id and e.embedding is not null
      and e.embedding_model = (select s.embedding_model from subject s)
--+ events/_filters
--? cursor_1
      and ((e.embedding <=> (select s.embedding from subject s))::float8, e.id) > (:cursor_1, :cursor_2)
--.
    order by 2, e.id
    limit :limit
), nearest as (
    select id, distance from indexed where (select count(*) from indexed) >= :limit
    union all
    select id, distance from compared
)
select e.list_item as _item, round((1 - n.distance)::numeric, 6) as score,
       json_build_array(n.distance::text, n.id) as _cursor, n.id is not null as _present,
       s.merged_into as _merged_into
--+ events/_members
from subject s left join (nearest n join events e on e.id = n.id) on true
order by n.distance, n.id
