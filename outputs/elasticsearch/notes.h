/*
 * notes.h: the reasons given for documents, kept until the next batch. Never a document's own content: what a reason quotes of
 * it is cut off. One owner, one thread.
 */
#pragma once

#include "cxd/host.h"

#define NOTES_TEXT_MAX 300 /* bytes of one reason */

struct notes_block;
struct notes {
    const struct cxd_host *host;
    struct cxd_self *self;
    struct notes_block *blocks;
};

void notes_init(struct notes *n, const struct cxd_host *host, struct cxd_self *self);
/* "type: reason", shortened, on one line; without memory a fixed text. Valid until notes_clear. */
struct cxd_bytes notes_add(struct notes *n, struct cxd_bytes type, struct cxd_bytes reason);
void notes_clear(struct notes *n);
