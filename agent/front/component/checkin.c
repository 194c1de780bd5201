/* checkin.c: see the header. */
#include "front/component/checkin.h"

#include "base/clock.h"
#include "base/log.h"
#include "io/grpc.h"
#include "pipeline/wait.h"

#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define EVERY_MS 25000 /* the agent takes one missed period of 30 s for a bad sign */
#define CONNECT_MS 10000
#define RETRY_FIRST_MS 1000
#define RETRY_MAX_MS 30000
#define GOODBYE_MS 1000
#define GOOD_MS 1000 /* a connection that lasted longer begins the waits anew */
#define MESSAGE_MAX (64u << 20)
#define MESSAGE_USUAL (4u << 20)
#define PATH "/proto.ElasticAgent/CheckinV2"
#define SUBJECT "component"

struct checkin {
    const struct startup *startup;
    void (*wake)(void);
    pthread_t thread;
    int wake_fd;
    int over_fd;            /* ends a connection that is being made, which news of ours does not */
    struct grpc_call *call; /* the thread's; NULL: over */
    int over_code;          /* the thread's */
    char over_words[300];
    pthread_mutex_t lock;
    pthread_cond_t told;
    struct expected news; /* under the lock, as all below */
    int has_news;
    struct observed report;
    int is_changed;
    int is_unsent; /* the last change has not left yet */
    int is_over;
};

