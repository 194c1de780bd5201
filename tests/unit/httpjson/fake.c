/* fake.c: see the header. Events and documents are the agent's own. */
#include "fake.h"

#include "base/pace.h"
#include "base/text.h"
#include "io/crypto.h"
#include "io/doc.h"
#include "io/gzip.h"
#include "io/http.h"
#include "pipeline/event.h"

#include <malloc.h>

struct fake fake;
static struct cxd_event *the_event;

static bool fake_fails(void)
{
    return ++fake.asked == fake.fail_at;
}

static void fake_hold(void *ptr)
{
    fake.held += ptr != NULL;
    fake.live += ptr != NULL ? malloc_usable_size(ptr) : 0;
    fake.peak = fake.live > fake.peak ? fake.live : fake.peak;
}

static void *fake_alloc(struct cxd_self *self, size_t size)
{
    void *ptr = fake_fails() ? NULL : calloc(1, size > 0 ? size : 1);

    (void)self;
    fake_hold(ptr);
    return ptr;
}

static void fake_free(struct cxd_self *self, void *ptr)
{
    (void)self;
    fake.held -= ptr != NULL;
    fake.live -= ptr != NULL ? malloc_usable_size(ptr) : 0;
    free(ptr);
}

static void *fake_realloc(struct cxd_self *self, void *ptr, size_t size)
{
    size_t before;
    void *next;

    if (ptr == NULL) {
        return fake_alloc(self, size);
    }
    if (fake_fails()) {
        return NULL;
    }
    before = malloc_usable_size(ptr);
    next = realloc(ptr, size);
    if (next != NULL) {
        fake.live += malloc_usable_size(next) - before;
        fake.peak = fake.live > fake.peak ? fake.live : fake.peak;
    }
    return next;
}

static void fake_log(struct cxd_self *self, int level, const char *text, size_t len)
{
    (void)self;
    (void)level;
    if (fake.log_count < 64) {
        (void)snprintf(fake.logs[fake.log_count++], sizeof fake.logs[0], "%.*s", (int)len, text);
    }
}

static int fake_is_logged(struct cxd_self *self, int level)
{
    (void)self;
    (void)level;
    return 1;
}

static void fake_set_health(struct cxd_self *self, int health, const char *reason)
{
    (void)self;
    fake.health = health;
    (void)snprintf(fake.reason, sizeof fake.reason, "%s", reason != NULL ? reason : "");
}

static void fake_count(struct cxd_self *self, const char *name, int64_t delta)
{
    (void)self;
    (void)name;
    (void)delta;
}

static int64_t fake_wall(struct cxd_self *self)
{
    (void)self;
    return fake.wall_ms;
}

static int64_t fake_mono(struct cxd_self *self)
{
    (void)self;
    return fake.mono_ms;
}

static void fake_random(struct cxd_self *self, void *out, size_t len)
{
    (void)self;
    for (size_t i = 0; i < len; i++) {
        fake.random = fake.random * UINT64_C(6364136223846793005) + 1442695040888963407;
        ((unsigned char *)out)[i] = (unsigned char)(fake.random >> 56);
    }
}

static int fake_stopping(struct cxd_self *self)
{
    (void)self;
    return fake.is_stopping;
}

static struct cxd_builder *fake_doc_new(struct cxd_self *self)
{
    (void)self;
    return fake_fails() ? NULL : doc_new();
}

static int fake_event_new(struct cxd_self *self, struct cxd_event **ret, struct cxd_error *err)
{
    (void)self;
    if (fake_fails()) {
        return cxd_error_set(err, CXD_NOMEM, "made to fail");
    }
    if (the_event == NULL) {
        assert_int_equal(event_open(&(struct event_limits){.message_max = 200u << 20}, &the_event),
                         0);
    }
    event_reset(the_event);
    *ret = the_event;
    return 0;
}

static void *fake_event_alloc(struct cxd_event *ev, size_t size)
{
    return fake_fails() ? NULL : event_alloc(ev, size);
}

static void fake_keep(struct cxd_event *ev, const char *front)
{
    struct cxd_bytes message = event_message(ev);
    char *copy = malloc(message.len + 2);

    assert_non_null(copy);
    assert_true(fake.event_count < FAKE_EVENTS);
    (void)snprintf(copy, message.len + 2, "%s%.*s", front, (int)message.len, message.ptr);
    fake.events[fake.event_count++] = copy;
    event_reset(ev);
}

static int fake_emit(struct cxd_self *self, struct cxd_event *ev, struct cxd_error *err)
{
    (void)self;
    if (fake_fails()) {
        return cxd_error_set(err, CXD_NOMEM, "made to fail");
    }
    fake_keep(ev, "");
    return 0;
}

static int fake_reject(struct cxd_self *self, struct cxd_event *ev, const struct cxd_error *why)
{
    (void)self;
    (void)why;
    fake_keep(ev, "!");
    return 0;
}

