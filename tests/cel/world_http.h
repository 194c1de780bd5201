/* world_http.h: the client of a vector's world, by libcurl. */
#pragma once

#include "world.h"

struct world_reply;

int world_send(void *ctx, const struct services_request *request, struct services_reply *reply,
               struct cxd_error *err);
void world_reply_free(struct world_reply *reply); /* accepts NULL */
