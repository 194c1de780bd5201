#pragma once
/* Single documents by id, with sequence numbers: what optimistic concurrency is made of. */
#include "elastic.h"

/* GET INDEX/_doc/ID, PUT INDEX/_doc/ID (if_seq_no, if_primary_term), PUT INDEX/_create/ID, PUT INDEX. */
void elastic_doc(struct elastic *elastic, const struct request *request, const char *text,
                 struct reply *reply);
