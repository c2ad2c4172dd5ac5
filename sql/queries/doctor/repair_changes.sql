-- Removes changes that no transaction of this database made.
-- writes: changes, changes_floor
-- index: changes_order_idx
select remove_foreign_changes() as removed
