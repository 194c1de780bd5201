/* check.c: `cortexd check-module`: the words, the child that does the steps, and what is said when it does not end well. */
#include "front/module/check.h"

#include "config/number.h"
#include "front/command.h"
#include "front/try/told.h"
#include "gate/load.h"
#include "gate/probe.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define LIMIT_MS 10000
#define POLLS 3
#define JSON_MAX (1u << 20)

static int is_json; /* of the process: it checks one file */

static void json_say(const char *verdict, const char *step, const char *text)
{
    struct buf line;
    int r;

    buf_init(&line, JSON_MAX);
    r = buf_add_text(&line, "{");
    r = r != CXD_OK ? r : told_text(&line, "verdict", verdict);
    r = r != CXD_OK ? r : told_text(&line, "step", step);
    r = r != CXD_OK ? r : told_text(&line, "text", text);
    (void)told_print(&line, r != CXD_OK ? r : buf_add_text(&line, "}"));
}

void check_say(const char *verdict, const char *step, const char *format, ...)
{
    char *text = NULL;
    va_list args;

    va_start(args, format);
    if (vasprintf(&text, format, args) < 0) {
        text = NULL;
    }
    va_end(args);
    if (is_json) {
        json_say(verdict, step, text != NULL ? text : "");
    } else {
        (void)printf("%-8s %-10s %s\n", verdict, step, text != NULL ? text : "");
    }
    free(text);
    (void)fflush(stdout); /* the next step may be the last */
}

/* Where the word's value goes; NULL: it is no such word. */
static const char **text_of(struct check_order *o, const char *word)
{
    const struct {
        const char *word;
        const char **value;
    } rows[] = {{"--options", &o->options},
                {"--events", &o->events},
                {"--expect", &o->expect},
                {"--module", &o->name}};

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (strcmp(rows[i].word, word) == 0) {
            return rows[i].value;
        }
    }
    return NULL;
}

static int words_read(int argc, char **argv, struct check_order *o)
{
    int64_t polls = POLLS;
    int is_right = 1;

    for (int i = 1; i < argc && is_right; i++) {
        const char **text = text_of(o, argv[i]);
        if (strcmp(argv[i], "--documents") == 0) {
            o->has_documents = 1;
        } else if (strcmp(argv[i], "--json") == 0) {
            is_json = 1;
        } else if (argv[i][0] != '-') {
            is_right = o->path == NULL;
            o->path = argv[i];
        } else if (i + 1 == argc) {
            is_right = 0;
        } else if (text != NULL) {
            *text = argv[++i];
        } else if (strcmp(argv[i], "--polls") == 0) {
            is_right = number_int(argv[++i], &polls) == CXD_OK && polls > 0 && polls <= 1000000;
        } else {
            is_right = strcmp(argv[i], "--timeout") == 0 &&
                       number_duration_ms(argv[++i], &o->limit_ms) == CXD_OK && o->limit_ms > 0;
        }
    }
    o->polls = (unsigned)polls;
    if (!is_right || o->path == NULL) {
        command_complain("check-module: expected one FILE and known words with their values (see: "
                         "cortexd help check-module)");
        return EXIT_USAGE;
    }
    return EXIT_OK;
}

/* The module lives and dies in a child. */
static int steps_run(struct check_order *o)
{
    int status = 0;
    pid_t pid;

    o->step = mmap(NULL, CHECK_STEP_MAX, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (o->step == MAP_FAILED) {
        command_complain("out of memory");
        return EXIT_PROBLEM;
    }
    (void)snprintf(o->step, CHECK_STEP_MAX, "load");
    (void)fflush(stdout);
    pid = fork();
    if (pid == 0) {
        int is_good = check_steps(o);
        _exit(fflush(stdout) == 0 && is_good ? EXIT_OK : EXIT_PROBLEM);
    }
    if (pid < 0) {
        command_complain("no further process");
        return EXIT_PROBLEM;
    }
    if (!probe_wait(pid, o->limit_ms, &status)) {
        check_say("failed", o->step, "%s: did not come back within %.1f s", o->path,
                  (double)o->limit_ms / 1000);
        return EXIT_PROBLEM;
    }
    if (o->step[0] != '\0') { /* not taken back: it ended in the middle of it */
        char end[80];
        if (strcmp(o->step, "fields") == 0 && WIFEXITED(status) && WEXITSTATUS(status) == 1) {
            check_say("failed", o->step, "%s: see above for file, line and reason", o->path);
            return EXIT_PROBLEM;
        }
        probe_end_text(status, end, sizeof end);
        check_say("failed", o->step, "%s: %s", o->path, end);
        return EXIT_PROBLEM;
    }
    return status == 0 ? EXIT_OK : EXIT_PROBLEM;
}

static int check_run(int argc, char **argv)
{
    struct check_order order = {.limit_ms = LIMIT_MS};
    struct cxd_error err = CXD_ERROR_INIT;
    char real[PATH_MAX];
    int code;

    if (argc > 1 && strcmp(argv[1], "--try") == 0) {
        return check_try(argc - 2, argv + 2);
    }
    code = words_read(argc, argv, &order);
    if (code != EXIT_OK) {
        return code;
    }
    if (module_file_check(order.path, real, &err) != CXD_OK) {
        check_say("failed", "file", "%s", err.text);
        return EXIT_PROBLEM;
    }
    check_say("ok", "file", "%s: a regular file that nobody else may write", order.path);
    return steps_run(&order);
}

const struct command command_check_module = {
    .name = "check-module",
    .summary = "check a module file: does it fit, does it work by itself?",
    .help =
        "cortexd check-module FILE [--options FILE.yml] [--events FILE] [--expect FILE]\n"
        "                     [--documents] [--module NAME] [--polls N] [--timeout 10s] [--json]\n"
        "\n"
        "Checks, a line each: the file's owner and permissions; that it loads and has an entry; "
        "versions, sizes and\n"
        "build; the list of fields beside it (NAME.fields.yml); the option table and its defaults; "
        "open and close with the defaults, or with the "
        "options given; some\n"
        "polls of an input, one event or those given through a processor; that all memory is given "
        "back. All of it in\n"
        "a process of its own, with a time limit.\n"
        "\n"
        "  --options FILE.yml  options as a policy would give them\n"
        "  --events FILE       a processor's events, a JSON object a line\n"
        "  --expect FILE       the documents that must come of it, a line each\n"
        "  --documents         print them\n"
        "  --module NAME       of a file with several, the one that is meant\n"
        "  --polls N           of an input, at most (default 3)\n"
        "  --timeout TIME      for all of it (default 10s)\n"
        "  --json              each line as {\"verdict\", \"step\", \"text\"}; documents are JSON "
        "in any case\n"
        "\n"
        "Exit codes: 0 all good; 1 something failed; 2 wrong words.\n",
    .run = check_run,
};
