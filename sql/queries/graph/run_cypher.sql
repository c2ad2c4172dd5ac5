-- Rows of somebody's Cypher query, each an array of agtype texts; a last row that is null says that there were more.
-- Only for a session of its own, inside a read-only transaction that is rolled back: see the function in sql/migrations.
-- writes: nothing that is kept; the functions are volatile
-- param: query text
-- param: params text -- a JSON object
-- param: columns int -- how many the query returns
-- param: max_rows int
-- param: max_bytes bigint
select to_json(cells) as cells from run_cypher(:query, :params, :columns, :max_rows, :max_bytes) cells
