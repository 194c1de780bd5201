/* component.c: `cortexd component`: started by Elastic Agent, its units through the same plan and the same changes as a policy file. */
#include "base/clock.h"
#include "base/log.h"
#include "base/redact.h"
#include "front/command.h"
#include "front/component/component_inner.h"
#include "front/component/desired.h"
#include "front/component/install.h"
#include "front/module/tryout.h"
#include "front/policy.h"
#include "front/run/guard.h"
#include "front/signal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#define POLICY_MAX (16u << 20)
#define TICK_MS 1000
#define LAST_WORD_MS 2000

static void setup_end(void *arg)
{
    agent_setup_end(arg);
}

static int agent_begin(struct component *c, struct policy *policy, struct cxd_error *err)
{
    const struct agent_options options = {.data_path = c->common.data_path,
                                          .module_paths = c->common.modules,
                                          .probe = tryout_probe(),
                                          .guard_code = EXIT_UNACKED};
    struct signal_watch watch;
    struct agent *a = NULL;
    int r = agent_open(policy->plan, &options, &a, err);

    if (r != CXD_OK || (r = reload_open(a, policy, &c->reload, err)) != CXD_OK) {
        agent_close(a);
        policy_done(policy);
        return r;
    }
    c->agent = a;
    if (signal_watch_start(&watch, setup_end, a) == CXD_OK) {
        agent_setup(a);
        c->is_stopping |= signal_watch_end(&watch);
    }
    return c->is_stopping ? CXD_OK : agent_start(a, signal_wake, err);
}

static int agent_change(struct component *c, struct policy *policy, struct cxd_error *err)
{
    struct apply_counts n;
    struct signal_watch watch;
    int is_watched = signal_watch_start(&watch, setup_end, c->agent) == CXD_OK;
    int r = reload_policy(c->reload, policy, &n, err);

    c->is_stopping |= is_watched && signal_watch_end(&watch);
    if (r == CXD_OK) {
        LOG(CXD_LOG_INFO, "component", "units applied: new=%d changed=%d gone=%d same=%d", n.fresh,
            n.changed, n.gone, n.same);
    }
    return r;
}

/* Which unit an error is of: its place begins with our name and a line. */
static int line_of(const struct cxd_error *err)
{
    static const char front[] = DESIRED_NAME ":";
    const char *at = strstr(err->text, front);
    int line = 0;

    if (at != NULL) {
        for (at += sizeof front - 1; *at >= '0' && *at <= '9' && line < 100000; at++) {
            line = 10 * line + (*at - '0');
        }
    }
    return line;
}

static void policy_try(struct component *c)
{
    struct cxd_error err = CXD_ERROR_INIT;
    struct policy policy;
    int r = policy_text_read(DESIRED_NAME, (struct cxd_bytes){c->policy.ptr, c->policy.len},
                             &policy, &err);

    if (r != CXD_OK) {
        policy_done(&policy);
    } else {
        r = c->agent == NULL ? agent_begin(c, &policy, &err) : agent_change(c, &policy, &err);
    }
    if (r == CXD_OK) {
        component_places_set(c);
    }
    redact_text(err.text, strlen(err.text));
    c->trouble = err;
    c->trouble.status = r == CXD_STOPPED ? CXD_OK : r;
    c->trouble_line = r != CXD_OK ? line_of(&err) : 0;
    if (c->trouble.status != CXD_OK) {
        LOG(CXD_LOG_ERROR, "component", "units cannot be applied: %s", err.text);
    }
}

/* What is wanted now. */
static void wanted_take(struct component *c)
{
    struct expected e;
    int r;

    if (!checkin_take(c->checkin, &e)) {
        return;
    }
    desired_complete(&e, &c->now);
    expected_done(&c->now);
    c->now = e;
    r = desired_write(&c->now, c->common.data_path, &c->policy, c->lines);
    if (r == CXD_NOT_FOUND) {
        return; /* inputs wait for their output */
    }
    if (r != CXD_OK) {
        (void)cxd_error_set(&c->trouble, r, "the units' configuration is too large, or no memory");
        c->trouble.status = r;
        return;
    }
    if (c->applied.len == c->policy.len &&
        memcmp(c->applied.ptr, c->policy.ptr, c->policy.len) == 0) {
        return;
    }
    buf_clear(&c->applied);
    (void)buf_add(&c->applied, c->policy.ptr, c->policy.len); /* without memory: tried once more */
    policy_try(c); /* only then are the units told as taken */
}

/* A policy on probation that fails goes back to the one before; the units say why. */
static void probation_look(struct component *c)
{
    struct cxd_error err = CXD_ERROR_INIT;
    enum reload_news news = c->reload != NULL ? reload_look(c->reload, &err) : RELOAD_NOTHING;

    if (news == RELOAD_BACK || news == RELOAD_BROKEN) {
        c->trouble = err;
        c->trouble.status = CXD_CONFIG;
        c->trouble_line = 0;
    }
    c->is_stopping |= news == RELOAD_BROKEN;
}

