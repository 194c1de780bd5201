/*
 * edit.h: an event being changed: fields found, set, taken out, with a way back.
 *
 * Results: 0; EDIT_FAILED (edit_fail said why): the event's own fault; negative: no memory, or the event's limit. Where the policy
 * wants the event unchanged after a failure, every change is remembered in the event's own memory until the processor is through.
 */
#pragma once

#include "lib/path.h"

enum { EDIT_FAILED = 2 }; /* beside enum cxd_verdict */

struct edit {
    struct base *base;
    const struct cxd_host *host;
    struct cxd_event *event;
    struct cxd_node *root;
    struct edit_undo *undo;
    bool is_undoable;
};

/* A node's place: what must change when it goes. */
struct edit_spot {
    struct cxd_node *parent;
    struct cxd_node *before; /* NULL: it is the first */
    struct cxd_node *node;
};

/* Returns EDIT_FAILED. */
__attribute__((format(printf, 2, 3))) int edit_fail(struct edit *e, const char *format, ...);
/* "field X is not there", unless ignore_missing, which makes it 0. */
int edit_missing(struct edit *e, const struct path *path);
/* What the result for one of several fields means for the rest: 0: go on with the next. */
int edit_next(struct edit *e, int result);
/* After EDIT_FAILED: the event as it was, with error.message; or, where failures are ignored, as it is. */
int edit_settle(struct edit *e);
void edit_rewind(struct edit *e); /* all changes so far are undone */

void *edit_alloc(struct edit *e, size_t size); /* NULL: return edit_lack */
int edit_lack(struct edit *e);                 /* negative */
/* A container's text to nodes; nothing for the rest. */
int edit_expand(struct edit *e, struct cxd_node *node);

/* 1 and the place, 0: not there, or negative. */
int edit_find(struct edit *e, const struct path *path, struct edit_spot *ret_spot);
/* The same below a node of the document's. */
int edit_find_in(struct edit *e, struct cxd_node *node, const struct path *path,
                 struct edit_spot *ret_spot);
/* Last member of that key (as in JSON): 1, 0, negative. parent must be an object. */
int edit_member(struct edit *e, struct cxd_node *parent, struct cxd_bytes key,
                struct edit_spot *ret_spot);
int edit_remove(struct edit *e, const struct edit_spot *spot);
/* content: value, and first and last where it is a tree; the rest of it is ignored. */
int edit_set(struct edit *e, struct cxd_node *node, const struct cxd_node *content);
int edit_append(struct edit *e, struct cxd_node *parent, struct cxd_bytes key,
                const struct cxd_node *content);
/* Makes the objects on the way. EDIT_FAILED: something on the way is no object. For the id: its text. */
int edit_put(struct edit *e, const struct path *path, const struct cxd_node *content);
int edit_put_in(struct edit *e, struct cxd_node *node, const struct path *path,
                const struct cxd_node *content);
int edit_put_value(struct edit *e, const struct path *path, struct cxd_value value);
/* The object at path, made where it is absent; the document for a path without parts. */
int edit_object(struct edit *e, const struct path *path, struct cxd_node **ret_node);
/* A deep copy: nothing is shared that may change. */
int edit_copy(struct edit *e, const struct cxd_node *from, struct cxd_node *ret_content);
/* Members of the object `from` into the object `into`, objects into objects. from is not changed. */
int edit_merge(struct edit *e, struct cxd_node *into, const struct cxd_node *from, bool overwrites);
/* Adds texts to a list of them; a single value becomes a list, an absent one too. */
int edit_tag(struct edit *e, const struct path *path, const struct cxd_value *texts, size_t count);

/* A path out of an event's own name (as in JSON, dots between its parts), in the event's memory. */
int edit_path(struct edit *e, struct cxd_bytes name, struct path *ret_path);

/* The text of a string. EDIT_FAILED: another kind, or half a surrogate; path names it. */
int edit_text(struct edit *e, const struct path *path, const struct cxd_value *value,
              struct cxd_bytes *ret_text);
/* A scalar as text: a string's text, or the JSON of the rest. EDIT_FAILED for lists and objects. */
int edit_print(struct edit *e, const struct path *path, const struct cxd_value *value,
               struct cxd_bytes *ret_text);
/* Plain UTF-8 as a value; what is not UTF-8 is replaced when it is written. text must live as long as the event. */
struct cxd_value edit_text_value(struct cxd_bytes text);
/* A copy in the event's memory; ptr NULL: no memory. */
struct cxd_bytes edit_keep(struct edit *e, struct cxd_bytes text);

/* Bytes that grow in the event's memory. Zeroed is empty. */
struct edit_out {
    char *ptr;
    size_t len;
    size_t cap;
};

int edit_out_add(struct edit *e, struct edit_out *out, struct cxd_bytes bytes); /* 0 or negative */
/* The value's JSON text behind what out has. 0 or negative. */
int edit_json(struct edit *e, const struct cxd_node *node, struct edit_out *out);
