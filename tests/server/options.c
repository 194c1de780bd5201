/*
 * Reads the command line from one table, which also makes the help.
 */
#include "options.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "event.h"

enum option_type { OPTION_TEXT, OPTION_U32, OPTION_U64, OPTION_FLAG, OPTION_TITLE };

struct option_row {
    const char *name;
    const char *argument;
    enum option_type type;
    size_t offset;
    uint64_t min, max;
    const char *help;
};

#define AT(member) offsetof(struct options, member)

static const struct option_row ROWS[] = {
    {NULL, NULL, OPTION_TITLE, 0, 0, 0, "Where and how long"},
    {"state", "DIR", OPTION_TEXT, AT(state), 0, 0,
     "keys, certificates, ready.json, service-account.json (default ./sim-state)"},
    {"listen", "ADDR", OPTION_TEXT, AT(listen), 0, 0, "IPv4 address (default 127.0.0.1)"},
    {"storage-port", "N", OPTION_U32, AT(storage_port), 0, 65535, "0 (default): any free port"},
    {"elastic-port", "N", OPTION_U32, AT(elastic_port), 0, 65535, "likewise"},
    {"cortex-port", "N", OPTION_U32, AT(cortex_port), 0, 65535, "likewise"},
    {"cortex-socket", "PATH", OPTION_TEXT, AT(cortex_socket), 0, 0,
     "Cortex XDR on this UNIX socket instead, without TLS"},
    {"control-port", "N", OPTION_U32, AT(control_port), 0, 65535, "likewise; always plain HTTP"},
    {"plain", NULL, OPTION_FLAG, AT(is_plain), 0, 0, "no TLS"},
    {"threads", "N", OPTION_U32, AT(threads), 1, 16, "threads of each server (default 2)"},
    {"max-seconds", "N", OPTION_U32, AT(max_seconds), 1, 864000,
     "end by itself after this time (default 3600)"},
    {"until-stdin", NULL, OPTION_FLAG, AT(until_stdin), 0, 0, "end when standard input closes"},
    {"fault", "FILE", OPTION_TEXT, AT(fault), 0, 0, "fault script to begin with (README.md)"},
    {NULL, NULL, OPTION_TITLE, 0, 0, 0, "Cloud Storage"},
    {"bucket", "NAME", OPTION_TEXT, AT(bucket), 0, 0, "bucket name (default cortex-events)"},
    {"events", "N", OPTION_U64, AT(events), 0, 1ULL << 40, "generated events (default 0)"},
    {"objects", "M", OPTION_U32, AT(objects), 1, 1 << 20, "in this many objects (default 10)"},
    {"seed", "S", OPTION_U64, AT(seed), 0, UINT64_MAX, "same seed, same bytes (default 1)"},
    {"avg-bytes", "B", OPTION_U32, AT(average_bytes), EVENT_AVERAGE_MIN, EVENT_AVERAGE_MAX,
     "average size of an event (2000 to 4096, default 2048)"},
    {"member-events", "N", OPTION_U32, AT(member_events), 0, 1U << 31,
     "begin a new gzip member after N events (default 0: one member)"},
    {"big", "BYTES", OPTION_U64, AT(big_bytes), 0, 1ULL << 42,
     "one more object of at least so many plain bytes (4G)"},
    {"cache", "DIR", OPTION_TEXT, AT(cache), 0, 0,
     "generated objects are kept here and used again (default STATE/cache)"},
    {"dir", "DIR", OPTION_TEXT, AT(folder), 0, 0,
     "serve the files of this folder as objects too; they may change at any time"},
    {"no-auth", NULL, OPTION_FLAG, AT(no_auth), 0, 0, "no bearer token needed"},
    {"expires-in", "SECONDS", OPTION_U32, AT(expires_in), 1, 3600,
     "life of an access token (default 3600)"},
    {NULL, NULL, OPTION_TITLE, 0, 0, 0, "Elasticsearch"},
    {"store", "DIR", OPTION_TEXT, AT(store), 0, 0,
     "documents, one NDJSON file for each index (default STATE/store)"},
    {"ids-only", NULL, OPTION_FLAG, AT(ids_only), 0, 0, "remember ids, keep no documents"},
    {"null", NULL, OPTION_FLAG, AT(is_null), 0, 0,
     "count only: no documents, no ids, no conflicts (for benchmarks)"},
    {"api-key", "ID:KEY", OPTION_TEXT, AT(api_key), 0, 0, "accept this API key"},
    {"user", "NAME:PASSWORD", OPTION_TEXT, AT(user), 0, 0,
     "accept this user; with neither, everyone may"},
    {"max-body", "BYTES", OPTION_U64, AT(body_max), 1, 1ULL << 31,
     "larger bodies, also unpacked, get 413 (default 100M)"},
    {NULL, NULL, OPTION_TITLE, 0, 0, 0, "Cortex XDR API"},
    {"cortex-alerts", "N", OPTION_U64, AT(cortex.alerts), 0, CORTEX_ROWS_MAX, "alerts (default 0)"},
    {"cortex-incidents", "N", OPTION_U64, AT(cortex.incidents), 0, CORTEX_ROWS_MAX,
     "incidents (0)"},
    {"cortex-audits", "N", OPTION_U64, AT(cortex.audits), 0, CORTEX_ROWS_MAX,
     "management logs (0)"},
    {"cortex-reports", "N", OPTION_U64, AT(cortex.reports), 0, CORTEX_ROWS_MAX,
     "agent reports (0)"},
    {"cortex-endpoints", "N", OPTION_U64, AT(cortex.endpoints), 0, 1000000, "endpoints (20)"},
    {"cortex-seed", "S", OPTION_U64, AT(cortex.seed), 0, UINT64_MAX, "same seed, same rows (1)"},
    {"cortex-start", "MS", OPTION_U64, AT(cortex.start_ms), 0, 1ULL << 44,
     "when the first row appears (default: so that the last one just did)"},
    {"cortex-span", "MS", OPTION_U64, AT(cortex.span_ms), 1, CORTEX_SPAN_MAX_MS,
     "in which all rows appear (default a day)"},
    {"cortex-clock", "MS", OPTION_U64, AT(cortex.clock_ms), 0, 1ULL << 44,
     "the tenant's clock stands at this time (default: the machine's clock)"},
    {"cortex-late", "N", OPTION_U32, AT(cortex.late), 0, 1000,
     "of a thousand alerts and reports, arrive hours to days late (50)"},
    {"cortex-burst", "N", OPTION_U32, AT(cortex.burst), 1, CORTEX_BURST_MAX,
     "rows that share a millisecond, a quarter of the time (8)"},
    {"cortex-changes", "N", OPTION_U32, AT(cortex.changes), 0, CORTEX_CHANGES_MAX,
     "times that an incident is modified at most (4)"},
    {"cortex-lag", "MS", OPTION_U64, AT(cortex.lag_ms), 0, 86400000,
     "between a row's server time and when it can be asked for (0)"},
    {"cortex-standard", "ID:KEY", OPTION_TEXT, AT(cortex.standard), 0, 0,
     "the Standard key (default 1:standard-key-of-the-simulator)"},
    {"cortex-advanced", "ID:KEY", OPTION_TEXT, AT(cortex.advanced), 0, 0,
     "the Advanced key (default 2:advanced-key-of-the-simulator)"},
    {"cortex-skew", "MS", OPTION_U64, AT(cortex.skew_ms), 0, 86400000,
     "how wrong the timestamp of an Advanced request may be (300000)"},
    {"cortex-rate", "N", OPTION_U32, AT(cortex.rate), 0, 100000, "requests a second (10; 0: any)"},
    {"cortex-extra-rate", "N", OPTION_U32, AT(cortex.extra_rate), 0, 100000,
     "get_incident_extra_data a minute (10; 0: any)"},
    {"cortex-retry-after", "SECONDS", OPTION_U32, AT(cortex.retry_after), 0, 3600,
     "sent with 429 (0: not sent, as the vendor does)"},
};

