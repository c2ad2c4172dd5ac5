-- Full text search: words of the name weigh most, then people, companies, topics and place, then the description.
-- param: q text -- as in a web search: quotes, or, -
-- param: cursor_1 float8 optional -- score of the last row seen
-- param: cursor_2 uuid optional
-- param: limit int
-- index: events_search_idx
with hits as (
    select e.id, e.list_item, e.name, e.description,
           ts_rank_cd('{0.1,0.2,0.5,1.0}', e.search, query.q, 1)::float8 as score, query.q
    from events e, (select websearch_to_tsquery('english', fold_text(:q)) as q) query
    where e.search @@ query.q
--+ events/_filters
), page as (
    select * from hits h
    where true
--? cursor_1
      and (h.score, h.id) < (:cursor_1, :cursor_2)
--.
    order by h.score desc, h.id desc
    limit :limit
)
select p.list_item as _item, round(p.score::numeric, 6) as score, json_build_object(
            'name', ts_headline('english', replace(replace(replace(p.name, '&', '&amp;'), '<', '&lt;'), '>', '&gt;'), p.q,
                                'StartSel=<mark>, StopSel=</mark>, HighlightAll=true'),
            'description', ts_headline('english',
                                       replace(replace(replace(left(p.description, 20000), '&', '&amp;'), '<', '&lt;'), '>', '&gt;'),
                                       p.q, 'StartSel=<mark>, StopSel=</mark>, MaxWords=30, MinWords=10')) as highlights,
       json_build_array(p.score::text, p.id) as _cursor
from page p
order by p.score desc, p.id desc
