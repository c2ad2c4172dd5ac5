-- Ad-hoc Cypher for people, read-only.
--
-- AGE takes a query only as a dollar-quoted constant, so one place has to paste it: run_reader_cypher, behind a tag of
-- 128 random bits that cannot stand in the text. What the text may do is decided elsewhere, in three layers:
--
-- 1. The plan. AGE 1.5 writes for SET and DELETE past PostgreSQL's rights and past read-only transactions; but every
--    clause that writes is a custom scan in the plan, whatever its text looks like. Such a plan is not run.
-- 2. The rights. The function belongs to a role that may read the graph and nothing else. Inside a function that runs
--    with its owner's rights PostgreSQL refuses to change roles, so that there is no way back as there would be after
--    SET ROLE.
-- 3. The transaction. The caller's is read-only, limited in time, and never committed.

-- Roles belong to the cluster: another database of it may have made this one.
do $$
begin
    create role eventd_graph_reader nologin;
exception when duplicate_object or unique_violation then
    null;
end
$$;
grant usage on schema ag_catalog, event_network to eventd_graph_reader;
grant select on all tables in schema event_network to eventd_graph_reader;
grant select on ag_catalog.ag_graph, ag_catalog.ag_label to eventd_graph_reader;

-- Rows of a Cypher query with that many columns, each as an array of texts in AGE's own notation (null: null), until one of the maxima
-- is passed; then a last row that is null.
create function run_reader_cypher(query text, params text, columns integer, max_rows integer, max_bytes bigint)
    returns setof text[]
    language plpgsql security definer
    set search_path = pg_catalog, ag_catalog, pg_temp as $$
declare
    tag text := '$q' || replace(gen_random_uuid()::text, '-', '') || '$';
    -- The cast also loads AGE into this session, whose parser knows cypher() from then on.
    bound ag_catalog.agtype := params::ag_catalog.agtype;
    command text;
    plan jsonb;
    cells text[];
    rows bigint := 0;
    bytes bigint := 0;
begin
    if position(tag in query) > 0 or columns not between 1 and 100 then
        raise exception 'this query cannot be run' using errcode = 'invalid_parameter_value';
    end if;
    command := format('select array[%s] from ag_catalog.cypher(%L, %s) as (%s)',
                      (select string_agg(format('agtype_out(c%s)::text', i), ',') from generate_series(1, columns) i),
                      'event_network', tag || query || tag || ', $1',
                      (select string_agg(format('c%s ag_catalog.agtype', i), ',') from generate_series(1, columns) i));
    execute 'explain (costs off, format json) ' || command into plan using bound;
    if jsonb_typeof(plan -> 0 -> 'Plan') is distinct from 'object'
       or jsonb_path_exists(plan, 'strict $.**."Custom Plan Provider"') then
        raise exception 'the query would change the graph' using errcode = 'read_only_sql_transaction';
    end if;
    for cells in execute command using bound loop
        rows := rows + 1;
        bytes := bytes + coalesce(length(array_to_string(cells, '')), 0);
        if rows > max_rows or bytes > max_bytes then
            return next null;
            exit;
        end if;
        return next cells;
    end loop;
    -- A query may have called for a lock of the session, which no rollback gives back.
    perform pg_advisory_unlock_all();
end
$$;

-- A function can only be given to a role that may create where it is, by somebody who is a member of it.
do $$
begin
    execute format('grant eventd_graph_reader to %I', current_user);
    grant create on schema public to eventd_graph_reader;
    alter function run_reader_cypher(text, text, integer, integer, bigint) owner to eventd_graph_reader;
    revoke create on schema public from eventd_graph_reader;
    revoke all on function run_reader_cypher(text, text, integer, integer, bigint) from public;
    execute format('grant execute on function run_reader_cypher(text, text, integer, integer, bigint) to %I', current_user);
end
$$;

-- The same for the program: what a query may write to disk while it sorts is limited too, where this user may do so
-- (a superuser, as in the embedded cluster; elsewhere it is for the operator to set temp_file_limit).
create function run_cypher(query text, params text, columns integer, max_rows integer, max_bytes bigint)
    returns setof text[]
    language plpgsql as $$
begin
    begin
        perform set_config('temp_file_limit', '256MB', true);
    exception when insufficient_privilege then
        null;
    end;
    return query select * from run_reader_cypher(query, params, columns, max_rows, max_bytes);
end
$$;
