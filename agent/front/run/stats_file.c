/* stats_file.c: see the header. */
#include "front/run/stats_file.h"

#include "front/command.h"
#include "io/file.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

/* Largest memory of the process so far. */
static long peak_kib(void)
{
    struct rusage usage;

    return getrusage(RUSAGE_SELF, &usage) == 0 ? usage.ru_maxrss : 0;
}

void stats_file_write(struct agent *a, const char *path, double seconds)
{
    struct agent_tally t;
    struct cxd_error err = CXD_ERROR_INIT;
    char *units = agent_report(a);
    char *text = NULL;
    int len;

    agent_tally(a, &t);
    len = asprintf(
        &text,
        "{\"collected\":%lld,\"delivered\":%lld,\"duplicates\":%lld,\"dead_lettered\":%"
        "lld,\"dropped\":%lld,\"queued\":%lld,\"queued_before\":%lld,\"queue_lost\":%lld,"
        "\"bytes\":%lld,\"peak_kib\":%ld,\"seconds\":%.3f,\"units\":%s}\n",
        (long long)t.collected, (long long)t.delivered, (long long)t.duplicates, (long long)t.dead,
        (long long)t.dropped, (long long)t.queued, (long long)t.found, (long long)t.lost,
        (long long)t.bytes, peak_kib(), seconds, units != NULL ? units : "[]");
    if (len < 0 ||
        file_replace(path, (struct cxd_bytes){text, (size_t)len}, 0640, &err) != CXD_OK) {
        command_complain("statistics not written: %s", len < 0 ? "out of memory" : err.text);
    }
    free(units);
    if (len >= 0) {
        free(text);
    }
}
