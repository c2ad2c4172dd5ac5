-- Hybrid search: two lists of hits, by words and by embedding, joined by reciprocal rank fusion: the score is the sum of
-- 1 / (60 + rank), equal raw scores share a rank (Cormack, Clarke and Büttcher, 2009). Events with all the words stand
-- before those with some of them; within each, words of the name weigh most, then people, companies, topics and place,
-- then the description. Later pages leave out what has changed since the first: ranks hang together.
-- param: q text -- as in a web search: quotes, or, -
-- param: q_embedding vector -- null: by words only
-- param: q_model text -- of q_embedding
-- param: sort_date flag optional
-- param: sort_date_desc flag optional
-- param: sort_created_at flag optional
-- param: sort_created_at_desc flag optional
-- param: sort_quality flag optional
-- param: sort_quality_desc flag optional
-- param: sort_distance flag optional
-- param: explain_true flag optional
-- param: count_exact flag optional -- also how many there are in all
-- param: cursor_1 float8 optional -- what the last row seen was sorted by
-- param: cursor_2 uuid optional -- its id
-- param: cursor_3 timestamptz optional -- when the first page was asked for
-- param: limit int
-- index: events_search_idx, events_embedding_idx
with query as materialized (
    select strict, search_any(strict) as loose from websearch_to_tsquery('english', fold_text(:q)) strict
), worded as materialized (
    select e.id, case when e.search @@ (select strict from query)
                      then 1 + ts_rank_cd('{0.1,0.2,0.5,1.0}', e.search, (select strict from query), 33)
                      else ts_rank('{0.1,0.2,0.5,1.0}', e.search, (select loose from query), 33) end::float8 as raw
    from events e
    where e.search @@ (select loose from query)
--? cursor_3
      and e.updated_at <= :cursor_3
--.
--+ events/_filters
), near_ids as materialized (
    select e.id, (e.embedding <=> :q_embedding)::float8 as distance
    from events e
    where e.embedding is not null and e.embedding_model = :q_model
--? cursor_3
      and e.updated_at <= :cursor_3
--.
--+ events/_filters
    order by e.embedding <=> :q_embedding
    limit 200
), meaning as (
    -- Beyond this distance there is nothing in common but chance: vectors of 1536 dimensions agree up to 0.08 by themselves.
    select id, distance from near_ids where distance < 0.92
), ranked as (
    select id, w.raw, w.rank as word_rank, m.distance, m.rank as meaning_rank,
           coalesce(1.0 / (60 + w.rank), 0)::float8 + coalesce(1.0 / (60 + m.rank), 0)::float8 as score
    from (select id, raw, rank() over (order by raw desc) from worded) w
    full join (select id, distance, rank() over (order by distance) from meaning) m using (id)
), hits as (
    select r.*,
--? sort_date|sort_date_desc
           (coalesce(e.date, '0001-01-01'::date) - '2000-01-01'::date)::float8
--.
--? sort_created_at|sort_created_at_desc
           (extract(epoch from e.created_at) * 1000000)::float8
--.
--? sort_quality|sort_quality_desc
           e.data_quality_score::float8
--.
--? near &sort_distance
           distance_km(e.latitude, e.longitude, (:near)[1], (:near)[2])
--.
--? !sort_date|sort_date_desc|sort_created_at|sort_created_at_desc|sort_quality|sort_quality_desc|sort_distance
           r.score
--.
--? sort_distance !near
           r.score
--.
           as key
    from ranked r join events e on e.id = r.id
), page as (
    select h.* from hits h
    where true
--? cursor_1 !sort_date|sort_created_at|sort_quality|sort_distance
      and (h.key, h.id) < (:cursor_1, :cursor_2)
--.
--? cursor_1 &sort_date|sort_created_at|sort_quality|sort_distance
      and (h.key, h.id) > (:cursor_1, :cursor_2)
--.
--? !sort_date|sort_created_at|sort_quality|sort_distance
    order by h.key desc, h.id desc
--.
--? sort_date|sort_created_at|sort_quality|sort_distance
    order by h.key, h.id
--.
    limit :limit
)
select e.list_item as _item, round(p.score::numeric, 6) as score,
       json_build_object(
            'name', ts_headline('english', escape_html(e.name), query.loose,
                                'StartSel=<mark>, StopSel=</mark>, HighlightAll=true'),
            'description', ts_headline('english', escape_html(markdown_text(left(e.description, 20000))), query.loose,
                                       'StartSel=<mark>, StopSel=</mark>, MaxWords=30, MinWords=10')) as highlights,
--? explain_true
       json_build_object(
            'lexical', case when p.word_rank is not null then
                json_build_object('rank', p.word_rank, 'raw', round(p.raw::numeric, 6), 'all_words', p.raw >= 1) end,
            'semantic', case when p.meaning_rank is not null then
                json_build_object('rank', p.meaning_rank, 'distance', round(p.distance::numeric, 6)) end,
            'rrf', round(p.score::numeric, 6)) as explain,
--.
--? count_exact
       (select count(*) from hits) as _total,
--.
       json_build_array(p.key::text, p.id,
--? cursor_3
                        :cursor_3::timestamptz
--.
--? !cursor_3
                        now()
--.
                        ) as _cursor
--+ events/_members
from query, page p join events e on e.id = p.id
--? !sort_date|sort_created_at|sort_quality|sort_distance
order by p.key desc, p.id desc
--.
--? sort_date|sort_created_at|sort_quality|sort_distance
order by p.key, p.id
--.
