/*
 * bench_sink.c: a host in C over libcortexd.so: pulls and acknowledges until the end, counts, and says how fast it was; then how long a
 * call takes that finds nothing. The same line as tests/shim/host prints, to be compared with it (tests/bench/shim).
 */
#include "cxd/embed.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#define ROOM ((uint64_t)64 << 20)

struct sums {
    uint64_t documents;
    uint64_t batches;
    uint64_t bytes;
};

static double now_s(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int complain(uint64_t handle, const char *what, int32_t code)
{
    char text[600];
    uint64_t need = 0;

    if (cxd_error(handle, (uint8_t *)text, sizeof text, &need) != CXD_E_OK) {
        need = 0;
    }
    (void)fprintf(stderr, "bench_sink: %s: %d %.*s\n", what, code, (int)need, text);
    return 1;
}

static int32_t drain(uint64_t handle, uint8_t *buf, struct sums *sums)
{
    uint64_t meta[4];
    int32_t code;

    while ((code = cxd_pull(handle, CXD_FORMAT_FRAMES, 10000, buf, ROOM, meta)) == CXD_E_OK ||
           code == CXD_E_AGAIN) {
        if (code == CXD_E_OK) {
            sums->documents += meta[2];
            sums->batches++;
            sums->bytes += meta[3];
            code = cxd_ack(handle, meta[0], CXD_DELIVERED);
            if (code != CXD_E_OK) {
                return code;
            }
        }
    }
    return code;
}

static double empty_ns(uint64_t handle, uint8_t *buf, long count)
{
    uint64_t meta[4];
    double begin = now_s();

    for (long i = 0; i < count; i++) {
        (void)cxd_pull(handle, CXD_FORMAT_FRAMES, 0, buf, ROOM,
                       meta); /* the end, again and again */
    }
    return count > 0 ? (now_s() - begin) * 1e9 / (double)count : 0;
}

static void report(const struct sums *sums, double seconds, double ns)
{
    struct rusage u;

    (void)getrusage(RUSAGE_SELF, &u);
    (void)printf(
        "{\"documents\":%llu,\"batches\":%llu,\"bytes\":%llu,\"seconds\":%.3f,\"user_ms\":%ld,"
        "\"system_ms\":%ld,\"max_rss_kib\":%ld,\"go_allocated\":0,\"empty_ns\":%.1f}\n",
        (unsigned long long)sums->documents, (unsigned long long)sums->batches,
        (unsigned long long)sums->bytes, seconds,
        u.ru_utime.tv_sec * 1000 + u.ru_utime.tv_usec / 1000,
        u.ru_stime.tv_sec * 1000 + u.ru_stime.tv_usec / 1000, u.ru_maxrss, ns);
}

int main(int argc, char **argv)
{
    uint8_t *buf = malloc(ROOM);
    struct sums sums = {0};
    char options[4096];
    uint64_t handle = 0;
    double begin;
    double seconds;
    double ns;
    int32_t code;
    int len;

    if (argc != 4 || buf == NULL) {
        (void)fprintf(stderr, "bench_sink POLICY STATE-FOLDER EMPTY-PULLS\n");
        return 2;
    }
    len = snprintf(options, sizeof options,
                   "{\"policy_path\":\"%s\",\"data_dir\":\"%s\",\"once\":true}", argv[1], argv[2]);
    code = cxd_open((const uint8_t *)options, (uint64_t)len, NULL, 0, &handle);
    if (code != CXD_E_OK) {
        return complain(0, "open", code);
    }
    begin = now_s();
    code = cxd_start(handle);
    code = code == CXD_E_OK ? drain(handle, buf, &sums) : code;
    seconds = now_s() - begin;
    if (code != CXD_E_END) {
        return complain(handle, "pull", code);
    }
    ns = empty_ns(handle, buf, (long)strtoll(argv[3], NULL, 10));
    code = cxd_close(handle, 30000);
    if (code != CXD_E_OK) {
        return complain(0, "close", code);
    }
    report(&sums, seconds, ns);
    free(buf);
    return 0;
}
