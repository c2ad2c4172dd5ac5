-- Does the graph event_network exist, with its labels?
select count(l.name) as labels
from ag_catalog.ag_graph g
left join ag_catalog.ag_label l on l.graph = g.graphid
     and l.name in ('Event', 'Speaker', 'Company', 'Topic', 'APPEARS', 'RELATES', 'ABOUT')
where g.name = 'event_network'
