#include "lib/metric/process.h"

#include "lib/metric/metric.h"

#include <dirent.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <unistd.h>

static struct metric build_info =
    METRIC_GAUGE("build_info", "Always 1; the labels tell what is running.", "service", "version");
static struct metric start_time =
    METRIC_GAUGE("process_start_time_seconds", "Start of the process, seconds since 1970.");
static struct metric cpu_seconds =
    METRIC_COUNTER("process_cpu_seconds_total", "User and system CPU time spent.");
static struct metric resident_bytes =
    METRIC_GAUGE("process_resident_memory_bytes", "Memory that is resident.");
static struct metric open_fds = METRIC_GAUGE("process_open_fds", "Open file descriptors.");
static struct metric max_fds =
    METRIC_GAUGE("process_max_fds", "Most file descriptors that may be open.");

static double seconds_of(struct timeval t)
{
    return (double)t.tv_sec + (double)t.tv_usec / 1e6;
}

static double read_cpu_seconds(UNUSED void *data)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return seconds_of(usage.ru_utime) + seconds_of(usage.ru_stime);
}

static double read_resident_bytes(UNUSED void *data)
{
    FILE *file = fopen("/proc/self/statm", "re");
    long size = 0, resident = 0;
    if (!file)
        return 0;
    if (fscanf(file, "%ld %ld", &size, &resident) != 2)
        resident = 0;
    fclose(file);
    return (double)resident * (double)sysconf(_SC_PAGESIZE);
}

static double read_open_fds(UNUSED void *data)
{
    DIR *folder = opendir("/proc/self/fd");
    double count = 0;
    if (!folder)
        return 0;
    while (readdir(folder))
        count++;
    closedir(folder);
    return count - 3; // "." and "..", and the descriptor of this very listing
}

static double read_max_fds(UNUSED void *data)
{
    struct rlimit limit;
    getrlimit(RLIMIT_NOFILE, &limit);
    return (double)limit.rlim_cur;
}

void metric_process_init(const char *service, const char *version)
{
    struct timeval now;
    gettimeofday(&now, NULL);
    metric_set(metric_series(&build_info, service, version), 1);
    metric_set(metric_series(&start_time), seconds_of(now));
    metric_read_from(metric_series(&cpu_seconds), read_cpu_seconds, NULL);
    metric_read_from(metric_series(&resident_bytes), read_resident_bytes, NULL);
    metric_read_from(metric_series(&open_fds), read_open_fds, NULL);
    metric_read_from(metric_series(&max_fds), read_max_fds, NULL);
}
