#pragma once
/* The invented hosts of a tenant, which are its endpoints and where its alerts, incidents and reports come from. */
#include <stdbool.h>

#include "cortex_shape.h"

struct cortex_host {
    char id[33];
    char name[40];
    char user[72]; /* domain\user */
    char first_name[16];
    char last_name[16];
    char ip[16];
    char mac[18];
    const char *domain;
    bool is_linux;
    int64_t boot_ms;
};

/* number counts endpoints; without any, host 0 is as good as another. */
void cortex_host_fill(const struct cortex_shape *shape, uint64_t number, struct cortex_host *host);
/* The endpoint that a row is about. */
uint64_t cortex_host_of(const struct cortex_shape *shape, enum cortex_kind kind, uint64_t number);
/* digits hexadecimal digits and a NUL, from two draws of a row. */
void cortex_host_hex(const struct cortex_shape *shape, enum cortex_kind kind, uint64_t number,
                     unsigned salt, unsigned digits, char *out);
/* Words end with NULL. */
const char *cortex_host_pick(const char *const *words, uint64_t draw);
