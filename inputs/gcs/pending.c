/*
 * pending.c: a bounded heap whose top is the youngest, sorted at the end.
 *
 * Thread: the instance's.
 */
#include "pending.h"

#include <stdlib.h>
#include <string.h>

void pending_init(struct pending *p, const struct heap *h, size_t max)
{
    *p = (struct pending){
        .heap = h, .max = max, .bytes_max = max * PENDING_BYTES, .cut_s = UINT32_MAX};
}

void pending_clear(struct pending *p)
{
    for (size_t i = p->next; i < p->count; i++) {
        heap_free(p->heap, p->jobs[i]);
    }
    p->count = 0;
    p->next = 0;
    p->bytes = 0;
    p->cut = false;
    p->cut_s = UINT32_MAX;
}

void pending_done(struct pending *p)
{
    if (p->heap != NULL) {
        pending_clear(p);
        heap_free(p->heap, p->jobs);
        p->jobs = NULL;
        p->room = 0;
    }
}

static struct cxd_bytes pending_copy(char **at, struct cxd_bytes text)
{
    struct cxd_bytes copy = {*at, text.len};

    if (text.len > 0) {
        memcpy(*at, text.ptr, text.len);
    }
    *at += text.len;
    return copy;
}

static size_t job_bytes(const struct object *object)
{
    return sizeof(struct job) + object->name.len + object->content_type.len +
           object->content_encoding.len;
}

struct job *pending_job(const struct heap *h, const struct object *object, struct cursor_open *open)
{
    size_t bytes = job_bytes(object);
    struct job *job = heap_alloc(h, bytes);
    char *at;

    if (job == NULL) {
        return NULL;
    }
    at = job->text;
    job->object = *object;
    job->open = open;
    job->bytes = bytes;
    job->object.name = pending_copy(&at, object->name);
    job->object.content_type = pending_copy(&at, object->content_type);
    job->object.content_encoding = pending_copy(&at, object->content_encoding);
    return job;
}

/* By creation, then by name, so that the order is the same on every run. */
static int pending_compare(const struct object *a, const struct object *b)
{
    size_t len = a->name.len < b->name.len ? a->name.len : b->name.len;
    int order;

    if (a->created_s != b->created_s) {
        return a->created_s < b->created_s ? -1 : 1;
    }
    order = memcmp(a->name.ptr, b->name.ptr, len);
    return order != 0 ? order : (a->name.len > b->name.len) - (a->name.len < b->name.len);
}

static void pending_swap(struct pending *p, size_t a, size_t b)
{
    struct job *kept = p->jobs[a];

    p->jobs[a] = p->jobs[b];
    p->jobs[b] = kept;
}

static void pending_rise(struct pending *p, size_t at)
{
    while (at > 0) {
        size_t parent = (at - 1) / 2;

        if (pending_compare(&p->jobs[at]->object, &p->jobs[parent]->object) <= 0) {
            return;
        }
        pending_swap(p, at, parent);
        at = parent;
    }
}

static void pending_sink(struct pending *p)
{
    size_t at = 0;

    for (;;) {
        size_t top = at;

        for (size_t child = 2 * at + 1; child <= 2 * at + 2 && child < p->count; child++) {
            if (pending_compare(&p->jobs[child]->object, &p->jobs[top]->object) > 0) {
                top = child;
            }
        }
        if (top == at) {
            return;
        }
        pending_swap(p, at, top);
        at = top;
    }
}

static int pending_reserve(struct pending *p)
{
    size_t room = p->room > 0 ? p->room * 2 : 16;
    struct job **jobs;

    if (p->count < p->room) {
        return 0;
    }
    jobs = heap_grow(p->heap, p->jobs, room, sizeof *jobs);
    if (jobs == NULL) {
        return CXD_NOMEM;
    }
    p->jobs = jobs;
    p->room = room;
    return 0;
}

static void pending_note(struct pending *p, const struct object *object)
{
    p->cut = true;
    p->cut_s = object->created_s < p->cut_s ? object->created_s : p->cut_s;
}

/* The youngest goes; it comes again with the next listing. */
static void pending_drop(struct pending *p)
{
    pending_note(p, &p->jobs[0]->object);
    p->bytes -= p->jobs[0]->bytes;
    heap_free(p->heap, p->jobs[0]);
    p->jobs[0] = p->jobs[--p->count];
    pending_sink(p);
}

/* Whether the object has a place, made by those that are younger where there is none. */
static bool pending_place(struct pending *p, const struct object *object, size_t bytes)
{
    if (object->created_s > p->cut_s) {
        return false;
    }
    while (p->count > 0 && (p->count >= p->max || p->bytes + bytes > p->bytes_max)) {
        if (pending_compare(object, &p->jobs[0]->object) >= 0) {
            pending_note(p, object);
            return false;
        }
        pending_drop(p);
    }
    return true;
}

int pending_offer(struct pending *p, const struct object *object, struct cursor_open *open)
{
    struct job *job;

    if (!pending_place(p, object, job_bytes(object))) {
        return 0;
    }
    if (pending_reserve(p) < 0) {
        return CXD_NOMEM;
    }
    job = pending_job(p->heap, object, open);
    if (job == NULL) {
        return CXD_NOMEM;
    }
    p->bytes += job->bytes;
    p->jobs[p->count] = job;
    pending_rise(p, p->count++);
    return 0;
}

static int pending_order(const void *a, const void *b)
{
    const struct job *const *left = a;
    const struct job *const *right = b;

    return pending_compare(&(*left)->object, &(*right)->object);
}

void pending_sort(struct pending *p)
{
    if (p->count > 1) {
        qsort(p->jobs, p->count, sizeof *p->jobs, pending_order);
    }
}

struct job *pending_take(struct pending *p)
{
    struct job *job;

    if (p->next >= p->count) {
        return NULL;
    }
    job = p->jobs[p->next];
    p->jobs[p->next++] = NULL;
    return job;
}
