/* test.c: `cortexd test`: a policy by itself, its destinations, its sources; state is never touched. */
#include "front/try/test.h"
#include "base/log.h"
#include "base/redact.h"
#include "config/number.h"
#include "front/command.h"
#include "front/module/tryout.h"
#include "front/place.h"
#include "front/policy.h"
#include "front/run/agent.h"
#include "front/run/stream.h"
#include "front/signal.h"
#include "front/try/input.h"
#include "front/try/told.h"

#include <stdio.h>
#include <string.h>

int test_complain(const struct cxd_error *err, int is_json)
{
    if (is_json) {
        return told_error(err);
    }
    command_complain("%s", err->text);
    return EXIT_PROBLEM;
}

static int streams_print(const char *path, const struct plan *plan)
{
    int written = printf("%s: ok\n", path);

    for (const struct plan_stream *s = plan->streams; s != NULL && written > 0; s = s->next) {
        written = printf("  stream %s: input %s -> %s -> output %s (%s)\n", s->id, s->type,
                         s->index, s->output->name, s->output->type);
    }
    return written > 0 ? EXIT_OK : EXIT_PROBLEM;
}

static int config_check(const struct command_common *common, int is_json)
{
    const struct agent_options options = {.data_path = common->data_path,
                                          .module_paths = common->modules,
                                          .is_check = 1,
                                          .probe = tryout_probe()};
    struct cxd_error err = CXD_ERROR_INIT;
    struct policy policy;
    struct agent *a = NULL;
    int code;
    int r = policy_read(common->policy, &policy, &err);

    r = r != CXD_OK ? r : agent_open(policy.plan, &options, &a, &err);
    if (r != CXD_OK) {
        code = test_complain(&err, is_json);
    } else {
        code = is_json ? told_plan(policy.plan) : streams_print(common->policy, policy.plan);
    }
    agent_close(a);
    policy_done(&policy);
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

    if (strcmp(argv[*at], "--show") == 0 && *at + 1 < argc &&
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
        if (taken == 0 && strcmp(argv[i], "--json") == 0) {
            test.is_json = 1;
        } else if (taken == 0 && !(is_input && input_word_take(&test, argc, argv, &i))) {
            command_complain("test: unknown word \"%s\" (see: cortexd help test)", argv[i]);
            return EXIT_USAGE;
        }
    }
    return is_input    ? input_check(&common, &test)
           : is_output ? test_output(&common, test.is_json)
                       : config_check(&common, test.is_json);
}

const struct command command_test = {
    .name = "test",
    .summary = "check a policy, its sources or its destinations, without running it",
    .help =
        "cortexd test config [--json] [-c FILE] [--modules DIR]\n"
        "\n"
        "Reads the policy, loads its modules and checks every option. Prints each stream and where "
        "it\n"
        "goes, or file, line and what was expected; then the exit code is 1.\n"
        "\n"
        "cortexd test output [--json] [-c FILE] [--modules DIR]\n"
        "\n"
        "Connects to every host of each output in use, signs in, and says what answers there. "
        "Writes\n"
        "nothing, there or here. Exit code 1 when one of them fails.\n"
        "\n"
        "cortexd test input [STREAM] [--show N] [--json] [-c FILE] [--modules DIR]\n"
        "\n"
        "Asks each stream's source (or that of one) for its first records, maps them, and says "
        "what\n"
        "was reached. --show N prints N documents as they would be delivered. Nothing is delivered "
        "and\n"
        "no cursor is read or moved: it begins where a new stream would. Exit code 1 when one of "
        "them\n"
        "fails.\n"
        "\n"
        "  -c, --config FILE   the policy, or a folder of *.yml files that make one together\n"
        "  --modules DIR       search this folder for modules first; may be given several times\n"
        "  --json              config: one object; output, input: one object a line\n"
        "\n"
        "Exit codes: 0 all is well; 1 the policy, a source or a destination is not; 2 wrong "
        "words.\n",
    .run = test_run,
};
