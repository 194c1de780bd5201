#pragma once
/* Elasticsearch requests other than bulk: named resources, counts, searches, and what never changes. */
#include "elastic.h"

/* text: the body, NULL when there was none. */
void elastic_read(struct elastic *elastic, struct request *request, const char *text,
                  struct reply *reply);
