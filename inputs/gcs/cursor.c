/*
 * cursor.c: is this listed object done, new or half-way, and what may be forgotten.
 *
 * Knows the law in cursor.h. Does not know requests, bytes or BSON (cursor_doc.c). Thread: the instance's.
 */
#include "cursor.h"

#include "decode.h"

#include <string.h>

int cursor_init(struct cursor *c, const struct heap *h, struct cxd_bytes bucket,
                struct cxd_bytes prefix)
{
    *c = (struct cursor){.heap = h, .mark_s = -1, .newest_s = -1, .pass_newest_s = -1};
    done_init(&c->done, h);
    text_init(&c->start, h, LIST_NAME_MAX);
    text_init(&c->lowest, h, LIST_NAME_MAX);
    c->bucket = heap_copy(h, bucket);
    c->prefix = heap_copy(h, prefix);
    if (c->bucket == NULL || c->prefix == NULL) {
        cursor_done(c);
        return CXD_NOMEM;
    }
    return 0;
}

static void cursor_open_free(const struct heap *h, struct cursor_open *open)
{
    heap_free(h, open->name);
    heap_free(h, open);
}

void cursor_done(struct cursor *c)
{
    if (c->heap == NULL) {
        return;
    }
    while (c->open != NULL) {
        cursor_drop(c, c->open);
    }
    done_free(&c->done);
    text_done(&c->start);
    text_done(&c->lowest);
    import_free(c->import);
    c->import = NULL;
    heap_free(c->heap, c->bucket);
    heap_free(c->heap, c->prefix);
    c->bucket = NULL;
    c->prefix = NULL;
}

void cursor_drop(struct cursor *c, struct cursor_open *open)
{
    struct cursor_open **at = &c->open;

    while (*at != NULL && *at != open) {
        at = &(*at)->next;
    }
    if (*at != NULL) {
        *at = open->next;
        c->open_count--;
        cursor_open_free(c->heap, open);
    }
}

/* Bytewise, as the API orders names. */
static int cursor_compare(struct cxd_bytes a, struct cxd_bytes b)
{
    size_t len = a.len < b.len ? a.len : b.len;
    int order = len > 0 ? memcmp(a.ptr, b.ptr, len) : 0;

    return order != 0 ? order : (a.len > b.len) - (a.len < b.len);
}

void cursor_pass_begin(struct cursor *c)
{
    done_unsee(&c->done);
    for (struct cursor_open *open = c->open; open != NULL; open = open->next) {
        open->seen = false;
    }
    text_clear(&c->lowest);
    c->pass_newest_s = -1;
    c->is_import_kept = false;
}

static struct cursor_open *cursor_find(const struct cursor *c, struct cxd_bytes name)
{
    struct cursor_open *open = c->open;

    while (open != NULL &&
           (open->name_len != name.len || memcmp(open->name, name.ptr, name.len) != 0)) {
        open = open->next;
    }
    return open;
}

static enum cursor_class cursor_class_of(struct cursor *c, const struct object *object, bool wanted,
                                         int64_t now_ms, struct cursor_open **ret_open)
{
    struct cursor_open *open = cursor_find(c, object->name);
    struct done_entry entry;
    size_t index;

    if (open != NULL && open->generation == object->generation) {
        bool twice = open->seen; /* a listing that repeats itself must not start an object twice */

        open->seen = true;
        *ret_open = open;
        return twice || !wanted || open->retry_at_ms > now_ms ? CURSOR_LATER : CURSOR_GO_ON;
    }
    if (open != NULL && !open->seen) {
        cursor_drop(c, open); /* overwritten meanwhile: the new generation starts over */
    }
    if (object->created_s != LIST_TIME_UNKNOWN && (int64_t)object->created_s <= c->mark_s) {
        return CURSOR_DONE; /* no entry is that old */
    }
    entry = done_entry(c->heap, object->name, object->generation, object->created_s);
    index = done_find(&c->done, &entry);
    if (index != DONE_NONE) {
        c->done.seen[index] = 1;
        return CURSOR_DONE;
    }
    if (c->lookback_s > 0 && c->start.len > 0 &&
        cursor_compare(object->name, text_bytes(&c->start)) < 0) {
        return CURSOR_DONE;
    }
    if (c->import != NULL && import_has(c->import, object)) {
        int status = done_add(&c->done, &entry);
        c->is_import_kept |= status < 0; /* then it is told by the import again next time */
        return CURSOR_DONE;
    }
    return wanted ? CURSOR_NEW : CURSOR_DONE;
}

