-- About how many people there are.
select
--+ speakers/_people
