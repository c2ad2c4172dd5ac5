-- Changes that no transaction of this database made (a restored dump); 0 when all is well.
-- index: changes_order_idx
select count_foreign_changes() as foreign_changes
