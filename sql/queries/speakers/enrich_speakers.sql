-- Adds what a new appearance tells about known speakers: what was unknown, spellings, handles.
-- updated_at tells who reads differently now.
-- param: speakers jsonb -- [{id, name, company, title, bio, confidence, links: {kind: value}}]
with input as (
    select * from jsonb_to_recordset(:speakers) as i (
        id uuid, name text, company text, title text, bio text, confidence real, links jsonb)
), merged as (
    select id, max(company) as company, max(title) as title, max(bio) as bio, max(confidence) as confidence
    from input group by id
), spelled as (
    insert into speaker_aliases (speaker_id, name) select distinct id, name from input on conflict do nothing
), linked as (
    insert into speaker_handles (speaker_id, kind, value)
    select distinct i.id, l.key, l.value from input i, jsonb_each_text(coalesce(i.links, '{}')) l
    where l.value is not null
    on conflict do nothing
)
update speakers s
set company = coalesce(s.company, m.company), title = coalesce(s.title, m.title), bio = coalesce(s.bio, m.bio),
    confidence_score = greatest(s.confidence_score, m.confidence), updated_at = now()
from (select * from merged order by id) m
where s.id = m.id
  and ((s.company is null and m.company is not null) or (s.title is null and m.title is not null)
       or (s.bio is null and m.bio is not null) or s.confidence_score < m.confidence)
