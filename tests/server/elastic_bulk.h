#pragma once
/* Bulk requests of the Elasticsearch simulator, from first byte to reply. */
#include "elastic.h"

struct intake;

/* index: from the path, NULL: none. NULL without memory. */
struct intake *intake_new(struct elastic *elastic, struct request *request, const char *index);
void intake_free(struct intake *intake);
/* False: reply is set. */
bool intake_body(struct intake *intake, const char *data, size_t len, struct reply *reply);
void intake_finish(struct intake *intake, struct reply *reply);
