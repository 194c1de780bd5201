/* trial.c: see the header. Whatever is not replaced here is the agent's own. */
#include "front/try/trial.h"

#include "base/text.h"
#include "front/command.h"
#include "io/doc.h"
#include "io/http.h"
#include "pipeline/bind.h"
#include "pipeline/event.h"

#include <stdlib.h>
#include <strings.h>

#define STATE_WORD "state: " /* how the cel input begins the line that shows its state */

/* A request under way: its reply is there at once. */
struct exchange {
    const struct reply *reply;
    int has_begun;
    int has_given;
};

static const atomic_int never_stopping;

static struct trial *trial_of(struct cxd_self *self)
{
    return self->owner;
}

static void print_line(struct trial *t, const char *name, struct cxd_bytes json)
{
    if (printf("{\"%s\":%.*s}\n", name, (int)json.len, json.ptr) < 0) {
        t->is_broken = 1;
    }
}

static void trial_log(struct cxd_self *self, int level, const char *text, size_t len)
{
    struct trial *t = trial_of(self);
    size_t word = strlen(STATE_WORD);

    if (level == CXD_LOG_DEBUG && len > word && memcmp(text, STATE_WORD, word) == 0) {
        print_line(t, "state", (struct cxd_bytes){text + word, len - word});
        return;
    }
    (void)fflush(stdout); /* in the order in which things happen */
    command_complain("%.*s", (int)len, text);
}

static int trial_is_logged(struct cxd_self *self, int level)
{
    (void)self;
    (void)level;
    return 1;
}

static int64_t trial_wall(struct cxd_self *self)
{
    return trial_of(self)->wall_ms;
}

static int64_t trial_mono(struct cxd_self *self)
{
    return trial_of(self)->mono_ms;
}

static int64_t trial_retry_after(struct cxd_self *self, const char *value)
{
    return http_retry_after(value, trial_of(self)->wall_ms);
}

void trial_wait(struct trial *t, int64_t ms)
{
    t->wall_ms += ms;
    t->mono_ms += ms;
}

static int client_new(struct cxd_self *self, struct cxd_bytes options,
                      struct cxd_client **ret_client, struct cxd_error *err)
{
    (void)options;
    (void)err;
    *ret_client = (struct cxd_client *)trial_of(self); /* opaque to the module */
    return 0;
}

static void client_free(struct cxd_client *client)
{
    (void)client;
}

static int client_wait(struct cxd_client *client, uint32_t timeout_ms)
{
    trial_wait((struct trial *)client, timeout_ms);
    return 0;
}

static void client_interrupt(struct cxd_client *client)
{
    (void)client;
}

/* {"method":..., "url":..., "body":...} */
static void request_print(struct trial *t, const struct cxd_request *request)
{
    const struct cxd_bytes texts[] = {{request->method, strlen(request->method)},
                                      {request->url, strlen(request->url)},
                                      request->part_count > 0 ? request->parts[0]
                                                              : (struct cxd_bytes){"", 0}};
    static const char *const names[] = {"{\"method\":", ",\"url\":", ",\"body\":"};
    int r = 0;

    buf_clear(&t->out);
    for (size_t i = 0; i < 3 && r == 0; i++) {
        r = buf_add_text(&t->out, names[i]);
        r = r != 0 ? r : buf_reserve(&t->out, text_quote_len(texts[i]));
        if (r == 0) {
            char *end = text_quote_known(texts[i], t->out.ptr + t->out.len);
            t->out.len = (size_t)(end - t->out.ptr);
        }
    }
    r = r != 0 ? r : buf_add_text(&t->out, "}");
    if (r == 0) {
        print_line(t, "request", (struct cxd_bytes){t->out.ptr, t->out.len});
    }
}

static int request_start(struct cxd_client *client, const struct cxd_request *request,
                         struct cxd_transfer **ret_transfer, struct cxd_error *err)
{
    struct trial *t = (struct trial *)client;
    const struct reply *reply = replies_take(t->replies);
    struct exchange *x;

    t->requests++;
    if (t->shows_requests) {
        request_print(t, request);
    }
    if (reply == NULL) {
        return cxd_error_set(err, CXD_CONFIG, "no recorded reply is left for request %u",
                             t->requests);
    }
    x = calloc(1, sizeof *x);
    if (x == NULL) {
        return cxd_error_set(err, CXD_NOMEM, "out of memory");
    }
    x->reply = reply;
    *ret_transfer = (struct cxd_transfer *)x;
    return 0;
}

static int reply_read(struct cxd_transfer *transfer, struct cxd_bytes *ret_bytes,
                      struct cxd_error *err)
{
    struct exchange *x = (struct exchange *)transfer;

