/*
 * cxd-sim: puts the parts together and waits for the end. The main thread is the only one that opens and closes servers; the
 * others ask it to, through a pipe. Signals are blocked everywhere and read here.
 */
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "cache.h"
#include "control.h"
#include "identity.h"
#include "options.h"
#include "storage.h"

enum { SIM_STORAGE, SIM_ELASTIC, SIM_CORTEX, SIM_CONTROL, SIM_SERVERS };

enum { SIM_PATH_MAX = 4096 };

struct sim_message {
    bool stop;
    unsigned group;
    unsigned down_ms;
};

struct sim {
    struct options options;
    struct identity identity;
    struct bucket *bucket;
    struct token_desk *desk;
    struct fault_book *faults;
    struct stats *stats;
    struct pause_clock *pause;
    struct storage storage;
    struct elastic elastic;
    struct cortex cortex;
    struct control control;
    struct server *servers[SIM_SERVERS];
    int64_t up_again_ms[SIM_SERVERS]; /* not 0: down until then */
    int pipe[2];
    int signals;
    char store[SIM_PATH_MAX];
    char cache[SIM_PATH_MAX];
};

static bool sim_say(const char *what, const char *reason)
{
    fprintf(stderr, "cxd-sim: %s: %s\n", what, reason);
    return false;
}

static void sim_send(struct sim *sim, const struct sim_message *message)
{
    if (write(sim->pipe[1], message, sizeof *message) != (ssize_t)sizeof *message) {
        sim_say("control pipe", "full");
    }
}

static void sim_stop(void *owner)
{
    sim_send(owner, &(struct sim_message){.stop = true});
}

static void sim_down(void *owner, unsigned group, unsigned down_ms)
{
    sim_send(owner, &(struct sim_message){.group = group, .down_ms = down_ms});
}

static bool sim_generate(struct sim *sim, uint64_t events, uint64_t first, uint64_t big_bytes)
{
    const struct options *options = &sim->options;
    const struct cache_spec spec = {
        .seed = options->seed,
        .first_event = first,
        .events = events,
        .big_bytes = big_bytes,
        .objects = big_bytes ? 1 : options->objects,
        .average_bytes = options->average_bytes,
        .member_events = options->member_events,
        .threads = 2,
    };
    struct cache_result result;
    const char *reason = NULL;
    int64_t start_ms = stats_now_ms();
    if (!cache_fill(sim->cache, &spec, sim->bucket, &result, &reason)) {
        return sim_say(sim->cache, reason);
    }
    fprintf(stderr,
            "cxd-sim: %llu events, %llu MB plain, %llu MB gzip in %llu objects, %s in %lld ms\n",
            (unsigned long long)result.events, (unsigned long long)result.plain_bytes / 1000000,
            (unsigned long long)result.stored_bytes / 1000000, (unsigned long long)result.objects,
            result.reused ? "found" : "made", (long long)(stats_now_ms() - start_ms));
    return true;
}

static bool sim_fill_bucket(struct sim *sim)
{
    const struct options *options = &sim->options;
    sim->bucket = bucket_new(options->bucket);
    if (!sim->bucket) {
        return sim_say("bucket", "no memory");
    }
    if (options->events && !sim_generate(sim, options->events, 0, 0)) {
        return false;
    }
    if (options->big_bytes && !sim_generate(sim, 0, options->events, options->big_bytes)) {
        return false;
    }
    if (options->folder && !bucket_watch(sim->bucket, options->folder)) {
        return sim_say(options->folder, "not a folder that can be read");
    }
    return true;
}