enum { ROW_COUNT = sizeof ROWS / sizeof ROWS[0] };

bool options_number(const char *text, uint64_t min, uint64_t max, uint64_t *ret_number)
{
    static const char UNITS[] = "kMGT";
    char *end = NULL;
    errno = 0;
    unsigned long long value = strtoull(text, &end, 10);
    if (errno || end == text || *text == '-') {
        return false;
    }
    const char *unit = *end ? strchr(UNITS, *end) : NULL;
    if (unit) {
        unsigned shift = 10 * (unsigned)(unit - UNITS + 1);
        if (value > UINT64_MAX >> shift) {
            return false;
        }
        value <<= shift;
        end++;
    }
    if (*end || value < min || value > max) {
        return false;
    }
    *ret_number = value;
    return true;
}

static void options_help(void)
{
    puts(
        "cxd-sim - a Cloud Storage bucket of Cortex XDR endpoint events, a Cortex XDR tenant's "
        "API, and\n"
        "an Elasticsearch to send both to, for tests on one machine.\n\n"
        "Prints one line of JSON when ready, "
        "{\"storage\":URL,\"elasticsearch\":URL,\"cortex\":URL,\n\"control\":URL,\n"
        "\"state\":DIR}, and keeps it in STATE/ready.json. Clients trust STATE/ca.pem and sign in\n"
        "with STATE/service-account.json. POST CONTROL/_sim/stop, SIGTERM, --max-seconds or, with\n"
        "--until-stdin, the end of standard input, end it. GET CONTROL/_sim/stats counts.");
    for (int i = 0; i < ROW_COUNT; i++) {
        const struct option_row *row = &ROWS[i];
        if (row->type == OPTION_TITLE) {
            printf("\n%s\n", row->help);
            continue;
        }
        char left[40];
        snprintf(left, sizeof left, "--%s %s", row->name, row->argument ? row->argument : "");
        printf("  %-22s %s\n", left, row->help);
    }
    puts("  --help                 this text\n\n"
         "Numbers take k, M, G, T. Examples:\n"
         "  cxd-sim --events 100000 --objects 20                    a bucket, documents kept\n"
         "  cxd-sim --events 1000000 --cache /var/tmp/sim --null    a benchmark\n"
         "  cxd-sim --plain --no-auth --dir ./objects --until-stdin hand-made objects");
}

