/* world_server.h: the HTTP server that a vector asks for: one body, and maybe a user and a password. */
#pragma once

#include <stdbool.h>

struct world_server;

/* Strings are borrowed; user NULL: everybody. NULL: it cannot be started. */
struct world_server *world_server_start(bool tls, const char *body, const char *user,
                                        const char *password);
const char *world_server_url(const struct world_server *server); /* "http://127.0.0.1:1234" */
void world_server_stop(struct world_server *server);             /* accepts NULL */
