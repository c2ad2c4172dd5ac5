"""A large invented catalogue, always the same, put into a new database by a few statements: for plans, not for answers."""
import re

import psycopg

from stack import ROOT

EVENTS, SPEAKERS, COMPANIES, TOPICS = 20_000, 40_000, 15_000, 3_000

# share(n, what) is the same number of [0, 1) every time; pick(n, what, many, skew) one of so many, small ones more often.
HELPERS = """
create function pg_temp.share(n bigint, what text) returns float8 language sql immutable
    return (hashtextextended(what, n) & 1073741823) / 1073741824.0;
create function pg_temp.pick(n bigint, what text, many integer, skew float8) returns integer language sql immutable
    return floor(many * power((hashtextextended(what, n) & 1073741823) / 1073741824.0, skew))::integer;
create function pg_temp.word(n bigint) returns text language sql immutable
    return left(translate(md5('word' || n), '0123456789', 'aeiouaeiou'), 5 + (n % 4)::integer);
create function pg_temp.person(n bigint) returns text language sql immutable
    return initcap(pg_temp.word(pg_temp.pick(n, 'first', 800, 2)) || ' ' || pg_temp.word(10000 + pg_temp.pick(n, 'last', 20000, 1)));
create function pg_temp.firm(n bigint) returns text language sql immutable
    return initcap(pg_temp.word(40000 + n)) || ' ' || (array['Labs','Systems','Ventures','Works'])[1 + n % 4];
create function pg_temp.id(kind text, n bigint) returns uuid language sql immutable
    return md5(kind || n)::uuid;
"""

CITIES = """(array['San Francisco','New York','London','Berlin','Paris','Austin','Toronto','Lisbon','Singapore','Bengaluru',
'Tokyo','Boston','Seattle','Madrid','Amsterdam','Zurich','Oslo','Warsaw','Prague','Vienna'])"""
COUNTRIES = "(array['US','US','GB','DE','FR','US','CA','PT','SG','IN','JP','US','US','ES','NL','CH','NO','PL','CZ','AT'])"
ZONES = "(array['Europe/Berlin','America/Los_Angeles','UTC','Asia/Tokyo'])"

