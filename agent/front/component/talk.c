/* talk.c: one connection to Elastic Agent: check-ins and actions, each a call of its own; the check-ins go on without the actions. */
#include "front/component/checkin_inner.h"

#include "base/clock.h"
#include "base/log.h"
#include "io/grpc.h"

#include <poll.h>
#include <stdio.h>

#define EVERY_MS 25000 /* the agent takes one missed period of 30 s for a bad sign */
#define CONNECT_MS 10000
#define GOODBYE_MS 1000
#define MESSAGE_MAX (64u << 20)
#define MESSAGE_USUAL (4u << 20)
#define ACTIONS_AGAIN_MS 30000
#define CODE_UNIMPLEMENTED 12
#define PATH "/proto.ElasticAgent/CheckinV2"
#define PATH_ACTIONS "/proto.ElasticAgent/Actions"

/* What both sides take in one message. */
static size_t message_max(const struct startup *s)
{
    return s->message_max == 0            ? MESSAGE_USUAL
           : s->message_max < MESSAGE_MAX ? s->message_max
                                          : MESSAGE_MAX;
}

/* One way to say no when control cannot be asked. */
static void action_refuse(struct checkin *c, const struct action *action)
{
    struct buf message;

    buf_init(&message, MESSAGE_MAX);
    if (action_refuse_write(c->startup->token.ptr, action->id, "too much is asked at a time",
                            &message) == CXD_OK) {
        (void)grpc_send(c->actions, (struct cxd_bytes){message.ptr, message.len});
    }
    buf_done(&message);
}

static void on_action(struct checkin *c, struct cxd_bytes message)
{
    struct action action;

    if (action_parse(message, &action) != CXD_OK) {
        LOG(CXD_LOG_WARN, CHECKIN_SUBJECT, "Elastic Agent asks for an action that cannot be read");
    } else if (!asked_put(&c->asked, &action)) {
        action_refuse(c, &action);
    } else {
        c->wake();
    }
}

static void on_message(void *owner, struct grpc_call *call, struct cxd_bytes message)
{
    struct checkin *c = owner;
    struct cxd_error err = CXD_ERROR_INIT;
    struct expected part;
    struct expected e;
    int r;

    if (call == c->actions) {
        on_action(c, message);
        return;
    }
    r = expected_parse(message, &part, &err);
    r = r != CXD_OK ? r : chunk_join(&c->chunk, &part, &e);
    if (r < 0) {
        LOG(CXD_LOG_ERROR, CHECKIN_SUBJECT, "%s; what runs goes on",
            err.text[0] != '\0' ? err.text
                                : "Elastic Agent's units in several messages: more than 256 units, "
                                  "or 64 MiB of configurations");
    }
    if (r <= 0) {
        return;
    }
    (void)pthread_mutex_lock(&c->lock);
    if (c->has_news) {
        expected_done(&c->news);
    }
    c->news = e;
    c->has_news = 1;
    (void)pthread_mutex_unlock(&c->lock);
    c->wake();
}

static void on_over(void *owner, struct grpc_call *call, int code, const char *words)
{
    struct checkin *c = owner;

    if (call == c->actions) { /* the check-ins go on without it */
        c->actions = NULL;
        c->actions_ms = code == CODE_UNIMPLEMENTED ? 0 : clock_mono_ms() + ACTIONS_AGAIN_MS;
        LOG(CXD_LOG_DEBUG, CHECKIN_SUBJECT, "actions end: %s (code %d)", words, code);
        return;
    }
    c->call = NULL;
    c->over_code = code;
    (void)snprintf(c->over_words, sizeof c->over_words, "%s", words);
}

/* Queued by the call: nothing here waits. */
static int message_send(void *owner, struct cxd_bytes message)
{
    return grpc_send(((struct checkin *)owner)->call, message);
}

static int report_send(struct checkin *c, int is_first)
{
    const struct chunk_spec spec = {.token = c->startup->token.ptr,
                                    .is_first = is_first,
                                    .max = c->startup->has_chunks ? message_max(c->startup)
                                                                  : MESSAGE_MAX,
                                    .now_ms = clock_wall_ms(),
                                    .send = message_send,
                                    .owner = c};
    int r;

    (void)pthread_mutex_lock(&c->lock);
    r = chunk_write(&c->report, &spec);
    c->is_changed = r != CXD_OK;
    (void)pthread_mutex_unlock(&c->lock);
    return r;
}

/* The agent waits five seconds for its first message, too. */
static void actions_start(struct checkin *c, struct grpc *g)
{
    struct buf message;

    buf_init(&message, MESSAGE_MAX);
    c->actions_ms = 0;
    c->actions = grpc_start(g, PATH_ACTIONS);
    if (c->actions != NULL && action_first_write(c->startup->token.ptr, &message) == CXD_OK) {
        (void)grpc_send(c->actions, (struct cxd_bytes){message.ptr, message.len});
    }
    buf_done(&message);
}