static bool sim_make_parts(struct sim *sim)
{
    const struct options *options = &sim->options;
    const struct token_desk_options desk = {
        .key = sim->identity.account,
        .email = sim->identity.account_email,
        .expires_in = options->expires_in,
    };
    const struct elastic_options elastic = {
        .is_null = options->is_null,
        .store = options->ids_only ? NULL
                 : options->store  ? options->store
                                   : sim->store,
        .body_max = options->body_max,
        .api_key = options->api_key,
        .user = options->user,
    };
    const char *reason = NULL;
    if (!elastic_init(&sim->elastic, &elastic, &reason)) {
        return sim_say("elasticsearch", reason);
    }
    if (!cortex_init(&sim->cortex, &options->cortex, &reason)) {
        return sim_say("cortex", reason);
    }
    sim->desk = options->no_auth ? NULL : token_desk_new(&desk);
    sim->faults = fault_new();
    sim->stats = stats_new();
    sim->pause = pause_open();
    if ((!sim->desk && !options->no_auth) || !sim->faults || !sim->stats || !sim->pause) {
        return sim_say("start", "no memory");
    }
    char why[FAULT_REASON_BYTES];
    if (options->fault && !fault_add_file(sim->faults, options->fault, why)) {
        return sim_say(options->fault, why);
    }
    storage_init(&sim->storage, sim->bucket, sim->desk);
    sim->control = (struct control){
        .faults = sim->faults,
        .stats = sim->stats,
        .bucket = sim->bucket,
        .desk = sim->desk,
        .elastic = &sim->elastic,
        .cortex = &sim->cortex,
        .stop = sim_stop,
        .down = sim_down,
        .owner = sim,
    };
    control_init(&sim->control);
    return true;
}

static bool sim_open_servers(struct sim *sim)
{
    const struct options *options = &sim->options;
    const struct server_app *const apps[] = {&sim->storage.app, &sim->elastic.app, &sim->cortex.app,
                                             &sim->control.app};
    const unsigned ports[] = {options->storage_port, options->elastic_port, options->cortex_port,
                              options->control_port};
    for (unsigned i = 0; i < SIM_SERVERS; i++) {
        const char *socket = i == SIM_CORTEX ? options->cortex_socket : NULL;
        bool tls = !options->is_plain && i != SIM_CONTROL && !socket;
        const struct server_options server = {
            .app = apps[i],
            .control = &sim->control.app,
            .faults = sim->faults,
            .pause = sim->pause,
            .stats = sim->stats,
            .group = i,
            .threads = i == SIM_CONTROL ? 1 : options->threads,
            .address = options->listen,
            .port = (uint16_t)ports[i],
            .socket = socket,
            .cert = tls ? sim->identity.server_cert : NULL,
            .key = tls ? sim->identity.server_key : NULL,
            .down = sim_down,
            .down_owner = sim,
        };
        const char *reason = NULL;
        sim->servers[i] = server_new(&server, &reason);
        if (!sim->servers[i]) {
            return sim_say(apps[i]->name, reason);
        }
    }
    return true;
}

static bool sim_announce(struct sim *sim)
{
    const struct options *options = &sim->options;
    char token_uri[160], path[SIM_PATH_MAX + 16], final[SIM_PATH_MAX + 16];
    snprintf(token_uri, sizeof token_uri, "%s/token", server_url(sim->servers[SIM_STORAGE]));
    if ((sim->desk && !token_desk_audience(sim->desk, token_uri)) ||
        !identity_write_account(&sim->identity, options->state, token_uri)) {
        return sim_say(options->state, "service-account.json cannot be written");
    }
    char *state = realpath(options->state, NULL);
    struct json_object *ready = json_object_new_object();
    const char *const keys[] = {"storage", "elasticsearch", "cortex", "control"};
    for (unsigned i = 0; i < SIM_SERVERS; i++) {
        json_object_object_add(ready, keys[i], json_object_new_string(server_url(sim->servers[i])));
    }
    json_object_object_add(ready, "state", json_object_new_string(state ? state : options->state));
    json_object_object_add(ready, "bucket", json_object_new_string(options->bucket));
    json_object_object_add(ready, "pid", json_object_new_int64(getpid()));
    const char *text = json_object_to_json_string_ext(ready, JSON_C_TO_STRING_PLAIN |
                                                                 JSON_C_TO_STRING_NOSLASHESCAPE);
    snprintf(path, sizeof path, "%s/ready.new", options->state);
    snprintf(final, sizeof final, "%s/ready.json", options->state);
    FILE *file = fopen(path, "we");
    bool ok = file && fprintf(file, "%s\n", text) > 0;
    ok = file && fclose(file) == 0 && ok && rename(path, final) == 0;
    ok = ok && printf("%s\n", text) > 0 && fflush(stdout) == 0;
    json_object_put(ready);
    free(state);
    return ok || sim_say(options->state, "ready.json cannot be written");
}

