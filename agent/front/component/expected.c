/* expected.c: see the header. */
#include "front/component/expected.h"

#include "base/text.h"
#include "front/component/wire.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define SOURCE_BYTES_MAX (4u << 20)
#define EXACT_MAX 9007199254740992.0 /* integers that a double holds */

void expected_init(struct expected *e)
{
    *e = (struct expected){.units = NULL};
}

void expected_done(struct expected *e)
{
    for (size_t i = 0; i < e->count; i++) {
        buf_done(&e->units[i].source);
    }
    free(e->units);
    expected_init(e);
}

/* A JSON string in which a variable's beginning is text: values were looked up by Elastic Agent already. */
static int string_add(struct buf *out, struct cxd_bytes text)
{
    const char *at = text.ptr;
    const char *end = text.ptr + text.len;
    int r;

    if (!text_is_utf8(text) || (text.len > 0 && memchr(text.ptr, '\0', text.len) != NULL)) {
        return CXD_MALFORMED;
    }
    r = buf_add(out, "\"", 1);
    while (at < end && r == CXD_OK) {
        unsigned char c = (unsigned char)*at;
        if (c == '$' && end - at > 1 && at[1] == '{') {
            r = buf_add(out, "$$", 2);
        } else if (c == '"' || c == '\\') {
            const char escaped[2] = {'\\', (char)c};
            r = buf_add(out, escaped, 2);
        } else if (c < 0x20 || c == 0x7f) {
            r = buf_add_format(out, "\\u%04x", c);
        } else {
            r = buf_add(out, at, 1);
        }
        at++;
    }
    return r != CXD_OK ? r : buf_add(out, "\"", 1);
}

static int value_add(struct buf *out, struct cxd_bytes value, int depth);

/* repeated field 1 of a list or, as entries of key and value, of a map */
static int members_add(struct buf *out, struct cxd_bytes in, int is_map, int depth)
{
    struct wire_field f;
    int count = 0;
    int r = buf_add_text(out, is_map ? "{" : "[");
    int more = r != CXD_OK ? r : depth > EXPECTED_DEPTH_MAX ? CXD_TOO_DEEP : 1;

    while (more > 0 && (more = wire_next(&in, &f)) > 0) {
        struct cxd_bytes value = f.bytes;
        if (f.number != 1 || f.type != WIRE_BYTES) {
            continue;
        }
        r = count++ > 0 ? buf_add(out, ",", 1) : CXD_OK;
        if (is_map && r == CXD_OK) {
            struct cxd_bytes key = {"", 0};
            struct cxd_bytes entry = f.bytes;
            value = (struct cxd_bytes){"", 0};
            while ((more = wire_next(&entry, &f)) > 0) {
                key = f.number == 1 && f.type == WIRE_BYTES ? f.bytes : key;
                value = f.number == 2 && f.type == WIRE_BYTES ? f.bytes : value;
            }
            r = more < 0 ? more : string_add(out, key);
            r = r != CXD_OK ? r : buf_add(out, ":", 1);
            more = 1;
        }
        r = r != CXD_OK ? r : value_add(out, value, depth + 1);
        more = r != CXD_OK ? r : 1;
    }
    return more < 0 ? more : buf_add_text(out, is_map ? "}" : "]");
}

static int number_add(struct buf *out, double number)
{
    if (!isfinite(number)) {
        return CXD_MALFORMED;
    }
    return number == floor(number) && fabs(number) < EXACT_MAX
               ? buf_add_format(out, "%.0f", number)
               : buf_add_format(out, "%.17g", number);
}

/* The last member counts, as in the format's own readers; none is null. */
static int value_add(struct buf *out, struct cxd_bytes in, int depth)
{
    struct wire_field last = {.number = 1};
    struct wire_field f;
    int more;

    while ((more = wire_next(&in, &f)) > 0) {
        last = f.number <= 6 ? f : last;
    }
    if (more < 0) {
        return more;
    }
    switch (last.number) {
    case 2:
        return last.type == WIRE_FIXED64 ? number_add(out, wire_double(last.value)) : CXD_MALFORMED;
    case 3:
        return last.type == WIRE_BYTES ? string_add(out, last.bytes) : CXD_MALFORMED;
    case 4:
        return buf_add_text(out, last.value != 0 ? "true" : "false");
    case 5:
    case 6:
        return last.type == WIRE_BYTES ? members_add(out, last.bytes, last.number == 5, depth)
                                       : CXD_MALFORMED;
    default:
        return buf_add_text(out, "null");
    }
}

int expected_json(struct cxd_bytes structure, struct buf *out)
{
    return members_add(out, structure, 1, 0);
}

