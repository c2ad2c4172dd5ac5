-- Takes a portion of a limit's window.
-- writes: quota_windows
-- param: subject text
-- param: policy text
-- param: quota bigint
-- param: window_s int
-- param: needed bigint
-- param: wanted bigint
select granted, used, reset_ms from take_quota(:subject, :policy, :quota, :window_s, :needed, :wanted)
