/* standing.c: see the header. */
#include "front/run/standing.h"

#include "base/clock.h"
#include "base/redact.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct standing {
    pthread_mutex_t lock;
    struct standing_view view;
    struct standing_policy good; /* to go back to */
};

struct standing *standing_new(void)
{
    struct standing *s = calloc(1, sizeof *s);

    if (s != NULL) {
        (void)pthread_mutex_init(&s->lock, NULL); /* never fails for a default mutex */
        s->view.since_ms = clock_wall_ms();
    }
    return s;
}

void standing_free(struct standing *s)
{
    if (s != NULL) {
        (void)pthread_mutex_destroy(&s->lock);
        free(s);
    }
}

/* It goes to a page, to metrics, to a cluster: the net that log lines have is here as well. */
static void text_mask(char masked[static STANDING_WHY], const char *why)
{
    (void)snprintf(masked, STANDING_WHY, "%s", why);
    (strlen(why) < STANDING_WHY ? redact_text : redact_cut)(masked, strlen(masked));
}

/* With the lock held. */
static void state_set(struct standing *s, enum standing_state state, const char *why)
{
    struct standing_view *v = &s->view;
    char masked[STANDING_WHY];

    text_mask(masked, why);
    if (v->state != state || strcmp(v->why, masked) != 0) {
        v->state = state;
        v->since_ms = clock_wall_ms();
        (void)snprintf(v->why, sizeof v->why, "%s", masked);
    }
    v->turn++;
}

void standing_want(struct standing *s, const struct standing_policy *wanted)
{
    if (s != NULL) {
        (void)pthread_mutex_lock(&s->lock);
        s->view.wanted = *wanted;
        (void)pthread_mutex_unlock(&s->lock);
    }
}

void standing_want_file(struct standing *s, const char *id, const char *revision)
{
    struct standing_policy wanted = {.revision = 0};

    if (s == NULL) {
        return;
    }
    (void)snprintf(wanted.id, sizeof wanted.id, "%s", id != NULL ? id : "");
    for (; revision != NULL && *revision >= '0' && *revision <= '9' &&
           wanted.revision < UINT64_MAX / 16;
         revision++) {
        wanted.revision = wanted.revision * 10 + (uint64_t)(*revision - '0');
    }
    (void)pthread_mutex_lock(&s->lock);
    if (s->view.server == STANDING_NO_SERVER) {
        s->view.wanted = wanted;
    }
    (void)pthread_mutex_unlock(&s->lock);
}

void standing_known(struct standing *s, const struct standing_policy *wanted)
{
    if (s == NULL) {
        return;
    }
    (void)pthread_mutex_lock(&s->lock);
    if (strcmp(wanted->hash, s->view.running.hash) != 0 &&
        strcmp(wanted->hash, s->view.wanted.hash) != 0) {
        s->view.wanted = *wanted;
        state_set(s, STANDING_REFUSED,
                  "it was refused or taken back before this start, and is not tried again: publish "
                  "another revision");
    }
    (void)pthread_mutex_unlock(&s->lock);
}

void standing_refused(struct standing *s, const char *why)
{
    if (s != NULL) {
        (void)pthread_mutex_lock(&s->lock);
        state_set(s, STANDING_REFUSED, why);
        (void)pthread_mutex_unlock(&s->lock);
    }
}

void standing_applied(struct standing *s)
{
    if (s != NULL) {
        (void)pthread_mutex_lock(&s->lock);
        s->view.running = s->view.wanted;
        state_set(s, STANDING_PROBATION, "");
        (void)pthread_mutex_unlock(&s->lock);
    }
}

void standing_good(struct standing *s)
{
    if (s != NULL) {
        (void)pthread_mutex_lock(&s->lock);
        s->good = s->view.running;
        if (s->view.state == STANDING_PROBATION) { /* else a later one was refused meanwhile */
            state_set(s, STANDING_RUNS, "");
        }
        (void)pthread_mutex_unlock(&s->lock);
    }
}

void standing_back(struct standing *s, const char *why)
{
    if (s != NULL) {
        (void)pthread_mutex_lock(&s->lock);
        s->view.running = s->good;
        state_set(s, STANDING_BACK, why);
        (void)pthread_mutex_unlock(&s->lock);
    }
}

void standing_server(struct standing *s, const char *name, enum standing_server server,
                     const char *why)
{
    struct standing_view *v;
    char masked[STANDING_WHY];

    if (s == NULL) {
        return;
    }
    v = &s->view;
    text_mask(masked, why);
    (void)pthread_mutex_lock(&s->lock);
    if (v->server != server || strcmp(v->server_why, masked) != 0) {
        v->server = server;
        v->server_since_ms = clock_wall_ms();
        (void)snprintf(v->server_name, sizeof v->server_name, "%s", name);
        (void)snprintf(v->server_why, sizeof v->server_why, "%s", masked);
        v->turn++;
    }
    (void)pthread_mutex_unlock(&s->lock);
}

void standing_get(struct standing *s, struct standing_view *ret_view)
{
    *ret_view = (struct standing_view){.turn = 0};
    if (s != NULL) {
        (void)pthread_mutex_lock(&s->lock);
        *ret_view = s->view;
        (void)pthread_mutex_unlock(&s->lock);
    }
}

const char *standing_state_name(enum standing_state state)
{
    static const char *const names[STANDING_STATES] = {"waiting", "running", "probation", "refused",
                                                       "rolled_back"};

    return state < STANDING_STATES ? names[state] : "waiting";
}

const char *standing_server_name(enum standing_server server)
{
    static const char *const names[] = {"none", "up", "away", "forged"};

    return names[server];
}
