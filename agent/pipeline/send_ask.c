/* send_ask.c: what a destination is asked beside the batches, by the first instance. */
#include "pipeline/send_inner.h"

void sender_interrupt(struct worker *w)
{
    const struct cxd_output_ops *ops = w->sender->ops;

    if (CXD_HAS(ops, interrupt) && ops->interrupt != NULL) {
        ops->interrupt(w->instance);
    }
}

int sender_setup(struct sender *s, const char *name, struct cxd_bytes template_json,
                 struct cxd_error *err)
{
    if (!CXD_HAS(s->ops, setup) || s->ops->setup == NULL) {
        return CXD_OK;
    }
    return s->ops->setup(s->workers[0].instance, name, template_json, err);
}

int sender_check(struct sender *s, struct cxd_bytes *ret_text, struct cxd_error *err)
{
    return CXD_HAS(s->ops, check) && s->ops->check != NULL
               ? s->ops->check(s->workers[0].instance, ret_text, err)
               : CXD_UNSUPPORTED;
}

void sender_setup_end(struct sender *s)
{
    sender_interrupt(&s->workers[0]);
}

int sender_keeps(const struct sender *s)
{
    return CXD_HAS(s->ops, kept_put) && s->ops->kept_get != NULL && s->ops->kept_put != NULL;
}

int sender_kept_get(struct sender *s, const char *place, const char *name,
                    struct cxd_bytes *ret_content, struct cxd_version *ret_version,
                    struct cxd_error *err)
{
    return s->ops->kept_get(s->workers[0].instance, place, name, ret_content, ret_version, err);
}

int sender_kept_put(struct sender *s, const char *place, const char *name, struct cxd_bytes content,
                    struct cxd_version *version, struct cxd_error *err)
{
    return s->ops->kept_put(s->workers[0].instance, place, name, content, version, err);
}

int sender_send_apart(struct sender *s, const struct cxd_batch *batch, struct cxd_outcome *outcomes,
                      struct cxd_error *err)
{
    return s->ops->send(s->workers[0].instance, batch, outcomes, err);
}
