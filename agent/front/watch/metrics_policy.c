/* metrics_policy.c: which policy runs and which one is wanted, as JSON, as a line and for Prometheus. */
#include "front/watch/metrics.h"

#include "base/clock.h"
#include "front/run/standing.h"
#include "front/watch/report.h"

#include <inttypes.h>

static int text_add(struct buf *out, const char *front, const char *text)
{
    int r = buf_add_text(out, front);

    return r != CXD_OK ? r : report_text(out, text);
}

static int policy_add(struct buf *out, const char *front, const struct standing_policy *p)
{
    int r = text_add(out, front, p->id);

    r = r != CXD_OK ? r : buf_add_format(out, ",\"revision\":%" PRIu64, p->revision);
    if (r == CXD_OK && p->hash[0] != '\0') {
        r = text_add(out, ",\"hash\":", p->hash);
    }
    return r != CXD_OK ? r : buf_add_text(out, "}");
}

static int server_add(struct buf *out, const struct standing_view *v)
{
    char since[CLOCK_TEXT_SIZE];
    int r;

    clock_format(v->server_since_ms, since);
    r = text_add(out, ",\"server\":{\"url\":", v->server_name);
    r = r != CXD_OK ? r : text_add(out, ",\"state\":", standing_server_name(v->server));
    r = r != CXD_OK ? r : text_add(out, ",\"reason\":", v->server_why);
    r = r != CXD_OK ? r : text_add(out, ",\"since\":", since);
    return r != CXD_OK ? r : buf_add_text(out, "}");
}

int metrics_policy(struct standing *standing, struct buf *out)
{
    struct standing_view v;
    char since[CLOCK_TEXT_SIZE];
    int r;

    standing_get(standing, &v);
    clock_format(v.since_ms, since);
    r = text_add(out, "{\"state\":", standing_state_name(v.state));
    r = r != CXD_OK ? r : text_add(out, ",\"reason\":", v.why);
    r = r != CXD_OK ? r : text_add(out, ",\"since\":", since);
    r = r != CXD_OK ? r : policy_add(out, ",\"running\":{\"id\":", &v.running);
    r = r != CXD_OK ? r : policy_add(out, ",\"wanted\":{\"id\":", &v.wanted);
    if (r == CXD_OK && v.server != STANDING_NO_SERVER) {
        r = server_add(out, &v);
    }
    return r != CXD_OK ? r : buf_add_text(out, "}");
}

static int name_line(struct buf *out, const char *front, const struct standing_policy *p)
{
    int r = buf_add_format(out, "%s%s", front, p->id[0] != '\0' ? p->id : "without id");

    return r != CXD_OK || p->revision == 0 ? r
                                           : buf_add_format(out, " revision %" PRIu64, p->revision);
}

int metrics_policy_line(struct standing *standing, struct buf *out)
{
    struct standing_view v;
    int is_other;
    int r;

    standing_get(standing, &v);
    if (v.running.id[0] == '\0' && v.server == STANDING_NO_SERVER && v.why[0] == '\0') {
        return CXD_OK; /* a file with nothing to tell of */
    }
    is_other = v.state == STANDING_REFUSED || v.state == STANDING_BACK;
    r = name_line(out, "policy ", &v.running);
    r = r != CXD_OK ? r : buf_add_format(out, ", %s", standing_state_name(v.state));
    if (r == CXD_OK && is_other) {
        r = name_line(out, "; wanted ", &v.wanted);
        r = r != CXD_OK ? r : buf_add_format(out, ": %s", v.why);
    }
    if (r == CXD_OK && v.server != STANDING_NO_SERVER) {
        r = buf_add_format(out, "\npolicy server %s: %s%s%s", v.server_name,
                           standing_server_name(v.server), v.server_why[0] != '\0' ? ", " : "",
                           v.server_why);
    }
    return r != CXD_OK ? r : buf_add_text(out, "\n");
}

int metrics_policy_samples(struct standing *standing, struct buf *out)
{
    struct standing_view v;
    int r;

    standing_get(standing, &v);
    r = buf_add_format(out,
                       "# HELP cortexd_policy_revision 0: it has none\n"
                       "# TYPE cortexd_policy_revision gauge\n"
                       "cortexd_policy_revision{which=\"running\"} %" PRIu64 "\n"
                       "cortexd_policy_revision{which=\"wanted\"} %" PRIu64 "\n"
                       "# HELP cortexd_policy_state 1 for the state that it is in\n"
                       "# TYPE cortexd_policy_state gauge\n",
                       v.running.revision, v.wanted.revision);
    for (int i = 0; i < STANDING_STATES && r == CXD_OK; i++) {
        r = buf_add_format(out, "cortexd_policy_state{state=\"%s\"} %d\n",
                           standing_state_name((enum standing_state)i),
                           v.state == (enum standing_state)i);
    }
    if (r == CXD_OK && v.server != STANDING_NO_SERVER) {
        r = buf_add_format(out,
                           "# HELP cortexd_policy_server_up 1: it answers, with what is believed\n"
                           "# TYPE cortexd_policy_server_up gauge\n"
                           "cortexd_policy_server_up %d\n",
                           v.server == STANDING_UP);
    }
    return r;
}
