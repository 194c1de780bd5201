/* fake.c: memory, clock, log, events and documents of the fake host. */
#include "fake.h"

#include "base/buf.h"
#include "io/doc.h"
#include "io/gzip.h"
#include "pipeline/event.h"

#include "fake_http.h"

#include <bson/bson.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/sha.h>
#include <pthread.h>
#include <stdlib.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

struct fake fake;
const struct heap fake_heap = {&fake_host, FAKE_SELF};
static struct cxd_event *fake_event;
static pthread_mutex_t log_lock = PTHREAD_MUTEX_INITIALIZER;

static bool fake_fails(void)
{
    fake.allocations++;
    return fake.fail_at != 0 && fake.allocations == fake.fail_at;
}

static void *fake_alloc(struct cxd_self *self, size_t size)
{
    void *ptr = fake_fails() ? NULL : calloc(1, size);

    (void)self;
    fake.live += ptr != NULL;
    return ptr;
}

static void *fake_realloc(struct cxd_self *self, void *ptr, size_t size)
{
    (void)self;
    assert_non_null(ptr);
    return fake_fails() ? NULL : realloc(ptr, size);
}

static void fake_free(struct cxd_self *self, void *ptr)
{
    (void)self;
    fake.live -= ptr != NULL;
    free(ptr);
}

static void fake_log(struct cxd_self *self, int level, const char *text, size_t len)
{
    (void)self;
    (void)level;
    (void)pthread_mutex_lock(&log_lock); /* any thread */
    fake.logs = realloc(fake.logs, fake.log_len + len + 2);
    assert_non_null(fake.logs);
    memcpy(fake.logs + fake.log_len, text, len);
    fake.log_len += len;
    fake.logs[fake.log_len++] = '\n';
    fake.logs[fake.log_len] = '\0';
    (void)pthread_mutex_unlock(&log_lock);
}

static int fake_is_logged(struct cxd_self *self, int level)
{
    (void)self;
    return level <= CXD_LOG_INFO;
}

static void fake_health(struct cxd_self *self, int health, const char *reason)
{
    (void)self;
    fake.health = health;
    (void)snprintf(fake.health_text, sizeof fake.health_text, "%s", reason ? reason : "");
}

static void fake_count(struct cxd_self *self, const char *name, int64_t delta)
{
    (void)self;
    if (strcmp(name, "gcs_events_created_total") == 0) {
        fake.events_total += delta;
    } else if (strcmp(name, "gcs_failed_jobs_total") == 0) {
        fake.failed_total += delta;
    } else if (strcmp(name, "gcs_expired_failed_jobs_total") == 0) {
        fake.expired_total += delta;
    }
}

static int64_t fake_wall_ms(struct cxd_self *self)
{
    (void)self;
    return fake.wall_ms;
}

static int64_t fake_mono_ms(struct cxd_self *self)
{
    (void)self;
    return fake.mono_ms;
}

uint32_t fake_random(uint32_t below)
{
    fake.chance = fake.chance * 6364136223846793005u + 1442695040888963407u;
    return below == 0 ? 0 : (uint32_t)(fake.chance >> 33) % below;
}

static void fake_random_bytes(struct cxd_self *self, void *out, size_t len)
{
    unsigned char *bytes = out;

    (void)self;
    for (size_t i = 0; i < len; i++) {
        bytes[i] = (unsigned char)fake_random(256);
    }
}

static int fake_is_stopping(struct cxd_self *self)
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
        return cxd_error_set(err, CXD_NOMEM, "no memory for an event");
    }
    if (fake_event == NULL) {
        assert_int_equal(event_open(&(struct event_limits){0}, &fake_event), 0);
    }
    event_reset(fake_event);
    *ret = fake_event;
    return 0;
}

static void *fake_event_alloc(struct cxd_event *ev, size_t size)
{
    return fake_fails() ? NULL : event_alloc(ev, size);
}

static struct fake_item *fake_append(enum fake_kind kind, struct cxd_bytes text)
{
    struct fake_item *item;

    if (fake.item_count == fake.item_room) {
        fake.item_room = fake.item_room > 0 ? fake.item_room * 2 : 64;
        fake.items = realloc(fake.items, fake.item_room * sizeof *fake.items);
        assert_non_null(fake.items);
    }
    item = &fake.items[fake.item_count++];
    *item = (struct fake_item){.kind = kind, .len = text.len};
    item->text = malloc(text.len + 1);
    assert_non_null(item->text);
    memcpy(item->text, text.ptr, text.len);
    item->text[text.len] = '\0';
    return item;
}

static struct fake_item *fake_keep(enum fake_kind kind, struct cxd_event *ev)
{
    struct fake_item *item = fake_append(kind, event_message(ev));
    struct buf out;

