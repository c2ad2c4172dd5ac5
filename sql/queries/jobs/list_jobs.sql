-- Jobs, the newest first. Long arguments and results are shown with the job alone.
-- param: kind text optional
-- param: state text optional
-- param: event_id uuid optional
-- param: error_code text optional
-- param: cursor_1 timestamptz optional -- created_at of the last row seen
-- param: cursor_2 uuid optional
-- param: limit int
-- param: owner uuid optional -- only those that this user has asked for
-- index: jobs_created_idx
select
--+ jobs/_columns
    , case when octet_length(j.args::text) <= 1000 then j.args end as args
    , case when octet_length(j.result::text) <= 1000 then j.result end as result
    , json_build_array(j.created_at, j.id) as _cursor
from jobs j left join events e on e.id = j.event_id
where true
--? owner
  and exists (select from job_owners o where o.job_id = j.id and o.user_id = :owner)
--.
--? kind
  and j.kind = :kind
--.
--? state
  and j.state = :state
--.
--? event_id
  and j.event_id = :event_id
--.
--? error_code
  and j.error_code = :error_code
--.
--? cursor_1
  and (j.created_at, j.id) < (:cursor_1, :cursor_2)
--.
order by j.created_at desc, j.id desc
limit :limit
