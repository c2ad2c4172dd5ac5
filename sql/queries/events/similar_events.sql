-- Events nearest to one by embedding, by the same model, itself left out. A full page whenever enough exist: the
-- index scan goes on until the filters are satisfied (hnsw.iterative_scan, set on the database).
-- param: id uuid
-- param: cursor_1 float8 optional -- distance of the last row seen
-- param: cursor_2 uuid optional
-- param: limit int
-- index: events_embedding_idx
select n.list_item as _item, round((1 - n.distance)::numeric, 6) as score,
       json_build_array(n.distance::text, n.id) as _cursor, n.id is not null as _present,
       subject.merged_into as _merged_into
from events subject
left join lateral (
    select e.id, e.list_item, (e.embedding <=> subject.embedding)::float8 as distance
    from events e
    where e.id <> subject.id and e.embedding is not null and e.embedding_model = subject.embedding_model
--+ events/_filters
--? cursor_1
      and ((e.embedding <=> subject.embedding)::float8, e.id) > (:cursor_1, :cursor_2)
--.
    order by e.embedding <=> subject.embedding, e.id
    limit :limit
) n on true
where subject.id = :id
order by n.distance, n.id