STEPS = f"""
-- An embedding is the sum of two of 256 points, so that neighbours exist.
create temporary table points as
select p, (select array_agg(pg_temp.share(p * 1536 + k, 'point') - 0.5 order by k) from generate_series(1, 1536) k)::vector(1536) as point
from generate_series(0, 255) p;
analyze points;
insert into speakers (id, name, normalized_name, company, title, bio, confidence_score)
select pg_temp.id('speaker', n), pg_temp.person(n), lower(pg_temp.person(n)),
       case when n % 3 <> 0 then pg_temp.firm(pg_temp.pick(n, 'works', {COMPANIES}, 3)) end, 'Engineer', repeat('Knows much. ', 10), 0.8
from generate_series(1, {SPEAKERS}) n;
update speakers s set merged_into = pg_temp.id('speaker', o.n + 1)
from generate_series(100, {SPEAKERS}, 100) o (n) where s.id = pg_temp.id('speaker', o.n) and o.n < {SPEAKERS};
insert into speaker_handles (speaker_id, kind, value)
select pg_temp.id('speaker', n), (array['linkedin','x','website'])[1 + n % 3], 'person' || n
from generate_series(1, {SPEAKERS}, 2) n where n % 100 <> 0;
insert into speaker_aliases (speaker_id, name) select pg_temp.id('speaker', n), 'Dr. ' || pg_temp.person(n) from generate_series(1, {SPEAKERS}, 3) n;

insert into companies (id, name, normalized_name, domain, industry)
select pg_temp.id('company', n), pg_temp.firm(n), lower(pg_temp.firm(n)) || case when n > 100 then ' ' || n else '' end,
       case when n % 2 = 0 then 'company' || n - (n % 60 = 0)::int || '.example' end, 'Software'
from generate_series(0, {COMPANIES} - 1) n;
update companies c set merged_into = pg_temp.id('company', o.n + 1)
from generate_series(100, {COMPANIES} - 2, 100) o (n) where c.id = pg_temp.id('company', o.n);
insert into company_aliases (company_id, name) select pg_temp.id('company', n), 'The ' || pg_temp.firm(n) from generate_series(0, {COMPANIES} - 1, 3) n;
-- Four keys each, two of them shared by a few.
insert into speaker_keys (key, speaker_id)
select hashtextextended(k || ' ' || case when k < 3 then s.id::text else s.name end, 0), s.id from speakers s, generate_series(1, 4) k;
insert into company_keys (key, company_id)
select hashtextextended(k || ' ' || case when k < 3 then c.id::text else c.name end, 0), c.id from companies c, generate_series(1, 4) k;
update speakers set keys_version = 1;
update companies set keys_version = 1;
insert into topics (id, name, normalized_name, category)
select pg_temp.id('topic', n), pg_temp.word(n) || ' ' || n, pg_temp.word(n) || ' ' || n, (array['technology','industry','format'])[1 + n % 3]
from generate_series(0, {TOPICS} - 1) n;

insert into events (id, name, description, date, location, luma_url, raw_html, extracted_data, data_quality_score, scraped_at, processed_at,
                    created_at, updated_at, luma_id, starts_at, ends_at, timezone, venue, city, country, latitude, longitude, is_online,
                    status, is_free, language, guest_count, processing_status, processing_error, content_hash, processed_hash, place_keys,
                    embedding, embedding_model, entity_text, list_item, document)
select pg_temp.id('event', n), w.word || ' ' || w.other || ' ' || n % 9000, repeat('About ' || w.word || ' and ' || w.other || '. ', 8),
       d.at::date, c.city || ', ' || c.country, 'https://luma.com/e' || n, '<html>' || n || '</html>',
       json_build_object('methods', '{{json_ld}}'::text[], 'speakers', json_build_array(json_build_object('name', pg_temp.person(n), 'company', pg_temp.firm(1)))),
       40 + n % 61, d.made, case when n % 40 <> 0 then d.made end, d.made, d.made, 'evt-' || n, d.at, d.at + interval '3 hours',
       {ZONES}[1 + n % 4], 'Hall ' || n % 500, c.city, c.country, 37 + pg_temp.share(n, 'lat') * 15, -120 + pg_temp.share(n, 'lng') * 130,
       n % 7 = 0, case when n % 50 = 0 then 'cancelled' else 'scheduled' end, n % 3 = 0, case when n % 5 = 0 then 'de' else 'en' end, n % 400,
       case when n % 40 <> 0 then 'processed' when n % 80 = 0 then 'failed' else 'queued' end, case when n % 80 = 0 then 'not_found' end,
       md5(n::text), md5(n::text), array[lower(c.city), lower(c.country), 'hall ' || n % 500], v.a + v.b, case when v.a is not null then 'hash' end, w.other,
       json_build_object('id', pg_temp.id('event', n), 'name', w.word, 'city', c.city, 'topics', '{{}}'::text[]),
       json_build_object('id', pg_temp.id('event', n), 'name', w.word, 'description', repeat(w.word || ' ', 60), 'speakers', '{{}}'::text[])
from generate_series(1, {EVENTS}) n
left join lateral (select a.point as a, b.point as b from points a, points b where a.p = n % 251 and b.p = n % 233 and n % 10 <> 9) v on true
cross join lateral (select date_trunc('hour', now()) + make_interval(hours => (pg_temp.share(n, 'day') * 24 * 730)::int - 24 * 600) as at,
                           now() - make_interval(mins => {EVENTS} - n) as made) d
cross join lateral (select 1 + pg_temp.pick(n, 'city', 20, 2) as number) p
cross join lateral (select {CITIES}[p.number] as city, {COUNTRIES}[p.number] as country) c
cross join lateral (select pg_temp.word(pg_temp.pick(n, 'word', 900, 2)) as word, pg_temp.word(pg_temp.pick(n, 'other', 900, 2)) as other) w;
insert into event_keys (key, event_id)
select hashtextextended(k || ' ' || case when k < 3 then e.id::text else e.name end, 0), e.id from events e, generate_series(1, 4) k;
update events set keys_version = 1;
insert into event_sources (url, event_id) select luma_url, id from events;
insert into event_snapshots (event_id, url, http_status, content_hash, bytes, duration_ms, fetched_at)
select pg_temp.id('event', n), 'https://luma.com/e' || n, 200, md5(n::text), 20000, 80, now() - make_interval(hours => k)
from generate_series(1, {EVENTS}) n cross join generate_series(1, 2) k;

insert into event_speakers (event_id, speaker_id, role, extraction_confidence)
select pg_temp.id('event', n), pg_temp.id('speaker', 1 + pg_temp.pick(n * 31 + k, 'who', {SPEAKERS} - 1, 1.6)),
       (array['speaker','speaker','host','panelist','moderator','judge'])[1 + (n + k) % 6], 0.9
from generate_series(1, {EVENTS}) n cross join lateral generate_series(1, pg_temp.pick(n, 'many', 7, 1.5)) k
where n % 100 <> 0 on conflict do nothing;
delete from event_speakers l using speakers s where s.id = l.speaker_id and s.merged_into is not null;
insert into event_companies (event_id, company_id, relationship_type, extraction_confidence)
select pg_temp.id('event', n), pg_temp.id('company', pg_temp.pick(n * 17 + k, 'firm', {COMPANIES}, 2)),
       (array['host','sponsor','venue','partner'])[1 + (n + k) % 4], 0.9
from generate_series(1, {EVENTS}) n cross join lateral generate_series(1, pg_temp.pick(n, 'firms', 4, 1.5)) k
where n % 100 <> 0 on conflict do nothing;
delete from event_companies l using companies c where c.id = l.company_id and c.merged_into is not null;
insert into event_topics (event_id, topic_id, relevance_score)
select pg_temp.id('event', n), pg_temp.id('topic', pg_temp.pick(n * 13 + k, 'topic', {TOPICS}, 3)), 0.2 + 0.8 * pg_temp.share(n + k, 'relevance')
from generate_series(1, {EVENTS}) n cross join generate_series(1, 3) k where n % 100 <> 0 on conflict do nothing;
-- Every hundredth event turned out to be the one after it; nothing is linked to it.
update events e set merged_into = pg_temp.id('event', o.n + 1), raw_html = null, extracted_data = null, luma_id = null, embedding = null, embedding_model = null
from generate_series(100, {EVENTS} - 1, 100) o (n) where e.id = pg_temp.id('event', o.n);
delete from event_sources s using events e where e.id = s.event_id and e.merged_into is not null;

insert into jobs (kind, event_id, state, attempt, scheduled_at, attempted_at, attempted_by, lease_until, completed_at, error_code, created_at)
select (array['scrape','process'])[1 + n % 2], pg_temp.id('event', 1 + n % {EVENTS}), s.state, 1, s.at, s.at, 'worker',
       case when s.state = 'executing' then now() end, case when s.state in ('completed', 'discarded', 'cancelled') then s.at end,
       case when s.state = 'discarded' then (array['not_found','timeout','blocked'])[1 + n % 3] end, s.at
from generate_series(1, {EVENTS}) n
cross join lateral (select case when n % 97 = 0 then 'available' when n % 101 = 0 then 'executing' when n % 31 = 0 then 'discarded'
                                when n % 53 = 0 then 'cancelled' else 'completed' end as state,
                           now() - make_interval(secs => {EVENTS} - n) as at) s;
insert into jobs (kind, same_key, state, completed_at)
select 'quality', 'key ' || n, 'completed', now() from generate_series(1, 500) n;
insert into job_events (job_id, event_id) select j.id, pg_temp.id('event', n)
from (select id from jobs where kind = 'quality' order by id limit 10) j cross join generate_series(1, 1000) n;
insert into batches (id, kind) select pg_temp.id('batch', n), 'scrape' from generate_series(1, 300) n;
insert into batch_items (batch_id, position, event_id, state)
select pg_temp.id('batch', 1 + n / 100), n % 100, pg_temp.id('event', n), case when n % 50 = 0 then 'pending' else 'done' end
from generate_series(1, {EVENTS} - 1) n;
insert into changes (type, id, data) select 'event.processed', pg_temp.id('event', n), '{{"status":"processed"}}' from generate_series(1, {EVENTS}) n;
insert into merges (kind, survivor, loser, actor, undo)
select k.kind, pg_temp.id(k.kind, n + 1), pg_temp.id(k.kind, n), 'deduplicate', '{{}}'
from (values ('speaker', {SPEAKERS} - 1), ('company', {COMPANIES} - 2), ('event', {EVENTS} - 1)) k (kind, many)
cross join lateral generate_series(100, k.many, 20) n;
insert into duplicates (kind, a, b, score, status)
select k.kind, least(x.a, x.b), greatest(x.a, x.b), pg_temp.share(n, 'score'), (array['pending','distinct','deferred'])[1 + n % 3]
from (values ('speaker'), ('company'), ('event')) k (kind) cross join generate_series(1, 2000) n
cross join lateral (select pg_temp.id(k.kind, n) as a, pg_temp.id(k.kind, n + 5000) as b) x;

insert into users (id, name) select pg_temp.id('user', n), 'user' || n from generate_series(1, 3000) n;
insert into api_keys (id, user_id, prefix, secret_sha256, name, role, created_at)
select pg_temp.id('key', n), pg_temp.id('user', n), 'p' || n, md5(n::text), 'key', 'reader', now() - make_interval(mins => n) from generate_series(1, 3000) n;
insert into usage (key_id, day, requests) select pg_temp.id('key', n), current_date - k, 5 from generate_series(1, 3000) n cross join generate_series(0, 390, 10) k;
insert into quota_windows (subject, policy, starts_at, used) select 'key:' || n, 'requests', now() - make_interval(mins => n), 1 from generate_series(1, 5000) n;
insert into idempotency_keys (principal, request, key, fingerprint, created_at)
select 'key:' || n % 100, 'POST /api/scrape/luma', 'k' || n, md5(n::text), now() - make_interval(secs => n) from generate_series(1, 5000) n;
insert into scrape_hosts (host) select 'host' || n from generate_series(1, 3000) n;
"""

