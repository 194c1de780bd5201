/*
 * cel.c: `cortexd cel`: a collection program run offline, by the same module as the agent's.
 */
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/scan.h"
#include "base/status.h"
#include "config/conf.h"
#include "config/option.h"
#include "front/command.h"
#include "front/module/tryout.h"
#include "front/run/agent.h"
#include "front/try/trial.h"
#include "io/doc.h"
#include "io/file.h"

#include <stdlib.h>
#include <time.h>

#define CEL_FILE_MAX (15u << 20)
#define CEL_POLLS_MAX 10000000

struct cel {
    struct command_common common; /* policy: the file of further options */
    const char *program_path;
    const char *state_path;
    const char *replies_path;
    int64_t now_ms; /* -1: the clock's */
    long periods;
    const char *executions;
    int shows_requests;
    struct buf program;
    struct buf state;
    char url[1024]; /* resource.url when the options have none: that of the state */
    struct arena *arena;
    struct conf *options;
    struct catalog catalog;
    struct replies *replies;
};

/* RFC 3339 in UTC, to the second. */
static int time_read(const char *text, int64_t *ret_ms)
{
    struct tm tm = {0};
    const char *end = strptime(text, "%Y-%m-%dT%H:%M:%S", &tm);
    time_t seconds;

    if (end == NULL || strcmp(end, "Z") != 0) {
        return CXD_INVALID;
    }
    seconds = timegm(&tm);
    *ret_ms = (int64_t)seconds * 1000;
    return 0;
}

static int count_read(const char *text, long *ret_count)
{
    long count = 0;

    for (; *text >= '0' && *text <= '9' && count < 1000000; text++) {
        count = count * 10 + (*text - '0');
    }
    *ret_count = count;
    return *text == '\0' && count > 0 ? 0 : CXD_INVALID;
}

/* A word with a value; 0: not one of ours. */
static int value_take(struct cel *c, const char *word, const char *value)
{
    long ignored;

    if (strcmp(word, "--state") == 0) {
        c->state_path = value;
    } else if (strcmp(word, "--replies") == 0) {
        c->replies_path = value;
    } else if (strcmp(word, "--now") == 0) {
        return time_read(value, &c->now_ms) == 0 ? 1 : -1;
    } else if (strcmp(word, "--periods") == 0) {
        return count_read(value, &c->periods) == 0 ? 1 : -1;
    } else if (strcmp(word, "--max-executions") == 0) {
        c->executions = value;
        return count_read(value, &ignored) == 0 ? 1 : -1;
    } else {
        return 0;
    }
    return 1;
}

static int words_read(int argc, char **argv, struct cel *c)
{
    for (int i = 1; i < argc; i++) {
        int taken = command_common_take(&c->common, argc, argv, &i);

        if (taken == 0 && i + 1 < argc) {
            taken = value_take(c, argv[i], argv[i + 1]);
            i += taken > 0;
        }
        if (taken > 0) {
            continue;
        }
        if (taken == 0 && strcmp(argv[i], "--requests") == 0) {
            c->shows_requests = 1;
        } else if (taken == 0 && c->program_path == NULL && argv[i][0] != '-') {
            c->program_path = argv[i];
        } else {
            command_complain("cel: \"%s\" is not understood (see: cortexd help cel)", argv[i]);
            return EXIT_USAGE;
        }
    }
    if (c->program_path == NULL) {
        command_complain("cel: expected a program: cortexd cel --state state.json program.cel");
        return EXIT_USAGE;
    }
    return EXIT_OK;
}

/* The file with a NUL behind it. */
static int text_read(const char *path, struct buf *text, struct cxd_error *err)
{
    int r = file_read(path, text, NULL, err);

    if (r == CXD_OK && text->len > 0 && memchr(text->ptr, '\0', text->len) != NULL) {
        return cxd_error_set(err, CXD_MALFORMED, "%s: holds a NUL byte", path);
    }
    if (r == CXD_OK && buf_add(text, "", 1) != CXD_OK) {
        return cxd_error_set(err, CXD_TOO_LARGE, "%s: too large", path);
    }
    text->len -= r == CXD_OK;
    return r;
}

