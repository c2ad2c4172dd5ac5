-- Two people as they are compared, the one that is asked about first, and what was decided about the pair. ids: both.
-- param: id uuid
-- param: other uuid
with profiles as (
--+ duplicates/_speaker_profiles
)
select p.*, d.status
from profiles p
left join duplicates d on d.kind = 'speaker' and d.a = least(:id, :other) and d.b = greatest(:id, :other)
order by p.id <> :id
