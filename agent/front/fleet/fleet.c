/* fleet.c: see the header. The asking thread owns the source; what it brought waits under the lock until control takes it. */
#include "front/fleet/fleet_inner.h"

#include "base/backoff.h"
#include "base/clock.h"
#include "base/log.h"
#include "front/fleet/kept.h"
#include "front/keystore/vault.h"
#include "front/run/identity.h"
#include "front/signal.h"
#include "io/crypto.h"
#include "pipeline/wait.h"

#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WAIT_MAX_MS 600000

static int folder_read(struct fleet *f, const char *data_path, struct cxd_error *err)
{
    const char *folder = data_path != NULL
                             ? data_path
                             : conf_text(f->file.root, "agent.path.data", CONF_STATE_FOLDER);

    if (strlen(folder) >= sizeof f->folder - 32) {
        return cxd_error_set(err, CXD_CONFIG, "agent.path.data: too long");
    }
    (void)snprintf(f->folder, sizeof f->folder, "%s", folder);
    return CXD_OK;
}

static int fleet_fill(struct fleet *f, const struct conf *node, const char *data_path,
                      struct cxd_error *err)
{
    struct identity id;
    uint64_t seed = 0;
    int r = folder_read(f, data_path, err);

    r = r != CXD_OK ? r : source_open(node, &f->source, err);
    r = r != CXD_OK ? r : kept_open(f->folder, err);
    r = r != CXD_OK ? r : identity_read(&id, f->folder, err);
    r = r != CXD_OK ? r : kept_mark_read(f->folder, &f->mark, err);
    r = r != CXD_OK ? r : crypto_random(&seed, sizeof seed);
    if (r != CXD_OK) {
        return r;
    }
    vault_folder_set(f->folder);
    conf_agent_id_set(id.id);
    source_agent_set(f->source, id.id);
    backoff_init(&f->backoff,
                 source_poll_ms(f->source) < WAIT_MAX_MS ? source_poll_ms(f->source) : WAIT_MAX_MS,
                 WAIT_MAX_MS, seed);
    return CXD_OK;
}

int fleet_open(struct policy *file, const char *data_path, struct standing *standing,
               struct fleet **ret_fleet, struct cxd_error *err)
{
    const struct conf *node = conf_find(file->root, "policy");
    struct fleet *f;
    int r;

    *ret_fleet = NULL;
    if (conf_find(node, "url") == NULL) {
        return CXD_OK;
    }
    f = calloc(1, sizeof *f);
    if (f == NULL) {
        return cxd_error_set(err, CXD_NOMEM, "out of memory");
    }
    f->standing = standing;
    f->file = *file;
    *file = (struct policy){.arena = NULL};
    source_item_init(&f->trial);
    source_item_init(&f->news);
    (void)pthread_mutex_init(&f->lock, NULL);
    wait_cond_init(&f->wake);
    r = fleet_fill(f, node, data_path, err);
    if (r != CXD_OK) {
        fleet_close(f);
        return r;
    }
    standing_server(f->standing, source_name(f->source), STANDING_AWAY, "not asked yet");
    *ret_fleet = f;
    return CXD_OK;
}

const char *fleet_folder(const struct fleet *f)
{
    return f->folder;
}

void fleet_trial_drop(struct fleet *f)
{
    source_item_done(&f->trial);
    source_item_init(&f->trial);
    f->has_trial = 0;
}

static void trial_keep(struct fleet *f)
{
    struct cxd_error err = CXD_ERROR_INIT;

    if (f->has_trial && kept_write(f->folder, &f->trial, &err) != CXD_OK) {
        LOG(CXD_LOG_ERROR, "fleet", "the policy that runs is not kept for the next start: %s",
            err.text);
    }
    fleet_trial_drop(f);
}

void fleet_close(struct fleet *f)
{
    if (f == NULL) {
        return;
    }
    if (f->has_thread) {
        (void)pthread_mutex_lock(&f->lock);
        f->is_over = 1;
        (void)pthread_cond_signal(&f->wake);
        (void)pthread_mutex_unlock(&f->lock);
        source_interrupt(f->source);
        (void)pthread_join(f->thread, NULL);
        trial_keep(f);
    }
    source_item_done(&f->trial);
    source_item_done(&f->news);
    source_close(f->source);
    (void)pthread_mutex_destroy(&f->lock);
    (void)pthread_cond_destroy(&f->wake);
    policy_done(&f->file);
    free(f);
}