static bool options_set(struct options *options, const struct option_row *row, char *text)
{
    char *at = (char *)options + row->offset;
    uint64_t number = 0;
    switch (row->type) {
    case OPTION_TEXT:
        *(const char **)(void *)at = text;
        return *text != 0;
    case OPTION_FLAG:
        *(bool *)(void *)at = true;
        return true;
    case OPTION_U32:
        if (!options_number(text, row->min, row->max, &number)) {
            return false;
        }
        *(unsigned *)(void *)at = (unsigned)number;
        return true;
    default:
        return options_number(text, row->min, row->max, (uint64_t *)(void *)at);
    }
}

int options_read(int argc, char **argv, struct options *ret_options)
{
    struct option longs[ROW_COUNT + 2];
    int count = 0;
    for (int i = 0; i < ROW_COUNT; i++) {
        if (ROWS[i].type != OPTION_TITLE) {
            int takes = ROWS[i].type == OPTION_FLAG ? no_argument : required_argument;
            longs[count++] = (struct option){ROWS[i].name, takes, NULL, 1000 + i};
        }
    }
    longs[count++] = (struct option){"help", no_argument, NULL, 'h'};
    longs[count] = (struct option){NULL, 0, NULL, 0};
    *ret_options = (struct options){
        .state = "sim-state",
        .bucket = "cortex-events",
        .listen = "127.0.0.1",
        .seed = 1,
        .objects = 10,
        .average_bytes = 2048,
        .expires_in = 3600,
        .max_seconds = 3600,
        .threads = 2,
        .body_max = 100 << 20,
        .cortex =
            {
                .standard = "1:standard-key-of-the-simulator",
                .advanced = "2:advanced-key-of-the-simulator",
                .skew_ms = 300000,
                .span_ms = 86400000,
                .seed = 1,
                .endpoints = 20,
                .burst = 8,
                .late = 50,
                .changes = 4,
                .rate = 10,
                .extra_rate = 10,
            },
    };
    int code;
    while ((code = getopt_long(argc, argv, "h", longs, NULL)) != -1) {
        if (code == 'h') {
            options_help();
            return 1;
        }
        if (code < 1000) {
            return -1;
        }
        const struct option_row *row = &ROWS[code - 1000];
        if (!options_set(ret_options, row, optarg)) {
            fprintf(stderr, "cxd-sim: --%s %s: not a value it can have\n", row->name, optarg);
            return -1;
        }
    }
    if (optind < argc) {
        fprintf(stderr, "cxd-sim: %s: no such argument\n", argv[optind]);
        return -1;
    }
    return 0;
}
