-- Finds or makes the speakers of an event by their normalised names; the names must be locked. The name of one who was
-- merged into another means that other, unless somebody else has it too. One row for each input.
-- param: speakers jsonb -- [{position, name, normalized_name, company, title, bio, confidence}]
-- index: speakers_normalized_name_idx
with input as (
    select * from jsonb_to_recordset(:speakers) as i (
        position integer, name text, normalized_name text, company text, title text, bio text, confidence real)
), found as (
    select distinct on (s.normalized_name) s.normalized_name, coalesce(s.merged_into, s.id) as id
    from speakers s where s.normalized_name in (select normalized_name from input)
    order by s.normalized_name, s.merged_into is not null, s.created_at, s.id
), created as (
    insert into speakers (name, normalized_name, company, title, bio, confidence_score)
    select distinct on (i.normalized_name) i.name, i.normalized_name, i.company, i.title, i.bio, i.confidence
    from input i
    where not exists (select from found f where f.normalized_name = i.normalized_name)
    order by i.normalized_name, i.confidence desc, i.position
    returning id, normalized_name
)
select i.position, coalesce(f.id, c.id) as id
from input i
left join found f using (normalized_name)
left join created c using (normalized_name)
order by i.position