/* The same trouble of a server that is away: numbers in it (how long it took) do not make another. */
static int is_told(const struct fleet *f, int status, const char *text)
{
    static const char digits[] = "0123456789";
    const char *told = f->outage;

    while (*text != '\0' && *told != '\0') {
        size_t number = strspn(text, digits);
        size_t before = strspn(told, digits);
        if ((number > 0) != (before > 0) || (number == 0 && *text != *told)) {
            return 0;
        }
        text += number > 0 ? number : 1;
        told += number > 0 ? before : 1;
    }
    return f->outage_status == status && *text == *told;
}

/* One line when the server goes or when what it has is refused, one when that is over. */
void fleet_outage_tell(struct fleet *f, int status, const struct cxd_error *err)
{
    int is_away = status != CXD_OK && status != CXD_END;
    int is_refused = status == CXD_FORBIDDEN || status == CXD_CONFIG || status == CXD_MALFORMED ||
                     status == CXD_TOO_LARGE;

    if (!is_away) {
        standing_server(f->standing, source_name(f->source), STANDING_UP, "");
    }
    if (!is_away && f->outage[0] != '\0') {
        LOG(CXD_LOG_INFO, "fleet", "%s: the server answers again", source_name(f->source));
        f->outage[0] = '\0';
    }
    if (!is_away ||
        (is_refused ? strcmp(f->outage, err->text) == 0 : is_told(f, status, err->text))) {
        return;
    }
    standing_server(f->standing, source_name(f->source),
                    is_refused ? STANDING_FORGED : STANDING_AWAY, err->text);
    LOG(CXD_LOG_WARN, "fleet",
        "%s: %s: %s; the policy that runs stays, and the server is asked again",
        source_name(f->source), is_refused ? "policy refused" : "no policy from the server",
        err->text);
    (void)snprintf(f->outage, sizeof f->outage, "%s", err->text);
    f->outage_status = status;
}

/* The time to the next request: poll give or take a fifth, longer and longer while the server is away. */
int64_t fleet_wait_next(struct fleet *f, int status, int64_t asked_ms)
{
    int64_t poll_ms = source_poll_ms(f->source);
    uint32_t random = 0;

    if (status != CXD_OK && status != CXD_END) {
        int64_t wait_ms = backoff_next(&f->backoff, asked_ms);
        return wait_ms > poll_ms / 2 ? wait_ms : poll_ms / 2;
    }
    backoff_reset(&f->backoff);
    (void)crypto_random(&random, sizeof random); /* without: no jitter */
    return poll_ms - poll_ms / 5 + (int64_t)(random % 1000) * (2 * poll_ms / 5) / 1000;
}

static int64_t ask(struct fleet *f)
{
    struct cxd_error err = CXD_ERROR_INIT;
    struct source_item item;
    int r;

    source_item_init(&item);
    r = source_fetch(f->source, &item, &err);
    if (r == CXD_STOPPED) {
        source_item_done(&item);
        return 0;
    }
    fleet_outage_tell(f, r, &err);
    if (r == CXD_OK) {
        (void)pthread_mutex_lock(&f->lock);
        source_item_done(&f->news);
        f->news = item;
        f->has_news = 1;
        (void)pthread_mutex_unlock(&f->lock);
        signal_wake();
    } else {
        source_item_done(&item);
    }
    return fleet_wait_next(f, r, err.retry_after_ms);
}

static void *asking(void *arg)
{
    struct fleet *f = arg;

    (void)pthread_mutex_lock(&f->lock);
    while (!f->is_over) {
        int64_t until_ms;
        f->is_asked = 0;
        (void)pthread_mutex_unlock(&f->lock);
        until_ms = ask(f);
        until_ms += clock_mono_ms();
        (void)pthread_mutex_lock(&f->lock);
        while (!f->is_over && !f->is_asked && wait_cond(&f->wake, &f->lock, until_ms)) {
        }
    }
    (void)pthread_mutex_unlock(&f->lock);
    return NULL;
}

int fleet_start(struct fleet *f, struct cxd_error *err)
{
    f->has_thread = pthread_create(&f->thread, NULL, asking, f) == 0;
    if (!f->has_thread) {
        return cxd_error_set(err, CXD_NOMEM, "no thread to ask the policy server");
    }
    trial_keep(f);
    return CXD_OK;
}

