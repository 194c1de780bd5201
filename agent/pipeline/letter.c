/* letter.c: the members of a dead letter. */
#include "pipeline/letter.h"

#include "base/buf.h"
#include "base/text.h"
#include "io/crypto.h"

#include <stdlib.h>
#include <string.h>

static const struct {
    const char *name;
    size_t offset;
    enum cxd_kind kind;
} members[] = {
    {"@timestamp", offsetof(struct letter, at), CXD_KIND_STRING},
    {"stage", offsetof(struct letter, stage), CXD_KIND_STRING},
    {"status", offsetof(struct letter, status), CXD_KIND_STRING},
    {"reason", offsetof(struct letter, reason), CXD_KIND_STRING},
    {"stream", offsetof(struct letter, stream), CXD_KIND_STRING},
    {"data_stream", offsetof(struct letter, data_stream), CXD_KIND_STRING},
    {"id", offsetof(struct letter, id), CXD_KIND_STRING},
    {"document", offsetof(struct letter, document), CXD_KIND_OBJECT},
    {"message", offsetof(struct letter, message), CXD_KIND_STRING},
    {"message_base64", offsetof(struct letter, message_base64), CXD_KIND_STRING},
    {"fields", offsetof(struct letter, fields), CXD_KIND_OBJECT},
};

int letter_read(struct scan *scan, struct arena *arena, struct cxd_bytes line,
                struct letter *ret_letter)
{
    struct letter l = {0};
    struct scan_fault fault;
    int r = scan_record(scan, line, arena, &fault);

    if (r != CXD_OK) {
        return r;
    }
    for (size_t i = 0; i < sizeof members / sizeof members[0]; i++) {
        const char *name = members[i].name;
        const struct cxd_field *f =
            scan_find(scan->fields, scan->count, (struct cxd_bytes){name, strlen(name)});
        if (f != NULL && f->value.kind == members[i].kind) {
            memcpy((char *)&l + members[i].offset, &f->value, sizeof f->value);
        }
    }
    if (l.stage.ptr == NULL || l.stream.ptr == NULL ||
        (l.document.ptr == NULL && l.message.ptr == NULL && l.message_base64.ptr == NULL)) {
        return CXD_MALFORMED;
    }
    *ret_letter = l;
    return CXD_OK;
}

void letter_text(const struct cxd_value *value, char *out, size_t room)
{
    struct cxd_bytes text = {value->ptr, value->ptr != NULL ? value->len : 0};
    char *plain = text.len > 0 ? malloc(text.len) : NULL;
    size_t len = 0;

    if (plain == NULL || text_unescape(text, plain, &len) != CXD_OK) {
        len = 0;
    }
    if (len >= room) {
        len = room - 1;
        while (len > 0 && ((unsigned char)plain[len] & 0xc0) == 0x80) {
            len--;
        }
    }
    if (len > 0) {
        memcpy(out, plain, len);
    }
    out[len] = '\0';
    free(plain);
}

int letter_message(const struct letter *l, struct buf *out)
{
    const struct cxd_value *value = l->message.ptr != NULL ? &l->message : &l->message_base64;
    struct cxd_bytes text = {value->ptr, value->len};
    size_t len = 0;
    int r;

    if (value->ptr == NULL) {
        return CXD_NOT_FOUND;
    }
    r = buf_reserve(out, text.len + 1);
    if (r == CXD_OK && value == &l->message) {
        r = text_unescape(text, out->ptr + out->len, &len);
    } else if (r == CXD_OK) {
        r = crypto_base64_decode(text, 0, out->ptr + out->len, text.len + 1, &len);
    }
    if (r == CXD_OK) {
        out->len += len;
    }
    return r;
}
