/*
 * dead_mail.h: dead letters as documents of a data stream (agent.dead_letter.output), for agents whose folder does not last and for those who
 * look at one place only.
 *
 * A document has the reason in error.message, event.kind pipeline_error, and below cortexd.dead_letter all that the letter has: the
 * record or document as a text that is not searched. Its id comes of what was refused, so that the same comes once. What the
 * destination refuses as well lies in dead_letter/refused.ndjson of the state folder, with a line in the log for each.
 */
#pragma once

#include "base/buf.h"
#include "front/run/courier.h"
#include "front/run/identity.h"
#include "pipeline/dead.h"

struct dead_mail;

/* Letters of dead go to the courier from here on; all of these are borrowed. is_bound: no cursor is saved that stands on a letter which is not
 * delivered (the folder does not last). */
int dead_mail_open(struct courier *courier, struct dead *dead, const struct identity *identity,
                   const char *folder, int is_bound, struct dead_mail **ret_mail,
                   struct cxd_error *err);
/* 1: something was refused, so it lies in the folder only. */
int dead_mail_has_refused(const struct dead_mail *m);
void dead_mail_close(struct dead_mail *m); /* before dead_close; accepts NULL */
/* One letter's line as a document, appended to out, and its id: 64 hex digits and NUL. CXD_MALFORMED: no letter. Pure. */
int dead_mail_document(struct cxd_bytes line, const struct identity *identity, const char *index,
                       struct buf *out, char id[65]);
