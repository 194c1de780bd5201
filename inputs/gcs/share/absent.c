/* absent.c: in place of the sharing where the client library's header was not there when this was built. */
#include "input.h"
#include "share/share.h"

#include <string.h>

int share_open(struct input *in, struct cxd_bytes options, struct share **ret_share,
               struct cxd_error *err)
{
    struct cxd_scalar word = in->heap.host->doc_get(options, "coordination");

    *ret_share = NULL;
    if (word.type == CXD_TEXT && strcmp(word.bytes.ptr, "none") != 0) {
        return cxd_error_set(err, CXD_UNSUPPORTED,
                             "coordination: built without librdkafka 1.9 or newer");
    }
    return 0;
}

void share_close(struct share *s)
{
    (void)s;
}

void share_buckets(struct share *s)
{
    (void)s;
}

bool share_step(struct share *s, int64_t now_ms)
{
    (void)s;
    (void)now_ms;
    return false;
}

struct job *share_take(struct share *s, struct bucket *b)
{
    (void)s;
    (void)b;
    return NULL;
}

void share_put_back(struct share *s, struct share_item *item)
{
    (void)s;
    (void)item;
}

void share_finish(struct share *s, struct share_item *item)
{
    (void)s;
    (void)item;
}

uint32_t share_set_aside(struct share *s, struct share_item *item, int64_t wait_ms)
{
    (void)s;
    (void)item;
    (void)wait_ms;
    return 0;
}

uint32_t share_rounds(const struct share_item *item)
{
    (void)item;
    return 0;
}

int share_result(struct share *s, int64_t work_wait_ms, int64_t *wait_ms, struct cxd_error *err)
{
    (void)s;
    (void)wait_ms;
    (void)err;
    return work_wait_ms > 0 ? CXD_POLL_IDLE : CXD_POLL_MORE;
}

bool share_is_ill(const struct share *s)
{
    (void)s;
    return false;
}
