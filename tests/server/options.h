#pragma once
/* The command line of cxd-sim. */
#include <stdbool.h>
#include <stdint.h>

#include "cortex.h"

struct options {
    const char *state;
    const char *cache;
    const char *folder; /* --dir; NULL: none */
    const char *bucket;
    const char *listen;
    const char *fault;
    const char *store; /* NULL: STATE/store */
    const char *api_key;
    const char *user;
    uint64_t events;
    uint64_t seed;
    uint64_t big_bytes;
    uint64_t body_max;
    unsigned objects;
    unsigned average_bytes;
    unsigned member_events;
    unsigned expires_in;
    unsigned max_seconds;
    unsigned threads;
    unsigned storage_port;
    unsigned elastic_port;
    unsigned cortex_port;
    const char *cortex_socket;
    unsigned control_port;
    struct cortex_options cortex;
    bool is_plain;
    bool no_auth;
    bool is_null;
    bool ids_only;
    bool until_stdin;
};

/* 0: go on; 1: done (help was printed); -1: refused, said on stderr. */
int options_read(int argc, char **argv, struct options *ret_options);
/* A number with an optional k, M, G or T (1024). False: not one, or outside. */
bool options_number(const char *text, uint64_t min, uint64_t max, uint64_t *ret_number);
