-- Companies with how many events they had a part in; those who turned out to be somebody else are not listed.
-- param: q text optional -- the beginning of a name or of another spelling of it, or nearly one
-- param: relationship text[] optional
-- param: sort_name flag optional
-- param: sort_events flag optional -- the most first
-- param: sort_last_seen flag optional -- the latest first
-- param: cursor_1 text optional -- what the last row seen was sorted by
-- param: cursor_2 uuid optional -- its id
-- param: limit int
-- index: companies_listed_idx, companies_name_trigram_idx, company_aliases_trigram_idx, event_companies_company_idx
with found as (
    select x.id, x.normalized_name, x.name, x.domain, x.industry, n.events, n.first_seen, n.last_seen, n.roles
    from companies x
    cross join lateral (
        select count(distinct e.id) as events, min(e.date) as first_seen, max(e.date) as last_seen,
               coalesce(json_agg(distinct l.relationship_type), '[]'::json) as roles
        from event_companies l join events e on e.id = l.event_id
        where l.company_id = x.id and e.processed_at is not null and e.merged_into is null) n
    where x.merged_into is null
--? q
      and name_key(:q) <> ''
      and x.id in (select n.id from known_names n
                   where n.kind = 'company' and n.is_shown
                     and (n.key like name_key(:q) || '%' or n.key % name_key(:q)))
--.
--? relationship
      and exists (select from event_companies l join events e on e.id = l.event_id
                  where l.company_id = x.id and l.relationship_type = any (:relationship)
                    and e.processed_at is not null and e.merged_into is null)
--.
)
select json_build_object('id', f.id, 'name', f.name, 'domain', f.domain, 'industry', f.industry, 'events', f.events,
                         'relationships', f.roles, 'first_seen', f.first_seen, 'last_seen', f.last_seen) as _item
--? sort_name
       , json_build_array(f.normalized_name, f.id) as _cursor
--.
--? sort_events
       , json_build_array(f.events::text, f.id) as _cursor
--.
--? sort_last_seen
       , json_build_array(coalesce(f.last_seen, '-infinity'::date)::text, f.id) as _cursor
--.
from found f
where true
--? cursor_1 &sort_name
  and (f.normalized_name, f.id) > (:cursor_1, :cursor_2)
--.
--? cursor_1 &sort_events
  and (f.events, f.id) < (:cursor_1::bigint, :cursor_2)
--.
--? cursor_1 &sort_last_seen
  and (coalesce(f.last_seen, '-infinity'::date), f.id) < (:cursor_1::date, :cursor_2)
--.
--? sort_name
order by f.normalized_name, f.id
--.
--? sort_events
order by f.events desc, f.id desc
--.
--? sort_last_seen
order by coalesce(f.last_seen, '-infinity'::date) desc, f.id desc
--.
limit :limit
