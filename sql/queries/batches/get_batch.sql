-- How far a batch is. status is running until every item has ended.
-- param: id uuid
-- index: batch_items_pkey
select b.id, b.kind, case when count(*) filter (where i.state = 'pending') = 0 then 'completed' else 'running' end as status,
       count(i.*) as total,
       count(*) filter (where i.state in ('done', 'failed')) as done,
       count(*) filter (where i.state = 'done') as succeeded,
       count(*) filter (where i.state = 'failed') as failed,
       coalesce((select json_agg(json_build_object('event_id', f.event_id, 'luma_url', e.luma_url, 'code', f.error_code)
                                 order by f.position)
                 from (select * from batch_items f where f.batch_id = b.id and f.state = 'failed'
                       order by f.position limit 100) f
                 left join events e on e.id = f.event_id), '[]'::json) as failures,
       b.created_at, count(*) filter (where i.state = 'pending') = 0 as _done
from batches b left join batch_items i on i.batch_id = b.id
where b.id = :id
group by b.id
