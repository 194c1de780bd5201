/* test.c: `cortexd test config`: everything that can be known about a policy without touching state or network. */
#include "front/agent.h"
#include "front/command.h"
#include "front/place.h"
#include "front/policy.h"
#include "front/tryout.h"

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

static int test_run(int argc, char **argv)
{
    struct command_common common = {.policy = place_policy()};

    if (argc < 2 || strcmp(argv[1], "config") != 0) {
        command_complain("test: expected \"config\" (see: cortexd help test)");
        return EXIT_USAGE;
    }
    for (int i = 2; i < argc; i++) {
        if (command_common_take(&common, argc, argv, &i) <= 0) {
            command_complain("test: unknown word \"%s\"", argv[i]);
            return EXIT_USAGE;
        }
    }
    return config_check(&common);
}

const struct command command_test = {
    .name = "test",
    .summary = "check a policy without running it",
    .help = "cortexd test config [-c FILE] [--modules DIR]\n"
            "\n"
            "Reads the policy, loads its modules and checks every option. Prints each stream and "
            "where it goes, or\n"
            "file, line and what was expected; then the exit code is 1.\n",
    .run = test_run,
};
