-- Merges, the latest first: who became whom, by whom and why.
-- param: kind text optional
-- param: entity uuid optional -- as survivor or as loser
-- param: undone bool optional
-- param: cursor_1 bigint optional -- place of the last row seen
-- param: limit int
-- index: merges_seq_key, merges_by_survivor_idx, merges_by_loser_idx
select m.id, m.kind, json_build_object('id', m.survivor, 'name', coalesce(ss.name, cs.name, es.name)) as survivor,
       json_build_object('id', m.loser, 'name', coalesce(sl.name, cl.name, el.name)) as loser,
       m.actor, m.reason, m.note, m.probability, m.created_at, m.undone_at, m.undone_by, m.undone_note,
       json_build_array(m.seq::text) as _cursor
from merges m
left join speakers ss on m.kind = 'speaker' and ss.id = m.survivor
left join speakers sl on m.kind = 'speaker' and sl.id = m.loser
left join companies cs on m.kind = 'company' and cs.id = m.survivor
left join companies cl on m.kind = 'company' and cl.id = m.loser
left join events es on m.kind = 'event' and es.id = m.survivor
left join events el on m.kind = 'event' and el.id = m.loser
where true
--? kind
  and m.kind = :kind
--.
--? entity
  and m.id in (select s.id from merges s where s.survivor = :entity
               union all select l.id from merges l where l.loser = :entity)
--.
--? undone
  and (m.undone_at is not null) = :undone
--.
--? cursor_1
  and m.seq < :cursor_1
--.
order by m.seq desc
limit :limit
