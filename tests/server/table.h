#pragma once
/*
 * The tables behind invented events: hosts, users, programs and addresses of one seed, each as a ready piece of JSON text.
 * Private to the generator (event.c). Built once, read-only afterwards.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    TABLE_HOSTS = 256,
    TABLE_USERS = 128,
    TABLE_PROGRAMS = 160,
    TABLE_ADDRESSES = 512,
    TABLE_PIECE_MAX = 1000,
};

struct table_piece {
    char text[TABLE_PIECE_MAX];
    unsigned len;
};

struct table_host {
    struct table_piece agent; /* agent_* and host_metadata_*, with a trailing comma */
    char ip[16];
    bool is_linux;
};

struct table_user {
    char name[64]; /* JSON-escaped, domain included */
    char sid[64];
};

struct table_program {
    struct table_piece actor;  /* os_actor_process_*, with a trailing comma */
    struct table_piece action; /* action_process_*, with a trailing comma */
    struct table_piece remote; /* action_remote_process_*, with a trailing comma */
    char path[160];            /* JSON-escaped */
    char md5[33];
    char sha256[65];
    const char *vendor; /* NULL: unsigned */
};

struct table {
    struct table_host hosts[TABLE_HOSTS];
    struct table_user users[TABLE_USERS];
    struct table_program windows[TABLE_PROGRAMS];
    struct table_program linux_[TABLE_PROGRAMS];
    char addresses[TABLE_ADDRESSES][16];
};

void table_fill(struct table *table, uint64_t seed);
/* The next number of a small random sequence; its quality is that of event_mix. */
uint64_t table_random(uint64_t *state);
/* Lower-case hexadecimal digits of value, `digits` of them, without a terminator. */
void table_hex(char *out, uint64_t value, unsigned digits);
size_t table_count(const char *const *words);
