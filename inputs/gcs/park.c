/* park.c: setting a part of the input aside. Thread: the instance's. */
#include "park.h"

void park_set(struct park *p, const struct heap *h, const struct config_retry *retry, bool final,
              const struct cxd_error *err)
{
    int64_t wait_ms;

    p->in_row += p->in_row < 1000;
    wait_ms = final ? PARK_FAILED_MS : config_backoff(h, retry, p->in_row);
    if (!final && err->retry_after_ms > wait_ms) {
        wait_ms = err->retry_after_ms;
    }
    p->result = final ? CXD_POLL_FAILED : CXD_POLL_RETRY;
    p->until_ms = h->host->mono_ms(h->self) + wait_ms;
    p->err = *err;
}

void park_clear(struct park *p)
{
    p->result = 0;
    p->in_row = 0;
}

bool park_holds(const struct park *p, int64_t now_ms)
{
    return p->result != 0 && now_ms < p->until_ms;
}