    buf_init(&out, 64u << 20);
    assert_int_equal(event_render(ev, &out), 0);
    item->document = strndup(out.ptr, out.len);
    buf_done(&out);
    return item;
}

static int fake_emit(struct cxd_self *self, struct cxd_event *ev, struct cxd_error *err)
{
    int status = fake.emit_status;

    (void)self;
    fake.emit_status = 0;
    if (status != 0) {
        return cxd_error_set(err, status, "emit fails on order");
    }
    (void)fake_keep(FAKE_EVENT, ev);
    return 0;
}

static int fake_reject(struct cxd_self *self, struct cxd_event *ev, const struct cxd_error *why)
{
    (void)self;
    (void)snprintf(fake_keep(FAKE_REJECT, ev)->reason, sizeof why->text, "%s", why->text);
    return 0;
}

static int fake_mark(struct cxd_self *self, struct cxd_bytes cursor, struct cxd_error *err)
{
    (void)self;
    assert_int_equal(doc_check(cursor, err), 0);
    (void)fake_append(FAKE_MARK, cursor);
    fake.marks_made++;
    fake.marks_true = fake.acks == FAKE_ACKS_ALL ? fake.marks_made : fake.marks_true;
    return 0;
}

static int64_t fake_marks_true(struct cxd_self *self, int64_t *ret_made)
{
    (void)self;
    *ret_made = fake.marks_made;
    return fake.acks == FAKE_ACKS_NOBODY ? -1 : fake.marks_true;
}

static struct cxd_bytes fake_cursor(struct cxd_self *self)
{
    (void)self;
    return (struct cxd_bytes){fake.cursor, fake.cursor_len};
}

static void fake_sha256(const void *data, size_t len, unsigned char out[32])
{
    (void)SHA256(data, len, out);
}

static int fake_sign(struct cxd_self *self, struct cxd_bytes pem, struct cxd_bytes data,
                     unsigned char *sig, size_t *sig_len, struct cxd_error *err)
{
    BIO *bio = BIO_new_mem_buf(pem.ptr, (int)pem.len);
    EVP_PKEY *key = PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL);
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    bool ok = key != NULL && EVP_DigestSignInit(ctx, NULL, EVP_sha256(), NULL, key) == 1 &&
              EVP_DigestSign(ctx, sig, sig_len, (const unsigned char *)data.ptr, data.len) == 1;

    (void)self;
    EVP_MD_CTX_free(ctx);
    EVP_PKEY_free(key);
    BIO_free(bio);
    return ok ? 0 : cxd_error_set(err, CXD_CONFIG, "not a private key");
}

static size_t fake_base64(const void *data, size_t len, int url, char *out, size_t room)
{
    static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    static const char web[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    const unsigned char *bytes = data;
    size_t done = 0;

    for (size_t i = 0; i < len; i += 3) {
        size_t left = len - i < 3 ? len - i : 3;
        uint32_t word = (uint32_t)bytes[i] << 16 | (left > 1 ? (uint32_t)bytes[i + 1] << 8 : 0) |
                        (left > 2 ? bytes[i + 2] : 0);

        for (size_t j = 0; j <= left; j++) {
            if (done == room) {
                return 0;
            }
            out[done++] = (url ? web : plain)[word >> (18 - 6 * j) & 63];
        }
    }
    return done;
}

static int fake_gzip_new(struct cxd_self *self, int level, struct cxd_gzip **ret,
                         struct cxd_error *err)
{
    (void)self;
    return fake_fails() ? cxd_error_set(err, CXD_NOMEM, "no memory for gzip")
                        : gzip_new(level, ret, err);
}

static int fake_regex_new(struct cxd_self *self, const char *pattern, struct cxd_regex **ret,
                          struct cxd_error *err)
{
    int number;
    size_t at;
    pcre2_code *code =
        pcre2_compile((PCRE2_SPTR)pattern, PCRE2_ZERO_TERMINATED, 0, &number, &at, NULL);

    (void)self;
    *ret = (struct cxd_regex *)code;
    return code != NULL ? 0 : cxd_error_set(err, CXD_CONFIG, "bad pattern");
}

static int fake_regex_match(struct cxd_regex *re, struct cxd_bytes text)
{
    pcre2_match_data *data = pcre2_match_data_create_from_pattern((pcre2_code *)re, NULL);
    int found = pcre2_match((pcre2_code *)re, (PCRE2_SPTR)text.ptr, text.len, 0, 0, data, NULL);

    pcre2_match_data_free(data);
    return found >= 0;
}

static void fake_regex_free(struct cxd_regex *re)
{
    pcre2_code_free((pcre2_code *)re);
}

static size_t fake_json_quote(struct cxd_bytes text, char *out, size_t room)
{
    size_t done = 0;

    if (room < 2 + 6 * text.len) {
        return 0;
    }
    out[done++] = '"';
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.ptr[i];

        if (c == '"' || c == '\\') {
            out[done++] = '\\';
            out[done++] = (char)c;
        } else if (c < 32) {
            done += (size_t)snprintf(out + done, 7, "\\u%04x", c);
        } else {
            out[done++] = (char)c;
        }
    }
    out[done++] = '"';
    return done;
}

