/* starve.c: the wrapped allocators. */
#include "starve.h"

#include <stddef.h>
#include <string.h>

static _Thread_local int left; /* servers of the test in other threads are not starved */
static _Thread_local int happened;

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *ptr, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *ptr, size_t size);
char *__wrap_strdup(const char *text);

void starve_at(int n)
{
    left = n;
    happened = 0;
}

int starve_happened(void)
{
    return happened;
}

static int is_refused(void)
{
    if (left > 0 && --left == 0) {
        happened = 1;
        return 1;
    }
    return 0;
}

void *__wrap_malloc(size_t size)
{
    return is_refused() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
    return is_refused() ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *ptr, size_t size)
{
    return is_refused() ? NULL : __real_realloc(ptr, size);
}

char *__wrap_strdup(const char *text)
{
    size_t len = strlen(text) + 1;
    char *copy = is_refused() ? NULL : __real_malloc(len);

    return copy != NULL ? memcpy(copy, text, len) : NULL;
}
