-- Another event that is the same one at its source: the same Luma id, or the owner of the page's own address.
-- param: id uuid
-- param: luma_id text
-- param: url text -- canonical address that the page gives itself
-- index: events_luma_id_idx, event_sources_pkey
select e.id from events e
where e.id <> :id and e.merged_into is null
  and e.id in (select l.id from events l where l.luma_id = :luma_id and l.merged_into is null
               union all
               select s.event_id from event_sources s where s.url = :url)
order by e.created_at, e.id
limit 1