    x->has_begun = 1;
    if (x->reply->failure != NULL) {
        return cxd_error_set(err, CXD_CONNECT, "%s", x->reply->failure);
    }
    if (x->has_given || x->reply->body.len == 0) {
        return CXD_END;
    }
    x->has_given = 1;
    *ret_bytes = x->reply->body;
    return 0;
}

static int reply_status(struct cxd_transfer *transfer)
{
    const struct exchange *x = (struct exchange *)transfer;

    return x->has_begun && x->reply->failure == NULL ? x->reply->status : 0;
}

static const char *reply_header(struct cxd_transfer *transfer, const char *name)
{
    const struct reply *reply = ((struct exchange *)transfer)->reply;

    for (uint32_t i = 0; i < reply->field_count; i++) {
        if (reply->fields[i].name.len == strlen(name) &&
            strncasecmp(reply->fields[i].name.ptr, name, strlen(name)) == 0) {
            return reply->fields[i].value.ptr;
        }
    }
    return NULL;
}

static int reply_header_at(struct cxd_transfer *transfer, uint32_t index,
                           struct cxd_bytes *ret_name, struct cxd_bytes *ret_value)
{
    const struct reply *reply = ((struct exchange *)transfer)->reply;

    if (index >= reply->field_count) {
        return 0;
    }
    *ret_name = reply->fields[index].name;
    *ret_value = reply->fields[index].value;
    return 1;
}

static void reply_close(struct cxd_transfer *transfer)
{
    free(transfer);
}

static int event_take(void *owner, struct cxd_event **ret_event, struct cxd_error *err)
{
    struct trial *t = owner;

    (void)err;
    event_reset(t->event);
    *ret_event = t->event;
    return 0;
}

static int event_print(struct trial *t, const char *name, struct cxd_event *ev)
{
    struct cxd_bytes message = event_message(ev);
    struct cxd_value text = {.ptr = message.ptr,
                             .len = (uint32_t)message.len,
                             .kind = CXD_KIND_STRING,
                             .flags = CXD_VALUE_TEXT};

    buf_clear(&t->out);
    if (node_put(ev, event_root(ev), CXD_LIT("message"), text) == NULL ||
        event_render(ev, &t->out) != CXD_OK) {
        return CXD_NOMEM;
    }
    print_line(t, name, (struct cxd_bytes){t->out.ptr, t->out.len});
    return 0;
}

static int event_emit(void *owner, struct cxd_event *ev, struct cxd_error *err)
{
    return event_print(owner, "event", ev) == 0
               ? 0
               : cxd_error_set(err, CXD_NOMEM, "out of memory for an event");
}

static int event_reject(void *owner, struct cxd_event *ev, const struct cxd_error *why)
{
    command_complain("event refused: %s", why->text);
    return event_print(owner, "refused", ev);
}

static int cursor_print(void *owner, struct cxd_bytes cursor, struct cxd_error *err)
{
    struct cxd_scalar text = doc_get(cursor, "cursor");

    (void)err;
    print_line(owner, "cursor", text.type == CXD_TEXT ? text.bytes : CXD_LIT("null"));
    return 0;
}

static void health_note(void *owner, int health, const char *reason)
{
    struct trial *t = owner;

    (void)reason; /* the log has said it */
    t->has_failed = health != CXD_HEALTHY;
}

static const struct self_ops trial_ops = {
    .event_new = event_take,
    .emit = event_emit,
    .reject = event_reject,
    .mark = cursor_print,
    .health = health_note,
};

int trial_init(struct trial *t, struct replies *replies, int64_t wall_ms)
{
    *t = (struct trial){.replies = replies, .wall_ms = wall_ms, .mono_ms = 1000};
    t->host = *bind_host();
    t->host.log = trial_log;
    t->host.is_logged = trial_is_logged;
    t->host.wall_ms = trial_wall;
    t->host.mono_ms = trial_mono;
    t->host.http_client = client_new;
    t->host.http_client_free = client_free;
    t->host.http_start = request_start;
    t->host.http_wait = client_wait;
    t->host.http_read = reply_read;
    t->host.http_status = reply_status;
    t->host.http_header = reply_header;
    t->host.http_header_at = reply_header_at;
    t->host.http_close = reply_close;
    t->host.http_interrupt = client_interrupt;
    t->host.http_retry_after = trial_retry_after;
    t->self = (struct cxd_self){
        .subject = "inputs.cel", .stopping = &never_stopping, .ops = &trial_ops, .owner = t};
    buf_init(&t->out, (size_t)512 << 20);
    return event_open(&(struct event_limits){.message_max = (size_t)128 << 20}, &t->event);
}

void trial_done(struct trial *t)
{
    buf_done(&t->out);
    event_close(t->event);
}
