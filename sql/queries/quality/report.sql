-- The state of the data: completeness, validity, freshness, duplicates and drift, by field and source, and the worst
-- events with what to fix. What is measured how: docs/decisions/0016-data-quality.md.
-- param: window_days int -- drift: what was processed in the last so many days, against everything before
-- param: worst int -- so many of the worst events
with subjects as materialized (
    select e.id, e.name, e.date, e.luma_url, e.data_quality_score, e.scraped_at, e.processed_at, name_key(e.name) as key,
           event_is_ahead(e.date, e.starts_at, e.ends_at, e.timezone, now()) as is_ahead,
           coalesce(substring(e.luma_url from '^https?://([^/]+)'), 'unknown') as host,
           coalesce((select string_agg(m.name, '+' order by m.name) from jsonb_array_elements_text(
               case jsonb_typeof(e.extracted_data -> 'methods') when 'array' then e.extracted_data -> 'methods' else '[]' end) m(name)),
               'unknown') as method
    from events e
    where true
--+ events/_filters
), judged as materialized (
    select array_agg(s.id) as ids from subjects s
), parts as materialized (
    select p.event_id, p.part, p.share from judged j cross join lateral event_parts(coalesce(j.ids, '{}')) p
), defects as materialized (
    select d.event_id, d.code, d.found from judged j cross join lateral event_defects(coalesce(j.ids, '{}')) d
), scores as materialized (
    select s.* from judged j cross join lateral event_scores(coalesce(j.ids, '{}')) s
), totals as (
    select count(*) as events from subjects
), sources as (
    select s.host, s.method, count(*) as events, avg(s.data_quality_score) as score,
           count(*) filter (where exists (select from defects d where d.event_id = s.id)) as invalid
    from subjects s group by s.host, s.method
), filled as materialized (
    select s.host, s.method, p.part, avg(p.share) as share,
           count(*) filter (where s.processed_at >= now() - make_interval(days => :window_days)) as recent_events,
           avg(p.share) filter (where s.processed_at >= now() - make_interval(days => :window_days)) as recent,
           count(*) filter (where s.processed_at < now() - make_interval(days => :window_days)) as baseline_events,
           avg(p.share) filter (where s.processed_at < now() - make_interval(days => :window_days)) as baseline
    from subjects s join parts p on p.event_id = s.id
    group by s.host, s.method, p.part
), drift as (
    -- two proportions: how many standard errors they are apart, with what is common to both as the expectation
    select f.*, f.recent - f.baseline as change,
           (f.recent - f.baseline) / nullif(sqrt(greatest(0, c.common * (1 - c.common)) * (1.0 / f.recent_events + 1.0 / f.baseline_events)), 0) as z
    from filled f
    cross join lateral (select (f.recent * f.recent_events + f.baseline * f.baseline_events)
                               / (f.recent_events + f.baseline_events) as common) c
    where f.recent_events > 0 and f.baseline_events > 0
), ages as (
    select s.is_ahead, extract(epoch from now() - s.scraped_at)::float8 / 86400 as days from subjects s
), twins as (
    select s.key, s.date, count(*) as events, (array_agg(s.id order by s.id))[1:5] as ids
    from subjects s where s.key <> '' and s.date is not null group by s.key, s.date having count(*) > 1
), namesakes as (
    select 'speakers' as kind, p.normalized_name as key, count(*) as number, (array_agg(p.id order by p.id))[1:5] as ids
    from speakers p where p.merged_into is null group by p.normalized_name having count(*) > 1
    union all
    select 'companies', c.domain, count(*), (array_agg(c.id order by c.id))[1:5]
    from companies c where c.merged_into is null and c.domain is not null group by c.domain having count(*) > 1
), worst as (
    select s.* from subjects s where s.data_quality_score < 100 order by s.data_quality_score, s.id limit :worst
)
select iso_time(now()) as at,
       (select t.events from totals t) as events,
       (select json_build_object(
            'mean', round(avg(s.data_quality_score), 2),
            'p10', percentile_disc(0.1) within group (order by s.data_quality_score),
            'p50', percentile_disc(0.5) within group (order by s.data_quality_score),
            'p90', percentile_disc(0.9) within group (order by s.data_quality_score),
            'outdated', (select count(*) from scores c join subjects o on o.id = c.event_id where o.data_quality_score <> c.score))
        from subjects s) as score,
       (select json_agg(json_build_object('part', q.part, 'points', q.points, 'summary', q.summary, 'fix', q.fix,
                                          'complete', coalesce(p.complete, 0), 'missing', coalesce(p.missing, 0),
                                          'share', round(p.share::numeric, 6)) order by q.position)
        from quality_parts q
        left join (select part, avg(share) as share, count(*) filter (where share = 1) as complete,
                          count(*) filter (where share = 0) as missing from parts group by part) p on p.part = q.part) as completeness,
       (select json_agg(json_build_object('code', r.code, 'field', r.field, 'severity', r.severity, 'penalty', r.penalty, 'summary', r.summary,
                                          'fix', r.fix, 'events', coalesce(d.events, 0),
                                          'share', round(coalesce(d.events, 0)::numeric / nullif((select t.events from totals t), 0), 6),
                                          'examples', coalesce(d.ids, '{}')) order by coalesce(d.events, 0) desc, r.code)
        from quality_rules r
        left join (select d.code, count(*) as events, (array_agg(d.event_id order by d.event_id))[1:5] as ids
                   from defects d group by d.code) d on d.code = r.code) as validity,
       (select json_build_object(
            'upcoming', count(*) filter (where a.is_ahead), 'past', count(*) filter (where not a.is_ahead),
            'fresh', count(*) filter (where a.is_ahead and a.days <= 1),
            'ageing', count(*) filter (where a.is_ahead and a.days > 1 and a.days <= 7),
            'stale', count(*) filter (where a.is_ahead and a.days > 7),
            'never_fetched', count(*) filter (where a.is_ahead and a.days is null),
            'median_age_days', round((percentile_cont(0.5) within group (order by a.days) filter (where a.is_ahead))::numeric, 4))
        from ages a) as freshness,
       json_build_object(
            'events', (select json_build_object('groups', count(*), 'surplus', coalesce(sum(w.events - 1), 0),
                                                'rate', round(coalesce(sum(w.events - 1), 0) / nullif((select t.events from totals t), 0), 6))
                       from twins w),
            'speakers', (select json_build_object('groups', count(*), 'surplus', coalesce(sum(n.number - 1), 0),
                                                  'rate', round(coalesce(sum(n.number - 1), 0)
                                                                / nullif((select count(*) from speakers where merged_into is null), 0), 6))
                         from namesakes n where n.kind = 'speakers'),
            'companies', (select json_build_object('groups', count(*), 'surplus', coalesce(sum(n.number - 1), 0),
                                                   'rate', round(coalesce(sum(n.number - 1), 0)
                                                                 / nullif((select count(*) from companies where merged_into is null), 0), 6))
                          from namesakes n where n.kind = 'companies'),
            'merged', json_build_object('events', (select count(*) from events where merged_into is not null),
                                        'speakers', (select count(*) from speakers where merged_into is not null),
                                        'companies', (select count(*) from companies where merged_into is not null)),
            'examples', (select coalesce(json_agg(json_build_object('kind', x.kind, 'key', x.key, 'ids', x.ids)
                                                  order by x.number desc, x.kind, x.key), '[]')
                         from (select * from (select 'events' as kind, w.key || ' ' || w.date as key, w.events as number, w.ids from twins w
                                              union all select n.kind, n.key, n.number, n.ids from namesakes n) a
                               order by a.number desc, a.kind, a.key limit 20) x)) as duplicates,
       (select coalesce(json_agg(json_build_object('host', s.host, 'method', s.method, 'events', s.events, 'score', round(s.score, 2),
                                                   'invalid', s.invalid,
                                                   'fields', (select json_object_agg(f.part, round(f.share::numeric, 6) order by f.part) from filled f
                                                              where f.host = s.host and f.method = s.method))
                                 order by s.events desc, s.host, s.method), '[]')
        from sources s) as sources,
       json_build_object('window_days', :window_days::int, 'fields', (
            select coalesce(json_agg(json_build_object('host', d.host, 'method', d.method, 'field', d.part,
                                                       'recent', round(d.recent::numeric, 6), 'recent_events', d.recent_events,
                                                       'baseline', round(d.baseline::numeric, 6), 'baseline_events', d.baseline_events,
                                                       'change', round(d.change::numeric, 6), 'z', round(d.z::numeric, 4),
                                                       'is_drifting', coalesce(abs(d.z) >= 3, false))
                                     order by abs(coalesce(d.z, 0)) desc, d.host, d.method, d.part), '[]')
            from drift d)) as drift,
       (select coalesce(json_agg(json_build_object(
                    'id', w.id, 'name', w.name, 'luma_url', w.luma_url, 'data_quality_score', w.data_quality_score,
                    'completeness', c.completeness, 'penalty', c.penalty,
                    'fixes', (select coalesce(json_agg(json_build_object('kind', x.kind, 'field', x.field, 'code', x.code, 'points', x.points,
                                                                         'fix', x.fix, 'found', x.found)
                                                       order by x.points desc, x.code), '[]')
                              from (select 'missing' as kind, p.part as field, p.part as code, round((q.points * (1 - p.share))::numeric, 4) as points,
                                           q.fix, null::text as found
                                    from parts p join quality_parts q on q.part = p.part where p.event_id = w.id and p.share < 1
                                    union all
                                    select 'invalid', r.field, r.code, r.penalty, r.fix, d.found
                                    from defects d join quality_rules r on r.code = d.code where d.event_id = w.id) x))
                order by w.data_quality_score, w.id), '[]')
        from worst w join scores c on c.event_id = w.id) as worst
