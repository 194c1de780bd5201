/* redact.c: a small list, searched for each outgoing line. */
#include "base/redact.h"

#include "cxd/status.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define REDACT_MIN_LEN 6
#define HEAD_MIN_LEN 3

struct secret {
    struct secret *next;
    size_t len;
    char text[];
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct secret *secrets; /* longest first: one within another must not break that up */

/* A policy that is read again brings the secrets that are known. lock is held. */
static int is_known(const struct secret *s)
{
    const struct secret *at = secrets;

    while (at != NULL && (at->len != s->len || memcmp(at->text, s->text, s->len) != 0)) {
        at = at->next;
    }
    return at != NULL;
}

int redact_add(const char *secret, size_t len)
{
    struct secret **at = &secrets;
    struct secret *s;

    if (len < REDACT_MIN_LEN) {
        return CXD_OK;
    }
    s = malloc(sizeof *s + len);
    if (s == NULL) {
        return CXD_NOMEM;
    }
    s->len = len;
    memcpy(s->text, secret, len);
    (void)pthread_mutex_lock(&lock);
    if (is_known(s)) {
        (void)pthread_mutex_unlock(&lock);
        explicit_bzero(s->text, len);
        free(s);
        return CXD_OK;
    }
    while (*at != NULL && (*at)->len > len) {
        at = &(*at)->next;
    }
    s->next = *at;
    *at = s;
    (void)pthread_mutex_unlock(&lock);
    return CXD_OK;
}

static void redact_one(char *text, size_t len, const struct secret *s)
{
    char *end = text + len;

    while (len >= s->len) {
        char *hit = memmem(text, len, s->text, s->len);
        if (hit == NULL) {
            return;
        }
        memset(hit, '*', s->len);
        text = hit + s->len;
        len = (size_t)(end - text);
    }
}

void redact_text(char *text, size_t len)
{
    (void)pthread_mutex_lock(&lock);
    for (const struct secret *s = secrets; s != NULL; s = s->next) {
        redact_one(text, len, s);
    }
    (void)pthread_mutex_unlock(&lock);
}

/* Length of the longest head of s that stands at the end of text. */
static size_t head_len(const char *text, size_t len, const struct secret *s)
{
    size_t head = s->len - 1 < len ? s->len - 1 : len;

    while (head >= HEAD_MIN_LEN && memcmp(text + len - head, s->text, head) != 0) {
        head--;
    }
    return head >= HEAD_MIN_LEN ? head : 0;
}

void redact_cut(char *text, size_t len)
{
    size_t most = 0;

    redact_text(text, len);
    (void)pthread_mutex_lock(&lock);
    for (const struct secret *s = secrets; s != NULL; s = s->next) {
        size_t head = head_len(text, len, s);
        most = head > most ? head : most;
    }
    (void)pthread_mutex_unlock(&lock);
    memset(text + len - most, '*', most);
}

void redact_clear(void)
{
    (void)pthread_mutex_lock(&lock);
    while (secrets != NULL) {
        struct secret *s = secrets;
        secrets = s->next;
        explicit_bzero(s->text, s->len);
        free(s);
    }
    (void)pthread_mutex_unlock(&lock);
}
