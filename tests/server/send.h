#pragma once
/* How a reply leaves, and how a fault spoils it on the way. The frame's own; runs on server threads. */
#include "server.h"

/* Queues the request's reply as its fault wants it. */
enum MHD_Result send_reply(struct request *request, const struct server_options *options);
/* Ends the connection without a reply; entered again after a stall. */
enum MHD_Result send_end(struct request *request, const struct server_options *options);
