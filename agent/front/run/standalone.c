/*
 * standalone.c: `cortexd run`: a policy file, run until it is drained (--once) or a signal comes.
 */
#include "base/clock.h"
#include "base/log.h"
#include "base/redact.h"
#include "front/command.h"
#include "front/fleet/fleet.h"
#include "front/module/tryout.h"
#include "front/place.h"
#include "front/policy.h"
#include "front/run/agent.h"
#include "front/run/guard.h"
#include "front/run/reload.h"
#include "front/run/standing.h"
#include "front/run/stats_file.h"
#include "front/signal.h"
#include "front/watch/monitor.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TICK_MS 1000
#define STATS_EVERY_MS 30000
#define SETTLE_MS 100

struct run_options {
    struct command_common common;
    struct reload *reload; /* holds the policies that run */
    struct fleet *fleet;   /* where they come from; NULL: the file is the policy */
    struct standing *standing;
    int is_once;
    int has_progress;
    const char *stats_path;
};

static int words_read(int argc, char **argv, struct run_options *o)
{
    for (int i = 1; i < argc; i++) {
        int taken = command_common_take(&o->common, argc, argv, &i);
        if (taken < 0) {
            return EXIT_USAGE;
        }
        if (taken > 0) {
            continue;
        }
        if (strcmp(argv[i], "--once") == 0) {
            o->is_once = 1;
        } else if (strcmp(argv[i], "--progress") == 0) {
            o->has_progress = 1;
        } else if (strcmp(argv[i], "--stats") == 0 && i + 1 < argc) {
            o->stats_path = argv[++i];
        } else {
            command_complain("run: unknown word \"%s\" (see: cortexd help run)", argv[i]);
            return EXIT_USAGE;
        }
    }
    return EXIT_OK;
}

struct pace {
    int64_t start_ms;
    int64_t last_ms;
    int64_t logged_ms;
    int64_t last_delivered;
    int64_t settled; /* documents, when last looked at after the streams' end */
    int64_t settled_ms;
};

static void progress_show(struct agent *a, struct pace *p, int has_progress)
{
    struct agent_tally t;
    int64_t now_ms = clock_mono_ms();
    double seconds = (double)(now_ms - p->last_ms) / 1000;

    agent_tally(a, &t);
    if (has_progress && now_ms - p->last_ms >= TICK_MS) {
        (void)fprintf(stderr,
                      "%6.1f s  %10lld collected  %10lld delivered  %6lld dead  %8.0f events/s  "
                      "queue %5.1f MiB\n",
                      (double)(now_ms - p->start_ms) / 1000, (long long)t.collected,
                      (long long)t.delivered, (long long)t.dead,
                      (double)(t.delivered - p->last_delivered) / (seconds > 0 ? seconds : 1),
                      (double)t.held / 1048576);
        p->last_ms = now_ms;
        p->last_delivered = t.delivered;
    }
    if (now_ms - p->logged_ms >= STATS_EVERY_MS) {
        p->logged_ms = now_ms;
        LOG(CXD_LOG_INFO, "agent",
            "collected=%lld delivered=%lld duplicates=%lld dead_lettered=%lld dropped=%lld",
            (long long)t.collected, (long long)t.delivered, (long long)t.duplicates,
            (long long)t.dead, (long long)t.dropped);
    }
}

/* 1: all is acknowledged, or nothing has moved for as long as a stop may take. */
static int is_settled(struct agent *a, struct pace *p)
{
    struct agent_tally t;
    int64_t now_ms = clock_mono_ms();

    if (agent_is_settled(a, SETTLE_MS)) {
        return 1;
    }
    agent_tally(a, &t);
    if (t.delivered + t.dead != p->settled || p->settled_ms == 0) {
        p->settled = t.delivered + t.dead;
        p->settled_ms = now_ms;
    }
    return now_ms - p->settled_ms >= agent_patience_ms(a);
}

static void setup_end(void *arg)
{
    agent_setup_end(arg);
}

/* The policy's file again (who says why), or what came from the server (who is NULL). 1: a stop signal came meanwhile. */
static int policy_again(struct agent *a, const struct run_options *o, const char *who)
{
    struct signal_watch watch;
    struct cxd_error err = CXD_ERROR_INIT;
    int is_watched = signal_watch_start(&watch, setup_end, a) == CXD_OK;

    if (o->fleet != NULL && who != NULL) {
        fleet_again(o->fleet, o->reload);
    } else if (o->fleet != NULL) {
        fleet_take(o->fleet, o->reload);
    } else {
        (void)reload_file(o->reload, o->common.policy, who != NULL ? who : "SIGHUP", &err);
    }
    return is_watched && signal_watch_end(&watch);
}

