/*
 * status.h: every way a call can end, as one list, and the error text that travels beside it.
 *
 * Numbers are frozen from release 1.0 on. The pipeline decides by class, never by text.
 */
#ifndef CXD_STATUS_H
#define CXD_STATUS_H

#include "abi.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

enum cxd_class {
    CXD_CLASS_OK,
    CXD_CLASS_RETRY,  /* the same call may succeed later */
    CXD_CLASS_DROP,   /* this record or object never will; go on with the next */
    CXD_CLASS_CONFIG, /* a person must change the policy */
    CXD_CLASS_AUTH,   /* credentials missing, wrong or without the right */
    CXD_CLASS_FATAL,  /* this process cannot go on with the unit */
    CXD_CLASS_BUG     /* a contract was broken */
};

/* X(number, NAME, class, text) */
#define CXD_STATUS_LIST(X)                                                                         \
    X(0, OK, OK, "ok")                                                                             \
    X(-1, NOMEM, FATAL, "out of memory")                                                           \
    X(-2, INVALID, BUG, "invalid argument")                                                        \
    X(-3, AGAIN, RETRY, "not ready yet")                                                           \
    X(-4, STOPPED, RETRY, "stopping")                                                              \
    X(-5, TIMEOUT, RETRY, "time limit reached")                                                    \
    X(-6, IO, RETRY, "input/output error")                                                         \
    X(-7, CONNECT, RETRY, "no connection")                                                         \
    X(-8, TLS, CONFIG, "TLS verification failed")                                                  \
    X(-9, AUTH, AUTH, "not authenticated")                                                         \
    X(-10, FORBIDDEN, AUTH, "not allowed")                                                         \
    X(-11, NOT_FOUND, DROP, "not found")                                                           \
    X(-12, THROTTLED, RETRY, "too many requests")                                                  \
    X(-13, SERVER, RETRY, "server error")                                                          \
    X(-14, PROTOCOL, RETRY, "reply not understood")                                                \
    X(-15, MALFORMED, DROP, "malformed data")                                                      \
    X(-16, TOO_LARGE, DROP, "larger than the limit")                                               \
    X(-17, TOO_DEEP, DROP, "nested deeper than the limit")                                         \
    X(-18, CONFIG, CONFIG, "configuration error")                                                  \
    X(-19, UNSUPPORTED, CONFIG, "not supported")                                                   \
    X(-20, MISFIT, CONFIG, "module does not fit this host")                                        \
    X(-21, EXISTS, DROP, "exists already")                                                         \
    X(-22, CORRUPT, DROP, "stored data is damaged")                                                \
    X(-23, FULL, RETRY, "no room")                                                                 \
    X(-24, TRUNCATED, RETRY, "data ended early")                                                   \
    X(-25, REJECTED, DROP, "refused by the destination")                                           \
    X(-26, CHANGED, RETRY, "changed meanwhile")                                                    \
    X(-27, END, OK, "no more data")                                                                \
    X(-28, BUG, BUG, "internal error")

enum cxd_status {
#define CXD_STATUS_ENUM_(number, name, class_, text) CXD_##name = (number),
    CXD_STATUS_LIST(CXD_STATUS_ENUM_)
#undef CXD_STATUS_ENUM_
};

/*
 * What went wrong, for a person. Owned by the caller, always the last parameter, may be NULL. Filled once, by the place that
 * failed; callers add context in front with cxd_error_wrap. Never holds a secret, a body or a URL query.
 */
struct cxd_error {
    int status;             /* enum cxd_status */
    int http_status;        /* 0 when no reply came */
    int64_t retry_after_ms; /* what the other side asked for; -1 when it did not */
    char text[480];         /* always terminated */
};

#define CXD_ERROR_INIT                                                                             \
    {                                                                                              \
        0, 0, -1,                                                                                  \
        {                                                                                          \
            0                                                                                      \
        }                                                                                          \
    }

/* Fills *err (which may be NULL) and returns status, so that `return cxd_error_set(err, ...)` reads as one thought. */
__attribute__((format(printf, 3, 4), unused)) static inline int
cxd_error_set(struct cxd_error *err, int status, const char *format, ...)
{
    if (err != NULL) {
        va_list args;
        err->status = status;
        err->http_status = 0;
        err->retry_after_ms = -1;
        va_start(args, format);
        (void)vsnprintf(err->text, sizeof err->text, format,
                        args); /* a cut message is still a message */
        va_end(args);
    }
    return status;
}

/* Puts context in front of the text that is there: "object a.gz: <text>". Returns err->status, or CXD_BUG when NULL. */
__attribute__((format(printf, 2, 3), unused)) static inline int
cxd_error_wrap(struct cxd_error *err, const char *format, ...)
{
    char front[sizeof err->text];
    va_list args;
    size_t front_len;

    if (err == NULL) {
        return CXD_BUG;
    }
    va_start(args, format);
    (void)vsnprintf(front, sizeof front - 3, format, args); /* cut on purpose */
    va_end(args);
    front_len = strlen(front);
    front[front_len++] = ':';
    front[front_len++] = ' ';
    if (front_len < sizeof err->text) {
        size_t room = sizeof err->text - front_len - 1;
        size_t text_len = strlen(err->text);
        text_len = text_len < room ? text_len : room;
        memmove(err->text + front_len, err->text, text_len);
        memcpy(err->text, front, front_len);
        err->text[front_len + text_len] = '\0';
    }
    return err->status;
}

#endif
