-- Asks for one event to be processed; see the function in sql/migrations.
-- writes: events and jobs
-- param: event_id uuid
-- param: html text
-- param: html_hash text
-- param: request_id text
select event_id, job_id, has_page, merged_into from request_process(:event_id, :html, :html_hash, :request_id)