static int fake_mark(struct cxd_self *self, struct cxd_bytes cursor, struct cxd_error *err)
{
    (void)self;
    if (fake_fails()) {
        return cxd_error_set(err, CXD_NOMEM, "made to fail");
    }
    free(fake.cursor);
    fake.cursor = malloc(cursor.len);
    memcpy(fake.cursor, cursor.ptr, cursor.len);
    fake.cursor_len = cursor.len;
    fake.mark_count++;
    fake.marked_events = fake.event_count;
    return 0;
}

static struct cxd_bytes fake_cursor(struct cxd_self *self)
{
    (void)self;
    return (struct cxd_bytes){fake.cursor, fake.cursor_len};
}

static int fake_sign(struct cxd_self *self, struct cxd_bytes key, struct cxd_bytes data,
                     unsigned char *sig, size_t *sig_len, struct cxd_error *err)
{
    (void)self;
    return crypto_sign_rs256(key, data, sig, sig_len, err);
}

static int64_t fake_retry_after(struct cxd_self *self, const char *value)
{
    (void)self;
    return http_retry_after(value, fake.wall_ms);
}

static int fake_gzip_new(struct cxd_self *self, int level, struct cxd_gzip **ret,
                         struct cxd_error *err)
{
    (void)self;
    return fake_fails() ? cxd_error_set(err, CXD_NOMEM, "made to fail") : gzip_new(level, ret, err);
}

static void fake_redact(char *text, size_t len)
{
    char *hit = fake.secret != NULL ? memmem(text, len, fake.secret, strlen(fake.secret)) : NULL;

    if (hit != NULL) {
        memset(hit, '*', strlen(fake.secret));
    }
}

const struct cxd_host fake_host = {
    .redact = fake_redact,
    .pace_take = pace_take,
    .pace_hold = pace_hold,
    .http_header_at = fake_http_header_at,
    .size = sizeof fake_host,
    .abi = CXD_ABI,
    .offers = ~UINT64_C(0),
    .alloc = fake_alloc,
    .realloc = fake_realloc,
    .free = fake_free,
    .log = fake_log,
    .is_logged = fake_is_logged,
    .health = fake_set_health,
    .count = fake_count,
    .wall_ms = fake_wall,
    .mono_ms = fake_mono,
    .random = fake_random,
    .is_stopping = fake_stopping,
    .doc_get = doc_get,
    .doc_at = doc_at,
    .doc_new = fake_doc_new,
    .doc_put = doc_put,
    .doc_push = doc_push,
    .doc_pop = doc_pop,
    .doc_bytes = doc_bytes,
    .doc_reset = doc_reset,
    .doc_free = doc_free,
    .event_new = fake_event_new,
    .event_alloc = fake_event_alloc,
    .event_set_message = event_set_message,
    .event_message = event_message,
    .event_record = event_record,
    .event_root = event_root,
    .event_set_id = event_set_id,
    .node_expand = node_expand,
    .node_find = node_find,
    .node_put = node_put,
    .value_text = value_text,
    .emit = fake_emit,
    .reject = fake_reject,
    .mark = fake_mark,
    .cursor = fake_cursor,
    .http_client = fake_http_client,
    .http_client_free = fake_http_client_free,
    .http_start = fake_http_start,
    .http_wait = fake_http_wait,
    .http_read = fake_http_read,
    .http_status = fake_http_status,
    .http_header = fake_http_header,
    .http_close = fake_http_close,
    .http_interrupt = fake_http_interrupt,
    .http_retry_after = fake_retry_after,
    .sha256 = crypto_sha256,
    .sign_rs256 = fake_sign,
    .base64 = crypto_base64,
    .gzip_new = fake_gzip_new,
    .gzip_step = gzip_step,
    .gzip_reset = gzip_reset,
    .gzip_free = gzip_free,
    .json_quote = text_quote,
};

void fake_forget(void)
{
    for (size_t i = 0; i < fake.request_count; i++) {
        free(fake.requests[i].body);
    }
    for (size_t i = 0; i < fake.event_count; i++) {
        free(fake.events[i]);
    }
    fake.request_count = 0;
    fake.event_count = 0;
    fake.log_count = 0;
}

void fake_reset(void)
{
    fake_forget();
    fake_options_forget();
    event_close(the_event);
    the_event = NULL;
    free(fake.cursor);
    free(fake.client_options);
    memset(&fake, 0, sizeof fake);
    fake.wall_ms = 1700000000123;
    fake.mono_ms = 1000000;
}

void fake_script(const struct fake_reply *replies, size_t count)
{
    fake.replies = replies;
    fake.reply_count = count;
    fake.reply_next = 0;
}

bool fake_logged(const char *part)
{
    for (int i = 0; i < fake.log_count; i++) {
        if (strstr(fake.logs[i], part) != NULL) {
            return true;
        }
    }
    return false;
}
