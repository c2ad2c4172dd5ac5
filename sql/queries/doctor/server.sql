-- What kind of server this is.
select current_setting('server_version_num')::int / 10000 as major,
       current_setting('server_version') as version,
       pg_is_in_recovery() as is_replica,
       current_setting('shared_preload_libraries') || ',' || current_setting('session_preload_libraries') || ',' ||
           current_setting('local_preload_libraries') as preloaded
