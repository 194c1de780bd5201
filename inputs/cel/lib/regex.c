/*
 * regex.c: matches, and patterns that the configuration names. Compiled patterns are kept in the instance's cache, the least
 * recently used one making room.
 */
#include "regex.h"

#include <stdlib.h>

#define CACHE_MAX 32u
#define MATCH_STEPS 50 /* price of one search, beside a step for every 8 bytes of text */

struct entry {
    char *pattern;
    size_t len;
    void *regex;
    uint64_t used;
};

struct regex_cache {
    const struct services *services;
    uint64_t clock;
    struct entry entries[CACHE_MAX];
};

struct regex_cache *regex_cache_new(const struct services *services)
{
    struct regex_cache *cache = calloc(1, sizeof *cache);

    if (cache != NULL) {
        cache->services = services;
    }
    return cache;
}

static void entry_clear(struct regex_cache *cache, struct entry *entry)
{
    if (entry->regex != NULL) {
        cache->services->regex_free(entry->regex);
    }
    free(entry->pattern);
    *entry = (struct entry){0};
}

void regex_cache_free(struct regex_cache *cache)
{
    for (size_t i = 0; cache != NULL && i < CACHE_MAX; i++) {
        entry_clear(cache, &cache->entries[i]);
    }
    free(cache);
}

/* The entry of the pattern, or the one to be used for it. */
static struct entry *entry_find(struct regex_cache *cache, struct cxd_bytes pattern)
{
    struct entry *oldest = &cache->entries[0];

    for (size_t i = 0; i < CACHE_MAX; i++) {
        struct entry *entry = &cache->entries[i];
        if (entry->regex != NULL && entry->len == pattern.len &&
            memcmp(entry->pattern, pattern.ptr, pattern.len) == 0) {
            return entry;
        }
        if (entry->used < oldest->used) {
            oldest = entry;
        }
    }
    entry_clear(cache, oldest);
    return oldest;
}

static bool entry_fill(struct run *run, struct regex_cache *cache, struct entry *entry,
                       struct cxd_bytes pattern, struct value *ret_problem)
{
    struct sink text = sink_on(run->pool);
    struct cxd_error err = CXD_ERROR_INIT;
    const char *problem = regex_translate(pattern, &text);

    sink_char(&text, '\0');
    if (problem != NULL || text.failed) {
        *ret_problem = text.failed ? run_out_of_memory(run)
                                   : run_fail(run, "error parsing regexp: %s", problem);
        return false;
    }
    entry->pattern = malloc(pattern.len + 1);
    if (entry->pattern == NULL) {
        *ret_problem = run_out_of_memory(run);
        return false;
    }
    memcpy(entry->pattern, pattern.ptr, pattern.len);
    entry->len = pattern.len;
    if (cache->services->regex_new(cache->services->ctx, text.text, &entry->regex, &err) < 0) {
        entry_clear(cache, entry);
        *ret_problem = run_fail(run, "error parsing regexp: %s", err.text);
        return false;
    }
    return true;
}

void *regex_compiled(struct run *run, struct cxd_bytes pattern, struct value *ret_problem)
{
    struct regex_cache *cache = run->services != NULL ? run->services->cache : NULL;
    struct entry *entry;

    if (cache == NULL || run->services->regex_new == NULL) {
        *ret_problem = run_fail(run, "regular expressions are not available here");
        return NULL;
    }
    entry = entry_find(cache, pattern);
    if (entry->regex == NULL && !entry_fill(run, cache, entry, pattern, ret_problem)) {
        return NULL;
    }
    entry->used = ++cache->clock;
    return entry->regex;
}

int regex_search(struct run *run, void *regex, struct cxd_bytes text, size_t from,
                 struct services_span *spans, size_t *ret_groups, struct value *ret_problem)
{
    int found;

    if (!run_spend(run, MATCH_STEPS + (text.len - from) / 8)) {
        *ret_problem = run_fatal(run);
        return -1;
    }
    if (text.ptr == NULL) {
        text.ptr = "";
    }
    found = run->services->regex_find(regex, text, from, spans, REGEX_GROUPS_MAX, ret_groups);
    if (found < 0) {
        *ret_problem = run_fail(run, "the regular expression takes more steps than its limit");
    }
    return found;
}

static struct value matches(struct run *run, const struct value *args, uint32_t count)
{
    struct services_span spans[REGEX_GROUPS_MAX];
    size_t groups = 0;
    struct value problem;
    void *regex;
    int found;

    (void)count;
    if (args[1].kind != VALUE_STRING) {
        return run_no_overload(run);
    }
    regex = regex_compiled(run, value_range(args[1]), &problem);
    if (regex == NULL) {
        return problem;
    }
    found = regex_search(run, regex, value_range(args[0]), 0, spans, &groups, &problem);
    return found < 0 ? problem : value_bool(found == 1);
}

const struct function regex_functions[] = {
    {"matches", FUNCTION_BOTH, 2, 2, VALUE_MASK(VALUE_STRING), matches}, {NULL}};
