#pragma once
/*
 * Which members of a reply a client asked for: the `fields` parameter of Google's APIs and `filter_path` of Elasticsearch,
 * both turned into dotted patterns with wildcards. Lists are transparent. Read-only after filter_parse.
 */
#include <json-c/json.h>
#include <stdbool.h>

enum { FILTER_PATTERNS_MAX = 64, FILTER_PATTERN_BYTES = 128 };

struct filter {
    unsigned count; /* 0: everything is wanted */
    char patterns[FILTER_PATTERNS_MAX][FILTER_PATTERN_BYTES];
};

/* items(name,size),nextPageToken. False: not well formed, or too long. NULL text gives an empty filter. */
bool filter_parse_fields(struct filter *filter, const char *text);
/* errors,items.*.status. False: too long. */
bool filter_parse_path(struct filter *filter, const char *text);
/* Is the value at this dotted path wanted, whole? */
bool filter_wants(const struct filter *filter, const char *path);
/* Removes what is not wanted; objects and lists that become empty go too. */
void filter_apply(const struct filter *filter, struct json_object *tree);