static int is_policy_due(const struct run_options *o, enum signal_what what)
{
    if (o->fleet == NULL) {
        return what == SIGNAL_REREAD;
    }
    if (what == SIGNAL_REREAD) {
        fleet_ask(o->fleet);
    }
    return fleet_has_news(o->fleet);
}

/* An agent of a fleet without streams waits for the next revision. */
static int is_end(const struct agent *a, const struct run_options *o)
{
    return o->is_once || o->fleet == NULL || agent_plan(a)->streams != NULL;
}

/* Until the end or a signal. 1: some stream gave up, or no policy runs. */
static int control_run(struct agent *a, const struct run_options *o, struct pace *p)
{
    struct cxd_error err = CXD_ERROR_INIT;
    int has_failed = 0;
    int has_ended = 0;

    for (;;) {
        enum signal_what what = signal_wait(has_ended ? 0 : TICK_MS);
        enum reload_news news;
        if ((is_policy_due(o, what) && policy_again(a, o, NULL)) ||
            (reload_is_stale(o->reload) && policy_again(a, o, "filesource"))) {
            what = SIGNAL_STOP;
        }
        news = reload_look(o->reload, &err);
        if (o->fleet != NULL) {
            fleet_hear(o->fleet, news);
        }
        if (news == RELOAD_BROKEN) {
            return 1;
        }
        progress_show(a, p, o->has_progress);
        has_ended = agent_has_ended(a, &has_failed) && is_end(a, o);
        if (what == SIGNAL_STOP || (has_ended && is_settled(a, p))) {
            return has_failed;
        }
    }
}

/* 1: a stop signal came meanwhile. */
static int setup_run(struct agent *a)
{
    struct signal_watch watch;

    if (signal_watch_start(&watch, setup_end, a) != CXD_OK) {
        agent_setup(a); /* a stop signal waits until it is through */
        return 0;
    }
    agent_setup(a);
    return signal_watch_end(&watch);
}

static int agent_work(struct agent *a, const struct run_options *o)
{
    static atomic_int hurry; /* outlives this call: a late second signal may still set it */
    struct cxd_error err = CXD_ERROR_INIT;
    struct agent_tally t;
    int64_t start_ms = clock_mono_ms();
    struct pace pace = {.start_ms = start_ms, .last_ms = start_ms, .logged_ms = start_ms};
    int has_failed = 0;
    int is_stopped = setup_run(a);
    int r = is_stopped ? CXD_OK : agent_start(a, signal_wake, &err);

    if (r != CXD_OK) {
        command_complain("%s", err.text);
        atomic_store(&hurry, 1);
        (void)agent_stop(a, &hurry, NULL);
        return EXIT_PROBLEM;
    }
    if (!is_stopped) {
        LOG(CXD_LOG_INFO, "agent", "cortexd %s started", CXD_VERSION);
        standing_applied(o->standing);
        standing_good(o->standing);
        if (o->fleet != NULL && fleet_start(o->fleet, &err) != CXD_OK) {
            LOG(CXD_LOG_ERROR, "fleet", "%s; the policy stays as it is", err.text);
        }
        has_failed = control_run(a, o, &pace);
    }
    signal_hurry_on(&hurry, EXIT_UNACKED);
    guard_on(agent_patience_ms(a) + GUARD_SPARE_MS, EXIT_UNACKED);
    r = agent_stop(a, &hurry, &err);
    agent_tally(a, &t);
    LOG(CXD_LOG_INFO, "agent",
        "stopped: collected=%lld delivered=%lld duplicates=%lld dead_lettered=%lld dropped=%lld "
        "seconds=%.1f",
        (long long)t.collected, (long long)t.delivered, (long long)t.duplicates, (long long)t.dead,
        (long long)t.dropped, (double)(clock_mono_ms() - start_ms) / 1000);
    if (o->stats_path != NULL) {
        stats_file_write(a, o->stats_path, (double)(clock_mono_ms() - start_ms) / 1000);
    }
    if (r != CXD_OK) {
        command_complain("%s", err.text);
        return r == CXD_TIMEOUT ? EXIT_UNACKED : EXIT_PROBLEM;
    }
    return has_failed ? EXIT_PROBLEM : EXIT_OK;
}

/* The work, with its status to be seen from before the first connection to after the last. */
static int agent_run(struct agent *a, const struct plan_settings *settings,
                     const struct run_options *o)
{
    struct monitor *monitor = NULL;
    struct cxd_error err = CXD_ERROR_INIT;
    int code;

    if (monitor_open(a, settings, agent_folder(a), &monitor, &err) != CXD_OK) {
        command_complain("%s", err.text);
        return EXIT_PROBLEM;
    }
    code = agent_work(a, o);
    monitor_close(monitor);
    return code;
}