const struct cxd_host fake_host = {
    .size = sizeof(struct cxd_host),
    .abi = CXD_ABI,
    .offers = ~0ull,
    .alloc = fake_alloc,
    .realloc = fake_realloc,
    .free = fake_free,
    .log = fake_log,
    .is_logged = fake_is_logged,
    .health = fake_health,
    .count = fake_count,
    .wall_ms = fake_wall_ms,
    .mono_ms = fake_mono_ms,
    .random = fake_random_bytes,
    .is_stopping = fake_is_stopping,
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
    .event_offer_id = event_offer_id,
    .node_expand = node_expand,
    .node_find = node_find,
    .node_put = node_put,
    .value_text = value_text,
    .emit = fake_emit,
    .reject = fake_reject,
    .mark = fake_mark,
    .cursor = fake_cursor,
    .marks_true = fake_marks_true,
    .http_client = fake_http_client,
    .http_client_free = fake_http_client_free,
    .http_start = fake_http_start,
    .http_wait = fake_http_wait,
    .http_read = fake_http_read,
    .http_status = fake_http_status,
    .http_header = fake_http_header,
    .http_close = fake_http_close,
    .http_interrupt = fake_http_interrupt,
    .http_retry_after = fake_http_retry_after,
    .sha256 = fake_sha256,
    .sign_rs256 = fake_sign,
    .base64 = fake_base64,
    .gzip_new = fake_gzip_new,
    .gzip_step = gzip_step,
    .gzip_reset = gzip_reset,
    .gzip_free = gzip_free,
    .regex_new = fake_regex_new,
    .regex_match = fake_regex_match,
    .regex_free = fake_regex_free,
    .json_quote = fake_json_quote,
};

/* For the tests. */
static void fake_drop_items(void)
{
    for (size_t i = 0; i < fake.item_count; i++) {
        free(fake.items[i].text);
        free(fake.items[i].document);
    }
    free(fake.items);
    fake.items = NULL;
    fake.item_count = 0;
    fake.item_room = 0;
}

void fake_reset(void)
{
    for (size_t i = 0; i < fake.object_count; i++) {
        free(fake.objects[i].name);
        free(fake.objects[i].data);
    }
    fake_drop_items();
    free(fake.logs);
    free(fake.cursor);
    event_close(fake_event);
    fake_event = NULL;
    fake = (struct fake){
        .mono_ms = 1000, .wall_ms = INT64_C(1790000000000), .chance = 7, .token_number = 1};
}

struct fake_object *fake_put(const char *name, const void *data, size_t len, int64_t created_ms)
{
    static int64_t generation = 1000;
    struct fake_object *o = fake.objects;

    while (o < fake.objects + fake.object_count && strcmp(o->name, name) != 0) {
        o++;
    }
    if (o == fake.objects + fake.object_count) {
        assert_true(fake.object_count < sizeof fake.objects / sizeof fake.objects[0]);
        fake.object_count++;
        o->name = strdup(name);
    } else {
        free(o->data);
    }
    o->data = malloc(len + 1);
    assert_non_null(o->data);
    memcpy(o->data, data, len);
    o->len = len;
    o->generation = ++generation;
    o->created_ms = created_ms;
    o->content_type = "application/x-ndjson";
    o->content_encoding = NULL;
    return o;
}

struct fake_object *fake_put_text(const char *name, const char *text, int64_t created_ms)
{
    return fake_put(name, text, strlen(text), created_ms);
}

char *fake_gzip(const char *text, size_t len, size_t *ret_len)
{
    struct cxd_gzip *z;
    struct cxd_bytes in = {text, len};
    size_t room = len + 1024;
    char *out = malloc(room);

    assert_non_null(out);
    assert_int_equal(gzip_new(1, &z, NULL), 0);
    assert_int_equal(gzip_step(z, &in, out, room, ret_len, 1, NULL), CXD_END);
    gzip_free(z);
    return out;
}

struct fake_object *fake_put_gzip(const char *name, const char *text, int64_t created_ms)
{
    size_t len;
    char *packed = fake_gzip(text, strlen(text), &len);
    struct fake_object *o = fake_put(name, packed, len, created_ms);

    free(packed);
    return o;
}

