/*
 * pattern.h: a dissect pattern: text with keys in it, "%{ip} [%{time}] %{+name} %{+name/1}". Pure, any thread.
 *
 *   %{key}      a field                       %{}         passed over
 *   %{+key}     joined to what key has        %{+key/2}   in this order
 *   %{?key}     passed over, but remembered   %{*key}     the same
 *   %{&key}     a field named by what ?key or *key saw
 *   %{key->}    what stands between repeats   %{key#4}    exactly four bytes
 *   %{key|type} integer, long, float, double, string, boolean, ip
 */
#pragma once

#include <cxd/abi.h>

#include <stdbool.h>

#define PATTERN_MAX_LEN 8192
#define PATTERN_KEYS_MAX 128

enum pattern_use {
    PATTERN_FIELD,
    PATTERN_SKIP,
    PATTERN_NAMED, /* ? and * */
    PATTERN_APPEND,
    PATTERN_INDIRECT
};

struct pattern_key {
    enum pattern_use use;
    struct cxd_bytes name;   /* without marks */
    struct cxd_bytes type;   /* {NULL,0}: none */
    struct cxd_bytes before; /* the text in front of it, which also joins */
    unsigned order;          /* of appending */
    unsigned length;         /* bytes; 0: up to what follows */
    bool is_greedy;
};

struct pattern {
    struct pattern_key keys[PATTERN_KEYS_MAX];
    uint32_t count;
    struct cxd_bytes after; /* the text behind the last key */
    bool has_after;
    uint32_t order[PATTERN_KEYS_MAX]; /* keys in the order in which they are applied */
};

/* Everything in *ret_pattern points into text. NULL, or what is wrong with it. */
const char *pattern_read(struct cxd_bytes text, struct pattern *ret_pattern);
/* What each key of the pattern stands for in text: slices of it. False: it does not fit. */
bool pattern_match(const struct pattern *pattern, struct cxd_bytes text,
                   struct cxd_bytes values[PATTERN_KEYS_MAX]);