/* The policy is the agent's, and may make room for others while it runs; it is gone afterwards. */
static int policy_run(struct policy *policy, const struct agent_options *options,
                      struct run_options *o)
{
    struct cxd_error err = CXD_ERROR_INIT;
    struct agent *a = NULL;
    int code = EXIT_PROBLEM;

    if (agent_open(policy->plan, options, &a, &err) != CXD_OK ||
        reload_open(a, policy, &o->reload, &err) != CXD_OK) {
        command_complain("%s", err.text);
        agent_close(a);
        policy_done(policy);
        return code;
    }
    code = agent_run(a, &policy->plan->settings, o);
    agent_close(a);
    guard_off();
    reload_close(o->reload);
    return code;
}

static int policy_get(struct run_options *o, struct policy *policy)
{
    struct cxd_error err = CXD_ERROR_INIT;
    int r;

    r = policy_tree_read(o->common.policy, policy, &err);
    r = r != CXD_OK ? r : fleet_open(policy, o->common.data_path, o->standing, &o->fleet, &err);
    if (r == CXD_OK && o->fleet == NULL) {
        standing_want_file(o->standing, conf_text(policy->root, "id", NULL),
                           conf_text(policy->root, "revision", NULL));
        r = policy_plan_read(policy, &err);
    } else if (r == CXD_OK) {
        o->common.data_path = fleet_folder(o->fleet);
        r = fleet_first(o->fleet, policy, &err);
    }
    if (r != CXD_OK && r != CXD_STOPPED) {
        command_complain("%s", err.text);
    }
    return r;
}

static int run_policy(struct run_options *o)
{
    struct agent_options options = {.module_paths = o->common.modules,
                                    .is_once = o->is_once,
                                    .probe = tryout_probe(),
                                    .guard_code = EXIT_UNACKED};
    struct policy policy;
    int code = EXIT_PROBLEM;
    int r = policy_get(o, &policy);

    options.data_path = o->common.data_path;
    options.standing = o->standing;
    if (r == CXD_OK) {
        if (policy.plan->settings.log_level != NULL &&
            log_level(policy.plan->settings.log_level) >= 0) {
            log_setup(2, log_level(policy.plan->settings.log_level));
        }
        code = policy_run(&policy, &options, o);
    } else {
        policy_done(&policy);
        code = r == CXD_STOPPED ? EXIT_OK : EXIT_PROBLEM;
    }
    fleet_close(o->fleet);
    log_flush();
    redact_clear();
    return code;
}

static int run_run(int argc, char **argv)
{
    struct run_options o = {.common = {.policy = place_policy()}};
    int code = words_read(argc, argv, &o);

    if (code != EXIT_OK) {
        return code;
    }
    o.standing = standing_new(); /* without: nobody is told */
    signal_setup();
    signal_no_dumps();
    code = run_policy(&o);
    standing_free(o.standing);
    return code;
}

const struct command command_run = {
    .name = "run",
    .summary = "collect, map and deliver what the policy says",
    .help =
        "cortexd run [-c FILE] [--once] [--progress] [--stats FILE] [--path.data DIR] [--modules "
        "DIR]\n"
        "\n"
        "Collects from the policy's inputs, maps and delivers, until SIGTERM or SIGINT. Stopping "
        "waits for the\n"
        "destination up to agent.shutdown_timeout (30s); a second signal cuts that short, a third "
        "ends at once.\n"
        "Nothing is lost either way: what was not acknowledged comes again, and comes to the same "
        "document id.\n"
        "SIGHUP reads the policy again, checks it as a start would and applies it: only the units "
        "that differ\n"
        "stop and start. One that cannot work is refused; one whose units fail within "
        "agent.policy.probation (10s)\n"
        "is taken back. The log says which and why.\n"
        "\n"
        "  -c, --config FILE   the policy (default etc/cortexd/cortexd.yml of the installation, or "
        "/etc)\n"
        "  --once              end when every stream has nothing new\n"
        "  --progress          one line a second on standard error\n"
        "  --stats FILE        at the end, write what was done as JSON\n"
        "  --path.data DIR     state folder (default agent.path.data, /var/lib/cortexd)\n"
        "  --modules DIR       search this folder for modules first; may be given several times\n"
        "\n"
        "Exit codes: 0 done; 1 the policy, a module or a stream failed; 2 wrong words; 3 stopped "
        "with\n"
        "documents unacknowledged.\n",
    .run = run_run,
};
