/* test.c: `cortexd test`: a policy by itself, its destinations, its sources; state is never touched. */
#include "base/log.h"
#include "base/redact.h"
#include "config/number.h"
#include "front/command.h"
#include "front/module/tryout.h"
#include "front/place.h"
#include "front/policy.h"
#include "front/run/agent.h"
#include "front/run/output.h"
#include "front/run/stream.h"
#include "front/signal.h"
#include "front/try/input.h"
#include "pipeline/bind.h"

#include <stdio.h>
#include <string.h>

static int config_check(const struct command_common *common)
{
    const struct agent_options options = {.data_path = common->data_path,
                                          .module_paths = common->modules,
                                          .is_check = 1,
                                          .probe = tryout_probe()};
    struct cxd_error err = CXD_ERROR_INIT;
    struct policy policy;
    struct agent *a = NULL;
    int code = EXIT_PROBLEM;

    if (policy_load(common->policy, &policy) == CXD_OK) {
        if (agent_open(policy.plan, &options, &a, &err) == CXD_OK) {
            code = printf("%s: ok\n", common->policy) < 0 ? EXIT_PROBLEM : EXIT_OK;
            for (const struct plan_stream *s = policy.plan->streams; s != NULL; s = s->next) {
                (void)printf("  stream %s: input %s -> %s -> output %s (%s)\n", s->id, s->type,
                             s->index, s->output->name, s->output->type);
            }
            agent_close(a);
        } else {
            command_complain("%s", err.text);
        }
    }
    policy_done(&policy);
    return code;
}

/* Asks the output's destination; nothing is written and no state is touched. 1: it is well. */
static int output_ask(struct agent_output *o)
{
    struct cxd_error err = CXD_ERROR_INIT;
    struct cxd_bytes text = {NULL, 0};
    const struct cxd_output_ops *ops = o->module->ops;
    int r = CXD_HAS(ops, check) && ops->check != NULL
                ? output_open(o, NULL, bind_host(), &err)
                : CXD_UNSUPPORTED; /* opening may already make a folder */

    r = r != CXD_OK ? r : sender_check(o->sender, &text, &err);
    (void)printf("output %s (%s):\n", o->plan->name, o->plan->type);
    while (text.len > 0) {
        const char *newline = memchr(text.ptr, '\n', text.len);
        size_t len = newline != NULL ? (size_t)(newline - text.ptr) : text.len;
        (void)printf("  %.*s\n", (int)len, text.ptr);
        len += newline != NULL;
        text.ptr += len;
        text.len -= len;
    }
    if (r == CXD_UNSUPPORTED) {
        (void)printf("  its options are right; this module cannot be asked without writing\n");
    } else if (r != CXD_OK) {
        command_complain("output %s: %s", o->plan->name, err.text);
    }
    return r == CXD_OK || r == CXD_UNSUPPORTED;
}

static int outputs_ask(const struct plan *plan, const struct agent_options *options)
{
    struct cxd_error err = CXD_ERROR_INIT;
    struct catalog catalog;
    struct units units;
    int code = EXIT_OK;
    int r = agent_catalog(&plan->settings, options, &catalog, &err);

    if (r != CXD_OK) {
        command_complain("%s", err.text);
        return EXIT_PROBLEM;
    }
    units_init(&units);
    for (const struct plan_output *p = plan->outputs; p != NULL; p = p->next) {
        struct agent_output *o = NULL;
        if (!p->is_used) {
            continue;
        }
        if (output_build(p, &catalog, &units, &o, &err) != CXD_OK) {
            command_complain("%s", err.text);
            code = EXIT_PROBLEM;
        } else if (!output_ask(o)) {
            code = EXIT_PROBLEM;
        }
        output_free(o);
    }
    units_done(&units);
    catalog_done(&catalog);
    return code;
}

static int output_check(const struct command_common *common)
{
    const struct agent_options options = {.module_paths = common->modules, .probe = tryout_probe()};
    struct policy policy;
    int code = EXIT_PROBLEM;

    signal_no_dumps(); /* credentials are in memory */
    if (policy_load(common->policy, &policy) == CXD_OK) {
        code = outputs_ask(policy.plan, &options);
    }
    policy_done(&policy);
    log_flush();
    redact_clear();
    return code;
}