def product_settings():
    """What `eventd up` gives its server about plans, read from where it is written."""
    text = (ROOT / "src/cli/postgres.c").read_text()
    names = "shared_buffers|effective_cache_size|work_mem|maintenance_work_mem|random_page_cost|jit|timezone"
    found = {name: value.strip("'") for name, value in re.findall(rf'"({names}) = ([^\\]+)\\n"', text)}
    assert len(found) == 7, found
    return found


def id_of(kind, number):
    """The id of speaker, company, topic, event, batch … number."""
    import hashlib
    import uuid
    return str(uuid.UUID(hashlib.md5(f"{kind}{number}".encode()).hexdigest()))


def fill(url):
    """Fills a migrated, empty database and leaves it with statistics."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(HELPERS)
        connection.execute("set synchronous_commit = off")
        with connection.transaction():
            hnsw = connection.execute("select pg_get_indexdef('events_embedding_idx'::regclass)").fetchone()[0]
            connection.execute("drop index events_embedding_idx")
            connection.execute("set local session_replication_role = replica")  # its links are right by construction
            connection.execute(STEPS)
        with connection.transaction():
            connection.execute("set local maintenance_work_mem = '512MB'")
            # Fewer links a point than the product's: what the planner looks at is the index's size.
            connection.execute(hnsw + " with (m = 6, ef_construction = 16)")
        connection.execute("select project_events(array(select id from events))")
        # All rows are looked at, so that the statistics, and with them the plans, are always the same.
        connection.execute("set default_statistics_target = 1000")
        connection.execute("vacuum analyze")
