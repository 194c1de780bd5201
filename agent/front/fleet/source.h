/*
 * source.h: where a policy comes from by the network: the small local file that says so, the request, and the checks before anyone
 * reads what came. A source belongs to one thread.
 */
#pragma once

#include "config/conf.h"
#include "front/fleet/envelope.h"
#include "io/http.h"

enum { SOURCE_KEYS_MAX = 8, SOURCE_TAGS_MAX = 16 };

/* What came, checked: policy bytes and the file that vouches for them (empty when unsigned ones are allowed). */
struct source_item {
    struct buf policy;
    struct buf signature;
    struct envelope envelope;
    char hash[65]; /* SHA-256 of the policy in hex */
};

struct source;

/* What may stand below `policy:`. Static. */
const struct cxd_option *source_keys(void);

/* node is `policy:` of the bootstrap file. CXD_CONFIG with file and line. */
int source_open(const struct conf *node, struct source **ret_source, struct cxd_error *err);
void source_agent_set(struct source *s, const char *id); /* a name among targets; copied */
void source_close(struct source *s);                     /* accepts NULL */
int64_t source_poll_ms(const struct source *s);
const char *source_name(const struct source *s); /* host and path at most; no query */
int source_is_signed(const struct source *s);
/* Ends a fetch from another thread. */
void source_interrupt(struct source *s);

void source_item_init(struct source_item *item);
void source_item_done(struct source_item *item);

/*
 * One fetch: CXD_OK and *item; CXD_END: as it was (304). RETRY class: the server is away, err->retry_after_ms may say for how long.
 * Others: what came is refused, and err says why.
 */
int source_fetch(struct source *s, struct source_item *item, struct cxd_error *err);
/* Signature, id, targets and times of something kept or fetched; fills in item's envelope and hash. */
int source_check(const struct source *s, struct source_item *item, struct cxd_error *err);
/* Forgets the ETag: the next fetch brings the whole policy. */
void source_forget(struct source *s);
