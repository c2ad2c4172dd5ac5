-- What companies are compared by. One row for each that exists.
-- param: ids uuid[]
-- param: legal_forms text -- regular expression of what a name may end with
select c.id, c.merged_into as _merged_into, json_build_object(
           'id', c.id, 'name', c.name, 'normalized_name', c.normalized_name,
           'name_key', coalesce(nullif(regexp_replace(regexp_replace(c.normalized_name, '^the ', ''), :legal_forms, ''), ''),
                                c.normalized_name),
           'domain', c.domain,
           'domain_key', nullif(regexp_replace(lower(c.domain), '^www\.', ''), '')) as profile
from companies c where c.id = any (:ids)
