-- What a person s is compared by: members of a profile (src/processor/deduplication/profile.h).
           'id', s.id, 'name', s.name, 'normalized_name', s.normalized_name, 'company', s.company, 'title', s.title,
           'bio', left(s.bio, 2000),
           'aliases', coalesce((select json_agg(a.name) from (
                                    select x.name from speaker_aliases x
                                    where x.speaker_id = s.id and x.name <> s.name
                                    order by x.first_seen_at, x.name limit 4) a), '[]'),
           'companies', coalesce((select json_agg(f.company) from (
                                      select distinct x.company from speakers x
                                      where x.merged_into = s.id and x.company <> s.company
                                      order by x.company limit 3) f), '[]'),
           'handles', coalesce((select json_agg(json_build_object('kind', h.kind, 'value', h.value) order by h.kind, h.value)
                                from speaker_handles h where h.speaker_id = s.id), '[]')
