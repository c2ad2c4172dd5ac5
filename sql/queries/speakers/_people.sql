-- About how many people there are: what the table's statistics say, or what has been written since. A catalogue of a few is
-- the beginning of a larger one: it counts as a thousand, so that names that many bear are not taken for one person's.
       (select greatest(p.reltuples, pg_stat_get_live_tuples(p.oid), 1000)::float8
        from pg_class p where p.oid = 'speakers'::regclass) as people
