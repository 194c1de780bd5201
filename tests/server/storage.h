#pragma once
/*
 * The Cloud Storage JSON API, with the XML-style media path and the OAuth token endpoint, over one bucket. Read-only for
 * clients. The app borrows bucket and desk.
 */
#include "bucket.h"
#include "server.h"
#include "token.h"

struct storage {
    struct bucket *bucket;
    struct token_desk *desk; /* NULL: no authentication */
    struct server_app app;   /* filled by storage_init */
};

void storage_init(struct storage *storage, struct bucket *bucket, struct token_desk *desk);
