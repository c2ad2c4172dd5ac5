-- Renders the ready-made answers of events anew.
-- writes: entity_text, list_item and document of events
-- param: ids uuid[]
select render_events(:ids)::text
