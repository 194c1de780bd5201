#pragma once
/* Counters that every thread adds to and /_sim/stats prints. Never blocks. */
#include <json-c/json.h>
#include <stdint.h>

enum { STATS_GROUPS = 4, STATS_KINDS = 24 };

struct stats;

struct stats *stats_new(void);
void stats_free(struct stats *stats);
/* status 0: no reply was given. kind is a constant text; beyond STATS_KINDS different ones they count as "other". */
void stats_request(struct stats *stats, unsigned group, const char *kind, unsigned status,
                   uint64_t bytes_in);
void stats_sent(struct stats *stats, unsigned group, uint64_t bytes);
/* {"requests":{kind:{status:n}},"bytes_in","bytes_out","first_ms","last_ms"} */
struct json_object *stats_report(const struct stats *stats, unsigned group);
/* CPU time of the process in ms, and its peak resident size in KiB. */
uint64_t stats_cpu_ms(void);
uint64_t stats_peak_kib(void);
int64_t stats_now_ms(void);
