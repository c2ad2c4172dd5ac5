// Metrics about the process itself: build_info, process_start_time_seconds, process_cpu_seconds_total,
// process_resident_memory_bytes, process_open_fds, process_max_fds. Linux: they come from /proc.
#pragma once

// Once, before threads start. service is a constant such as "api".
void metric_process_init(const char *service, const char *version);