void fake_delete(const char *name)
{
    for (size_t i = 0; i < fake.object_count; i++) {
        if (strcmp(fake.objects[i].name, name) == 0) {
            free(fake.objects[i].name);
            free(fake.objects[i].data);
            fake.objects[i] = fake.objects[--fake.object_count];
            memset(&fake.objects[fake.object_count], 0, sizeof fake.objects[0]);
            return;
        }
    }
}

void fake_fault(struct fake_fault fault)
{
    assert_true(fake.fault_count < sizeof fake.faults / sizeof fake.faults[0]);
    fake.faults[fake.fault_count++] = fault;
}

struct cxd_bytes fake_options(const char *json)
{
    static bson_t *doc;
    bson_error_t error;

    if (doc != NULL) {
        bson_destroy(doc);
    }
    doc = json != NULL ? bson_new_from_json((const uint8_t *)json, -1, &error) : NULL;
    if (json == NULL) {
        return (struct cxd_bytes){NULL, 0};
    }
    assert_non_null(doc);
    return (struct cxd_bytes){(const char *)bson_get_data(doc), doc->len};
}

const struct cxd_module *cxd_module_entry(const struct cxd_host *host, struct cxd_error *err);

const struct cxd_module *fake_module(void)
{
    return cxd_module_entry(&fake_host, NULL);
}

void *fake_open(const char *options_json)
{
    const struct cxd_input_ops *ops = fake_module()->ops;
    struct cxd_error err = CXD_ERROR_INIT;
    void *instance = NULL;
    int status = ops->open(&fake_host, FAKE_SELF, fake_options(options_json), &instance, &err);

    if (status != 0) {
        print_error("open: %s\n", err.text);
    }
    assert_int_equal(status, 0);
    return instance;
}

void fake_close(void *instance)
{
    const struct cxd_input_ops *ops = fake_module()->ops;

    ops->close(instance);
    (void)fake_options(NULL);
    assert_int_equal(fake.live, 0);
    assert_int_equal(fake.transfers, 0);
}

static void fake_pass(int64_t ms)
{
    fake.mono_ms += ms;
    fake.wall_ms += ms;
}

int fake_poll(void *instance, struct cxd_error *err)
{
    const struct cxd_input_ops *ops = fake_module()->ops;
    struct cxd_error unused = CXD_ERROR_INIT;
    int64_t wait_ms = 0;
    int result = ops->poll(instance, &wait_ms, err != NULL ? err : &unused);

    if (result == CXD_POLL_IDLE || result == CXD_POLL_WAITING) {
        assert_true(wait_ms > 0);
        fake_pass(wait_ms);
    } else if (result == CXD_POLL_RETRY || result == CXD_POLL_FAILED) {
        fake_pass(err != NULL && err->retry_after_ms > 0 ? err->retry_after_ms : 1000);
    }
    return result;
}

int fake_poll_until(void *instance, int result, int polls, struct cxd_error *err)
{
    int last = -1;

    while (polls-- > 0 && last != result) {
        last = fake_poll(instance, err);
    }
    return last;
}

size_t fake_events(enum fake_kind kind)
{
    size_t count = 0;

    for (size_t i = 0; i < fake.item_count; i++) {
        count += fake.items[i].kind == kind;
    }
    return count;
}

const struct fake_item *fake_item(enum fake_kind kind, size_t index)
{
    for (size_t i = 0; i < fake.item_count; i++) {
        if (fake.items[i].kind == kind && index-- == 0) {
            return &fake.items[i];
        }
    }
    fail_msg("no such item");
    return NULL;
}

const struct fake_item *fake_last_mark(size_t before)
{
    while (before-- > 0) {
        if (fake.items[before].kind == FAKE_MARK) {
            return &fake.items[before];
        }
    }
    return NULL;
}

void fake_restart(void *instance, const struct fake_item *mark)
{
    fake_close(instance);
    if (mark != NULL) {
        free(fake.cursor);
        fake.cursor = malloc(mark->len);
        assert_non_null(fake.cursor);
        memcpy(fake.cursor, mark->text, mark->len);
        fake.cursor_len = mark->len;
    }
    fake_drop_items();
}

bool fake_lacks_kafka(void)
{
    struct cxd_error err = CXD_ERROR_INIT;
    void *instance = NULL;
    const struct cxd_input_ops *ops = fake_module()->ops;

    (void)ops->open(
        &fake_host, FAKE_SELF,
        fake_options("{\"project_id\":\"p\",\"alternative_host\":\"http://gcs\",\"buckets\":"
                     "[{\"name\":\"bkt\"}],\"coordination\":\"kafka\"}"),
        &instance, &err);
    return strstr(err.text, "librdkafka") != NULL;
}
