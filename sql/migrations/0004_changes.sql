-- What has changed, for those who follow: one row a change, written in the transaction that makes it.

create table changes (
    seq bigint generated always as identity primary key,
    xid xid8 not null default pg_current_xact_id(), -- who reads in the order (xid, seq) below the oldest running one misses nothing
    type text not null,                             -- event.processed, event.failed, event.deleted, event.merged, speaker.merged, …
    id uuid not null,                               -- of the thing that changed
    data json,
    at timestamptz not null default now()
);
create index changes_order_idx on changes (xid, seq);

-- Notes a change of each of these things.
create function record_changes(type text, ids uuid[], data json default null) returns void
    language sql
begin atomic
    insert into changes (type, id, data) select type, i, data from unnest(ids) i;
end;
