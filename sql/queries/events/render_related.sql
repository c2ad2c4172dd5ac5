-- Renders an event, and those others that show something that has changed with it.
-- writes: entity_text, list_item and document of events
-- param: id uuid
-- param: speakers uuid[] -- who reads differently now
-- index: event_speakers_speaker_idx
select render_events(array(
    select :id union select es.event_id from event_speakers es where es.speaker_id = any (:speakers)))::text
