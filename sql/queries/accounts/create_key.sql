-- A new key, and its user when there is none of that name.
-- writes: api_keys, users
-- param: user_name text
-- param: prefix text
-- param: secret_sha256 text
-- param: name text
-- param: role text
-- param: expires_at timestamptz -- null: never
-- param: requests_per_minute int -- null: as set for all, 0: no limit
-- param: scrapes_per_day int
select create_key(:user_name, :prefix, :secret_sha256, :name, :role, :expires_at, :requests_per_minute,
                  :scrapes_per_day) as id