/* Field 1 of UnitExpectedConfig is all of it, as the policy has it. */
static int config_take(struct expected_unit *u, struct cxd_bytes in)
{
    struct wire_field f;
    int r;

    while ((r = wire_next(&in, &f)) > 0) {
        if (f.number == 1 && f.type == WIRE_BYTES) {
            int s;
            buf_clear(&u->source);
            s = expected_json(f.bytes, &u->source);
            if (s != CXD_OK) {
                return s;
            }
            u->has_config = 1;
        }
    }
    return r;
}

static int unit_take(struct expected_unit *u, struct cxd_bytes in)
{
    struct wire_field f;
    int r;

    *u = (struct expected_unit){.type = UNIT_INPUT};
    buf_init(&u->source, SOURCE_BYTES_MAX);
    while ((r = wire_next(&in, &f)) > 0) {
        if (f.number == 1 && f.type == WIRE_BYTES) {
            if (f.bytes.len >= sizeof u->id || memchr(f.bytes.ptr, '\0', f.bytes.len) != NULL) {
                return CXD_MALFORMED;
            }
            memcpy(u->id, f.bytes.ptr, f.bytes.len);
            u->id[f.bytes.len] = '\0';
        } else if (f.number == 5 && f.type == WIRE_BYTES) {
            int s = config_take(u, f.bytes);
            if (s != CXD_OK) {
                return s;
            }
        } else if (f.type == WIRE_VARINT) {
            u->type = f.number == 2 ? (int)(f.value & 1) : u->type;
            u->state = f.number == 3 ? (int)(f.value & 7) : u->state;
            u->config_idx = f.number == 4 ? f.value : u->config_idx;
            u->log_level = f.number == 6 ? (int)(f.value & 7) : u->log_level;
        }
    }
    return r;
}

static int unit_add(struct expected *e, struct cxd_bytes in)
{
    struct expected_unit *more;

    if (e->count == EXPECTED_UNITS_MAX) {
        return CXD_TOO_LARGE;
    }
    more = realloc(e->units, (e->count + 1) * sizeof *more);
    if (more == NULL) {
        return CXD_NOMEM;
    }
    e->units = more;
    e->count++;
    return unit_take(&e->units[e->count - 1], in);
}

static int time_take(struct expected *e, struct cxd_bytes in)
{
    struct wire_field f;
    int r;

    e->has_time = 1;
    while ((r = wire_next(&in, &f)) > 0) {
        e->seconds = f.number == 1 && f.type == WIRE_VARINT ? (int64_t)f.value : e->seconds;
        e->nanos = f.number == 2 && f.type == WIRE_VARINT ? (int64_t)f.value : e->nanos;
    }
    return r;
}

/* Field 2 is the feature of names: its field 1 says whether. */
static int features_take(struct expected *e, struct cxd_bytes in)
{
    struct wire_field f;
    int r;

    while ((r = wire_next(&in, &f)) > 0) {
        struct wire_field inner;
        int s = f.number == 2 && f.type == WIRE_BYTES ? 1 : 0;
        while (s > 0 && (s = wire_next(&f.bytes, &inner)) > 0) {
            if (inner.number == 1 && inner.type == WIRE_VARINT) {
                e->is_fqdn = inner.value != 0;
            }
        }
        if (s < 0) {
            return s;
        }
    }
    return r;
}

static int part_take(struct expected *e, const struct wire_field *f)
{
    return f->number == 1   ? unit_add(e, f->bytes)
           : f->number == 3 ? features_take(e, f->bytes)
           : f->number == 7 ? time_take(e, f->bytes)
                            : CXD_OK;
}

int expected_parse(struct cxd_bytes message, struct expected *e, struct cxd_error *err)
{
    struct wire_field f;
    int r;

    expected_init(e);
    while ((r = wire_next(&message, &f)) > 0) {
        if (f.type == WIRE_BYTES) {
            int s = part_take(e, &f);
            if (s != CXD_OK) {
                r = s;
                break;
            }
        } else if (f.type == WIRE_VARINT) {
            e->features_idx = f.number == 4 ? f.value : e->features_idx;
            e->component_idx = f.number == 6 ? f.value : e->component_idx;
        }
    }
    if (r < 0) {
        expected_done(e);
        return cxd_error_set(err, r, "Elastic Agent's message: %s",
                             r == CXD_NOMEM      ? "out of memory"
                             : r == CXD_TOO_DEEP ? "a configuration nested too deep"
                             : r == CXD_TOO_LARGE
                                 ? "more than 256 units, or a configuration of 4 MiB"
                                 : "not what the protocol says");
    }
    return CXD_OK;
}

const struct expected_unit *expected_find(const struct expected *e, int type, const char *id)
{
    for (size_t i = 0; i < e->count; i++) {
        if (e->units[i].type == type && strcmp(e->units[i].id, id) == 0) {
            return &e->units[i];
        }
    }
    return NULL;
}
