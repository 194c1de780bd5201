/* chunk.c: see the header. */
#include "front/component/chunk.h"

#include "front/component/wire.h"

#include <stdlib.h>
#include <string.h>

void chunk_init(struct chunk *c)
{
    expected_init(&c->set);
    c->bytes = 0;
    c->is_open = 0;
}

void chunk_done(struct chunk *c)
{
    expected_done(&c->set);
    chunk_init(c);
}

static size_t bytes_of(const struct expected *e)
{
    size_t bytes = 0;

    for (size_t i = 0; i < e->count; i++) {
        bytes += e->units[i].source.len;
    }
    return bytes;
}

/* The part's units go over to the set. */
static int units_move(struct chunk *c, struct expected *part)
{
    struct expected *set = &c->set;
    struct expected_unit *more;

    c->bytes += bytes_of(part);
    if (set->count + part->count > EXPECTED_UNITS_MAX || c->bytes > CHUNK_BYTES_MAX) {
        return CXD_TOO_LARGE;
    }
    more = realloc(set->units, (set->count + part->count) * sizeof *more);
    if (more == NULL) {
        return CXD_NOMEM;
    }
    memcpy(more + set->count, part->units, part->count * sizeof *more);
    set->units = more;
    set->count += part->count;
    part->count = 0;
    return CXD_OK;
}

static void set_begin(struct chunk *c, struct expected *part)
{
    chunk_done(c);
    c->set = *part;
    c->bytes = bytes_of(part);
    c->is_open = 1;
    expected_init(part);
}

static int set_end(struct chunk *c, struct expected *ret_set)
{
    *ret_set = c->set;
    chunk_init(c);
    return 1;
}

static int is_older(const struct expected *a, const struct expected *b)
{
    return a->seconds != b->seconds ? a->seconds < b->seconds : a->nanos < b->nanos;
}

int chunk_join(struct chunk *c, struct expected *part, struct expected *ret_set)
{
    int is_last = part->count == 0;
    int r = CXD_OK;

    if (!part->has_time) { /* whole by itself */
        chunk_done(c);
        *ret_set = *part;
        expected_init(part);
        return 1;
    }
    if (c->is_open && is_older(part, &c->set)) {
        expected_done(part);
        return 0;
    }
    if (!c->is_open || is_older(&c->set, part)) {
        set_begin(c, part);
    } else if (!is_last) {
        r = units_move(c, part);
    }
    expected_done(part);
    if (r != CXD_OK) {
        chunk_done(c);
        return r;
    }
    return is_last ? set_end(c, ret_set) : 0;
}

static int part_begin(struct buf *out, const struct observed *o, const struct chunk_spec *spec,
                      int has_rest)
{
    int r;

    buf_clear(out);
    r = has_rest ? observed_head_write(o, spec->token, spec->is_first, out)
                 : wire_put_text(out, 1, spec->token);
    return r != CXD_OK ? r : observed_time_write(spec->now_ms, out);
}

static int part_send(const struct chunk_spec *spec, const struct buf *message)
{
    return spec->send(spec->owner, (struct cxd_bytes){message->ptr, message->len});
}

static int parts_write(const struct observed *o, const struct chunk_spec *spec, struct buf *message,
                       struct buf *unit)
{
    size_t units = 0;
    int r = part_begin(message, o, spec, 1);

    for (size_t i = 0; i < o->count && r == CXD_OK; i++) {
        buf_clear(unit);
        r = observed_unit_write(&o->units[i], unit);
        if (r == CXD_OK && units > 0 && message->len + unit->len > spec->max) {
            r = part_send(spec, message);
            r = r != CXD_OK ? r : part_begin(message, o, spec, 0);
            units = 0;
        }
        r = r != CXD_OK ? r : buf_add(message, unit->ptr, unit->len);
        units++;
    }
    r = r != CXD_OK ? r : part_send(spec, message);
    r = r != CXD_OK ? r : part_begin(message, o, spec, 0);
    return r != CXD_OK ? r : part_send(spec, message);
}

int chunk_write(const struct observed *o, const struct chunk_spec *spec)
{
    struct buf message;
    struct buf unit;
    int r;

    buf_init(&message, CHUNK_BYTES_MAX);
    buf_init(&unit, CHUNK_BYTES_MAX);
    r = observed_write(o, spec->token, spec->is_first, &message);
    if (r == CXD_OK && message.len > spec->max && o->count > 1) {
        r = parts_write(o, spec, &message, &unit);
    } else if (r == CXD_OK) {
        r = part_send(spec, &message);
    }
    buf_done(&message);
    buf_done(&unit);
    return r;
}
