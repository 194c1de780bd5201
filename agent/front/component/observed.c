/* observed.c: see the header. */
#include "front/component/observed.h"

#include "front/component/wire.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PART_MAX (1u << 20)

void observed_init(struct observed *o)
{
    *o = (struct observed){.units = NULL};
}

void observed_done(struct observed *o)
{
    for (size_t i = 0; i < o->count; i++) {
        buf_done(&o->units[i].payload);
    }
    free(o->units);
    observed_init(o);
}

struct observed_unit *observed_add(struct observed *o, int type, const char *id)
{
    struct observed_unit *more = realloc(o->units, (o->count + 1) * sizeof *more);
    struct observed_unit *u;

    if (more == NULL) {
        return NULL;
    }
    o->units = more;
    u = &o->units[o->count++];
    *u = (struct observed_unit){.type = type};
    (void)snprintf(u->id, sizeof u->id, "%s", id);
    buf_init(&u->payload, PART_MAX);
    return u;
}

/* An entry of a Struct: key and an encoded Value. */
static int entry_put(struct buf *out, const char *key, const struct buf *value)
{
    struct buf entry;
    int r;

    buf_init(&entry, PART_MAX);
    r = wire_put_text(&entry, 1, key);
    r = r != CXD_OK ? r : wire_put_bytes(&entry, 2, value->ptr, value->len);
    r = r != CXD_OK ? r : wire_put_bytes(out, 1, entry.ptr, entry.len);
    buf_done(&entry);
    return r;
}

static int text_entry_put(struct buf *out, const char *key, const char *text)
{
    struct buf value;
    int r;

    buf_init(&value, PART_MAX);
    r = wire_put_text(&value, 3, text);
    r = r != CXD_OK ? r : entry_put(out, key, &value);
    buf_done(&value);
    return r;
}

static int struct_entry_put(struct buf *out, const char *key, const struct buf *members)
{
    struct buf value;
    int r;

    buf_init(&value, PART_MAX);
    r = wire_put_bytes(&value, 5, members->ptr, members->len);
    r = r != CXD_OK ? r : entry_put(out, key, &value);
    buf_done(&value);
    return r;
}

const char *observed_state_word(int state)
{
    static const char *const words[] = {"STARTING", "CONFIGURING", "HEALTHY", "DEGRADED",
                                        "FAILED",   "STOPPING",    "STOPPED"};
    return words[state >= 0 && state <= STATE_STOPPED ? state : STATE_FAILED];
}

int observed_stream(struct buf *streams, const char *id, int state, const char *error)
{
    struct buf members;
    int r;

    buf_init(&members, PART_MAX);
    r = text_entry_put(&members, "status", observed_state_word(state));
    if (r == CXD_OK && error[0] != '\0') {
        r = text_entry_put(&members, "error", error);
    }
    r = r != CXD_OK ? r : struct_entry_put(streams, id, &members);
    buf_done(&members);
    return r;
}

int observed_streams_end(struct observed_unit *u, const struct buf *streams)
{
    buf_clear(&u->payload);
    return struct_entry_put(&u->payload, "streams", streams);
}

static int unit_is_same(const struct observed_unit *a, const struct observed_unit *b)
{
    return strcmp(a->id, b->id) == 0 && a->type == b->type && a->config_idx == b->config_idx &&
           a->state == b->state && strcmp(a->message, b->message) == 0 &&
           a->payload.len == b->payload.len &&
           (a->payload.len == 0 || memcmp(a->payload.ptr, b->payload.ptr, a->payload.len) == 0);
}

int observed_is_same(const struct observed *a, const struct observed *b)
{
    int is_same = a->count == b->count && a->features_idx == b->features_idx &&
                  a->component_idx == b->component_idx;

    for (size_t i = 0; i < a->count && is_same; i++) {
        is_same = unit_is_same(&a->units[i], &b->units[i]);
    }
    return is_same;
}

int observed_unit_write(const struct observed_unit *u, struct buf *out)
{
    struct buf part;
    int r;

    buf_init(&part, 2 * PART_MAX);
    r = wire_put_text(&part, 1, u->id);
    r = r != CXD_OK ? r : wire_put_varint(&part, 2, (uint64_t)u->type);
    r = r != CXD_OK ? r : wire_put_varint(&part, 3, u->config_idx);
    r = r != CXD_OK ? r : wire_put_varint(&part, 4, (uint64_t)u->state);
    r = r != CXD_OK ? r : wire_put_text(&part, 5, u->message);
    if (r == CXD_OK && u->payload.len > 0) {
        r = wire_put_bytes(&part, 6, u->payload.ptr, u->payload.len);
    }
    r = r != CXD_OK ? r : wire_put_bytes(out, 2, part.ptr, part.len);
    buf_done(&part);
    return r;
}

static int version_put(struct buf *out)
{
    struct buf entry;
    struct buf part;
    int r;

    buf_init(&entry, PART_MAX);
    buf_init(&part, PART_MAX);
    r = wire_put_text(&entry, 1, "version");
    r = r != CXD_OK ? r : wire_put_text(&entry, 2, CXD_VERSION);
    r = r != CXD_OK ? r : wire_put_text(&part, 1, "cortexd");
    r = r != CXD_OK ? r : wire_put_bytes(&part, 3, entry.ptr, entry.len);
    r = r != CXD_OK ? r : wire_put_bytes(out, 3, part.ptr, part.len);
    buf_done(&entry);
    buf_done(&part);
    return r != CXD_OK ? r : wire_put_varint(out, 9, (uint64_t)getpid());
}

/* That sets of units may come in parts (chunk.h). */
static int supports_put(struct buf *out)
{
    const char chunking = 0;

    return wire_put_bytes(out, 8, &chunking, 1);
}

int observed_head_write(const struct observed *o, const char *token, int is_first, struct buf *out)
{
    int r = wire_put_text(out, 1, token);

    if (r == CXD_OK && is_first) {
        r = version_put(out);
        r = r != CXD_OK ? r : supports_put(out);
    }
    r = r != CXD_OK ? r : wire_put_varint(out, 5, o->features_idx);
    return r != CXD_OK ? r : wire_put_varint(out, 6, o->component_idx);
}

int observed_time_write(int64_t wall_ms, struct buf *out)
{
    struct buf time;
    int r;

    buf_init(&time, 64);
    r = wire_put_varint(&time, 1, (uint64_t)(wall_ms / 1000));
    r = r != CXD_OK ? r : wire_put_varint(&time, 2, (uint64_t)(wall_ms % 1000 * 1000000));
    r = r != CXD_OK ? r : wire_put_bytes(out, 7, time.ptr, time.len);
    buf_done(&time);
    return r;
}

int observed_write(const struct observed *o, const char *token, int is_first, struct buf *out)
{
    int r = observed_head_write(o, token, is_first, out);

    for (size_t i = 0; i < o->count && r == CXD_OK; i++) {
        r = observed_unit_write(&o->units[i], out);
    }
    return r;
}
