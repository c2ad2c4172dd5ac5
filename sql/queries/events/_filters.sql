-- The list's filters, for every statement over events e: which of them stand is decided by what was asked for.
-- param: location text optional -- city, region, country, venue or a usual short name
-- param: topics text[] optional -- any of these
-- param: date_after date optional -- inclusive, in the event's own zone
-- param: date_before date optional
-- index: events_place_idx, event_topics_topic_idx, events_date_idx
  and e.processed_at is not null
  and e.merged_into is null
--? location
  and e.place_keys && place_lookup(:location)
--.
--? topics
  and exists (
      select from event_topics et join topics t on t.id = et.topic_id
      where et.event_id = e.id and t.normalized_name in (select fold_text(trim(wanted)) from unnest(:topics) wanted))
--.
--? date_after
  and e.date >= :date_after
--.
--? date_before
  and e.date <= :date_before
--.
