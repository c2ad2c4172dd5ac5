-- What a company c is compared by: members of a profile (src/processor/deduplication/profile.h).
           'id', c.id, 'name', c.name, 'normalized_name', c.normalized_name, 'domain', c.domain,
           'aliases', coalesce((select json_agg(a.name) from (
                                    select x.name from company_aliases x
                                    where x.company_id = c.id and x.name <> c.name
                                    order by x.first_seen_at, x.name limit 4) a), '[]')
