#pragma once
/*
 * The simulator's own paths, /_sim/..., on every port and alone on the control port, which fault scripts never touch.
 * Borrows all it points at.
 */
#include "bucket.h"
#include "cortex.h"
#include "elastic.h"
#include "server.h"
#include "stats.h"
#include "token.h"

struct control {
    struct fault_book *faults;
    struct stats *stats;
    struct bucket *bucket;
    struct token_desk *desk; /* NULL: no authentication */
    struct elastic *elastic;
    struct cortex *cortex;
    int64_t started_ms;
    void (*stop)(void *owner);
    void (*down)(void *owner, unsigned group, unsigned down_ms);
    void *owner;
    struct server_app app;
};

/* Fills app; the other members are the caller's to set. */
void control_init(struct control *control);
struct json_object *control_report(struct control *control);
