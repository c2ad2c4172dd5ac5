-- Of a page of keys' rows (page: key, id) in their order: where it begins and ends, and the rows of the keys that are whole.
-- param: limit int -- of keys' rows that are read
), bounds as (
    select count(*) as count, min(p.key) as first, max(p.key) as last from page p
), whole as (
    -- A key that the limit has cut through comes with the next rows, unless there is no other.
    select p.key, p.id, count(*) over (partition by p.key) as size
    from page p, bounds b where b.count < :limit or p.key < b.last or b.first = b.last