void fleet_ask(struct fleet *f)
{
    (void)pthread_mutex_lock(&f->lock);
    f->is_asked = 1;
    (void)pthread_cond_signal(&f->wake);
    (void)pthread_mutex_unlock(&f->lock);
}

int fleet_has_news(struct fleet *f)
{
    int has_news;

    (void)pthread_mutex_lock(&f->lock);
    has_news = f->has_news;
    (void)pthread_mutex_unlock(&f->lock);
    return has_news;
}

/* Its revision is taken, for good: no older one after it. */
int fleet_mark_set(struct fleet *f, const struct source_item *item, struct cxd_error *err)
{
    int r = kept_mark_write(f->folder, item, err);

    if (r == CXD_OK) {
        (void)snprintf(f->mark.policy_id, sizeof f->mark.policy_id, "%s", item->envelope.policy_id);
        (void)snprintf(f->mark.hash, sizeof f->mark.hash, "%s", item->hash);
        f->mark.revision = item->envelope.revision;
    }
    return r;
}

void fleet_who(const struct source_item *item, char out[200])
{
    (void)snprintf(out, 200, item->envelope.revision > 0 ? "fleet: %s revision %llu" : "fleet%s",
                   item->envelope.policy_id, (unsigned long long)item->envelope.revision);
}

static struct standing_policy fleet_named(const struct source_item *item)
{
    struct standing_policy named = {.revision = item->envelope.revision};

    (void)snprintf(named.id, sizeof named.id, "%s", item->envelope.policy_id);
    (void)snprintf(named.hash, sizeof named.hash, "%s", item->hash);
    return named;
}

void fleet_want(struct fleet *f, const struct source_item *item)
{
    struct standing_policy wanted = fleet_named(item);

    standing_want(f->standing, &wanted);
}

void fleet_take(struct fleet *f, struct reload *reload)
{
    struct cxd_error err = CXD_ERROR_INIT;
    struct source_item item;
    char path[PATH_MAX];
    char who[200];
    int r;

    (void)pthread_mutex_lock(&f->lock);
    item = f->news;
    source_item_init(&f->news);
    f->has_news = 0;
    (void)pthread_mutex_unlock(&f->lock);
    fleet_who(&item, who);
    r = kept_judge(&f->mark, &item, &err);
    if (r == 1) { /* it runs, or was refused or taken back */
        struct standing_policy known = fleet_named(&item);
        standing_known(f->standing, &known);
    } else {
        fleet_want(f, &item);
    }
    if (r == 0) {
        r = kept_lay_out(f->folder, &item, path, &err);
        r = r != CXD_OK ? r : fleet_mark_set(f, &item, &err);
        if (r == CXD_OK && reload_file(reload, path, who, &err) == CXD_OK) {
            fleet_trial_drop(f);
            f->trial = item;
            f->has_trial = 1;
            return;
        }
    }
    if (r < 0) {
        standing_refused(f->standing, err.text);
        LOG(CXD_LOG_ERROR, "agent", "%s: policy refused, the one before runs: %s", who, err.text);
    }
    source_item_done(&item);
}

void fleet_again(struct fleet *f, struct reload *reload)
{
    struct cxd_error err = CXD_ERROR_INIT;
    struct source_item good;
    const struct source_item *item = &f->trial;
    char path[PATH_MAX];
    char who[200];
    int r = CXD_OK;

    source_item_init(&good);
    if (!f->has_trial) {
        r = kept_read(f->folder, &good, &err);
        r = r != CXD_OK ? r : source_check(f->source, &good, &err);
        item = &good;
    }
    r = r != CXD_OK ? r : kept_lay_out(f->folder, item, path, &err);
    if (r == CXD_OK) {
        fleet_who(item, who);
        (void)reload_file(reload, path, who, &err);
    } else {
        LOG(CXD_LOG_ERROR, "fleet", "a secret's file has changed, and the policy can't be read: %s",
            err.text);
    }
    source_item_done(&good);
}

void fleet_hear(struct fleet *f, enum reload_news news)
{
    if (news == RELOAD_GOOD) {
        trial_keep(f);
    } else if (news != RELOAD_NOTHING) {
        fleet_trial_drop(f);
    }
}
