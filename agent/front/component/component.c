/* component.c: `cortexd component`: started by Elastic Agent, its units through the same plan and the same changes as a policy file. */
#include "base/clock.h"
#include "base/log.h"
#include "base/redact.h"
#include "front/component/component_inner.h"
#include "front/component/diagnose.h"
#include "front/component/install.h"
#include "front/run/guard.h"
#include "front/signal.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define TICK_MS 1000
#define LAST_WORD_MS 2000
#define ANSWER_MAX (6u << 20)

/* A policy on probation that fails goes back to the one before; the units say why. */
static void probation_look(struct component *c)
{
    struct cxd_error err = CXD_ERROR_INIT;
    enum reload_news news = c->reload != NULL ? reload_look(c->reload, &err) : RELOAD_NOTHING;

    if (news == RELOAD_BACK || news == RELOAD_BROKEN) {
        c->trouble = err;
        c->trouble.status = CXD_CONFIG;
        c->is_output_trouble = 0;
    }
    c->is_stopping |= news == RELOAD_BROKEN;
}

static void asked_answer_all(struct component *c)
{
    struct action action;

    while (checkin_action_take(c->checkin, &action)) {
        struct buf answer;
        int r;
        buf_init(&answer, ANSWER_MAX);
        r = component_answer(c, &action, &answer);
        LOG(r == CXD_OK ? CXD_LOG_DEBUG : CXD_LOG_WARN, "component", "action \"%s\": %s",
            action.name, r == CXD_OK ? "answered" : "no memory for an answer");
        if (r == CXD_OK) {
            checkin_action_answer(c->checkin, &answer);
        }
        buf_done(&answer);
    }
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
        component_change(c);
        probation_look(c);
        if (c->agent != NULL) {
            (void)agent_has_ended(c->agent, &has_failed); /* cursors that another run moves */
        }
        component_report(c);
        asked_answer_all(c);
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

/* An agent that does not read its end of the pipe must not hold up the check-ins: lines are lost instead, and counted. */
static void log_never_waits(void)
{
    struct stat st;
    int flags = fcntl(STDERR_FILENO, F_GETFL);

    if (flags >= 0 && fstat(STDERR_FILENO, &st) == 0 && S_ISFIFO(st.st_mode)) {
        (void)fcntl(STDERR_FILENO, F_SETFL, flags | O_NONBLOCK);
    }
}

static int memory_take(struct component *c)
{
    buf_init(&c->policy, COMPONENT_POLICY_MAX);
    buf_init(&c->applied, COMPONENT_POLICY_MAX);
    expected_init(&c->now);
    c->places = calloc(EXPECTED_UNITS_MAX, sizeof *c->places);
    c->refusals = calloc(EXPECTED_UNITS_MAX, sizeof *c->refusals);
    return c->places != NULL && c->refusals != NULL ? CXD_OK : CXD_NOMEM;
}

static void memory_give(struct component *c)
{
    expected_done(&c->now);
    buf_done(&c->policy);
    buf_done(&c->applied);
    free(c->places);
    free(c->refusals);
}

static int component_run(int argc, char **argv)
{
    struct component c = {.trouble = CXD_ERROR_INIT};
    struct startup startup;
    struct cxd_error err = CXD_ERROR_INIT;
    int code = EXIT_PROBLEM;

    if (argc > 1 && (strcmp(argv[1], "install") == 0 || strcmp(argv[1], "remove") == 0)) {
        return component_install(argc - 1, argv + 1);
    }
    c.common.data_path = ".";
    c.start_ms = clock_mono_ms();
    words_read(argc, argv, &c);
    signal_setup();
    signal_no_dumps();
    log_setup(2, CXD_LOG_INFO);
    log_never_waits();
    startup_init(&startup);
    if (memory_take(&c) != CXD_OK) {
        command_complain("component: out of memory");
    } else if (startup_read(STDIN_FILENO, &startup, &err) == CXD_OK) {
        LOG(CXD_LOG_INFO, "component", "cortexd %s for Elastic Agent %s", CXD_VERSION,
            startup.agent_version);
        code = component_work(&c, &startup);
    } else {
        command_complain("component: %s", err.text);
    }
    startup_done(&startup);
    memory_give(&c);
    log_flush();
    redact_clear();
    return code;
}

const struct command command_component = {
    .name = "component",
    .summary = "run for Elastic Agent, which starts this",
    .help =
        "cortexd component [-E path.data=DIR] [--modules DIR]\n"
        "cortexd component install|remove [--agent DIR] [--if-there]\n"
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
        "remove takes them away. The packages do both.\n"
        "\n"
        "  -E path.data=DIR  where cursors and dead letters lie; other words are passed over\n"
        "  --modules DIR     search this folder for modules first\n"
        "  --agent DIR       of the agent (default /opt/Elastic/Agent and /var/lib/elastic-agent)\n"
        "  --if-there        no agent is no fault\n"
        "\n"
        "Exit codes: 0 stopped, installed, removed; 1 the connection info is none, or its certificates are\n"
        "wrong; 2 wrong words; 3 stopped with documents unacknowledged.\n",
    .run = component_run,
};
