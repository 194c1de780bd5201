/*
 * cursor.c: {version, time, edge: [fingerprints of the rows at that very millisecond, and of those in the overlap]}. The rows'
 * own times are not kept: after a start all count as if they stood at the cursor. Thread: the instance's.
 */
#include "input.h"

#include <inttypes.h>
#include <stdio.h>

static int edge_write(struct input *in)
{
    const struct cxd_host *host = in->heap.host;
    struct cxd_scalar value = {.type = CXD_INT};
    char name[24];
    size_t written = 0;
    int status = host->doc_push(in->builder, "edge", 1);

    for (size_t i = 0; i < in->seen.room && status == 0 && written < SEEN_EDGE_MAX; i++) {
        if (in->seen.slots[i].mark == 0) {
            continue;
        }
        (void)snprintf(name, sizeof name, "%zu", written++);
        memcpy(&value.number, &in->seen.slots[i].mark, sizeof value.number);
        status = host->doc_put(in->builder, name, &value);
    }
    return status < 0 ? status : host->doc_pop(in->builder);
}

int cursor_mark(struct input *in, struct cxd_error *err)
{
    const struct cxd_host *host = in->heap.host;
    const struct cxd_scalar version = {.type = CXD_INT, .number = 1};
    const struct cxd_scalar time = {.type = CXD_INT, .number = in->cursor_ms};

    host->doc_reset(in->builder);
    if (host->doc_put(in->builder, "version", &version) < 0 ||
        host->doc_put(in->builder, "time", &time) < 0 || edge_write(in) < 0) {
        return cxd_error_set(err, CXD_NOMEM, "cursor: out of memory");
    }
    return host->mark(in->heap.self, host->doc_bytes(in->builder), err);
}

static int edge_read(struct input *in, struct cxd_scalar list)
{
    struct cxd_bytes ignored;

    for (uint32_t i = 0; i < list.count; i++) {
        struct cxd_scalar item = in->heap.host->doc_at(list.bytes, i, &ignored);
        uint64_t mark;

        memcpy(&mark, &item.number, sizeof mark);
        if (item.type == CXD_INT && mark != 0 && seen_add(&in->seen, mark, in->cursor_ms) < 0) {
            return CXD_NOMEM;
        }
    }
    return 0;
}

int cursor_load(struct input *in, struct cxd_error *err)
{
    const struct cxd_host *host = in->heap.host;
    struct cxd_bytes doc = host->cursor(in->heap.self);
    struct cxd_scalar value;

    in->cursor_ms = -1;
    if (doc.len == 0) {
        return 0;
    }
    value = host->doc_get(doc, "version");
    if (value.type != CXD_INT || value.number != 1) {
        return cxd_error_set(err, CXD_UNSUPPORTED, "the stored cursor is of another version");
    }
    value = host->doc_get(doc, "time");
    if (value.type != CXD_INT || value.number < 0) {
        return cxd_error_set(err, CXD_CORRUPT, "the stored cursor has no time");
    }
    in->cursor_ms = value.number;
    value = host->doc_get(doc, "edge");
    if (value.type == CXD_ARRAY && edge_read(in, value) < 0) {
        return cxd_error_set(err, CXD_NOMEM, "cursor: out of memory");
    }
    return 0;
}
