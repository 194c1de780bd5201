/* policy_keys.c: `cortexd policy keys`: what a policy may say to the agent itself, from the tables that read it. */
#include "base/cleanup.h"
#include "config/plan_keys.h"
#include "front/fleet/policy_words.h"
#include "front/fleet/source.h"
#include "front/module/options.h"
#include "front/try/told.h"

#include <stdio.h>

#define JSON_MAX (1u << 20)

static int json_print(void)
{
    struct buf line;
    int r;

    buf_init(&line, JSON_MAX);
    r = buf_add_text(&line, "{");
    for (int i = 0; i < PLAN_PLACES && r == CXD_OK; i++) {
        r = buf_add_format(&line, "\"%s\":", plan_place_name((enum plan_place)i));
        r = r != CXD_OK ? r : options_json(&line, plan_keys((enum plan_place)i));
        r = r != CXD_OK ? r : buf_add_text(&line, ",");
    }
    r = r != CXD_OK ? r : buf_add_text(&line, "\"policy\":");
    r = r != CXD_OK ? r : options_json(&line, source_keys());
    return told_print(&line, r != CXD_OK ? r : buf_add_text(&line, "}"));
}

int policy_keys(const struct policy_words *w)
{
    static const char *const where[PLAN_PLACES] = {
        "below agent:", "in each output, below outputs: NAME:, beside its module's options",
        "in each input, and in its streams, beside its module's options",
        "below providers:, for variables ${provider.key}"};

    if (w->is_json) {
        return json_print();
    }
    for (int i = 0; i < PLAN_PLACES; i++) {
        (void)printf("%s\n", where[i]);
        options_print(plan_keys((enum plan_place)i), 2);
        (void)printf("\n");
    }
    (void)printf("below policy:, in a file that names a policy server\n");
    options_print(source_keys(), 2);
    (void)printf("\nOptions of modules: cortexd modules --options\n");
    return fflush(stdout) == 0 ? EXIT_OK : EXIT_PROBLEM;
}
