-- The statements that took most of the database's time since its statistics were reset.
-- param: limit int
select s.queryid::text as id, left(s.query, 1000) as query, s.calls, s.rows,
       round(s.total_exec_time::numeric, 1) as total_ms, round(s.mean_exec_time::numeric, 3) as mean_ms,
       round(s.max_exec_time::numeric, 1) as max_ms, round(s.stddev_exec_time::numeric, 3) as deviation_ms,
       s.shared_blks_hit as blocks_hit, s.shared_blks_read as blocks_read
from pg_stat_statements s
where s.dbid = (select oid from pg_database where datname = current_database())
order by s.total_exec_time desc, s.queryid
limit :limit
