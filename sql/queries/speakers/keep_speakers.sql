-- Keeps the people whom a page names and who were not known, under the ids they were given.
-- param: speakers jsonb -- [{id, name, normalized_name, company, title, bio, confidence}]
-- param: keys_version int
insert into speakers (id, name, normalized_name, company, title, bio, confidence_score, keys_version)
select i.id, i.name, i.normalized_name, i.company, i.title, i.bio, i.confidence, :keys_version
from jsonb_to_recordset(:speakers) as i (
    id uuid, name text, normalized_name text, company text, title text, bio text, confidence real)