/* Of the state: that it is one, and its url. */
static int state_check(struct cel *c, struct cxd_error *err)
{
    struct scan scan = {0};
    struct scan_fault fault = {0};
    const struct cxd_field *url;
    int r = scan_record(&scan, (struct cxd_bytes){c->state.ptr, c->state.len}, c->arena, &fault);

    if (r < 0) {
        (void)scan_error(&fault, err);
        (void)cxd_error_wrap(err, "%s", c->state_path);
    } else {
        url = scan_find(scan.fields, scan.count, CXD_LIT("url"));
        if (url != NULL && url->value.kind == CXD_KIND_STRING && url->value.len < sizeof c->url &&
            memchr(url->value.ptr, '\\', url->value.len) == NULL) {
            (void)snprintf(c->url, sizeof c->url, "%.*s", (int)url->value.len, url->value.ptr);
        }
    }
    scan_done(&scan);
    return r;
}

static int files_read(struct cel *c, struct cxd_error *err)
{
    int r = text_read(c->program_path, &c->program, err);

    if (r == CXD_OK && c->state_path != NULL) {
        r = text_read(c->state_path, &c->state, err);
        r = r != CXD_OK ? r : state_check(c, err);
    }
    if (r == CXD_OK && c->common.policy != NULL) {
        r = conf_read_file(c->common.policy, c->arena, &c->options, err);
    }
    if (r == CXD_OK && c->replies_path != NULL) {
        r = replies_open(c->replies_path, &c->replies, err);
    }
    return r;
}

static void member_put(struct conf *members, size_t *count, const char *key, const char *text)
{
    if (text != NULL) {
        members[*count] = (struct conf){.kind = CONF_SCALAR,
                                        .key = key,
                                        .text = text,
                                        .len = strlen(text),
                                        .file = "command line",
                                        .quoted = true};
        if (*count > 0) {
            members[*count - 1].next = &members[*count];
        }
        ++*count;
    }
}

/* What the module is told: the words of the command line before the file of options. */
static int options_build(struct cel *c, const struct cxd_module *module,
                         struct cxd_builder **ret_doc, struct cxd_error *err)
{
    struct conf members[8];
    struct conf map = {.kind = CONF_MAP, .first = members, .file = "command line"};
    struct option_source source = {.layers = {&map, c->options}, .owner = "input cel", .at = &map};
    size_t count = 0;

    member_put(members, &count, "program", c->program.ptr);
    member_put(members, &count, "state_json", c->state_path != NULL ? c->state.ptr : NULL);
    member_put(members, &count, "max_executions", c->executions);
    if (conf_find(c->options, "resource.url") == NULL) {
        member_put(members, &count, "resource.url", c->url);
    }
    return option_build(module->options, &source, ret_doc, err);
}

/* Polls until the periods asked for are over. */
static int play(struct trial *t, const struct cxd_input_ops *ops, void *instance, long periods)
{
    struct cxd_error err = CXD_ERROR_INIT;
    int64_t wait_ms = 0;

    for (long polls = 0; polls < CEL_POLLS_MAX && !t->is_broken; polls++) {
        int result = ops->poll(instance, &wait_ms, &err);

        if (result == CXD_POLL_RETRY || result == CXD_POLL_FAILED || result < 0) {
            command_complain("%s", err.text);
            return EXIT_PROBLEM;
        }
        if (result == CXD_POLL_IDLE && --periods <= 0) {
            return t->has_failed ? EXIT_PROBLEM : EXIT_OK;
        }
        if (result == CXD_POLL_IDLE || result == CXD_POLL_WAITING) {
            trial_wait(t, wait_ms);
        }
    }
    command_complain("cel: %s", t->is_broken ? "standard output takes no more" : "no end");
    return EXIT_PROBLEM;
}

