/*
 * split.h: a reply taken apart into events. Pure: events go to a function.
 */
#pragma once

#include "context.h"

struct split_sink {
    void *owner;
    int (*emit)(void *owner, struct tree *event, struct cxd_error *err);
    size_t count;      /* events so far */
    size_t troubles;   /* elements that could not be split */
    char trouble[200]; /* the last of them */
};

/*
 * Splits body (an object). 0, or what emit gave, or a failure of memory. What is no list where one was expected and elements
 * whose transforms fail are counted as troubles; the rest goes on.
 */
int split_run(struct context *c, const struct split *split, struct tree *body,
              struct split_sink *sink, struct cxd_error *err);