static int input_check(const struct command_common *common, const struct input_test *test)
{
    const struct agent_options options = {.data_path = common->data_path,
                                          .module_paths = common->modules,
                                          .is_check = 1,
                                          .probe = tryout_probe()};
    struct cxd_error err = CXD_ERROR_INIT;
    struct policy policy;
    struct agent *a = NULL;
    int asked = 0;
    int is_good = 0;

    signal_no_dumps();
    log_setup(2, CXD_LOG_WARN);
    if (policy_load(common->policy, &policy) == CXD_OK) {
        if (agent_open(policy.plan, &options, &a, &err) == CXD_OK) {
            is_good = 1;
            for (struct agent_stream *s = agent_streams(a); s != NULL; s = s->next) {
                if (test->stream == NULL || strcmp(test->stream, s->plan->id) == 0) {
                    asked++;
                    is_good &= input_ask(s, test);
                }
            }
            agent_close(a);
        } else {
            command_complain("%s", err.text);
        }
    }
    if (is_good && asked == 0) {
        command_complain(
            "test input: the policy has no stream \"%.200s\" (see: cortexd test config)",
            test->stream != NULL ? test->stream : "");
    }
    policy_done(&policy);
    log_flush();
    redact_clear();
    return is_good && asked > 0 ? EXIT_OK : EXIT_PROBLEM;
}

/* 1: a word that only `test input` has. */
static int input_word_take(struct input_test *test, int argc, char **argv, int *at)
{
    int64_t show;

    if (strcmp(argv[*at], "--json") == 0) {
        test->is_json = 1;
    } else if (strcmp(argv[*at], "--show") == 0 && *at + 1 < argc &&
               number_int(argv[*at + 1], &show) == CXD_OK && show >= 0 && show <= 1000) {
        test->show = (unsigned)show;
        *at += 1;
    } else if (argv[*at][0] != '-' && test->stream == NULL) {
        test->stream = argv[*at];
    } else {
        return 0;
    }
    return 1;
}

static int test_run(int argc, char **argv)
{
    struct command_common common = {.policy = place_policy()};
    struct input_test test = {.stream = NULL};
    const char *what = argc > 1 ? argv[1] : "";
    int is_input = strcmp(what, "input") == 0;
    int is_output = strcmp(what, "output") == 0;

    if (!is_input && !is_output && strcmp(what, "config") != 0) {
        command_complain(
            "test: expected \"config\", \"input\" or \"output\" (see: cortexd help test)");
        return EXIT_USAGE;
    }
    for (int i = 2; i < argc; i++) {
        int taken = command_common_take(&common, argc, argv, &i);
        if (taken < 0) {
            return EXIT_USAGE;
        }
        if (taken == 0 && !(is_input && input_word_take(&test, argc, argv, &i))) {
            command_complain("test: unknown word \"%s\" (see: cortexd help test)", argv[i]);
            return EXIT_USAGE;
        }
    }
    return is_input    ? input_check(&common, &test)
           : is_output ? output_check(&common)
                       : config_check(&common);
}

const struct command command_test = {
    .name = "test",
    .summary = "check a policy, its sources or its destinations, without running it",
    .help = "cortexd test config [-c FILE] [--modules DIR]\n"
            "\n"
            "Reads the policy, loads its modules and checks every option. Prints each stream and "
            "where it goes, or\n"
            "file, line and what was expected; then the exit code is 1.\n"
            "\n"
            "cortexd test output [-c FILE] [--modules DIR]\n"
            "\n"
            "Connects to every host of each output in use, signs in, and says what answers there. "
            "Writes "
            "nothing,\n"
            "there or here. Exit code 1 when one of them fails.\n"
            "\n"
            "cortexd test input [STREAM] [--show N] [--json] [-c FILE] [--modules DIR]\n"
            "\n"
            "Asks each stream's source (or that of one) for its first records, maps them, and says "
            "what "
            "was reached.\n"
            "--show N prints N documents as they would be delivered. Nothing is delivered and no "
            "cursor "
            "is read or\n"
            "moved: it begins where a new stream would. Exit code 1 when one of them fails.\n",
    .run = test_run,
};
