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

/* The compiled pattern, or NULL and *ret_problem. */
static void *compiled(struct run *run, struct cxd_bytes pattern, struct value *ret_problem)
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

/* One search: 1, 0, or negative with *ret_problem. */
static int search(struct run *run, void *regex, struct cxd_bytes text, size_t from,
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
    regex = compiled(run, value_range(args[1]), &problem);
    if (regex == NULL) {
        return problem;
    }
    found = search(run, regex, value_range(args[0]), 0, spans, &groups, &problem);
    return found < 0 ? problem : value_bool(found == 1);
}

/* The configured pattern args[1] names, compiled. */
static void *named(struct run *run, struct value name, struct value *ret_problem)
{
    const struct services_pattern *p = run->services != NULL ? run->services->patterns : NULL;

    if (name.kind != VALUE_STRING) {
        *ret_problem = run_no_overload(run);
        return NULL;
    }
    for (; p != NULL && p->name != NULL; p++) {
        if (value_text_is(name, p->name)) {
            return compiled(run, (struct cxd_bytes){p->pattern, strlen(p->pattern)}, ret_problem);
        }
    }
    *ret_problem = run_fail(run, "no regexp %.*s", (int)name.len, name.text);
    return NULL;
}

/* The matched piece in the kind of the text. */
static struct value piece(struct value text, struct services_span span)
{
    struct value v = text;

    if (span.start == SIZE_MAX || span.start > span.end) {
        v.len = 0;
        return v;
    }
    v.text = text.text + span.start;
    v.len = (uint32_t)(span.end - span.start);
    return v;
}

static struct value groups_list(struct run *run, struct value text,
                                const struct services_span *spans, size_t groups)
{
    struct value *items = run_items(run, groups);

    for (size_t i = 0; items != NULL && i < groups; i++) {
        items[i] = piece(text, spans[i]);
    }
    return items != NULL ? value_list(items, groups) : run_fatal(run);
}

/* Finds matches from left to right; after an empty one it goes on one code point further. */
struct finder {
    struct run *run;
    void *regex;
    struct value text;
    size_t from;
    size_t last_end; /* an empty match directly behind a match is none */
    bool is_first;
    struct services_span spans[REGEX_GROUPS_MAX];
    size_t groups;
    struct value problem;
};

static int finder_next(struct finder *f)
{
    for (;;) {
        struct cxd_bytes text = value_range(f->text);
        int found = f->from <= text.len
                        ? search(f->run, f->regex, text, f->from, f->spans, &f->groups, &f->problem)
                        : 0;
        struct services_span whole = f->spans[0];
        if (found != 1) {
            return found;
        }
        f->from = whole.end;
        if (whole.start == whole.end) {
            f->from++;
            while (f->from < text.len && ((unsigned char)text.ptr[f->from] & 0xc0) == 0x80) {
                f->from++;
            }
            if (!f->is_first && whole.end == f->last_end) {
                continue;
            }
        }
        f->is_first = false;
        f->last_end = whole.end;
        return 1;
    }
}

static bool finder_begin(struct finder *f, struct run *run, const struct value *args)
{
    *f = (struct finder){.run = run, .text = args[0], .is_first = true};
    f->regex = named(run, args[1], &f->problem);
    return f->regex != NULL;
}

static struct value re_match(struct run *run, const struct value *args, uint32_t count)
{
    struct finder f;
    int found;

    (void)count;
    if (!finder_begin(&f, run, args)) {
        return f.problem;
    }
    found = finder_next(&f);
    return found < 0 ? f.problem : value_bool(found == 1);
}

static struct value re_find(struct run *run, const struct value *args, uint32_t count)
{
    struct finder f;
    int found;

    (void)count;
    if (!finder_begin(&f, run, args)) {
        return f.problem;
    }
    found = finder_next(&f);
    return found < 0    ? f.problem
           : found == 0 ? piece(args[0], (struct services_span){SIZE_MAX, 0})
                        : piece(args[0], f.spans[0]);
}

static struct value re_find_submatch(struct run *run, const struct value *args, uint32_t count)
{
    struct finder f;
    int found;

    (void)count;
    if (!finder_begin(&f, run, args)) {
        return f.problem;
    }
    found = finder_next(&f);
    return found < 0    ? f.problem
           : found == 0 ? value_list(NULL, 0)
                        : groups_list(run, args[0], f.spans, f.groups);
}

