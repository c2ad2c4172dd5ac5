-- How far a running job is. No row when another worker has taken it over; else whether somebody asks for its end.
-- param: id uuid
-- param: worker text
-- param: attempt int
-- param: done int
-- param: total int
update jobs set progress_done = :done, progress_total = :total
where id = :id and state = 'executing' and attempted_by = :worker and attempt = :attempt
returning cancel_requested
