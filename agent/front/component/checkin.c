/* checkin.c: see the header. Here are its thread, which keeps up a connection, and what others hand over to it. */
#include "front/component/checkin_inner.h"

#include "base/clock.h"
#include "base/log.h"
#include "pipeline/wait.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define RETRY_FIRST_MS 1000
#define RETRY_MAX_MS 30000
#define GOOD_MS 1000 /* a connection that lasted longer begins the waits anew */

int checkin_flag(struct checkin *c, const int *flag)
{
    int value;

    (void)pthread_mutex_lock(&c->lock);
    value = *flag;
    (void)pthread_mutex_unlock(&c->lock);
    return value;
}

void checkin_drain(struct checkin *c)
{
    uint64_t count;

    (void)!read(c->wake_fd, &count, sizeof count);
}

static void pause_for(struct checkin *c, int64_t wait_ms)
{
    int64_t until_ms = clock_mono_ms() + wait_ms;

    while (!checkin_flag(c, &c->is_over)) {
        struct pollfd fd = {.fd = c->wake_fd, .events = POLLIN};
        int64_t left_ms = until_ms - clock_mono_ms();
        if (left_ms <= 0) {
            return;
        }
        if (poll(&fd, 1, (int)left_ms) > 0) {
            checkin_drain(c);
        }
    }
}

static void *checkin_run(void *arg)
{
    struct checkin *c = arg;
    int64_t wait_ms = RETRY_FIRST_MS;
    char said[sizeof((struct cxd_error *)0)->text] = "";

    while (!checkin_flag(c, &c->is_over)) {
        struct cxd_error err = CXD_ERROR_INIT;
        int64_t from_ms = clock_mono_ms();
        int r = checkin_talk(c, &err);
        if (r == CXD_STOPPED) {
            break;
        }
        if (clock_mono_ms() - from_ms > GOOD_MS) {
            wait_ms = RETRY_FIRST_MS;
        }
        if (r != CXD_OK && strcmp(said, err.text) != 0) {
            LOG(CXD_LOG_WARN, CHECKIN_SUBJECT, "%s; the units go on, connecting again", err.text);
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
    chunk_init(&c->chunk);
    (void)pthread_mutex_init(&c->lock, NULL);
    wait_cond_init(&c->told);
    asked_init(&c->asked);
    if (c->wake_fd < 0 || c->over_fd < 0 || pthread_create(&c->thread, NULL, checkin_run, c) != 0) {
        fd_close(c->wake_fd);
        fd_close(c->over_fd);
        (void)pthread_mutex_destroy(&c->lock);
        (void)pthread_cond_destroy(&c->told);
        asked_done(&c->asked);
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

int checkin_action_take(struct checkin *c, struct action *ret_action)
{
    return asked_take(&c->asked, ret_action);
}

void checkin_action_answer(struct checkin *c, struct buf *message)
{
    asked_answer(&c->asked, message);
    wake(c->wake_fd);
}

const char *checkin_token(const struct checkin *c)
{
    return c->startup->token.ptr;
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
    chunk_done(&c->chunk);
    observed_done(&c->report);
    (void)close(c->wake_fd);
    (void)close(c->over_fd);
    (void)pthread_mutex_destroy(&c->lock);
    (void)pthread_cond_destroy(&c->told);
    asked_done(&c->asked);
    free(c);
}
