/*
 * cxd-generate: invented endpoint events on standard output, as NDJSON or gzip of it.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "event.h"
#include "options.h"
#include "pack.h"

enum { GENERATE_BLOCK = 1 << 18 };

struct generate {
    uint64_t events;
    uint64_t first;
    uint64_t seed;
    uint64_t average_bytes;
    int gzip;
};

static const char HELP[] =
    "cxd-generate - invented Cortex XDR endpoint events, one JSON object a line\n\n"
    "  --events N      how many (default 1000)\n"
    "  --first N       number of the first one (default 0)\n"
    "  --seed S        same seed, same bytes (default 1)\n"
    "  --avg-bytes B   average size, 2000 to 4096 (default 2048)\n"
    "  --gzip          compressed\n";

/* 0: go on; 1: help; -1: refused. */
static int generate_read(int argc, char **argv, struct generate *job)
{
    const struct option longs[] = {{"events", 1, NULL, 'n'},   {"first", 1, NULL, 'f'},
                                   {"seed", 1, NULL, 's'},     {"avg-bytes", 1, NULL, 'b'},
                                   {"gzip", 0, &job->gzip, 1}, {"help", 0, NULL, 'h'},
                                   {NULL, 0, NULL, 0}};
    int code;
    bool ok = true;
    while (ok && (code = getopt_long(argc, argv, "h", longs, NULL)) != -1) {
        switch (code) {
        case 'n':
            ok = options_number(optarg, 0, 1ULL << 47, &job->events);
            break;
        case 'f':
            ok = options_number(optarg, 0, 1ULL << 47, &job->first);
            break;
        case 's':
            ok = options_number(optarg, 0, UINT64_MAX, &job->seed);
            break;
        case 'b':
            ok = options_number(optarg, EVENT_AVERAGE_MIN, EVENT_AVERAGE_MAX, &job->average_bytes);
            break;
        case 'h':
            return 1;
        default:
            ok = code == 0;
        }
    }
    return ok && optind == argc ? 0 : -1;
}

static bool generate_write_all(const char *data, size_t len)
{
    while (len) {
        ssize_t wrote = write(STDOUT_FILENO, data, len);
        if (wrote <= 0) {
            return false;
        }
        data += wrote;
        len -= (size_t)wrote;
    }
    return true;
}

static bool generate_run(const struct generate *job, const struct generator *gen, char *block,
                         struct pack *pack)
{
    size_t len = 0;
    bool ok = true;
    for (uint64_t i = 0; ok && i < job->events; i++) {
        len += event_write(gen, job->first + i, block + len);
        if (len >= GENERATE_BLOCK || i + 1 == job->events) {
            ok = pack ? pack_write(pack, block, len) : generate_write_all(block, len);
            len = 0;
        }
    }
    return ok;
}

int main(int argc, char **argv)
{
    struct generate job = {.events = 1000, .seed = 1, .average_bytes = 2048};
    int rc = generate_read(argc, argv, &job);
    if (rc) {
        fputs(HELP, rc > 0 ? stdout : stderr);
        return rc > 0 ? 0 : 2;
    }
    struct generator *gen = event_open(job.seed, (unsigned)job.average_bytes);
    char *block = malloc(GENERATE_BLOCK + EVENT_BYTES_MAX);
    struct pack *pack = job.gzip ? pack_open(STDOUT_FILENO) : NULL;
    bool ok = gen && block && (pack || !job.gzip) && generate_run(&job, gen, block, pack);
    struct pack_sum sum;
    ok = pack ? pack_close(pack, &sum) && ok : ok;
    free(block);
    event_close(gen);
    if (!ok) {
        fputs("cxd-generate: the output cannot be written\n", stderr);
    }
    return ok ? 0 : 1;
}