static void control_run(struct component *c)
{
    while (!c->is_stopping) {
        enum signal_what what = signal_wait(TICK_MS);
        int has_failed;
        if (what == SIGNAL_STOP) {
            c->is_stopping = 1;
            return;
        }
        wanted_take(c);
        probation_look(c);
        if (c->agent != NULL) {
            (void)agent_has_ended(c->agent, &has_failed); /* cursors that another run moves */
        }
        component_report(c);
    }
}

static int agent_end(struct component *c)
{
    static atomic_int hurry;
    struct cxd_error err = CXD_ERROR_INIT;
    int r = CXD_OK;

    if (c->agent != NULL) {
        signal_hurry_on(&hurry, EXIT_UNACKED);
        guard_on(agent_patience_ms(c->agent) + GUARD_SPARE_MS, EXIT_UNACKED);
        r = agent_stop(c->agent, &hurry, &err);
        if (r != CXD_OK) {
            LOG(CXD_LOG_WARN, "component", "%s", err.text);
        }
        agent_close(c->agent);
        c->agent = NULL;
        guard_off();
    }
    reload_close(c->reload);
    c->reload = NULL;
    return r == CXD_OK ? EXIT_OK : r == CXD_TIMEOUT ? EXIT_UNACKED : EXIT_PROBLEM;
}

static int component_work(struct component *c, const struct startup *startup)
{
    struct cxd_error err = CXD_ERROR_INIT;
    int code;

    if (checkin_open(startup, signal_wake, &c->checkin, &err) != CXD_OK) {
        command_complain("%s", err.text);
        return EXIT_PROBLEM;
    }
    control_run(c);
    component_report(c);
    code = agent_end(c);
    component_report(c);
    checkin_close(c->checkin, LAST_WORD_MS);
    expected_done(&c->now);
    buf_done(&c->policy);
    buf_done(&c->applied);
    return code;
}

/* What Elastic Agent adds for Beats is nothing to us, but for the folder. */
static void words_read(int argc, char **argv, struct component *c)
{
    static const char folder[] = "path.data=";

    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "-E") == 0 && i + 1 < argc) {
            i++;
            if (strncmp(argv[i], folder, sizeof folder - 1) == 0) {
                c->common.data_path = argv[i] + sizeof folder - 1;
            }
        } else if (strcmp(argv[i], "--modules") == 0 || strcmp(argv[i], "--path.data") == 0) {
            (void)command_common_take(&c->common, argc, argv, &i);
        }
    }
}

static int component_run(int argc, char **argv)
{
    struct component c = {.trouble = CXD_ERROR_INIT};
    struct startup startup;
    struct cxd_error err = CXD_ERROR_INIT;
    int code = EXIT_PROBLEM;

    if (argc > 1 && strcmp(argv[1], "install") == 0) {
        return component_install(argc - 1, argv + 1);
    }
    c.common.data_path = ".";
    words_read(argc, argv, &c);
    signal_setup();
    signal_no_dumps();
    log_setup(2, CXD_LOG_INFO);
    buf_init(&c.policy, POLICY_MAX);
    buf_init(&c.applied, POLICY_MAX);
    expected_init(&c.now);
    startup_init(&startup);
    c.places = calloc(EXPECTED_UNITS_MAX, sizeof *c.places);
    if (c.places == NULL) {
        command_complain("component: out of memory");
    } else if (startup_read(STDIN_FILENO, &startup, &err) == CXD_OK) {
        LOG(CXD_LOG_INFO, "component", "cortexd %s for Elastic Agent %s", CXD_VERSION,
            startup.agent_version);
        code = component_work(&c, &startup);
    } else {
        command_complain("component: %s", err.text);
    }
    startup_done(&startup);
    free(c.places);
    log_flush();
    redact_clear();
    return code;
}

const struct command command_component = {
    .name = "component",
    .summary = "run for Elastic Agent, which starts this",
    .help =
        "cortexd component [-E path.data=DIR] [--modules DIR]\n"
        "cortexd component install [--agent DIR]\n"
        "\n"
        "Started by Elastic Agent as one of its components: connection info comes on standard "
        "input,\n"
        "units by its control protocol (version 2). Inputs cortex_xdr/gcs, cortex_xdr/httpjson "
        "and\n"
        "cortex_xdr/cel, output elasticsearch; the state of each unit and its streams goes back. "
        "Units\n"
        "that change go through the same checks as a policy file; only what differs stops and "
        "starts.\n"
        "\n"
        "install puts the spec file and the program where an installed agent looks for "
        "components,\n"
        "for each of its versions: again after each upgrade of the agent, which then is "
        "restarted.\n"
        "\n"
        "  -E path.data=DIR  where cursors and dead letters lie; other words are passed over\n"
        "  --modules DIR     search this folder for modules first\n"
        "  --agent DIR       of the agent (default /opt/Elastic/Agent)\n"
        "\n"
        "Exit codes: 0 stopped, installed; 1 the connection info is none, or its certificates are\n"
        "wrong; 2 wrong words; 3 stopped with documents unacknowledged.\n",
    .run = component_run,
};
