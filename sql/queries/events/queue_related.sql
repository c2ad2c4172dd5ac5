-- Other events show people and companies of this one, too: those that read differently since this transaction are
-- rendered by a job of their own, so that this one locks no event but its own.
-- writes: jobs
-- param: id uuid
-- param: request_id text
-- index: event_speakers_speaker_idx, event_companies_company_idx
with changed as (
    select coalesce(json_agg(s.id order by s.id), '[]') as speakers
    from event_speakers es join speakers s on s.id = es.speaker_id
    where es.event_id = :id and s.updated_at = now() and s.created_at < now()
      and exists (select from event_speakers o where o.speaker_id = s.id and o.event_id <> :id)
), renamed as (
    select coalesce(json_agg(c.id order by c.id), '[]') as companies
    from event_companies ec join companies c on c.id = ec.company_id
    where ec.event_id = :id and c.updated_at = now() and c.created_at < now()
      and exists (select from event_companies o where o.company_id = c.id and o.event_id <> :id)
), args as (
    select json_build_object('speakers', speakers, 'companies', companies) as args,
           json_array_length(speakers) + json_array_length(companies) as entities
    from changed, renamed
)
select enqueue_job('render', args, md5(args::text), :request_id, 7) from args where entities > 0
