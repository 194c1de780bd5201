/* source_check.c: whether what came, or was kept, is signed, for this agent, and of this time. */
#include "front/fleet/source_inner.h"

#include "base/cleanup.h"
#include "base/clock.h"
#include "io/crypto.h"

#include <string.h>

static int times_check(const struct envelope *e, struct cxd_error *err)
{
    int64_t now_ms = clock_wall_ms();
    char text[CLOCK_TEXT_SIZE];

    if (e->not_before_ms != 0 && now_ms < e->not_before_ms) {
        clock_format(e->not_before_ms, text);
        return cxd_error_set(err, CXD_CONFIG, "it is not to be used before %s", text);
    }
    if (e->not_after_ms != 0 && now_ms > e->not_after_ms) {
        clock_format(e->not_after_ms, text);
        return cxd_error_set(err, CXD_CONFIG, "it is not to be used after %s", text);
    }
    return CXD_OK;
}

static int target_check(const struct source *s, const struct envelope *e, struct cxd_error *err)
{
    int is_for = envelope_is_for(e, s->agent_id[0] != '\0' ? s->agent_id : NULL);

    for (int i = 0; i < SOURCE_TAGS_MAX && !is_for && source_text_at(s, "tags", i) != NULL; i++) {
        is_for = envelope_is_for(e, source_text_at(s, "tags", i));
    }
    return is_for ? CXD_OK
                  : cxd_error_set(err, CXD_CONFIG,
                                  "its targets (%.100s) name neither this agent nor its tags",
                                  e->targets);
}

static int signature_check(const struct source *s, const struct source_item *item,
                           struct cxd_error *err)
{
    _cleanup_(buf_done) struct buf all;
    const struct envelope *e = &item->envelope;
    int is_known = 0;

    buf_init(&all, CONF_MAX_BYTES + ENVELOPE_MAX);
    if (buf_add(&all, item->signature.ptr, e->signed_len) != CXD_OK ||
        buf_add(&all, item->policy.ptr, item->policy.len) != CXD_OK) {
        return cxd_error_set(err, CXD_NOMEM, "out of memory");
    }
    for (size_t i = 0; i < s->key_count; i++) {
        char id[ENVELOPE_KEY_ID];
        envelope_key_id(s->keys[i], id);
        if (strcmp(id, e->key_id) != 0) {
            continue;
        }
        is_known = 1;
        if (sign_check(s->keys[i], (struct cxd_bytes){all.ptr, all.len}, e->signature)) {
            return CXD_OK;
        }
    }
    return is_known
               ? cxd_error_set(err, CXD_FORBIDDEN, "the signature does not belong to these bytes")
               : cxd_error_set(err, CXD_FORBIDDEN,
                               "signed with key %.16s, which is none of policy.public_key",
                               e->key_id);
}

int source_check(const struct source *s, struct source_item *item, struct cxd_error *err)
{
    unsigned char digest[32];
    struct envelope *e = &item->envelope;
    int r;

    crypto_sha256(item->policy.ptr, item->policy.len, digest);
    (void)crypto_hex(digest, sizeof digest, item->hash, sizeof item->hash);
    *e = (struct envelope){.revision = 0};
    if (s->key_count == 0) {
        return CXD_OK;
    }
    r = envelope_read((struct cxd_bytes){item->signature.ptr, item->signature.len}, e, err);
    r = r != CXD_OK ? r : signature_check(s, item, err);
    if (r == CXD_OK && s->id != NULL && strcmp(s->id, e->policy_id) != 0) {
        r = cxd_error_set(err, CXD_CONFIG, "it is policy \"%.80s\", wanted is \"%.80s\"",
                          e->policy_id, s->id);
    }
    r = r != CXD_OK ? r : target_check(s, e, err);
    return r != CXD_OK ? r : times_check(e, err);
}
