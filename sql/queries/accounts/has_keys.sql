-- Whether anybody has a key yet.
select exists (select from api_keys) as found
