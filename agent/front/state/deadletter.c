/* deadletter.c: `cortexd deadletter`: what could not be delivered, seen and sent again. */
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/redact.h"
#include "front/command.h"
#include "front/module/tryout.h"
#include "front/place.h"
#include "front/policy.h"
#include "front/signal.h"
#include "front/state/replay.h"
#include "pipeline/letter.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ARENA_MAX ((size_t)256 << 20)

struct letter_words {
    struct command_common common;
    const char *action;
    const char *number; /* of show */
    const char *stream; /* only these; NULL: all */
    int is_json;
};

static int words_read(int argc, char **argv, struct letter_words *w)
{
    for (int i = 1; i < argc; i++) {
        int taken = command_common_take(&w->common, argc, argv, &i);
        if (taken < 0) {
            return CXD_INVALID;
        }
        if (taken > 0) {
            continue;
        }
        if (strcmp(argv[i], "--json") == 0) {
            w->is_json = 1;
        } else if (strcmp(argv[i], "--stream") == 0 && i + 1 < argc) {
            w->stream = argv[++i];
        } else if (argv[i][0] != '-' && w->action == NULL) {
            w->action = argv[i];
        } else if (argv[i][0] != '-' && w->number == NULL) {
            w->number = argv[i];
        } else {
            command_complain("deadletter: unknown word \"%s\" (see: cortexd help deadletter)",
                             argv[i]);
            return CXD_INVALID;
        }
    }
    return CXD_OK;
}

/* One member of `show`: text as it is (control bytes as blanks, so that a record cannot write to the terminal), JSON as it stands. */
static void member_show(const char *name, const struct cxd_value *value)
{
    char text[4096];

    if (value->ptr == NULL) {
        return;
    }
    if (value->kind != CXD_KIND_STRING) {
        (void)printf("%-12s %.*s\n", name, (int)value->len, value->ptr);
        return;
    }
    letter_text(value, text, sizeof text);
    for (char *c = text; *c != '\0'; c++) {
        *c = (unsigned char)*c < ' ' || *c == 127 ? ' ' : *c;
    }
    (void)printf("%-12s %s%s\n", name, text,
                 value->len >= sizeof text ? " ... (--json shows all)" : "");
}

static void letter_show(const struct letter *l)
{
    member_show("time", &l->at);
    member_show("stage", &l->stage);
    member_show("status", &l->status);
    member_show("reason", &l->reason);
    member_show("stream", &l->stream);
    member_show("data stream", &l->data_stream);
    member_show("id", &l->id);
    member_show("document", &l->document);
    member_show("message", &l->message);
    member_show("base64", &l->message_base64);
    member_show("fields", &l->fields);
}

static void letter_list(const struct letter *l, uint64_t number)
{
    char at[32];
    char stage[16];
    char status[32];
    char stream[128];
    char reason[160];

    letter_text(&l->at, at, sizeof at);
    letter_text(&l->stage, stage, sizeof stage);
    letter_text(&l->status, status, sizeof status);
    letter_text(&l->stream, stream, sizeof stream);
    letter_text(&l->reason, reason, sizeof reason);
    for (char *c = reason; *c != '\0'; c++) {
        *c = (unsigned char)*c < ' ' || *c == 127 ? ' ' : *c;
    }
    (void)printf("%6llu  %s  %-9s  %-12s  %s  %s\n", (unsigned long long)number, at, stage, status,
                 stream, reason);
}

struct reading {
    const struct letter_words *words;
    struct arena *arena;
    struct scan scan;
    uint64_t wanted; /* 0: all */
    uint64_t number;
    uint64_t shown;
    uint64_t unreadable;
};

static void line_take(struct reading *r, struct cxd_bytes line)
{
    char stream[256];
    struct letter l;

    r->number++;
    if (r->wanted != 0 && r->number != r->wanted) {
        return;
    }
    arena_reset(r->arena);
    if (letter_read(&r->scan, r->arena, line, &l) != CXD_OK) {
        r->unreadable++;
        return;
    }
    letter_text(&l.stream, stream, sizeof stream);
    if (r->words->stream != NULL && strcmp(r->words->stream, stream) != 0) {
        return;
    }
    r->shown++;
    if (r->words->is_json) {
        (void)fwrite(line.ptr, 1, line.len, stdout);
    } else if (r->wanted != 0) {
        letter_show(&l);
    } else {
        letter_list(&l, r->number);
    }
}

