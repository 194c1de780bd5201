/*
 * standing.h: which policy an agent runs, which one it should run, and why these differ. One for a process; all but standing_get is
 * for those who apply policies (control) and ask for them (fleet's thread). Any thread; texts are copied, long ones cut.
 */
#pragma once

#include <stdint.h>

enum { STANDING_WORD = 129, STANDING_WHY = 480 };

/* A policy by name: of its signature file or, for one that is a file here, of its keys `id` and `revision`. */
struct standing_policy {
    char id[STANDING_WORD]; /* empty: it has none */
    uint64_t revision;      /* 0: it has none */
    char hash[65];          /* SHA-256 in hex of what a server gave; empty: it came from a file */
};

enum standing_state {
    STANDING_WAITING,   /* none runs yet */
    STANDING_RUNS,      /* the wanted one, for good */
    STANDING_PROBATION, /* the wanted one, watched */
    STANDING_REFUSED,   /* another: the wanted one can't run */
    STANDING_BACK,      /* the one before: the wanted one was taken back */
    STANDING_STATES
};

enum standing_server {
    STANDING_NO_SERVER,
    STANDING_UP,
    STANDING_AWAY,  /* does not answer, or with an error */
    STANDING_FORGED /* answers, with something that is not believed */
};

struct standing_view {
    struct standing_policy running;
    struct standing_policy wanted;
    enum standing_state state;
    char why[STANDING_WHY]; /* why these differ; else empty */
    int64_t since_ms;       /* wall clock: of the state */
    enum standing_server server;
    char server_name[300];
    char server_why[STANDING_WHY];
    int64_t server_since_ms;
    unsigned turn; /* counts changes of all this */
};

struct standing;

struct standing *standing_new(void); /* NULL: no memory */
void standing_free(struct standing *s);

void standing_want(struct standing *s, const struct standing_policy *wanted);
/* The same for a policy that is a file, by its keys (NULL: none); has no effect when there is a server. */
void standing_want_file(struct standing *s, const char *id, const char *revision);
/* The server offers one that was looked at in an earlier run, and is not tried a second time. */
void standing_known(struct standing *s, const struct standing_policy *wanted);
void standing_refused(struct standing *s, const char *why);
void standing_applied(struct standing *s); /* the wanted one runs, watched */
void standing_good(struct standing *s);    /* for good */
void standing_back(struct standing *s, const char *why);
void standing_server(struct standing *s, const char *name, enum standing_server server,
                     const char *why);
/* All of these accept NULL. */

void standing_get(struct standing *s, struct standing_view *ret_view);
/* "waiting", "running", "probation", "refused", "rolled_back"; "none", "up", "away", "forged". Static. */
const char *standing_state_name(enum standing_state state);
const char *standing_server_name(enum standing_server server);
