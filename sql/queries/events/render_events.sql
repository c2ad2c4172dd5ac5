-- Renders the ready-made answers of events anew.
-- param: ids uuid[]
select render_events(:ids)::text
