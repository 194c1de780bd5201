/* base.c: see the header. Knows options and failures; no processor by name. */
#include "lib/base.h"

#include "lib/edit.h"

#include <string.h>

struct base_block {
    struct base_block *next;
    max_align_t start[];
};

void *base_alloc(struct base *b, size_t size)
{
    struct base_block *block =
        size < SIZE_MAX / 2 ? b->host->alloc(b->self, sizeof *block + size) : NULL;

    if (block == NULL) {
        return NULL;
    }
    block->next = b->blocks;
    b->blocks = block;
    return block->start;
}

char *base_copy(struct base *b, struct cxd_bytes text)
{
    char *copy = base_alloc(b, text.len + 1);

    if (copy != NULL && text.len > 0) {
        memcpy(copy, text.ptr, text.len);
    }
    return copy;
}

int base_lack(struct cxd_error *err)
{
    return cxd_error_set(err, CXD_NOMEM, "out of memory");
}

struct cxd_bytes base_text(const struct base *b, struct cxd_bytes options, const char *name)
{
    struct cxd_scalar value = b->host->doc_get(options, name);

    return value.type == CXD_TEXT ? value.bytes : (struct cxd_bytes){NULL, 0};
}

bool base_bool(const struct base *b, struct cxd_bytes options, const char *name)
{
    struct cxd_scalar value = b->host->doc_get(options, name);

    return value.type == CXD_BOOL && value.number != 0;
}

int64_t base_int(const struct base *b, struct cxd_bytes options, const char *name)
{
    struct cxd_scalar value = b->host->doc_get(options, name);

    return value.type == CXD_INT ? value.number : 0;
}

int base_texts(struct base *b, struct cxd_bytes options, const char *name,
               struct cxd_bytes **ret_texts, size_t *ret_count, struct cxd_error *err)
{
    struct cxd_scalar list = b->host->doc_get(options, name);
    uint32_t count = list.type == CXD_ARRAY ? list.count : 0;
    struct cxd_bytes *texts = base_alloc(b, count * sizeof *texts);

    if (texts == NULL) {
        return base_lack(err);
    }
    for (uint32_t i = 0; i < count; i++) {
        struct cxd_bytes ignored;
        struct cxd_scalar text = b->host->doc_at(list.bytes, i, &ignored);
        texts[i] = (struct cxd_bytes){base_copy(b, text.bytes), text.bytes.len};
        if (texts[i].ptr == NULL) {
            return base_lack(err);
        }
    }
    *ret_texts = texts;
    *ret_count = count;
    return CXD_OK;
}

int base_word(const struct base *b, struct cxd_bytes options, const char *name,
              const char *const *words, struct cxd_error *err)
{
    struct cxd_bytes word = base_text(b, options, name);
    char all[160] = "";

    for (int i = 0; words[i] != NULL; i++) {
        size_t len = strlen(all);
        if (word.ptr != NULL && strcmp(words[i], word.ptr) == 0) {
            return i;
        }
        (void)snprintf(all + len, sizeof all - len, "%s%s", i > 0 ? ", " : "", words[i]);
    }
    (void)cxd_error_set(err, CXD_CONFIG, "%s \"%.40s\": expected one of %s", name,
                        word.ptr != NULL ? word.ptr : "", all);
    return -1;
}

static void flags_read(struct base *b, struct cxd_bytes options)
{
    struct cxd_scalar fails = b->host->doc_get(options, "fail_on_error");

    b->keeps_on =
        (fails.type == CXD_BOOL && fails.number == 0) || base_bool(b, options, "ignore_failure");
    b->ignores_missing = base_bool(b, options, "ignore_missing");
    b->overwrites = base_bool(b, options, "overwrite_keys");
}

int base_open(const struct kind *kind, const struct cxd_host *host, struct cxd_self *self,
              struct cxd_bytes options, void **ret_instance, struct cxd_error *err)
{
    struct base *b = host->alloc(self, kind->size);
    int r;

    if (b == NULL) {
        return base_lack(err);
    }
    b->kind = kind;
    b->host = host;
    b->self = self;
    flags_read(b, options);
    r = kind->open(b, options, err);
    if (r != CXD_OK) {
        base_close(b);
        return r;
    }
    *ret_instance = b;
    return CXD_OK;
}

void base_close(void *instance)
{
    struct base *b = instance;
    const struct cxd_host *host = b->host;
    struct cxd_self *self = b->self;

    if (b->kind->close != NULL) {
        b->kind->close(b);
    }
    while (b->blocks != NULL) {
        struct base_block *block = b->blocks;
        b->blocks = block->next;
        host->free(self, block);
    }
    host->free(self, b);
}

int base_process(void *instance, struct cxd_event *event, struct cxd_error *err)
{
    struct base *b = instance;
    struct edit e = {.base = b,
                     .host = b->host,
                     .event = event,
                     .root = b->host->event_root(event),
                     .is_undoable = !b->keeps_on};
    int r = b->kind->run(&e);

    if (r == EDIT_FAILED) {
        r = edit_settle(&e);
    }
    return r >= 0 ? r : cxd_error_set(err, r, "no memory left for the event's fields");
}

const struct cxd_module *base_link(const struct cxd_module *const *modules, struct cxd_module *room,
                                   size_t count)
{
    for (size_t i = 0; i < count; i++) {
        room[i] = *modules[i];
        room[i].next = i + 1 < count ? &room[i + 1] : NULL;
    }
    return room;
}