static void on_message(void *owner, struct grpc_call *call, struct cxd_bytes message)
{
    struct checkin *c = owner;
    struct cxd_error err = CXD_ERROR_INIT;
    struct expected e;

    (void)call;
    if (expected_parse(message, &e, &err) != CXD_OK) {
        LOG(CXD_LOG_ERROR, SUBJECT, "%s; what runs goes on", err.text);
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

    (void)call;
    c->call = NULL;
    c->over_code = code;
    (void)snprintf(c->over_words, sizeof c->over_words, "%s", words);
}

static int report_send(struct checkin *c, int is_first)
{
    struct buf message;
    int r;

    buf_init(&message, MESSAGE_MAX);
    (void)pthread_mutex_lock(&c->lock);
    r = observed_write(&c->report, c->startup->token.ptr, is_first, &message);
    c->is_changed = r != CXD_OK;
    (void)pthread_mutex_unlock(&c->lock);
    r = r != CXD_OK ? r : grpc_send(c->call, (struct cxd_bytes){message.ptr, message.len});
    buf_done(&message);
    return r;
}

static int flag_read(struct checkin *c, const int *flag)
{
    int value;

    (void)pthread_mutex_lock(&c->lock);
    value = *flag;
    (void)pthread_mutex_unlock(&c->lock);
    return value;
}

/* All that was to be said has left. */
static void told_signal(struct checkin *c)
{
    (void)pthread_mutex_lock(&c->lock);
    c->is_unsent = c->is_changed;
    (void)pthread_cond_broadcast(&c->told);
    (void)pthread_mutex_unlock(&c->lock);
}

static void wake_drain(struct checkin *c)
{
    uint64_t count;

    (void)!read(c->wake_fd, &count, sizeof count);
}

/* One connection, until it is over. */
static int talk(struct checkin *c, struct grpc *g, struct cxd_error *err)
{
    int64_t next_ms = clock_mono_ms() + EVERY_MS;
    int r = grpc_work(g, err);

    while (r == CXD_OK && c->call != NULL && !flag_read(c, &c->is_over)) {
        struct pollfd fds[2] = {{.fd = c->wake_fd, .events = POLLIN}, {.events = grpc_wants(g)}};
        int64_t left_ms = next_ms - clock_mono_ms();
        fds[1].fd = grpc_fd(g);
        (void)poll(fds, 2, left_ms > 0 ? (int)left_ms : 0);
        if (fds[0].revents != 0) {
            wake_drain(c);
        }
        if (flag_read(c, &c->is_changed) || clock_mono_ms() >= next_ms) {
            r = report_send(c, 0);
            next_ms = clock_mono_ms() + EVERY_MS;
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

static int connect_and_talk(struct checkin *c, struct cxd_error *err)
{
    const struct startup *s = c->startup;
    const struct link_spec spec = {.address = s->address,
                                   .server_name = s->server_name,
                                   .ca_cert = {s->ca_cert.ptr, s->ca_cert.len},
                                   .cert = {s->peer_cert.ptr, s->peer_cert.len},
                                   .key = {s->peer_key.ptr, s->peer_key.len}};
    const struct grpc_events events = {.owner = c, .message = on_message, .over = on_over};
    size_t max = s->message_max == 0            ? MESSAGE_USUAL
                 : s->message_max < MESSAGE_MAX ? s->message_max
                                                : MESSAGE_MAX;
    struct link *link = NULL;
    struct grpc *g = NULL;
    int r = link_open(&spec, clock_mono_ms() + CONNECT_MS, c->over_fd, &link, err);

    r = r != CXD_OK ? r : grpc_open(link, s->server_name, max, &events, &g, err);
    if (r != CXD_OK) {
        return r;
    }
    c->over_code = -1;
    c->call = grpc_start(g, PATH);
    r = c->call != NULL ? report_send(c, 1) : CXD_NOMEM; /* the agent waits five seconds for it */
    if (r == CXD_OK) {
        LOG(CXD_LOG_INFO, SUBJECT, "connected to Elastic Agent at %s", s->address);
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
    grpc_close(g);
    return r;
}

static void pause_for(struct checkin *c, int64_t wait_ms)
{
    int64_t until_ms = clock_mono_ms() + wait_ms;

    while (!flag_read(c, &c->is_over)) {
        struct pollfd fd = {.fd = c->wake_fd, .events = POLLIN};
        int64_t left_ms = until_ms - clock_mono_ms();
        if (left_ms <= 0) {
            return;
        }
        if (poll(&fd, 1, (int)left_ms) > 0) {
            wake_drain(c);
        }
    }
}

static void *checkin_run(void *arg)
{
    struct checkin *c = arg;
    int64_t wait_ms = RETRY_FIRST_MS;
    char said[sizeof((struct cxd_error *)0)->text] = "";

    while (!flag_read(c, &c->is_over)) {
        struct cxd_error err = CXD_ERROR_INIT;
        int64_t from_ms = clock_mono_ms();
        int r = connect_and_talk(c, &err);
        if (r == CXD_STOPPED) {
            break;
        }
        if (clock_mono_ms() - from_ms > GOOD_MS) {
            wait_ms = RETRY_FIRST_MS;
        }
        if (r != CXD_OK && strcmp(said, err.text) != 0) {
            LOG(CXD_LOG_WARN, SUBJECT, "%s; the units go on, connecting again", err.text);
            (void)snprintf(said, sizeof said, "%s", err.text);
        }
        pause_for(c, wait_ms);
        wait_ms = 2 * wait_ms < RETRY_MAX_MS ? 2 * wait_ms : RETRY_MAX_MS;
    }
    return NULL;
}

static void wake(int fd)
{
    const uint64_t one = 1;

    (void)!write(fd, &one, sizeof one);
}

static void fd_close(int fd)
{
    if (fd >= 0) {
        (void)close(fd);
    }
}

int checkin_open(const struct startup *startup, void (*on_news)(void), struct checkin **ret_checkin,
                 struct cxd_error *err)
{
    struct checkin *c = calloc(1, sizeof *c);

    if (c == NULL) {
        return cxd_error_set(err, CXD_NOMEM, "out of memory");
    }
    c->startup = startup;
    c->wake = on_news;
    c->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    c->over_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    observed_init(&c->report);
    expected_init(&c->news);
    (void)pthread_mutex_init(&c->lock, NULL);
    wait_cond_init(&c->told);
    if (c->wake_fd < 0 || c->over_fd < 0 || pthread_create(&c->thread, NULL, checkin_run, c) != 0) {
        fd_close(c->wake_fd);
        fd_close(c->over_fd);
        (void)pthread_mutex_destroy(&c->lock);
        (void)pthread_cond_destroy(&c->told);
        free(c);
        return cxd_error_set(err, CXD_NOMEM, "no thread for the check-ins");
    }
    *ret_checkin = c;
    return CXD_OK;
}

int checkin_take(struct checkin *c, struct expected *ret_expected)
{
    int has_news;

    (void)pthread_mutex_lock(&c->lock);
    has_news = c->has_news;
    if (has_news) {
        *ret_expected = c->news;
        expected_init(&c->news);
        c->has_news = 0;
    }
    (void)pthread_mutex_unlock(&c->lock);
    return has_news;
}

void checkin_report(struct checkin *c, struct observed *o)
{
    int is_changed;

    (void)pthread_mutex_lock(&c->lock);
    is_changed = !observed_is_same(&c->report, o);
    observed_done(&c->report);
    c->report = *o;
    observed_init(o);
    c->is_changed |= is_changed;
    c->is_unsent |= is_changed;
    (void)pthread_mutex_unlock(&c->lock);
    if (is_changed) {
        wake(c->wake_fd);
    }
}

void checkin_close(struct checkin *c, int64_t timeout_ms)
{
    int64_t until_ms = clock_mono_ms() + timeout_ms;

    if (c == NULL) {
        return;
    }
    (void)pthread_mutex_lock(&c->lock);
    while (c->is_unsent && wait_cond(&c->told, &c->lock, until_ms)) {
    }
    c->is_over = 1;
    (void)pthread_mutex_unlock(&c->lock);
    wake(c->wake_fd);
    wake(c->over_fd);
    (void)pthread_join(c->thread, NULL);
    expected_done(&c->news);
    observed_done(&c->report);
    (void)close(c->wake_fd);
    (void)close(c->over_fd);
    (void)pthread_mutex_destroy(&c->lock);
    (void)pthread_cond_destroy(&c->told);
    free(c);
}