static int program_play(struct cel *c, const struct cxd_module *module, struct cxd_error *err)
{
    const struct cxd_input_ops *ops = module->ops;
    struct cxd_builder *options = NULL;
    void *instance = NULL;
    struct trial t;
    int code = EXIT_PROBLEM;
    int r = trial_init(&t, c->replies, c->now_ms >= 0 ? c->now_ms : clock_wall_ms());

    t.shows_requests = c->shows_requests;
    r = r == CXD_OK ? options_build(c, module, &options, err)
                    : cxd_error_set(err, r, "out of memory");
    if (r == CXD_OK) {
        r = ops->open(&t.host, &t.self, doc_bytes(options), &instance, err);
        if (r < 0) {
            (void)cxd_error_wrap(err, "%s", c->program_path);
        }
    }
    if (r == CXD_OK) {
        code = play(&t, ops, instance, c->periods);
        if (code == EXIT_OK && replies_left(c->replies) > 0) {
            command_complain("%zu recorded replies were not asked for", replies_left(c->replies));
        }
    }
    if (instance != NULL) {
        ops->close(instance);
    }
    doc_free(options);
    trial_done(&t);
    return code;
}

static int cel_play(struct cel *c)
{
    const struct agent_options options = {.module_paths = c->common.modules,
                                          .probe = tryout_probe()};
    const struct cxd_module *module = NULL;
    struct cxd_error err = CXD_ERROR_INIT;
    int code = EXIT_PROBLEM;

    if (files_read(c, &err) == CXD_OK &&
        agent_catalog(NULL, &options, &c->catalog, &err) == CXD_OK) {
        module = catalog_find(&c->catalog, CXD_INPUT, "cel");
        if (module == NULL) {
            (void)cxd_error_set(&err, CXD_NOT_FOUND,
                                "the input module cel was not found (see: cortexd modules)");
        } else {
            code = program_play(c, module, &err);
        }
        catalog_done(&c->catalog);
    }
    if (err.text[0] != '\0' && code != EXIT_OK) {
        command_complain("%s", err.text);
    }
    return fflush(stdout) == 0 ? code : EXIT_PROBLEM;
}

static int cel_run(int argc, char **argv)
{
    struct cel c = {.now_ms = -1, .periods = 1, .url = "http://replies.invalid/"};
    int code = words_read(argc, argv, &c);

    if (code != EXIT_OK) {
        return code;
    }
    buf_init(&c.program, CEL_FILE_MAX);
    buf_init(&c.state, CEL_FILE_MAX);
    c.arena = arena_new(65536, (size_t)64 << 20);
    if (c.arena == NULL) {
        command_complain("out of memory");
        return EXIT_PROBLEM;
    }
    code = cel_play(&c);
    replies_close(c.replies);
    arena_free(c.arena);
    buf_done(&c.program);
    buf_done(&c.state);
    return code;
}

const struct command command_cel = {
    .name = "cel",
    .summary = "run a collection program offline and print what it comes to",
    .help =
        "cortexd cel [--state FILE] [--replies FILE|FOLDER] [-c FILE] [--now TIME] [--requests]\n"
        "            [--periods N] [--max-executions N] [--modules DIR] PROGRAM.cel\n"
        "\n"
        "Runs a program as an input of type cel would, by the same code, without a network. Prints "
        "JSON lines, in\n"
        "order: {\"event\":...} as it would go into the chain, {\"cursor\":...} as it would be "
        "stored, and after each\n"
        "evaluation {\"state\":...}, the state of the next one, which --state takes. Errors, with "
        "line, column and a\n"
        "caret, warnings and debug() are on standard error; the exit code is 1 when the input "
        "would be Degraded.\n"
        "Time passes only where the program waits.\n"
        "\n"
        "  --state FILE        the first state, a JSON object; may hold a cursor\n"
        "  --replies FILE      recorded replies, one JSON object a line, taken one for each "
        "request:\n"
        "                      {\"status\":200, \"headers\":{\"Name\":\"text\"}, \"body\":...}; a "
        "body that is a text is sent as\n"
        "                      it is, any other as JSON; {\"error\":\"text\"} is a broken "
        "connection. A trace written\n"
        "                      by resource.tracer is such a file: its requests are passed over\n"
        "  --replies FOLDER    bodies, a file each, in the order of their names; 02-503.json is "
        "sent with status 503\n"
        "  -c FILE             further options of the input (regexp, auth, resource, ...), YAML\n"
        "  --now TIME          what the time is at the beginning: 2026-01-31T12:00:00Z\n"
        "  --requests          print {\"request\":{method,url,body}}, too\n"
        "  --periods N         so many intervals (default 1)\n",
    .run = cel_run,
};
