/*
 * policy_server.c: a web server for policies: the files of a folder by GET, with ETag, over TLS, for those who have the token. It
 * knows nothing of policies: git and any web server do the same.
 *
 *   cxd-policy-server STATE FOLDER TOKEN MAX-SECONDS [PORT]
 *
 * STATE gets ca.pem, and url, the address, once it listens. A file FOLDER/fault asks for trouble: "500", or "huge" for a hundred
 * megabytes. FOLDER/asked gets a line for each request: status and path.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <zlib.h>

#include "identity.h"
#include "server.h"
#include "stats.h"

enum { HUGE_BYTES = 100 << 20, PATH_BYTES = 4096 };

struct shop {
    const char *folder;
    const char *token;
};

static bool file_take(const char *path, struct buffer *out)
{
    FILE *file = fopen(path, "re");
    char piece[65536];
    size_t got;

    if (!file) {
        return false;
    }
    while ((got = fread(piece, 1, sizeof piece, file)) > 0) {
        buffer_add(out, piece, got);
    }
    return fclose(file) == 0 && buffer_ok(out);
}

static void shop_classify(void *owner, struct request *request)
{
    (void)owner;
    request->kind = "policy";
}

static bool is_allowed(const struct shop *shop, const struct request *request)
{
    const char *given = request_header(request, "Authorization");

    return given && strncmp(given, "Bearer ", 7) == 0 && strcmp(given + 7, shop->token) == 0;
}

/* True: the folder's fault has answered. */
static bool shop_fault(const struct shop *shop, struct reply *reply)
{
    char path[PATH_BYTES];
    char piece[4096];
    struct buffer word;
    bool found;

    (void)snprintf(path, sizeof path, "%s/fault", shop->folder);
    buffer_init(&word, 64);
    found = file_take(path, &word) && word.len > 0;
    if (found && word.data[0] == '5') {
        reply_text(reply, 500, "text/plain", "no\n");
    } else if (found) {
        reply->status = 200;
        reply->type = "text/plain";
        memset(piece, '#', sizeof piece);
        for (int i = 0; i < HUGE_BYTES / (int)sizeof piece; i++) {
            buffer_add(&reply->body, piece, sizeof piece);
        }
    }
    buffer_done(&word);
    return found;
}

static void file_give(const struct shop *shop, const struct request *request, struct reply *reply)
{
    const char *known = request_header(request, "If-None-Match");
    char path[PATH_BYTES];
    char tag[40];

    (void)snprintf(path, sizeof path, "%s%s", shop->folder, request->path);
    if (strstr(request->path, "/.") || !file_take(path, &reply->body)) {
        buffer_clear(&reply->body);
        reply_text(reply, 404, "text/plain", "no such policy\n");
        return;
    }
    (void)snprintf(tag, sizeof tag, "\"%08lx-%zu\"",
                   crc32(0, (const Bytef *)reply->body.data, (uInt)reply->body.len),
                   reply->body.len);
    reply_header(reply, "ETag", "%s", tag);
    reply->type = "application/yaml";
    reply->status = known && strcmp(known, tag) == 0 ? 304 : 200;
    if (reply->status == 304) {
        buffer_clear(&reply->body);
    }
}

static void shop_handle(void *owner, struct request *request, struct reply *reply)
{
    const struct shop *shop = owner;
    char path[PATH_BYTES];
    FILE *log;

    if (!is_allowed(shop, request)) {
        reply_text(reply, 401, "text/plain", "who are you?\n");
    } else if (!shop_fault(shop, reply)) {
        file_give(shop, request, reply);
    }
    (void)snprintf(path, sizeof path, "%s/asked", shop->folder);
    log = fopen(path, "ae");
    if (log) {
        (void)fprintf(log, "%u %s\n", reply->status, request->path);
        (void)fclose(log);
    }
}

static void shop_refuse(void *owner, const struct request *request, unsigned status,
                        struct reply *reply)
{
    (void)owner;
    (void)request;
    reply_text(reply, status, "text/plain", "no\n");
}

static void no_fall(void *owner, unsigned group, unsigned down_ms)
{
    (void)owner;
    (void)group;
    (void)down_ms;
}

static int say(const char *what, const char *reason)
{
    (void)fprintf(stderr, "cxd-policy-server: %s: %s\n", what, reason);
    return 1;
}

static bool url_write(const char *state, const char *url)
{
    char fresh[PATH_BYTES];
    char path[PATH_BYTES];
    FILE *file;

    (void)snprintf(fresh, sizeof fresh, "%s/url.new", state);
    (void)snprintf(path, sizeof path, "%s/url", state);
    file = fopen(fresh, "we");
    return file && fprintf(file, "%s\n", url) > 0 && fclose(file) == 0 && rename(fresh, path) == 0;
}

int main(int argc, char **argv)
{
    static struct shop shop;
    const struct server_app app = {.name = "policy",
                                   .owner = &shop,
                                   .classify = shop_classify,
                                   .handle = shop_handle,
                                   .refuse = shop_refuse};
    struct identity identity = {0};
    const char *reason = "no memory";
    struct timespec end = {0};
    sigset_t stop;

    if (argc < 5) {
        return say("usage", "STATE FOLDER TOKEN MAX-SECONDS [PORT]");
    }
    shop = (struct shop){.folder = argv[2], .token = argv[3]};
    end.tv_sec = strtol(argv[4], NULL, 10);
    (void)sigemptyset(&stop);
    (void)sigaddset(&stop, SIGTERM);
    (void)sigaddset(&stop, SIGINT);
    (void)sigprocmask(SIG_BLOCK, &stop, NULL);
    (void)mkdir(argv[1], 0700);
    if (!identity_open(&identity, argv[1], &reason)) {
        return say(argv[1], reason);
    }
    const struct server_options options = {.app = &app,
                                           .control = &app,
                                           .faults = fault_new(),
                                           .stats = stats_new(),
                                           .pause = pause_open(),
                                           .threads = 2,
                                           .address = "127.0.0.1",
                                           .port =
                                               argc > 5 ? (uint16_t)strtoul(argv[5], NULL, 10) : 0,
                                           .cert = identity.server_cert,
                                           .key = identity.server_key,
                                           .down = no_fall};
    struct server *server = server_new(&options, &reason);
    if (!server || !url_write(argv[1], server_url(server))) {
        return say("start", reason);
    }
    (void)sigtimedwait(&stop, NULL, &end);
    server_free(server);
    identity_done(&identity);
    return 0;
}