static int file_read_lines(struct reading *r, const char *folder)
{
    _cleanup_(freep) char *path = NULL;
    _cleanup_(freep) char *line = NULL;
    size_t cap = 0;
    ssize_t len;
    FILE *file;

    if (asprintf(&path, "%s/dead_letter/dead.ndjson", folder) < 0) {
        path = NULL;
        return EXIT_PROBLEM;
    }
    file = fopen(path, "rbe");
    if (file == NULL) {
        if (errno != ENOENT) {
            command_complain("%s: %s", path, strerror(errno));
        }
        return errno == ENOENT ? EXIT_OK : EXIT_PROBLEM;
    }
    while ((len = getline(&line, &cap, file)) > 0) {
        line_take(r, (struct cxd_bytes){line, (size_t)len});
    }
    (void)fclose(file); /* only read */
    return EXIT_OK;
}

static int number_read(const char *text, uint64_t *ret_number)
{
    uint64_t number = 0;

    for (; *text >= '0' && *text <= '9' && number < UINT64_MAX / 16; text++) {
        number = number * 10 + (uint64_t)(*text - '0');
    }
    *ret_number = number;
    return *text == '\0' && number > 0;
}

static int letters_read(const struct letter_words *words, const char *folder)
{
    struct reading r = {.words = words, .arena = arena_new(65536, ARENA_MAX)};
    int code = EXIT_USAGE;

    if (strcmp(words->action, "show") == 0 &&
        (words->number == NULL || !number_read(words->number, &r.wanted))) {
        command_complain("deadletter show: expected a number (see: cortexd deadletter list)");
    } else if (r.arena == NULL) {
        code = EXIT_PROBLEM;
    } else {
        code = file_read_lines(&r, folder);
        if (code == EXIT_OK && r.wanted != 0 && r.shown == 0) {
            command_complain("deadletter: there is no letter %s", words->number);
            code = EXIT_PROBLEM;
        } else if (code == EXIT_OK && r.wanted == 0 && !words->is_json) {
            (void)fprintf(stderr, "%llu dead letters%s\n", (unsigned long long)r.shown,
                          r.unreadable > 0 ? ", and lines that are none" : "");
        }
    }
    scan_done(&r.scan);
    arena_free(r.arena);
    return fflush(stdout) == 0 ? code : EXIT_PROBLEM;
}

static int is_json; /* of replay */

static void sum_show(const struct replay_sum *sum)
{
    if (is_json) {
        (void)printf("{\"letters\":%llu,\"done\":%llu,\"delivered\":%lld,\"duplicates\":%lld,"
                     "\"refused\":%lld,\"kept\":%llu}\n",
                     (unsigned long long)sum->letters, (unsigned long long)sum->done,
                     (long long)sum->delivered, (long long)sum->duplicates, (long long)sum->refused,
                     (unsigned long long)sum->kept);
        return;
    }
    (void)fprintf(stderr,
                  "%llu of %llu letters: %lld delivered (%lld there already), %lld refused again, "
                  "%llu kept\n",
                  (unsigned long long)sum->done, (unsigned long long)sum->letters,
                  (long long)sum->delivered, (long long)sum->duplicates, (long long)sum->refused,
                  (unsigned long long)sum->kept);
}

static void progress_show(const struct replay_sum *sum)
{
    static int64_t shown_ms;

    if (!is_json && clock_mono_ms() - shown_ms >= 1000) {
        shown_ms = clock_mono_ms();
        sum_show(sum);
    }
}

