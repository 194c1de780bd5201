/*
 * rate.c: rate_limit: drops what comes faster than a limit, for each value of some fields by itself. Token buckets in a table of a fixed
 * size: where it is full, the bucket that was longest without an event makes room, so its next event finds a full one.
 */
#include "hash.h"
#include "lib/edit.h"
#include "lib/number.h"

#include <string.h>

#define WAYS 8
#define SETS 8192

struct bucket {
    uint64_t hash; /* 0: empty */
    double tokens;
    int64_t filled_ms;
};

struct rate_limit {
    struct base base;
    struct path *fields;
    size_t count;
    double per_ms;
    double depth;
    uint64_t seed;
    size_t sets;
    struct bucket *buckets;
};

/* "10/s", "2.5/m", "100/h" */
static bool limit_read(struct cxd_bytes text, double *ret_per_ms)
{
    static const struct {
        const char *unit;
        double ms;
    } units[] = {{"s", 1000}, {"m", 60000}, {"h", 3600000}};
    const char *slash = text.ptr != NULL ? memchr(text.ptr, '/', text.len) : NULL;
    struct cxd_bytes number;
    double limit;

    if (slash == NULL) {
        return false;
    }
    number = (struct cxd_bytes){text.ptr, (size_t)(slash - text.ptr)};
    if (!number_read_double(number, &limit) || !(limit > 0) || !(limit < 1e12)) {
        return false;
    }
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
        if (strcmp(slash + 1, units[i].unit) == 0) {
            *ret_per_ms = limit / units[i].ms;
            return true;
        }
    }
    return false;
}

static int rate_limit_open(struct base *b, struct cxd_bytes options, struct cxd_error *err)
{
    struct rate_limit *p = (struct rate_limit *)b;
    struct cxd_bytes limit = base_text(b, options, "limit");
    struct cxd_scalar burst = b->host->doc_get(options, "algorithm.token_bucket.burst_multiplier");
    double number = 0;
    int r = path_list(b, options, "fields", &p->fields, &p->count, err);

    if (r != CXD_OK) {
        return r;
    }
    if (!limit_read(limit, &p->per_ms) || burst.type != CXD_FLOAT || !(burst.real >= 1) ||
        !(burst.real <= 1e6)) {
        return cxd_error_set(err, CXD_CONFIG,
                             "limit \"%.40s\": expected NUMBER/s, /m or /h, and a burst_multiplier "
                             "of 1 or more",
                             limit.ptr);
    }
    /* a bucket holds what the limit's own unit of time lets through: 10/s is 10, 10/m is 10 */
    (void)number_read_double(
        (struct cxd_bytes){limit.ptr, (size_t)(strchr(limit.ptr, '/') - limit.ptr)}, &number);
    p->depth = number * burst.real > 1 ? number * burst.real : 1;
    p->sets = p->count > 0 ? SETS : 1;
    p->buckets = base_alloc(b, p->sets * WAYS * sizeof *p->buckets);
    b->host->random(b->self, &p->seed, sizeof p->seed);
    return p->buckets != NULL ? CXD_OK : base_lack(err);
}

/* The values of the fields; an absent one counts as a value of its own. */
static int key_make(struct edit *e, struct rate_limit *p, uint64_t *ret_hash)
{
    uint64_t hash = p->seed;
    int r = CXD_OK;

    for (size_t i = 0; i < p->count && r >= 0; i++) {
        struct cxd_bytes text = {"", 0};
        uint64_t kind = UINT64_MAX;
        struct edit_spot spot;
        r = edit_find(e, &p->fields[i], &spot);
        if (r == 1) {
            kind = spot.node->value.kind;
            r = edit_print(e, &p->fields[i], &spot.node->value, &text);
            text = r == CXD_OK ? text : (struct cxd_bytes){"", 0};
        }
        hash = hash_xx64(text.ptr, text.len, hash ^ (kind << 32 | text.len));
    }
    *ret_hash = hash != 0 ? hash : 1;
    return r < 0 ? r : CXD_OK;
}

static struct bucket *bucket_get(struct rate_limit *p, uint64_t hash, int64_t now_ms)
{
    struct bucket *set = p->buckets + hash % p->sets * WAYS;
    struct bucket *oldest = set;

    for (size_t i = 0; i < WAYS; i++) {
        if (set[i].hash == hash) {
            return &set[i];
        }
        if (set[i].hash == 0 || (oldest->hash != 0 && set[i].filled_ms < oldest->filled_ms)) {
            oldest = &set[i];
        }
    }
    *oldest = (struct bucket){.hash = hash, .tokens = p->depth, .filled_ms = now_ms};
    return oldest;
}

static int rate_limit_run(struct edit *e)
{
    struct rate_limit *p = (struct rate_limit *)e->base;
    int64_t now_ms = e->host->mono_ms(p->base.self);
    struct bucket *bucket;
    uint64_t hash;
    int r = key_make(e, p, &hash);

    if (r != CXD_OK) {
        return r;
    }
    bucket = bucket_get(p, hash, now_ms);
    bucket->tokens += (double)(now_ms - bucket->filled_ms) * p->per_ms;
    bucket->tokens = bucket->tokens < p->depth ? bucket->tokens : p->depth;
    bucket->filled_ms = now_ms;
    if (bucket->tokens < 1) {
        e->host->count(p->base.self, "processor_rate_limited_total", 1);
        return CXD_DISCARD;
    }
    bucket->tokens -= 1;
    return CXD_KEEP;
}

static const struct cxd_option rate_limit_options[] = {
    {.name = "limit",
     .type = CXD_OPTION_STRING,
     .flags = CXD_OPTION_REQUIRED,
     .help = "Events let through: NUMBER/s, NUMBER/m or NUMBER/h."},
    {.name = "fields",
     .type = CXD_OPTION_STRING_LIST,
     .help = "Fields whose values together have a limit of their own; absent: one limit for all."},
    {.name = "algorithm.token_bucket.burst_multiplier",
     .type = CXD_OPTION_DOUBLE,
     .default_value = "1.0",
     .help = "How many times the limit may come at once after a pause."},
    {.name = NULL},
};

BASE_MODULE(rate_limit, NULL, "drops events that come faster than a limit", NULL)
