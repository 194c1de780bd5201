/*
 * world.h: what the outer world is for a vector: PCRE2, zlib and OpenSSL straight, the clock, and a client that knows http and
 * https. Never for the agent itself.
 */
#pragma once

#include "lang/services.h"

struct world {
    struct services services;
    const char *user; /* credentials for get, head and post; NULL: none */
    const char *password;
    bool insecure;
    struct world_reply *reply; /* the last one */
};

/* False: no memory. */
bool world_init(struct world *world);
void world_done(struct world *world);
