/* monitor.c: paths to bodies. */
#include "front/watch/monitor.h"

#include "base/clock.h"
#include "base/log.h"
#include "front/watch/metrics.h"
#include "front/watch/reporter.h"
#include "io/serve.h"

#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BODY_MAX ((size_t)8 << 20)
#define SUBJECT "agent.monitor"

extern const char monitor_page[]; /* page.html */

struct monitor {
    struct metrics_source source;
    struct metrics_rates rates;
    pthread_mutex_t lock; /* of rates: both servers ask */
    struct serve *local;
    struct serve *tcp;
    struct reporter *reporter; /* NULL: the policy wants no reports */
};

static int page_put(const struct metrics_source *from, struct buf *out)
{
    (void)from;
    return buf_add_text(out, monitor_page);
}

static const struct {
    const char *path;
    const char *type;
    int (*put)(const struct metrics_source *from, struct buf *out);
} paths[] = {
    {"/", "text/html; charset=utf-8", page_put},
    {"/state", "application/json", metrics_state},
    {"/stats", "application/json", metrics_stats},
    {"/inputs/", "application/json", metrics_inputs},
    {"/inputs", "application/json", metrics_inputs},
    {"/metrics", "text/plain; version=0.0.4; charset=utf-8", metrics_prometheus},
};

static void body_put(struct monitor *m, const char *path, struct serve_reply *reply)
{
    if (strcmp(path, "/status") == 0) {
        (void)pthread_mutex_lock(&m->lock);
        reply->status = metrics_status(&m->source, &m->rates, &reply->body) == CXD_OK ? 200 : 500;
        (void)pthread_mutex_unlock(&m->lock);
        return;
    }
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
        if (strcmp(path, paths[i].path) == 0) {
            reply->type = paths[i].type;
            if (paths[i].put(&m->source, &reply->body) != CXD_OK) {
                buf_clear(&reply->body);
                reply->status = 500;
            }
            return;
        }
    }
    reply->status = 404;
    (void)buf_add_text(&reply->body,
                       "/, /status, /state, /stats, /inputs/, /metrics\n"); /* or none */
}

/* The units that a text is about stay for as long as it is written. */
static void answer(void *owner, const char *path, struct serve_reply *reply)
{
    struct monitor *m = owner;

    agent_hold(m->source.agent);
    body_put(m, path, reply);
    agent_release(m->source.agent);
}

static void place_open(const struct serve_spec *spec, struct serve **ret_serve)
{
    struct cxd_error err = CXD_ERROR_INIT;

    if (serve_open(spec, ret_serve, &err) != CXD_OK) {
        LOG(CXD_LOG_ERROR, SUBJECT, "the status is not served: %s", err.text);
    } else if (spec->host != NULL) {
        LOG(CXD_LOG_INFO, SUBJECT, "status at http://%s:%u/", spec->host, serve_port(*ret_serve));
    }
}

int monitor_open(struct agent *agent, const struct plan_settings *settings, const char *folder,
                 struct monitor **ret_monitor, struct cxd_error *err)
{
    struct monitor *m = calloc(1, sizeof *m);
    char path[PATH_MAX];
    struct serve_spec spec = {
        .socket_path = path, .body_max = BODY_MAX, .answer = answer, .owner = m};

    if (m == NULL) {
        return cxd_error_set(err, CXD_NOMEM, "status server: out of memory");
    }
    (void)pthread_mutex_init(&m->lock, NULL); /* never fails for a default mutex */
    m->source = (struct metrics_source){.agent = agent, .start_ms = clock_mono_ms()};
    (void)snprintf(path, sizeof path, "%.4000s/cortexd.sock", folder);
    place_open(&spec, &m->local);
    if (settings->monitor_host != NULL) {
        spec.socket_path = NULL;
        spec.host = settings->monitor_host;
        spec.port = (uint16_t)settings->monitor_port;
        place_open(&spec, &m->tcp);
    }
    if (reporter_open(&m->source, settings->report_period_ms, &m->reporter, err) != CXD_OK) {
        monitor_close(m);
        return CXD_NOMEM;
    }
    *ret_monitor = m;
    return CXD_OK;
}

void monitor_close(struct monitor *m)
{
    if (m != NULL) {
        reporter_close(m->reporter);
        serve_close(m->tcp);
        serve_close(m->local);
        (void)pthread_mutex_destroy(&m->lock);
        free(m);
    }
}
