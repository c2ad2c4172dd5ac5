-- Keeps a job this worker's until the end of the transaction. No row when another worker has it by now.
-- param: id uuid
-- param: worker text
-- param: attempt int
select id from jobs
where id = :id and state = 'executing' and attempted_by = :worker and attempt = :attempt
for update
