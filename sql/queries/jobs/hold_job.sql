-- Keeps a job this worker's until the end of the transaction; what that queues is its owners' (asking_users). No row when another worker has it by now.
-- param: id uuid
-- param: worker text
-- param: attempt int
select id, set_config('eventd.job', id::text, true) as _told from jobs
where id = :id and state = 'executing' and attempted_by = :worker and attempt = :attempt
for update
