/* units.c: a list that only grows. */
#include "pipeline/units.h"

#include <stdlib.h>
#include <string.h>

struct units_entry {
    struct units_entry *next;
    const char *kind;
    struct unit unit;
    char texts[]; /* id, subject */
};

void units_init(struct units *units)
{
    *units = (struct units){.first = NULL};
    (void)pthread_mutex_init(&units->lock, NULL); /* never fails for a default mutex */
}

void units_done(struct units *units)
{
    while (units->first != NULL) {
        struct units_entry *e = units->first;
        units->first = e->next;
        unit_done(&e->unit);
        free(e);
    }
    (void)pthread_mutex_destroy(&units->lock);
}

static struct units_entry *entry_new(const char *kind, const char *id, const char *subject)
{
    size_t id_size = strlen(id) + 1;
    size_t subject_size = strlen(subject) + 1;
    struct units_entry *e = calloc(1, sizeof *e + id_size + subject_size);

    if (e != NULL) {
        e->kind = kind;
        memcpy(e->texts, id, id_size);
        memcpy(e->texts + id_size, subject, subject_size);
        unit_init(&e->unit, e->texts, e->texts + id_size);
    }
    return e;
}

struct unit *units_get(struct units *units, const char *kind, const char *id, const char *subject)
{
    struct units_entry *e;

    (void)pthread_mutex_lock(&units->lock);
    e = units->first;
    while (e != NULL && (strcmp(e->kind, kind) != 0 || strcmp(e->unit.id, id) != 0 ||
                         strcmp(e->unit.subject, subject) != 0)) {
        e = e->next;
    }
    if (e == NULL && (e = entry_new(kind, id, subject)) != NULL) {
        e->next = units->first;
        units->first = e;
    }
    (void)pthread_mutex_unlock(&units->lock);
    return e != NULL ? &e->unit : NULL;
}

int64_t units_count(struct units *units, const char *kind, const char *name)
{
    int64_t sum = 0;

    (void)pthread_mutex_lock(&units->lock);
    for (struct units_entry *e = units->first; e != NULL; e = e->next) {
        sum += strcmp(e->kind, kind) == 0 ? unit_counter_get(&e->unit, name) : 0;
    }
    (void)pthread_mutex_unlock(&units->lock);
    return sum;
}
