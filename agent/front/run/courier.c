/* courier.c: see the header. The lock is held while a request is under way. */
#include "front/run/courier.h"

#include "base/log.h"
#include "base/status.h"
#include "front/run/output.h"
#include "pipeline/bind.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define LOOK_MS 20

struct courier {
    pthread_mutex_t lock;
    const struct plan *plan;
    struct agent_output *output;
    int has_template;
    char index[256]; /* these two are fixed: any thread may read them */
    char name[128];
};

int courier_build(const struct plan *plan, const struct plan_mail *mail,
                  const struct catalog *catalog, struct units *units, struct courier **ret_courier,
                  struct cxd_error *err)
{
    struct courier *c = calloc(1, sizeof *c);
    int r;

    if (c == NULL) {
        return cxd_error_set(err, CXD_NOMEM, "output %s: out of memory", mail->output->name);
    }
    (void)pthread_mutex_init(&c->lock, NULL); /* never fails for a default mutex */
    c->plan = plan;
    (void)snprintf(c->index, sizeof c->index, "%s", mail->index);
    (void)snprintf(c->name, sizeof c->name, "%s", mail->output->name);
    r = output_build(mail->output, catalog, units, &c->output, err);
    if (r != CXD_OK) {
        courier_free(c);
        return r;
    }
    *ret_courier = c;
    return CXD_OK;
}

int courier_open(struct courier *c, struct cxd_error *err)
{
    return output_open_apart(c->output, bind_host(), err);
}

/* Control must not wait for a destination: whatever is under way ends, and what follows it. */
static void lock_take(struct courier *c)
{
    const struct timespec look = {.tv_nsec = LOOK_MS * 1000000l};

    while (pthread_mutex_trylock(&c->lock) != 0) {
        courier_interrupt(c);
        (void)nanosleep(&look, NULL);
    }
}

int courier_renew(struct courier *c, struct courier *next, struct cxd_error *err)
{
    struct agent_output *before;
    int r = courier_open(next, err);

    if (r != CXD_OK) {
        return r;
    }
    lock_take(c);
    before = c->output;
    c->output = next->output;
    c->plan = next->plan;
    c->has_template = 0;
    next->output = NULL;
    (void)pthread_mutex_unlock(&c->lock);
    output_free(before);
    return CXD_OK;
}

int courier_uses(const struct courier *c, const struct plan *plan)
{
    return c != NULL && c->plan == plan;
}

const char *courier_index(const struct courier *c)
{
    return c->index;
}

const char *courier_name(const struct courier *c)
{
    return c->name;
}

/* logs-cortexd.deadletter of logs-cortexd.deadletter-default. One that can't be put in place is no reason not to send. */
static int template_put(struct courier *c, const char *text, struct cxd_error *err)
{
    struct cxd_error why = CXD_ERROR_INIT;
    char name[200];
    int r;

    (void)snprintf(name, sizeof name, "%.*s", (int)(strrchr(c->index, '-') - c->index), c->index);
    r = output_setup_own(c->output, name, text, &why);
    if (r != CXD_OK && status_class(r) == CXD_CLASS_RETRY) {
        return cxd_error_set(err, r, "index template %s: %s", name, why.text);
    }
    if (r != CXD_OK) {
        LOG(CXD_LOG_WARN, c->output->subject, "%s: index template %s not put in place: %s", c->name,
            name, why.text);
    }
    c->has_template = 1;
    return CXD_OK;
}

/* 0 when all is decided. */
static int outcomes_judge(const struct cxd_outcome *outcomes, uint32_t count, struct cxd_error *err)
{
    for (uint32_t i = 0; i < count; i++) {
        if (outcomes[i].result == CXD_RESULT_PENDING) {
            return cxd_error_set(err, CXD_AGAIN, "not taken yet: %.*s",
                                 (int)(outcomes[i].reason.len < 300 ? outcomes[i].reason.len : 300),
                                 outcomes[i].reason.ptr != NULL ? outcomes[i].reason.ptr : "");
        }
    }
    return CXD_OK;
}

int courier_send(struct courier *c, const char *template_json, struct cxd_doc *docs, uint32_t count,
                 struct cxd_outcome *outcomes, struct cxd_error *err)
{
    struct cxd_batch batch = {.size = sizeof batch, .count = count, .docs = docs};
    int r;

    (void)pthread_mutex_lock(&c->lock);
    for (uint32_t i = 0; i < count; i++) {
        docs[i].index = (struct cxd_bytes){c->index, strlen(c->index)};
        batch.bytes += docs[i].source.len;
        outcomes[i] = (struct cxd_outcome){.result = CXD_RESULT_PENDING};
    }
    r = c->has_template ? CXD_OK : template_put(c, template_json, err);
    r = r != CXD_OK ? r : sender_send_apart(c->output->sender, &batch, outcomes, err);
    (void)pthread_mutex_unlock(&c->lock);
    return r != CXD_OK ? r : outcomes_judge(outcomes, count, err);
}

/* Without the lock: it is for whoever holds it. The output is changed by control's thread alone, which calls this too, or after it. */
void courier_interrupt(struct courier *c)
{
    if (c != NULL && c->output != NULL && c->output->sender != NULL) {
        sender_setup_end(c->output->sender);
    }
}

void courier_free(struct courier *c)
{
    if (c != NULL) {
        output_free(c->output);
        (void)pthread_mutex_destroy(&c->lock);
        free(c);
    }
}