/* All matches, each as a piece or as a list of groups. */
static struct value find_all(struct run *run, const struct value *args, bool with_groups)
{
    struct value *items = NULL;
    size_t made = 0;
    size_t room = 0;
    struct finder f;
    int found;

    if (!finder_begin(&f, run, args)) {
        return f.problem;
    }
    while ((found = finder_next(&f)) == 1) {
        if (made == room) {
            struct value *more = run_items(run, room = room * 2 + 8);
            if (more == NULL) {
                return run_fatal(run);
            }
            if (made > 0) {
                memcpy(more, items, made * sizeof *items);
            }
            items = more;
        }
        items[made] =
            with_groups ? groups_list(run, args[0], f.spans, f.groups) : piece(args[0], f.spans[0]);
        if (value_is_error(items[made++])) {
            return items[made - 1];
        }
    }
    return found < 0 ? f.problem : value_list(items, made);
}

static struct value re_find_all(struct run *run, const struct value *args, uint32_t count)
{
    (void)count;
    return find_all(run, args, false);
}

static struct value re_find_all_submatch(struct run *run, const struct value *args, uint32_t count)
{
    (void)count;
    return find_all(run, args, true);
}

static bool is_word(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

/* $1, ${1}: a group; $$: a dollar. A group that is not there, or has a name, gives nothing. */
static size_t expand_one(struct sink *out, struct cxd_bytes t, size_t at, const struct finder *f)
{
    bool braces = at + 1 < t.len && t.ptr[at + 1] == '{';
    size_t start = at + (braces ? 2 : 1);
    size_t end = start;
    size_t number = 0;
    bool digits = true;

    if (start < t.len && t.ptr[start] == '$' && !braces) {
        sink_char(out, '$');
        return start + 1;
    }
    for (; end < t.len && is_word(t.ptr[end]); end++) {
        digits &= t.ptr[end] >= '0' && t.ptr[end] <= '9' && number < 1000;
        number = digits ? number * 10 + (size_t)(t.ptr[end] - '0') : number;
    }
    if (end == start || (braces && (end >= t.len || t.ptr[end] != '}'))) {
        sink_char(out, '$');
        return at + 1;
    }
    if (digits && number < f->groups) {
        sink_value(out, piece(f->text, f->spans[number]));
    }
    return end + (braces ? 1 : 0);
}

static void expand(struct sink *out, struct value replacement, const struct finder *f)
{
    struct cxd_bytes t = value_range(replacement);

    for (size_t at = 0; at < t.len;) {
        if (t.ptr[at] == '$') {
            at = expand_one(out, t, at, f);
        } else {
            sink_char(out, t.ptr[at++]);
        }
    }
}

static struct value re_replace_all(struct run *run, const struct value *args, uint32_t count)
{
    struct sink out = sink_on(run->pool);
    struct finder f;
    size_t done = 0;
    int found;

    (void)count;
    if (args[2].kind != args[0].kind) {
        return run_no_overload(run);
    }
    if (!finder_begin(&f, run, args)) {
        return f.problem;
    }
    while ((found = finder_next(&f)) == 1 && !out.failed) {
        sink_put(&out, args[0].text + done, f.spans[0].start - done);
        expand(&out, args[2], &f);
        done = f.spans[0].end;
    }
    if (found < 0) {
        return f.problem;
    }
    sink_put(&out, args[0].text + done, args[0].len - done);
    return args[0].kind == VALUE_STRING ? run_text(run, &out) : run_bytes(run, &out);
}

#define TEXTUAL (VALUE_MASK(VALUE_STRING) | VALUE_MASK(VALUE_BYTES))

const struct function regex_functions[] = {
    {"matches", FUNCTION_BOTH, 2, 2, VALUE_MASK(VALUE_STRING), matches}, {NULL}};

const struct function regex_named_functions[] = {
    {"re_match", FUNCTION_METHOD, 2, 2, TEXTUAL, re_match},
    {"re_find", FUNCTION_METHOD, 2, 2, TEXTUAL, re_find},
    {"re_find_all", FUNCTION_METHOD, 2, 2, TEXTUAL, re_find_all},
    {"re_find_submatch", FUNCTION_METHOD, 2, 2, TEXTUAL, re_find_submatch},
    {"re_find_all_submatch", FUNCTION_METHOD, 2, 2, TEXTUAL, re_find_all_submatch},
    {"re_replace_all", FUNCTION_METHOD, 3, 3, TEXTUAL, re_replace_all},
    {NULL}};
