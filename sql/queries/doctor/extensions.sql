-- The extensions of these names: their versions here (null: not in this database) and whether the server has them.
-- param: names text[]
select wanted.name, e.extversion as version, a.name is not null as is_available
from unnest(:names) with ordinality as wanted (name, position)
left join pg_extension e on e.extname = wanted.name
left join pg_available_extensions a on a.name = wanted.name
order by wanted.position
