-- Writes what was read of an event's page; what people said about it (overrides) stands above that.
-- param: id uuid
-- param: fields jsonb -- the extractor's event, flat
-- param: record jsonb -- the whole record of the extractor
-- param: embedding vector
-- param: model text
-- param: page_hash text -- of the page that was read
update events e
set name = r.name, description = r.description, location = r.location,
    date = case when r.starts_at is not null and e.overrides ?| '{starts_at,timezone}'
                then (r.starts_at at time zone coalesce(usable_zone(r.timezone), 'UTC'))::date
                else r.date end,
    starts_at = r.starts_at, ends_at = r.ends_at, timezone = usable_zone(r.timezone), venue = r.venue, address = r.address,
    city = r.city, region = r.region, country = r.country, latitude = r.latitude, longitude = r.longitude,
    is_online = coalesce(r.is_online, false), status = coalesce(r.status, 'scheduled'), image_url = r.image_url,
    price_cents = r.price_cents, price_currency = r.price_currency, is_free = r.is_free, is_sold_out = r.sold_out,
    language = r.language, guest_count = r.guest_count, luma_id = r.luma_id,
    place_keys = array(select distinct fold_text(k) from unnest(array[
        r.city, r.region, r.country, r.venue, r.country_name, r.location]) k where k <> ''),
    page_country_name = :fields ->> 'country_name', extracted_data = :record, embedding = :embedding, embedding_model = :model, processed_hash = :page_hash,
    processing_status = 'processed', processing_error = null, processing_error_detail = null,
    processed_at = now(), updated_at = now()
-- A country and its name are a pair: who overrides the one overrides the other.
from jsonb_to_record((select case when o.overrides ? 'country' then :fields - 'country_name' else :fields end || o.overrides
                      from events o where o.id = :id)) as r (
    name text, description text, date date, location text, starts_at timestamptz, ends_at timestamptz, timezone text,
    venue text, address text, city text, region text, country text, country_name text, latitude double precision,
    longitude double precision, is_online boolean, status text, image_url text, price_cents bigint,
    price_currency text, is_free boolean, sold_out boolean, language text, guest_count integer, luma_id text)
where e.id = :id
