/* fuzz_gcs_ref.c: messages of the shared topic of any bytes: refused or read, and what is read is written and read again as the same. */
#include "fuzz.h"
#include "share/ref.h"

#include <stdlib.h>
#include <string.h>

static void *plain_alloc(struct cxd_self *self, size_t size)
{
    (void)self;
    return calloc(1, size);
}

static void *plain_realloc(struct cxd_self *self, void *ptr, size_t size)
{
    (void)self;
    return realloc(ptr, size);
}

static void plain_free(struct cxd_self *self, void *ptr)
{
    (void)self;
    free(ptr);
}

/* Bytes that JSON cannot hold as they are do not come out of ref_read: its parser refuses them. */
static size_t plain_quote(struct cxd_bytes text, char *out, size_t room)
{
    size_t len = 0;

    for (size_t i = 0; i < text.len + 2; i++) {
        unsigned char c = i == 0 || i == text.len + 1 ? '"' : (unsigned char)text.ptr[i - 1];
        bool is_quoted = i > 0 && i <= text.len && (c == '"' || c == '\\' || c < 0x20);

        char piece[8];
        int piece_len = is_quoted ? snprintf(piece, sizeof piece, "\\u%04x", c) : 1;

        piece[0] = is_quoted ? piece[0] : (char)c;
        if (len + (size_t)piece_len > room) {
            return 0;
        }
        memcpy(out + len, piece, (size_t)piece_len);
        len += (size_t)piece_len;
    }
    return len;
}

static const struct cxd_host host = {.size = sizeof host,
                                     .alloc = plain_alloc,
                                     .realloc = plain_realloc,
                                     .free = plain_free,
                                     .json_quote = plain_quote};
static const struct heap heap = {&host, NULL};

static int is_same(struct cxd_bytes a, struct cxd_bytes b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

static void object_check(const struct ref *ref)
{
    struct text text;
    struct ref again;

    FUZZ_CHECK(ref->object.name.len > 0 && ref->object.name.len <= LIST_NAME_MAX);
    FUZZ_CHECK(ref->object.generation >= 0 && ref->object.size >= -1);
    text_init(&text, &heap, 1 << 20);
    ref_write_object(&text, ref);
    FUZZ_CHECK(text.status == 0);
    FUZZ_CHECK(ref_read(text_bytes(&text), &again, NULL) == 0);
    FUZZ_CHECK(is_same(again.bucket, ref->bucket) && is_same(again.object.name, ref->object.name));
    FUZZ_CHECK(again.object.generation == ref->object.generation &&
               again.object.size == ref->object.size && again.epoch == ref->epoch);
    FUZZ_CHECK(again.object.created_s == ref->object.created_s && again.rounds == ref->rounds &&
               again.not_before_ms == ref->not_before_ms);
    ref_done(&again);
    text_done(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cxd_error err = CXD_ERROR_INIT;
    struct done_entry entry;
    struct ref ref;
    size_t count = 0;

    if (ref_read((struct cxd_bytes){(const char *)data, size}, &ref, &err) < 0) {
        FUZZ_CHECK(err.text[0] != '\0');
        return 0;
    }
    if (ref.kind == REF_OBJECT) {
        object_check(&ref);
    }
    while (ref_entry(&ref, count, &entry)) {
        count++;
    }
    FUZZ_CHECK(count <= REF_LISTED_MAX);
    ref_done(&ref);
    return 0;
}