int cursor_classify(struct cursor *c, const struct object *object, bool wanted, int64_t now_ms,
                    struct cursor_open **ret_open)
{
    enum cursor_class class = cursor_class_of(c, object, wanted, now_ms, ret_open);
    bool young = object->created_s == LIST_TIME_UNKNOWN || c->newest_s < 0 ||
                 (int64_t)object->created_s >= c->newest_s - c->lookback_s;

    if (object->created_s != LIST_TIME_UNKNOWN && (int64_t)object->created_s > c->pass_newest_s) {
        c->pass_newest_s = object->created_s;
    }
    /* names come in order, so the first that must stay is the smallest; the comparison is for a server that differs */
    if (c->lookback_s > 0 && (class != CURSOR_DONE || young) &&
        (c->lowest.len == 0 || cursor_compare(object->name, text_bytes(&c->lowest)) < 0)) {
        text_clear(&c->lowest);
        text_add(&c->lowest, object->name.ptr, object->name.len);
        if (c->lowest.status != 0) {
            return c->lowest.status;
        }
    }
    return class;
}

/* Moves the mark as far as it must and may go. */
static bool cursor_fold(struct cursor *c, const struct cursor_pass *pass)
{
    int64_t wanted = done_age(&c->done, pass->soft_max / 2);
    int64_t allowed = pass->began_s - pass->settle_s - 1;

    if (c->done.count <= pass->soft_max || wanted < 0) {
        return false;
    }
    if (pass->has_waiting && (int64_t)pass->waiting_oldest_s - 1 < allowed) {
        allowed = (int64_t)pass->waiting_oldest_s - 1;
    }
    if (wanted > allowed) {
        wanted = allowed;
    }
    if (wanted <= c->mark_s) {
        return false;
    }
    c->mark_s = wanted;
    (void)done_compress(&c->done, wanted); /* how many is of no interest */
    return true;
}

/* With lookback: the next listing begins at the smallest name that is unfinished or young. */
static bool cursor_move_start(struct cursor *c)
{
    if (c->lookback_s <= 0 || c->lowest.len == 0 ||
        cursor_compare(text_bytes(&c->lowest), text_bytes(&c->start)) <= 0) {
        return false;
    }
    text_clear(&c->start);
    text_add(&c->start, c->lowest.ptr, c->lowest.len);
    return true;
}

int cursor_pass_end(struct cursor *c, const struct cursor_pass *pass)
{
    struct cursor_open *next;
    bool changed = false;

    for (struct cursor_open *open = c->open; open != NULL; open = next) {
        next = open->next;
        if (!open->seen) {
            cursor_drop(c, open);
            changed = true;
        }
    }
    changed |= done_prune(&c->done) > 0;
    if (c->import != NULL && !c->is_import_kept) {
        import_free(c->import);
        c->import = NULL;
        changed = true;
    }
    changed |= cursor_fold(c, pass);
    changed |= cursor_move_start(c);
    if (c->start.status != 0) {
        return c->start.status;
    }
    if (c->pass_newest_s != c->newest_s) {
        c->newest_s = c->pass_newest_s;
        changed |= c->lookback_s > 0;
    }
    return changed;
}

bool cursor_is_known(const struct cursor *c, const struct object *object)
{
    struct cursor_open *open = cursor_find(c, object->name);
    struct done_entry entry =
        done_entry(c->heap, object->name, object->generation, object->created_s);

    return (open != NULL && open->generation == object->generation) ||
           done_find(&c->done, &entry) != DONE_NONE;
}

int cursor_begin(struct cursor *c, const struct object *object, struct cursor_open **ret_open)
{
    struct cursor_open *open;

    if (c->open_count >= CURSOR_OPEN_MAX) {
        return CXD_FULL;
    }
    open = heap_alloc(c->heap, sizeof *open);
    if (open == NULL) {
        return CXD_NOMEM;
    }
    open->name = heap_copy(c->heap, object->name);
    if (open->name == NULL) {
        heap_free(c->heap, open);
        return CXD_NOMEM;
    }
    open->name_len = object->name.len;
    open->generation = object->generation;
    open->created_s = object->created_s;
    open->line = 1;
    open->seen = true;
    open->next = c->open;
    c->open = open;
    c->open_count++;
    *ret_open = open;
    return 0;
}

int cursor_finish(struct cursor *c, struct cursor_open *open)
{
    struct cxd_bytes name = {open->name, open->name_len};
    struct done_entry entry = done_entry(c->heap, name, open->generation, open->created_s);
    int status = done_add(&c->done, &entry);

    if (status < 0) {
        return status;
    }
    cursor_drop(c, open);
    return 0;
}

size_t cursor_failed(const struct cursor *c)
{
    size_t count = 0;

    for (const struct cursor_open *open = c->open; open != NULL; open = open->next) {
        count += open->rounds > 0;
    }
    return count;
}