static int agent_replay(struct agent *a)
{
    struct cxd_error err = CXD_ERROR_INIT;
    struct replay_sum sum = {0};
    int r = replay_run(a, progress_show, &sum, &err);

    if (r == CXD_NOT_FOUND) {
        if (is_json) {
            sum_show(&sum);
        } else {
            (void)fprintf(stderr, "there are no dead letters\n");
        }
        return fflush(stdout) == 0 ? EXIT_OK : EXIT_PROBLEM;
    }
    sum_show(&sum);
    if (r != CXD_OK) {
        command_complain("%s; the next replay goes on from here", err.text);
    }
    return r == CXD_OK ? EXIT_OK : r == CXD_STOPPED ? EXIT_UNACKED : EXIT_PROBLEM;
}

static int letters_replay(const struct letter_words *words, const struct policy *policy)
{
    const struct agent_options options = {.data_path = words->common.data_path,
                                          .module_paths = words->common.modules,
                                          .probe = tryout_probe()};
    struct cxd_error err = CXD_ERROR_INIT;
    struct agent *a = NULL;
    int code = EXIT_PROBLEM;

    signal_setup();
    signal_no_dumps();
    log_setup(2, CXD_LOG_WARN);
    if (agent_open(policy->plan, &options, &a, &err) == CXD_OK) {
        code = agent_replay(a);
        agent_close(a);
    } else {
        command_complain("%s", err.text);
    }
    log_flush();
    redact_clear();
    return code;
}

static int deadletter_run(int argc, char **argv)
{
    struct letter_words words = {.action = NULL};
    struct policy policy = {0};
    const char *folder;
    int is_replay;
    int code = EXIT_PROBLEM;

    if (words_read(argc, argv, &words) != CXD_OK) {
        return EXIT_USAGE;
    }
    is_json = words.is_json;
    is_replay = words.action != NULL && strcmp(words.action, "replay") == 0;
    if (words.action == NULL ||
        (!is_replay && strcmp(words.action, "list") != 0 && strcmp(words.action, "show") != 0) ||
        (is_replay && words.stream != NULL)) {
        command_complain(
            "deadletter: expected list, show or replay (see: cortexd help deadletter)");
        return EXIT_USAGE;
    }
    folder = words.common.data_path;
    if (folder != NULL && !is_replay && words.common.policy != NULL) {
        struct cxd_error quiet = CXD_ERROR_INIT;
        (void)policy_read(words.common.policy, &policy, &quiet); /* only to say where others lie */
    } else if (folder == NULL || is_replay) {
        const char *path = words.common.policy != NULL ? words.common.policy : place_policy();
        if (policy_load(path, &policy) != CXD_OK) {
            policy_done(&policy);
            return EXIT_PROBLEM;
        }
        folder = folder != NULL ? folder : policy.plan->settings.data_path;
    }
    if (!is_replay && policy.plan != NULL && policy.plan->settings.dead_mail.output != NULL) {
        (void)fprintf(
            stderr, "dead letters of this policy go to output %s as %s; these wait in the folder\n",
            policy.plan->settings.dead_mail.output->name, policy.plan->settings.dead_mail.index);
    }
    code = is_replay ? letters_replay(&words, &policy) : letters_read(&words, folder);
    policy_done(&policy);
    return code;
}

const struct command command_deadletter = {
    .name = "deadletter",
    .summary = "list, show or send again what could not be delivered",
    .help =
        "cortexd deadletter list [--stream ID] [--json] [-c FILE] [--path.data DIR]\n"
        "cortexd deadletter show NUMBER [--json] [-c FILE] [--path.data DIR]\n"
        "cortexd deadletter replay [--json] [-c FILE] [--path.data DIR] [--modules DIR]\n"
        "\n"
        "list    a line for each letter: number, time, stage, status, stream, reason\n"
        "show    all of one letter\n"
        "replay  sends them again: documents to their output, raw records through their stream's "
        "processors.\n"
        "        The agent must be stopped. A replay that is cut short goes on where it was, and "
        "document ids\n"
        "        keep what was delivered from coming twice. What is refused again is a dead letter "
        "again; raw\n"
        "        records of streams that the policy has no longer stay where they are.\n"
        "With agent.dead_letter.output in the policy these are the letters that its output has not "
        "taken yet;\n"
        "all others lie in its data stream.\n"
        "\n"
        "Exit codes: 0 done; 1 failed; 2 wrong words; 3 stopped before the end.\n",
    .run = deadletter_run,
};
