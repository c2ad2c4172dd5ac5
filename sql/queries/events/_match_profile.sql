-- What an event e is compared by: members of a profile (src/processor/deduplication/profile.h). The place is the town, and
-- where that is unknown the line for people; a venue is known by its name, its street, or both.
           'id', e.id, 'name', e.name, 'normalized_name', fold_text(trim(e.name)), 'url', e.luma_url, 'luma_id', e.luma_id,
           'starts_at', coalesce(zoned_time(e.starts_at, e.timezone), e.date::text),
           'ends_at', zoned_time(e.ends_at, e.timezone),
           'venue', nullif(concat_ws(', ', e.venue, split_part(e.address, ',', 1),
                                     case when e.city is null and not e.is_online then e.location end), ''),
           'place', nullif(concat_ws(' ', e.city, case when e.is_online then 'online' end), ''),
           'organiser', coalesce(
               (select c.name from event_companies l join companies c on c.id = l.company_id
                where l.event_id = e.id and l.relationship_type = 'host' order by l.extraction_confidence desc, c.id limit 1),
               (select s.name from event_speakers l join speakers s on s.id = l.speaker_id
                where l.event_id = e.id and l.role = 'host' order by l.extraction_confidence desc, s.id limit 1)),
           'links', (select json_agg(distinct x.link) from (
                         select rtrim(m[1], '.,;:!?*_') as link
                         from regexp_matches(left(e.description, 20000), '(https?://[^]\s<>()["''`]+)', 'g') m limit 12) x)