static void sim_take_down(struct sim *sim, const struct sim_message *message)
{
    if (message->group < SIM_CONTROL) {
        server_stop(sim->servers[message->group]);
        sim->up_again_ms[message->group] = stats_now_ms() + message->down_ms;
    }
}

/* Brings servers up whose time has come; the next such time, or limit_ms. */
static int64_t sim_bring_up(struct sim *sim, int64_t limit_ms)
{
    int64_t now_ms = stats_now_ms();
    for (unsigned i = 0; i < SIM_CONTROL; i++) {
        int64_t *up_ms = &sim->up_again_ms[i];
        const char *reason = NULL;
        if (*up_ms && *up_ms <= now_ms) {
            bool ok = server_start(sim->servers[i], &reason);
            *up_ms = ok ? 0 : now_ms + 100;
        }
        limit_ms = *up_ms && *up_ms < limit_ms ? *up_ms : limit_ms;
    }
    return limit_ms;
}

static void sim_run(struct sim *sim)
{
    int64_t end_ms = stats_now_ms() + sim->options.max_seconds * 1000LL;
    struct pollfd fds[] = {{.fd = sim->signals, .events = POLLIN},
                           {.fd = sim->pipe[0], .events = POLLIN},
                           {.fd = sim->options.until_stdin ? 0 : -1, .events = POLLIN}};
    while (stats_now_ms() < end_ms) {
        int64_t wait_ms = sim_bring_up(sim, end_ms) - stats_now_ms();
        if (poll(fds, 3, wait_ms > 0 ? (int)wait_ms : 0) < 0) {
            return;
        }
        char byte;
        if (fds[0].revents || (fds[2].revents && read(0, &byte, 1) <= 0)) {
            return;
        }
        struct sim_message message;
        if (fds[1].revents &&
            read(sim->pipe[0], &message, sizeof message) == (ssize_t)sizeof message) {
            if (message.stop) {
                return;
            }
            sim_take_down(sim, &message);
        }
    }
}

static void sim_close(struct sim *sim)
{
    for (unsigned i = 0; i < SIM_SERVERS; i++) {
        server_free(sim->servers[i]);
    }
    pause_close(sim->pause);
    elastic_done(&sim->elastic);
    cortex_done(&sim->cortex);
    token_desk_free(sim->desk);
    fault_free(sim->faults);
    stats_free(sim->stats);
    bucket_free(sim->bucket);
    identity_done(&sim->identity);
}

static bool sim_prepare(struct sim *sim)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
    sigdelset(&set, SIGPIPE);
    sim->signals = signalfd(-1, &set, SFD_CLOEXEC);
    if (sim->signals < 0 || pipe(sim->pipe) != 0) {
        return sim_say("start", "no pipe");
    }
    const struct options *options = &sim->options;
    snprintf(sim->store, sizeof sim->store, "%s/store", options->state);
    snprintf(sim->cache, sizeof sim->cache, "%s", options->cache ? options->cache : "");
    if (!options->cache) {
        snprintf(sim->cache, sizeof sim->cache, "%s/cache", options->state);
    }
    const char *reason = NULL;
    return identity_open(&sim->identity, options->state, &reason) ||
           sim_say(options->state, reason);
}

int main(int argc, char **argv)
{
    static struct sim sim;
    int rc = options_read(argc, argv, &sim.options);
    if (rc) {
        return rc < 0 ? 2 : 0;
    }
    bool ok = sim_prepare(&sim) && sim_fill_bucket(&sim) && sim_make_parts(&sim) &&
              sim_open_servers(&sim) && sim_announce(&sim);
    if (ok) {
        sim_run(&sim);
    }
    sim_close(&sim);
    return ok ? 0 : 1;
}
