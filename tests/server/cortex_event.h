#pragma once
/*
 * The events inside an alert: a fixed list of members, most of them null in any one event. An alert of the old form holds
 * them as a list of objects; the newer form has lists in their place; an incident's extra data the first event alone.
 */
#include "cortex_alert_words.h"
#include "cortex_host.h"
#include "cortex_set.h"
#include "row.h"

enum { CORTEX_EVENTS_MAX = 3, CORTEX_EVENT_CELLS = 110, CORTEX_EVENT_POOL = 4096 };

struct cortex_cell {
    enum { CELL_NULL, CELL_TEXT, CELL_NUMBER } type;
    const char *text;
    int64_t number;
};

struct cortex_event {
    struct cortex_cell cells[CORTEX_EVENT_CELLS]; /* in the order of cortex_event_names */
    char pool[CORTEX_EVENT_POOL];                 /* what the texts are made in */
    size_t pool_used;
};

extern const char *const cortex_event_names[]; /* ends with NULL */

/* How many events an alert has. */
unsigned cortex_event_count(const struct cortex_row *alert);
void cortex_event_fill(const struct cortex_row *alert, unsigned index,
                       const struct cortex_alert_words *words, const struct cortex_host *host,
                       struct cortex_event *ret_event);
/* The members of one event. only: leave out the others (NULL: none); ends with NULL. */
void cortex_event_write(const struct cortex_event *event, const char *const *only,
                        struct row *json);
/* Each member as a list over the events, null where no event has it. */
void cortex_event_write_lists(const struct cortex_event *events, unsigned count, struct row *json);