static void answers_send(struct checkin *c)
{
    struct buf message;

    while (asked_answer_take(&c->asked, &message)) {
        if (c->actions != NULL) {
            (void)grpc_send(c->actions, (struct cxd_bytes){message.ptr, message.len});
        }
        buf_done(&message);
    }
}

/* All that was to be said has left. */
static void told_signal(struct checkin *c)
{
    (void)pthread_mutex_lock(&c->lock);
    c->is_unsent = c->is_changed;
    (void)pthread_cond_broadcast(&c->told);
    (void)pthread_mutex_unlock(&c->lock);
}

/* One connection, until it is over. */
static int talk(struct checkin *c, struct grpc *g, struct cxd_error *err)
{
    int64_t next_ms = clock_mono_ms() + EVERY_MS;
    int r = grpc_work(g, err);

    while (r == CXD_OK && c->call != NULL && !checkin_flag(c, &c->is_over)) {
        struct pollfd fds[2] = {{.fd = c->wake_fd, .events = POLLIN}, {.events = grpc_wants(g)}};
        int64_t left_ms = next_ms - clock_mono_ms();
        fds[1].fd = grpc_fd(g);
        (void)poll(fds, 2, left_ms > 0 ? (int)left_ms : 0);
        if (fds[0].revents != 0) {
            checkin_drain(c);
        }
        if (checkin_flag(c, &c->is_changed) || clock_mono_ms() >= next_ms) {
            r = report_send(c, 0);
            next_ms = clock_mono_ms() + EVERY_MS;
        }
        answers_send(c);
        if (c->actions == NULL && c->actions_ms != 0 && clock_mono_ms() >= c->actions_ms) {
            actions_start(c, g);
        }
        r = r != CXD_OK ? r : grpc_work(g, err);
        if (r == CXD_OK && (grpc_wants(g) & POLLOUT) == 0) {
            told_signal(c);
        }
    }
    return r;
}

/* The last word is heard before the connection goes: the server ends the call, too. */
static void say_goodbye(struct checkin *c, struct grpc *g)
{
    int64_t until_ms = clock_mono_ms() + GOODBYE_MS;
    struct cxd_error err = CXD_ERROR_INIT;

    grpc_finish(c->call);
    while (grpc_work(g, &err) == CXD_OK && c->call != NULL) {
        struct pollfd fd = {.fd = grpc_fd(g), .events = grpc_wants(g)};
        int64_t left_ms = until_ms - clock_mono_ms();
        if (left_ms <= 0) {
            return;
        }
        (void)poll(&fd, 1, (int)left_ms);
    }
}

int checkin_talk(struct checkin *c, struct cxd_error *err)
{
    const struct startup *s = c->startup;
    const struct link_spec spec = {.address = s->address,
                                   .server_name = s->server_name,
                                   .ca_cert = {s->ca_cert.ptr, s->ca_cert.len},
                                   .cert = {s->peer_cert.ptr, s->peer_cert.len},
                                   .key = {s->peer_key.ptr, s->peer_key.len}};
    const struct grpc_events events = {.owner = c, .message = on_message, .over = on_over};
    struct link *link = NULL;
    struct grpc *g = NULL;
    int r = link_open(&spec, clock_mono_ms() + CONNECT_MS, c->over_fd, &link, err);

    r = r != CXD_OK ? r : grpc_open(link, s->server_name, message_max(s), &events, &g, err);
    if (r != CXD_OK) {
        return r;
    }
    c->over_code = -1;
    chunk_done(&c->chunk); /* of a connection before */
    c->call = grpc_start(g, PATH);
    r = c->call != NULL ? report_send(c, 1) : CXD_NOMEM; /* the agent waits five seconds for it */
    if (r == CXD_OK) {
        LOG(CXD_LOG_INFO, CHECKIN_SUBJECT, "connected to Elastic Agent at %s", s->address);
        actions_start(c, g);
        r = talk(c, g, err);
    }
    if (r == CXD_OK && c->call != NULL) {
        say_goodbye(c, g);
        c->over_code = -1;
    }
    if (r == CXD_OK && c->over_code >= 0) {
        r = cxd_error_set(err, c->over_code == 7 ? CXD_FORBIDDEN : CXD_CONNECT,
                          "Elastic Agent ends the check-in: %s (code %d)", c->over_words,
                          c->over_code);
    }
    c->call = NULL;
    c->actions = NULL;
    grpc_close(g);
    return r;
}
