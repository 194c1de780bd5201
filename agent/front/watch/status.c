/* status.c: `cortexd status` and `cortexd top`: the agent that runs here is asked over its socket. */
#include "base/cleanup.h"
#include "front/command.h"
#include "front/policy.h"
#include "front/try/told.h"
#include "io/http.h"

#include "base/buf.h"

#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BODY_MAX ((size_t)16 << 20)
#define TOP_MS 1000

struct status_words {
    struct command_common common;
    int is_json;
    int is_top;
    long count; /* of top; 0: until stopped */
};

static int words_read(int argc, char **argv, struct status_words *words)
{
    words->is_top = strcmp(argv[0], "top") == 0;
    for (int i = 1; i < argc; i++) {
        int taken = command_common_take(&words->common, argc, argv, &i);
        if (taken < 0) {
            return CXD_INVALID;
        }
        if (taken > 0) {
            continue;
        }
        if (strcmp(argv[i], "--json") == 0) {
            words->is_json = 1;
        } else if (words->is_top && strcmp(argv[i], "--once") == 0) {
            words->count = 1;
        } else {
            command_complain("%s: unknown word \"%s\" (see: cortexd help %s)", argv[0], argv[i],
                             argv[0]);
            return CXD_INVALID;
        }
    }
    return CXD_OK;
}

/* Path of the socket in the state folder. */
static int socket_find(const struct status_words *words, char *path, size_t room)
{
    const char *folder = "";
    struct policy policy = {0};
    int r = policy_folder(&words->common, &policy, &folder);

    (void)snprintf(path, room, "%s/cortexd.sock", folder);
    policy_done(&policy);
    return r;
}

static int body_ask(const struct status_words *words, const char *socket_path, const char *path,
                    struct buf *body)
{
    struct cxd_error err = CXD_ERROR_INIT;
    int status = 0;
    int r;

    buf_clear(body);
    r = http_local_get(socket_path, path, body, &status, &err);
    if (r == CXD_CONNECT) {
        (void)cxd_error_wrap(&err, "no agent runs with that state folder");
    } else if (r == CXD_OK && status != 200) {
        r = cxd_error_set(&err, CXD_PROTOCOL, "%s: the agent answered with status %d", socket_path,
                          status);
    }
    if (r != CXD_OK && words->is_json) {
        (void)told_error(&err);
    } else if (r != CXD_OK) {
        command_complain("%s", err.text);
    }
    return r;
}

static int is_healthy(const struct buf *body)
{
    return body->len > 7 && memcmp(body->ptr, "HEALTHY", 7) == 0;
}

static int status_show(const struct status_words *words, const char *socket_path)
{
    _cleanup_(buf_done) struct buf body;
    int is_good;

    buf_init(&body, BODY_MAX);
    if (body_ask(words, socket_path, "/status", &body) != CXD_OK) {
        return EXIT_PROBLEM;
    }
    is_good = is_healthy(&body);
    if (words->is_json && body_ask(words, socket_path, "/state", &body) != CXD_OK) {
        return EXIT_PROBLEM;
    }
    if (fwrite(body.ptr, 1, body.len, stdout) != body.len || fflush(stdout) != 0) {
        return EXIT_PROBLEM;
    }
    return is_good ? EXIT_OK : EXIT_PROBLEM;
}

static int top_show(const struct status_words *words, const char *socket_path)
{
    _cleanup_(buf_done) struct buf body;
    int is_terminal = isatty(STDOUT_FILENO);

    buf_init(&body, BODY_MAX);
    for (long i = 0; words->count == 0 || i < words->count; i++) {
        if (i > 0) {
            (void)poll(NULL, 0, TOP_MS); /* a signal ends the program */
        }
        if (body_ask(words, socket_path, words->is_json ? "/state" : "/status", &body) != CXD_OK) {
            return EXIT_PROBLEM;
        }
        if ((is_terminal && !words->is_json && fputs("\033[H\033[2J", stdout) == EOF) ||
            fwrite(body.ptr, 1, body.len, stdout) != body.len || fflush(stdout) != 0) {
            return EXIT_PROBLEM;
        }
    }
    return EXIT_OK;
}

static int status_run(int argc, char **argv)
{
    struct status_words words = {0};
    char path[PATH_MAX];

    if (words_read(argc, argv, &words) != CXD_OK) {
        return EXIT_USAGE;
    }
    if (socket_find(&words, path, sizeof path) != CXD_OK) {
        return EXIT_PROBLEM;
    }
    return words.is_top ? top_show(&words, path) : status_show(&words, path);
}

const struct command command_status = {
    .name = "status",
    .summary = "how the agent that runs here is doing",
    .help =
        "cortexd status [--json] [-c FILE | --path.data DIR]\n"
        "\n"
        "Asks the running agent over the socket in its state folder: health of each stream and "
        "output with\n"
        "the reason and since when, events, rates, queues. --json: the same for programs, with all "
        "counters and the\n"
        "last warnings and errors; {\"ok\":false,\"error\":..} when no agent answers.\n"
        "\n"
        "  -c FILE          policy that names the state folder (agent.path.data)\n"
        "  --path.data DIR  the state folder itself\n"
        "\n"
        "The same, and more, by HTTP on this machine: agent.monitoring.http.enabled: true in the "
        "policy\n"
        "(port 6791: a page, /stats and /inputs/ as Filebeat has them, /metrics for Prometheus).\n"
        "\n"
        "Exit codes: 0 all healthy; 1 something is degraded or failed, or no agent answers; 2 "
        "wrong words.\n",
    .run = status_run,
};

const struct command command_top = {
    .name = "top",
    .summary = "the same once a second, with rates, until it is stopped",
    .help =
        "cortexd top [--once] [--json] [-c FILE | --path.data DIR]\n"
        "\n"
        "The status once a second. --once: one time. --json: what `status --json` says, an object "
        "a second.\n"
        "\n"
        "Exit codes: 0 done; 1 failed; 2 wrong words.\n",
    .run = status_run,
};
