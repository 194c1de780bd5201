/*
 * host.c: the table that modules see, each row handed to the room that knows. Knows no module and no event.
 */
#include "gate/self.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/pace.h"
#include "base/redact.h"
#include "base/text.h"
#include "io/crypto.h"
#include "io/doc.h"
#include "io/gzip.h"
#include "io/http.h"
#include "io/jose.h"
#include "io/regex.h"

#include <stdlib.h>
#include <string.h>

static void *host_alloc(struct cxd_self *self, size_t size)
{
    (void)self;
    return calloc(1, size > 0 ? size : 1);
}

static void *host_realloc(struct cxd_self *self, void *ptr, size_t size)
{
    (void)self;
    return realloc(ptr, size > 0 ? size : 1);
}

static void host_free(struct cxd_self *self, void *ptr)
{
    (void)self;
    free(ptr);
}

static void host_log(struct cxd_self *self, int level, const char *text, size_t len)
{
    log_line(level, self->subject, text, len);
}

static int host_is_logged(struct cxd_self *self, int level)
{
    (void)self;
    return log_is_on(level);
}

static void host_health(struct cxd_self *self, int health, const char *reason)
{
    if (self->ops->health != NULL) {
        self->ops->health(self->owner, health, reason);
    }
}

static void host_count(struct cxd_self *self, const char *name, int64_t delta)
{
    if (self->ops->count != NULL) {
        self->ops->count(self->owner, name, delta);
    }
}

static int64_t host_wall_ms(struct cxd_self *self)
{
    (void)self;
    return clock_wall_ms();
}

static int64_t host_mono_ms(struct cxd_self *self)
{
    (void)self;
    return clock_mono_ms();
}

static void host_random(struct cxd_self *self, void *out, size_t len)
{
    (void)self;
    if (crypto_random(out, len) != CXD_OK) {
        abort(); /* a system without randomness cannot sign, encrypt or back off safely */
    }
}

static int host_is_stopping(struct cxd_self *self)
{
    return atomic_load(self->stopping);
}

static struct cxd_builder *host_doc_new(struct cxd_self *self)
{
    (void)self;
    return doc_new();
}

static int host_event_new(struct cxd_self *self, struct cxd_event **ret_event,
                          struct cxd_error *err)
{
    return self->ops->event_new != NULL
               ? self->ops->event_new(self->owner, ret_event, err)
               : cxd_error_set(err, CXD_UNSUPPORTED, "only inputs make events");
}

static int host_emit(struct cxd_self *self, struct cxd_event *ev, struct cxd_error *err)
{
    return self->ops->emit != NULL ? self->ops->emit(self->owner, ev, err)
                                   : cxd_error_set(err, CXD_UNSUPPORTED, "only inputs emit events");
}

static int host_reject(struct cxd_self *self, struct cxd_event *ev, const struct cxd_error *why)
{
    return self->ops->reject != NULL ? self->ops->reject(self->owner, ev, why) : CXD_UNSUPPORTED;
}

static int host_mark(struct cxd_self *self, struct cxd_bytes cursor, struct cxd_error *err)
{
    return self->ops->mark != NULL
               ? self->ops->mark(self->owner, cursor, err)
               : cxd_error_set(err, CXD_UNSUPPORTED, "only inputs have cursors");
}

static struct cxd_bytes host_cursor(struct cxd_self *self)
{
    return self->ops->cursor != NULL ? self->ops->cursor(self->owner) : (struct cxd_bytes){NULL, 0};
}

static int64_t host_marks_true(struct cxd_self *self, int64_t *ret_made)
{
    *ret_made = 0;
    return self->ops->marks_true != NULL ? self->ops->marks_true(self->owner, ret_made) : -1;
}

static int host_http_client(struct cxd_self *self, struct cxd_bytes options,
                            struct cxd_client **ret_client, struct cxd_error *err)
{
    struct http_settings settings = {0};
    int r = http_settings_read(options, doc_get, &settings, err);

    (void)self;
    settings.user_agent = "cortexd/" CXD_VERSION;
    return r == CXD_OK ? http_client_new(&settings, ret_client, err) : r;
}

static int64_t host_retry_after(struct cxd_self *self, const char *value)
{
    (void)self;
    return http_retry_after(value, clock_wall_ms());
}

static int host_sign_rs256(struct cxd_self *self, struct cxd_bytes key_pem, struct cxd_bytes data,
                           unsigned char *sig, size_t *sig_len, struct cxd_error *err)
{
    (void)self;
    return crypto_sign_rs256(key_pem, data, sig, sig_len, err);
}

static int host_gzip_new(struct cxd_self *self, int level, struct cxd_gzip **ret_gzip,
                         struct cxd_error *err)
{
    (void)self;
    return gzip_new(level, ret_gzip, err);
}

static int host_regex_new(struct cxd_self *self, const char *pattern, struct cxd_regex **ret_regex,
                          struct cxd_error *err)
{
    (void)self;
    return regex_new(pattern, ret_regex, err);
}

void host_fill(struct cxd_host *host)
{
    *host = (struct cxd_host){
        .size = sizeof *host,
        .abi = CXD_ABI,
        .offers = CXD_CAN_EVENTS | CXD_CAN_HTTP | CXD_CAN_CURSOR | CXD_CAN_CRYPTO | CXD_CAN_GZIP |
                  CXD_CAN_REGEX | CXD_CAN_UNIX,
        .alloc = host_alloc,
        .realloc = host_realloc,
        .free = host_free,
        .log = host_log,
        .is_logged = host_is_logged,
        .health = host_health,
        .count = host_count,
        .wall_ms = host_wall_ms,
        .mono_ms = host_mono_ms,
        .random = host_random,
        .is_stopping = host_is_stopping,
        .doc_get = doc_get,
        .doc_at = doc_at,
        .doc_new = host_doc_new,
        .doc_put = doc_put,
        .doc_push = doc_push,
        .doc_pop = doc_pop,
        .doc_bytes = doc_bytes,
        .doc_reset = doc_reset,
        .doc_free = doc_free,
        .event_new = host_event_new,
        .emit = host_emit,
        .reject = host_reject,
        .mark = host_mark,
        .cursor = host_cursor,
        .marks_true = host_marks_true,
        .http_client = host_http_client,
        .http_client_free = http_client_free,
        .http_start = http_start,
        .http_wait = http_wait,
        .http_read = http_read,
        .http_status = http_status,
        .http_header = http_header,
        .http_close = http_close,
        .http_interrupt = http_interrupt,
        .http_retry_after = host_retry_after,
        .sha256 = crypto_sha256,
        .sign_rs256 = host_sign_rs256,
        .base64 = crypto_base64,
        .gzip_new = host_gzip_new,
        .gzip_step = gzip_step,
        .gzip_reset = gzip_reset,
        .gzip_free = gzip_free,
        .regex_new = host_regex_new,
        .regex_match = regex_match,
        .regex_free = regex_free,
        .json_quote = text_quote,
        .http_header_at = http_header_at,
        .regex_find = regex_find,
        .redact = redact_text,
        .digest = crypto_digest,
        .pace_take = pace_take,
        .pace_hold = pace_hold,
        .jose_key = jose_key,
        .jose_sign = jose_sign,
    };
}
