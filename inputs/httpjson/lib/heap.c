/*
 * heap.c: memory of the instance, growing texts, decimal numbers.
 *
 * Knows the host's allocator. Does not know what is stored. Thread: the instance's.
 */
#include "lib/heap.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

void *heap_alloc(const struct heap *h, size_t size)
{
    return h->host->alloc(h->self, size);
}

void *heap_grow(const struct heap *h, void *ptr, size_t count, size_t size)
{
    size_t bytes;

    if (__builtin_mul_overflow(count, size, &bytes) || bytes == 0) {
        return NULL;
    }
    if (ptr == NULL) {
        return h->host->alloc(h->self, bytes);
    }
    return h->host->realloc(h->self, ptr, bytes);
}

void heap_free(const struct heap *h, void *ptr)
{
    if (ptr != NULL) {
        h->host->free(h->self, ptr);
    }
}

char *heap_copy(const struct heap *h, struct cxd_bytes bytes)
{
    char *copy = heap_alloc(h, bytes.len + 1);

    if (copy != NULL && bytes.len > 0) {
        memcpy(copy, bytes.ptr, bytes.len);
    }
    return copy;
}

void heap_wipe(void *ptr, size_t len)
{
    if (ptr != NULL && len > 0) {
        explicit_bzero(ptr, len);
    }
}

void text_init(struct text *t, const struct heap *h, size_t max)
{
    *t = (struct text){.heap = h, .max = max};
}

void text_clear(struct text *t)
{
    if (t->secret) {
        heap_wipe(t->ptr, t->room);
    }
    t->len = 0;
    t->status = 0;
    if (t->ptr != NULL) {
        t->ptr[0] = '\0';
    }
}

void text_done(struct text *t)
{
    if (t->ptr != NULL) {
        if (t->secret) {
            heap_wipe(t->ptr, t->room);
        }
        heap_free(t->heap, t->ptr);
    }
    t->ptr = NULL;
    t->len = 0;
    t->room = 0;
}

/* Room for `more` bytes and the NUL. A secret moves by hand, so that the old place can be wiped. */
static bool text_reserve(struct text *t, size_t more)
{
    size_t room = t->room > 0 ? t->room : 64;
    char *moved;

    if (more > t->max || t->len > t->max - more) {
        t->status = CXD_TOO_LARGE;
        return false;
    }
    while (room < t->len + more + 1) {
        room *= 2;
    }
    if (room == t->room) {
        return true;
    }
    moved = t->secret ? heap_alloc(t->heap, room) : heap_grow(t->heap, t->ptr, room, 1);
    if (moved == NULL) {
        t->status = CXD_NOMEM;
        return false;
    }
    if (t->secret && t->ptr != NULL) {
        memcpy(moved, t->ptr, t->len);
        heap_wipe(t->ptr, t->room);
        heap_free(t->heap, t->ptr);
    }
    t->ptr = moved;
    t->room = room;
    return true;
}

void text_add(struct text *t, const char *ptr, size_t len)
{
    if (t->status != 0 || !text_reserve(t, len)) {
        return;
    }
    if (len > 0) {
        memcpy(t->ptr + t->len, ptr, len);
    }
    t->len += len;
    t->ptr[t->len] = '\0';
}

void text_put(struct text *t, const char *literal)
{
    text_add(t, literal, strlen(literal));
}

void text_number(struct text *t, int64_t number)
{
    char digits[24];
    int len = snprintf(digits, sizeof digits, "%" PRId64, number);

    text_add(t, digits, (size_t)len);
}

void text_json(struct text *t, struct cxd_bytes bytes)
{
    size_t room = bytes.len * 6 + 3; /* every byte as \u00XX, two quotes, a spare one */
    size_t len;

    if (t->status != 0 || !text_reserve(t, room)) {
        return;
    }
    len = t->heap->host->json_quote(bytes, t->ptr + t->len, room);
    if (len == 0) {
        t->status = CXD_MALFORMED;
        return;
    }
    t->len += len;
    t->ptr[t->len] = '\0';
}

bool number_parse(const char *ptr, size_t len, int64_t *ret_number)
{
    bool minus = len > 0 && ptr[0] == '-';
    int64_t number = 0;

    if (len == (minus ? 1u : 0u)) {
        return false;
    }
    for (size_t i = minus ? 1 : 0; i < len; i++) {
        int digit = ptr[i] - '0';

        if (digit < 0 || digit > 9 || __builtin_mul_overflow(number, (int64_t)10, &number) ||
            __builtin_sub_overflow(number, (int64_t)digit, &number)) {
            return false;
        }
    }
    if (!minus && number == INT64_MIN) {
        return false;
    }
    *ret_number = minus ? number : -number;
    return true;
}
