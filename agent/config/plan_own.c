/* plan_own.c: documents of the agent's own: dead letters to an output, reports of which policy runs. */
#include "config/number.h"
#include "config/plan_parts.h"

#include <stdio.h>
#include <string.h>

#define PERIOD_USUAL "10m"
#define PERIOD_MIN_MS 1000

/* The output of that name, or the first that is used. */
static struct plan_output *output_named(const struct plan *plan, const char *name)
{
    struct plan_output *o = plan->outputs;

    while (o != NULL && (name != NULL ? strcmp(o->name, name) != 0 : !o->is_used)) {
        o = o->next;
    }
    return o;
}

/* agent.WHAT.output, .namespace. */
static int mail_read(const struct conf *root, const struct plan *plan, const char *what,
                     const char *front, struct arena *arena, struct plan_mail *ret_mail,
                     struct cxd_error *err)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789._";
    char path[64];
    char index[200];
    const struct conf *node;
    const char *name;
    const char *namespace_;

    (void)snprintf(path, sizeof path, "agent.%s.namespace", what);
    node = conf_find(root, path);
    namespace_ = conf_text(root, path, "default");
    if (strlen(namespace_) > 100 || strspn(namespace_, letters) != strlen(namespace_) ||
        strchr("._", namespace_[0]) != NULL) {
        return conf_error(err, node, "%s: expected 1 to 100 of a-z 0-9 . _", path);
    }
    (void)snprintf(index, sizeof index, "%s-%s", front, namespace_);
    ret_mail->index = arena_copy(arena, index, strlen(index));
    if (ret_mail->index == NULL) {
        return conf_error(err, root, "out of memory");
    }
    (void)snprintf(path, sizeof path, "agent.%s.output", what);
    node = conf_find(root, path);
    name = conf_text(root, path, NULL);
    ret_mail->output = output_named(plan, name);
    return ret_mail->output != NULL || name == NULL
               ? CXD_OK
               : conf_error(err, node, "%s: there is no output \"%.80s\"", path, name);
}

static int report_read(const struct conf *root, struct plan *plan, struct arena *arena,
                       struct cxd_error *err)
{
    const struct conf *enabled = conf_find(root, "agent.report.enabled");
    const struct conf *period = conf_find(root, "agent.report.period");
    int is_on = conf_is_null(enabled) ? 0 : conf_bool(enabled);
    int r;

    if (is_on < 0) {
        return conf_error(err, enabled, "agent.report.enabled: expected true or false");
    }
    r = number_duration_ms(conf_text(root, "agent.report.period", PERIOD_USUAL),
                           &plan->settings.report_period_ms);
    if (r != CXD_OK || plan->settings.report_period_ms < PERIOD_MIN_MS) {
        return conf_error(err, period, "agent.report.period: expected a duration from 1s");
    }
    r = mail_read(root, plan, "report", "metrics-cortexd.policy", arena, &plan->settings.report,
                  err);
    if (r == CXD_OK && !is_on) {
        plan->settings.report.output = NULL;
    }
    return r;
}

int plan_own_read(const struct conf *root, struct plan *plan, struct arena *arena,
                  struct cxd_error *err)
{
    int r = mail_read(root, plan, "dead_letter", "logs-cortexd.deadletter", arena,
                      &plan->settings.dead_mail, err);

    if (r == CXD_OK && conf_text(root, "agent.dead_letter.output", NULL) == NULL) {
        plan->settings.dead_mail.output = NULL;
    }
    return r != CXD_OK ? r : report_read(root, plan, arena, err);
}
