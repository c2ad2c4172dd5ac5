-- The list's filters, for every statement over events e: which of them stand is decided by what was asked for. What
-- they mean to people is said in src/lib/catalog/parameters.c.
-- param: location text optional -- city, region, country, venue or a usual short name
-- param: near float8[] optional -- latitude, longitude
-- param: radius_km float8 -- around near; only looked at with it
-- param: bbox float8[] optional -- west, south, east, north
-- param: topics text[] optional -- any of these: normalised names or ids
-- param: topics_all text[] optional
-- param: speaker text optional -- normalised name or id
-- param: role text[] optional -- of the speaker, when one is given
-- param: company text optional
-- param: relationship text[] optional
-- param: date_after date optional -- inclusive, in the event's own zone
-- param: date_before date optional
-- param: starts_after timestamptz optional -- inclusive
-- param: starts_before timestamptz optional
-- param: when_upcoming flag optional
-- param: when_past flag optional
-- param: when_today flag optional
-- param: when_weekend flag optional
-- param: online boolean optional
-- param: free boolean optional
-- param: status text[] optional
-- param: language text optional
-- param: min_quality int optional
-- param: updated_since timestamptz optional
-- param: processing_status text[] optional
-- index: events_place_idx, events_latitude_idx, event_topics_topic_idx, event_speakers_speaker_idx,
-- index: event_companies_company_idx, events_date_idx, events_starts_idx
  and e.merged_into is null
--? !processing_status
  and e.processed_at is not null
--.
--? processing_status
  and e.processing_status = any (:processing_status)
--.
--? location
  and e.place_keys && place_lookup(:location)
--.
--? near
  and e.latitude between (:near)[1] - :radius_km / 111.0 and (:near)[1] + :radius_km / 111.0
  and distance_km(e.latitude, e.longitude, (:near)[1], (:near)[2]) <= :radius_km
--.
--? bbox
  and e.latitude between (:bbox)[2] and (:bbox)[4]
  and case when (:bbox)[1] <= (:bbox)[3] then e.longitude between (:bbox)[1] and (:bbox)[3]
           else e.longitude >= (:bbox)[1] or e.longitude <= (:bbox)[3] end
--.
--? topics
  and exists (select from event_topics et
              where et.event_id = e.id and et.topic_id = any ((select topic_ids(:topics))::uuid[]))
--.
--? topics_all
  and e.id in (
      select et.event_id
      from (select w.name, topic_ids(array[w.name]) as ids
            from (select distinct u.name from unnest(:topics_all) u(name)) w offset 0) asked
      join event_topics et on et.topic_id = any (asked.ids)
      group by et.event_id
      having count(distinct asked.name) = (select count(distinct u.name) from unnest(:topics_all) u(name)))
--.
--? speaker|role
  and exists (select from event_speakers es where es.event_id = e.id
--.
--? speaker
              and es.speaker_id = any ((select speaker_ids(:speaker))::uuid[])
--.
--? role
              and es.role = any (:role)
--.
--? speaker|role
  )
--.
--? company|relationship
  and exists (select from event_companies ec where ec.event_id = e.id
--.
--? company
              and ec.company_id = any ((select company_ids(:company))::uuid[])
--.
--? relationship
              and ec.relationship_type = any (:relationship)
--.
--? company|relationship
  )
--.
--? date_after
  and e.date >= :date_after
--.
--? date_before
  and e.date <= :date_before
--.
--? starts_after
  and e.starts_at >= :starts_after
--.
--? starts_before
  and e.starts_at <= :starts_before
--.
--? when_upcoming
  and event_is_over(e.date, e.starts_at, e.ends_at, e.timezone) = false
--.
--? when_past
  and event_is_over(e.date, e.starts_at, e.ends_at, e.timezone)
--.
--? when_today
  and e.date <= local_day(e.timezone)
  and event_last_day(e.date, e.ends_at, e.timezone) >= local_day(e.timezone)
--.
--? when_weekend
  and e.date <= date_trunc('week', local_day(e.timezone))::date + 6
  and event_last_day(e.date, e.ends_at, e.timezone) >= date_trunc('week', local_day(e.timezone))::date + 5
--.
--? online
  and e.is_online = :online
--.
--? free
  and e.is_free = :free
--.
--? status
  and e.status = any (:status)
--.
--? language
  and (lower(e.language) = lower(:language) or starts_with(lower(e.language), lower(:language) || '-'))
--.
--? min_quality
  and e.data_quality_score >= :min_quality
--.
--? updated_since
  and e.updated_at >= :updated_since
--.
