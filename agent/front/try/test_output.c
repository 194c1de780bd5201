/* test_output.c: `cortexd test output`: each output in use is asked who it is; nothing is written and no state is touched. */
#include "base/log.h"
#include "base/redact.h"
#include "front/command.h"
#include "front/module/tryout.h"
#include "front/policy.h"
#include "front/run/agent.h"
#include "front/run/output.h"
#include "front/signal.h"
#include "front/try/test.h"
#include "front/try/told.h"
#include "front/watch/report.h"
#include "pipeline/bind.h"

#include <stdio.h>
#include <string.h>

/* What is to be told of one output. */
static void words_print(const struct plan_output *plan, int status, struct cxd_bytes text,
                        const struct cxd_error *err)
{
    (void)printf("output %s (%s):\n", plan->name, plan->type);
    while (text.len > 0) {
        const char *newline = memchr(text.ptr, '\n', text.len);
        size_t len = newline != NULL ? (size_t)(newline - text.ptr) : text.len;
        (void)printf("  %.*s\n", (int)len, text.ptr);
        len += newline != NULL;
        text.ptr += len;
        text.len -= len;
    }
    if (status == CXD_UNSUPPORTED) {
        (void)printf("  its options are right; this module cannot be asked without writing\n");
    } else if (status != CXD_OK) {
        command_complain("output %s: %s", plan->name, err->text);
    }
}

static int lines_add(struct buf *line, struct cxd_bytes text)
{
    int r = buf_add_text(line, ",\"said\":[");

    for (int i = 0; text.len > 0 && r == CXD_OK; i++) {
        const char *newline = memchr(text.ptr, '\n', text.len);
        size_t len = newline != NULL ? (size_t)(newline - text.ptr) : text.len;
        char one[1024];
        (void)snprintf(one, sizeof one, "%.*s", (int)len, text.ptr);
        r = i > 0 ? buf_add_text(line, ",") : CXD_OK;
        r = r != CXD_OK ? r : report_text(line, one);
        len += newline != NULL;
        text.ptr += len;
        text.len -= len;
    }
    return r != CXD_OK ? r : buf_add_text(line, "]");
}

static int json_print(const struct plan_output *plan, int status, struct cxd_bytes text,
                      const struct cxd_error *err)
{
    struct buf line;
    int r;

    buf_init(&line, 1u << 20);
    r = buf_add_text(&line, "{");
    r = r != CXD_OK ? r : told_text(&line, "output", plan->name);
    r = r != CXD_OK ? r : told_text(&line, "type", plan->type);
    r = r != CXD_OK ? r
                    : told_text(&line, "result",
                                status == CXD_OK            ? "ok"
                                : status == CXD_UNSUPPORTED ? "not asked"
                                                            : "failed");
    r = r != CXD_OK ? r : lines_add(&line, text);
    if (r == CXD_OK && status != CXD_OK && status != CXD_UNSUPPORTED) {
        r = told_text(&line, "error", err->text);
    }
    return told_print(&line, r != CXD_OK ? r : buf_add_text(&line, "}"));
}

/* 1: it is well. */
static int output_ask(struct agent_output *o, int is_json)
{
    struct cxd_error err = CXD_ERROR_INIT;
    struct cxd_bytes text = {NULL, 0};
    const struct cxd_output_ops *ops = o->module->ops;
    int is_printed = 1;
    int r = CXD_HAS(ops, check) && ops->check != NULL
                ? output_open(o, NULL, bind_host(), &err)
                : CXD_UNSUPPORTED; /* opening may already make a folder */

    r = r != CXD_OK ? r : sender_check(o->sender, &text, &err);
    if (is_json) {
        is_printed = json_print(o->plan, r, text, &err) == EXIT_OK;
    } else {
        words_print(o->plan, r, text, &err);
    }
    return is_printed && (r == CXD_OK || r == CXD_UNSUPPORTED);
}

static int outputs_ask(const struct plan *plan, const struct agent_options *options, int is_json)
{
    struct cxd_error err = CXD_ERROR_INIT;
    struct catalog catalog;
    struct units units;
    int code = EXIT_OK;
    int r = agent_catalog(&plan->settings, options, &catalog, &err);

    if (r != CXD_OK) {
        return test_complain(&err, is_json);
    }
    units_init(&units);
    for (const struct plan_output *p = plan->outputs; p != NULL; p = p->next) {
        struct agent_output *o = NULL;
        if (!p->is_used) {
            continue;
        }
        if (output_build(p, &catalog, &units, &o, &err) != CXD_OK) {
            code = test_complain(&err, is_json);
        } else if (!output_ask(o, is_json)) {
            code = EXIT_PROBLEM;
        }
        output_free(o);
    }
    units_done(&units);
    catalog_done(&catalog);
    return code;
}

int test_output(const struct command_common *common, int is_json)
{
    const struct agent_options options = {.module_paths = common->modules, .probe = tryout_probe()};
    struct cxd_error err = CXD_ERROR_INIT;
    struct policy policy;
    int code;

    signal_no_dumps(); /* credentials are in memory */
    if (policy_read(common->policy, &policy, &err) == CXD_OK) {
        code = outputs_ask(policy.plan, &options, is_json);
    } else {
        code = test_complain(&err, is_json);
    }
    policy_done(&policy);
    log_flush();
    redact_clear();
    return code;
}
