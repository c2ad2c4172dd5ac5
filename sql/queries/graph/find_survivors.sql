-- Who two ids mean by now: those that were merged away stand for their survivors; what nobody knows stays.
-- param: from uuid
-- param: to uuid
select coalesce((select s.merged_into from speakers s where s.id = :from), (select c.merged_into from companies c where c.id = :from),
                (select e.merged_into from events e where e.id = :from), :from) as from,
       coalesce((select s.merged_into from speakers s where s.id = :to), (select c.merged_into from companies c where c.id = :to),
                (select e.merged_into from events e where e.id = :to), :to) as to
