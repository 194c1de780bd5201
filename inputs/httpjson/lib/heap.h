/*
 * heap.h: the instance's memory through the host, and a growing text with a limit given at birth.
 *
 * Knows the host's allocator alone. Whoever allocates here frees here, on the same instance and thread.
 */
#pragma once

#include <cxd/module.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define _cleanup_(fn) __attribute__((cleanup(fn)))

/* The host as one instance sees it. Copied freely: it owns nothing. */
struct heap {
    const struct cxd_host *host;
    struct cxd_self *self;
};

void *heap_alloc(const struct heap *h, size_t size); /* zeroed, or NULL */
/* realloc for arrays: NULL ptr allocates; NULL result leaves ptr as it was. New bytes are not zeroed. */
void *heap_grow(const struct heap *h, void *ptr, size_t count, size_t size);
void heap_free(const struct heap *h, void *ptr); /* accepts NULL */
/* A copy with a NUL behind it, or NULL. */
char *heap_copy(const struct heap *h, struct cxd_bytes bytes);
/* Overwrites len bytes in a way the compiler keeps. */
void heap_wipe(void *ptr, size_t len);

/*
 * A text being put together. The first failure sticks in `status` and later additions do nothing, so that a builder is
 * checked once, at its end. Always ends with NUL when ptr is not NULL.
 */
struct text {
    const struct heap *heap; /* borrowed */
    char *ptr;
    size_t len;  /* bytes, without the NUL */
    size_t room; /* bytes allocated */
    size_t max;  /* bytes; more is CXD_TOO_LARGE */
    int status;  /* enum cxd_status */
    bool secret; /* wiped before memory is given back */
};

void text_init(struct text *t, const struct heap *h, size_t max);
void text_clear(struct text *t); /* empty again, memory kept, status 0 */
void text_done(struct text *t);  /* accepts a zeroed one */
void text_add(struct text *t, const char *ptr, size_t len);
void text_put(struct text *t, const char *literal); /* a NUL-terminated piece */
void text_number(struct text *t, int64_t number);
void text_json(struct text *t, struct cxd_bytes bytes); /* as a JSON string */

static inline struct cxd_bytes text_bytes(const struct text *t)
{
    return (struct cxd_bytes){t->ptr, t->len};
}

static inline struct cxd_bytes bytes_of(const char *z)
{
    return (struct cxd_bytes){z, z != NULL ? strlen(z) : 0};
}

/* Decimal digits, with an optional minus, as int64; false for anything else and for overflow. */
bool number_parse(const char *ptr, size_t len, int64_t *ret_number);
