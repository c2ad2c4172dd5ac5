-- What merges must never leave behind; all zero when all is well. One row.
-- index: speakers_merged_idx, companies_merged_idx, events_merged_idx
select (select count(*) from speakers l join speakers s on s.id = l.merged_into where s.merged_into is not null)
         + (select count(*) from companies l join companies s on s.id = l.merged_into where s.merged_into is not null)
         + (select count(*) from events l join events s on s.id = l.merged_into where s.merged_into is not null)
           as chains,
       (select count(*) from event_speakers l join speakers s on s.id = l.speaker_id where s.merged_into is not null)
         + (select count(*) from event_companies l join companies c on c.id = l.company_id where c.merged_into is not null)
         + (select count(*) from speaker_handles h join speakers s on s.id = h.speaker_id where s.merged_into is not null)
           as links_to_merged,
       (select count(*) from events e
        where e.merged_into is not null
          and (exists (select from event_speakers l where l.event_id = e.id)
               or exists (select from event_companies l where l.event_id = e.id)
               or exists (select from event_sources s where s.event_id = e.id))) as links_of_merged,
       (select count(*) from event_speakers l join speakers k on k.id = l.known_as
        where k.merged_into is distinct from l.speaker_id)
         + (select count(*) from event_companies l join companies k on k.id = l.known_as
            where k.merged_into is distinct from l.company_id) as wrong_names
