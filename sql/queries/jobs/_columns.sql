-- A job j as it is shown, with its event e; its arguments and its result, which may be long, are added by each list.
    j.id, j.kind, j.state, j.event_id, e.luma_url as url, j.attempt, j.max_attempts, j.priority,
    iso_time(j.created_at) as created_at, iso_time(j.scheduled_at) as scheduled_at,
    iso_time(j.attempted_at) as attempted_at, iso_time(j.completed_at) as completed_at,
    json_build_object('done', j.progress_done, 'total', j.progress_total) as progress,
    case when j.error_code is not null
         then json_build_object('code', j.error_code, 'detail', j.error_detail) end as error,
    j.cancel_requested, j.request_id
