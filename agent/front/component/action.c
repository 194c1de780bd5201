/* action.c: see the header. */
#include "front/component/action.h"

#include "front/component/wire.h"
#include "front/watch/report.h"

#include <string.h>

#define PART_MAX (8u << 20)

enum { STATUS_SUCCESS = 0, STATUS_FAILED = 1 };

static int text_take(const struct wire_field *f, char *out, size_t room)
{
    if (f->type != WIRE_BYTES || f->bytes.len >= room ||
        memchr(f->bytes.ptr, '\0', f->bytes.len) != NULL) {
        return CXD_MALFORMED;
    }
    memcpy(out, f->bytes.ptr, f->bytes.len);
    out[f->bytes.len] = '\0';
    return CXD_OK;
}

int action_parse(struct cxd_bytes message, struct action *ret_action)
{
    struct action a = {.type = ACTION_CUSTOM};
    struct wire_field f;
    int r;

    while ((r = wire_next(&message, &f)) > 0) {
        int t = f.number == 1   ? text_take(&f, a.id, sizeof a.id)
                : f.number == 2 ? text_take(&f, a.name, sizeof a.name)
                : f.number == 4 ? text_take(&f, a.unit_id, sizeof a.unit_id)
                                : CXD_OK;
        if (t != CXD_OK) {
            return t;
        }
        if (f.type == WIRE_VARINT) {
            int value = f.value < 16 ? (int)f.value : 15; /* of later versions: none of ours */
            a.unit_type = f.number == 5 ? value : a.unit_type;
            a.type = f.number == 6 ? value : a.type;
            a.level = f.number == 7 ? value : a.level;
        }
    }
    if (r < 0 || a.id[0] == '\0') {
        return CXD_MALFORMED;
    }
    *ret_action = a;
    return CXD_OK;
}

static int answer_write(const char *token, const char *id, int status, const struct buf *result,
                        struct buf *out)
{
    int r = wire_put_text(out, 1, token);

    r = r != CXD_OK ? r : wire_put_text(out, 2, id);
    r = r != CXD_OK ? r : wire_put_varint(out, 3, (uint64_t)status);
    return r != CXD_OK ? r : wire_put_bytes(out, 4, result->ptr, result->len);
}

static int success_write(const char *token, const char *id, struct buf *out)
{
    struct buf result;
    int r;

    buf_init(&result, PART_MAX);
    r = buf_add_text(&result, "{}");
    r = r != CXD_OK ? r : answer_write(token, id, STATUS_SUCCESS, &result, out);
    buf_done(&result);
    return r;
}

int action_first_write(const char *token, struct buf *out)
{
    return success_write(token, "init", out);
}

int action_refuse_write(const char *token, const char *id, const char *why, struct buf *out)
{
    struct buf result;
    int r;

    buf_init(&result, PART_MAX);
    r = buf_add_text(&result, "{\"error\":");
    r = r != CXD_OK ? r : report_text(&result, why);
    r = r != CXD_OK ? r : buf_add_text(&result, "}");
    r = r != CXD_OK ? r : answer_write(token, id, STATUS_FAILED, &result, out);
    buf_done(&result);
    return r;
}

static int file_write(const struct action_file *file, const struct buf *stamp, struct buf *out)
{
    struct buf part;
    int r;

    buf_init(&part, PART_MAX);
    r = wire_put_text(&part, 1, file->name);
    r = r != CXD_OK ? r : wire_put_text(&part, 2, file->filename);
    r = r != CXD_OK ? r : wire_put_text(&part, 3, file->description);
    r = r != CXD_OK ? r : wire_put_text(&part, 4, "application/json");
    r = r != CXD_OK ? r : wire_put_bytes(&part, 5, file->content.ptr, file->content.len);
    r = r != CXD_OK ? r : wire_put_bytes(&part, 6, stamp->ptr, stamp->len);
    r = r != CXD_OK ? r : wire_put_bytes(out, 5, part.ptr, part.len);
    buf_done(&part);
    return r;
}

int action_files_write(const char *token, const char *id, const struct action_file *files,
                       size_t count, int64_t wall_ms, struct buf *out)
{
    struct buf stamp;
    int r = success_write(token, id, out);

    buf_init(&stamp, PART_MAX);
    r = r != CXD_OK ? r : wire_put_varint(&stamp, 1, (uint64_t)(wall_ms / 1000));
    r = r != CXD_OK ? r : wire_put_varint(&stamp, 2, (uint64_t)(wall_ms % 1000) * 1000000);
    for (size_t i = 0; i < count && r == CXD_OK; i++) {
        r = file_write(&files[i], &stamp, out);
    }
    buf_done(&stamp);
    return r;
}
