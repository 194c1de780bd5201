#pragma once
/* Google's error replies. */
#include "server.h"

/*
 * Sets the reply: the JSON envelope, plain text for media, XML for the XML-style path. message NULL: the service's usual
 * words for the status.
 */
void storage_error(const struct request *request, struct reply *reply, unsigned status,
                   const char *message);
