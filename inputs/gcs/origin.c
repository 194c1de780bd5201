/*
 * origin.c: makes events.
 *
 * Knows the fields that say where an event came from (the collector's part of the event data stream). Knows nothing of what is in
 * the record. Thread: the instance's.
 */
#include "origin.h"

#include <string.h>

#define ORIGIN_TEXT_MAX 32768u

/* Where a record lies names it, as long as the object is not written anew. */
static void origin_name(struct origin *origin, const struct heap *h, int64_t generation)
{
    _cleanup_(text_done) struct text text;
    unsigned char digest[64];
    size_t len = 0;

    text_init(&text, h, ORIGIN_TEXT_MAX);
    text_add(&text, origin->where.ptr, origin->where.len);
    text_put(&text, "#");
    text_number(&text, generation);
    if (text.status == 0 && CXD_HAS(h->host, digest) && h->host->digest != NULL &&
        CXD_HAS(h->host, event_offer_id) && h->host->event_offer_id != NULL) {
        (void)h->host->digest(CXD_DIGEST_SHA256, text.ptr, text.len, digest);
        len = h->host->base64(digest, ORIGIN_ID_LEN / 4 * 3, 1, origin->id, sizeof origin->id);
    }
    origin->id[len] = '\0'; /* empty: records have no names */
}

int origin_init(struct origin *origin, const struct heap *h, struct cxd_bytes bucket,
                const struct object *listed, struct cxd_bytes content_type, struct cxd_error *err)
{
    const struct cxd_bytes object = listed->name;

    text_init(&origin->gcs, h, ORIGIN_TEXT_MAX);
    text_init(&origin->log, h, ORIGIN_TEXT_MAX);
    text_init(&origin->where, h, ORIGIN_TEXT_MAX);
    text_put(&origin->where, "gs://");
    text_add(&origin->where, bucket.ptr, bucket.len);
    text_put(&origin->where, "/");
    text_add(&origin->where, object.ptr, object.len);
    text_put(&origin->gcs, "{\"storage\":{\"bucket\":{\"name\":");
    text_json(&origin->gcs, bucket);
    text_put(&origin->gcs, "},\"object\":{\"name\":");
    text_json(&origin->gcs, object);
    if (content_type.len > 0) {
        text_put(&origin->gcs, ",\"content_type\":");
        text_json(&origin->gcs, content_type);
    }
    text_put(&origin->gcs, "}}}");
    text_put(&origin->log, "{\"file\":{\"path\":");
    if (origin->where.status == 0) {
        text_json(&origin->log, text_bytes(&origin->where));
    }
    text_put(&origin->log, "},\"offset\":");
    if (origin->gcs.status != 0 || origin->log.status != 0 || origin->where.status != 0) {
        origin_done(origin);
        return cxd_error_set(err, CXD_NOMEM, "object's names: out of memory");
    }
    origin_name(origin, h, listed->generation);
    return 0;
}

void origin_done(struct origin *origin)
{
    text_done(&origin->gcs);
    text_done(&origin->log);
    text_done(&origin->where);
}

static struct cxd_value origin_object(const char *ptr, size_t len)
{
    return (struct cxd_value){.ptr = ptr, .len = (uint32_t)len, .kind = CXD_KIND_OBJECT};
}

/* Digits of a non-negative number, written backwards before `end`: the first one. */
static char *origin_digits(char *end, int64_t number)
{
    uint64_t rest = (uint64_t)number;

    do {
        *--end = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest > 0);
    return end;
}

/* Given for data that no mapping names by its content. */
static void origin_offer(const struct heap *h, const struct origin *origin, struct cxd_event *ev,
                         const char *digits, size_t len)
{
    char id[ORIGIN_ID_LEN + 1 + 24];

    if (origin->id[0] != '\0') {
        memcpy(id, origin->id, ORIGIN_ID_LEN);
        id[ORIGIN_ID_LEN] = '-';
        memcpy(id + ORIGIN_ID_LEN + 1, digits, len);
        h->host->event_offer_id(ev, (struct cxd_bytes){id, ORIGIN_ID_LEN + 1 + len});
    }
}

/* {"file":{...},"offset":N} in the event's memory, and N as part of its name. */
static bool origin_log(const struct heap *h, const struct origin *origin, int64_t offset,
                       struct cxd_event *ev, struct cxd_value *ret)
{
    char room[24];
    char *end = room + sizeof room;
    char *digits = origin_digits(end, offset);
    size_t digit_len = (size_t)(end - digits);
    size_t len = origin->log.len + digit_len + 1;
    char *text = h->host->event_alloc(ev, len);

    if (text == NULL) {
        return false;
    }
    memcpy(text, origin->log.ptr, origin->log.len);
    memcpy(text + origin->log.len, digits, digit_len);
    text[len - 1] = '}';
    origin_offer(h, origin, ev, digits, digit_len);
    *ret = origin_object(text, len);
    return true;
}

static const char origin_cloud[] = "{\"provider\":\"google cloud\"}";

/* An event with its origin, open. On failure there is none. */
static int origin_event(const struct heap *h, const struct origin *origin, int64_t offset,
                        struct cxd_bytes message, struct cxd_event **ret_event,
                        struct cxd_error *err)
{
    const struct cxd_host *host = h->host;
    struct cxd_error why = CXD_ERROR_INIT;
    struct cxd_event *ev;
    struct cxd_node *root;
    struct cxd_value log;
    int status = host->event_new(h->self, &ev, err);

    if (status < 0) {
        return status;
    }
    host->event_set_message(ev, message);
    root = host->event_root(ev);
    if (root != NULL && origin_log(h, origin, offset, ev, &log) &&
        host->node_put(ev, root, CXD_LIT("gcs"), origin_object(origin->gcs.ptr, origin->gcs.len)) !=
            NULL &&
        host->node_put(ev, root, CXD_LIT("log"), log) != NULL &&
        host->node_put(ev, root, CXD_LIT("cloud"),
                       origin_object(origin_cloud, sizeof origin_cloud - 1)) != NULL) {
        *ret_event = ev;
        return 0;
    }
    /* nothing but reject gives an event back; the record is in the dead letters then, with this reason, and not lost */
    (void)cxd_error_set(&why, CXD_NOMEM, "%s offset %lld: out of memory", origin->where.ptr,
                        (long long)offset);
    status = host->reject(h->self, ev, &why);
    return status < 0 ? cxd_error_set(err, status, "%s", why.text) : ORIGIN_REJECTED;
}

static int origin_reject(const struct heap *h, const struct origin *origin,
                         const struct decode_record *record, struct cxd_event *ev,
                         struct cxd_error *why, struct cxd_error *err)
{
    int status;

    (void)cxd_error_wrap(why, "%s line %lld, offset %lld", origin->where.ptr,
                         (long long)record->line, (long long)record->offset);
    status = h->host->reject(h->self, ev, why);
    if (status < 0) {
        return cxd_error_set(err, status, "%s: the dead letter could not be kept",
                             origin->where.ptr);
    }
    return ORIGIN_REJECTED;
}

int origin_hand_over(const struct heap *h, const struct origin *origin,
                     const struct decode_record *record, bool too_large, size_t max,
                     struct cxd_error *err)
{
    struct cxd_error why = CXD_ERROR_INIT;
    const struct cxd_record *scanned;
    struct cxd_event *ev;
    int status = origin_event(h, origin, record->offset, record->text, &ev, err);

    if (status != 0) {
        return status;
    }
    if (too_large) {
        (void)cxd_error_set(&why, CXD_TOO_LARGE,
                            "record is larger than max_line_size (%zu bytes); its first %zu bytes "
                            "are kept",
                            max, record->text.len);
        return origin_reject(h, origin, record, ev, &why, err);
    }
    status = h->host->event_record(ev, &scanned, &why);
    if (status < 0) {
        return origin_reject(h, origin, record, ev, &why, err);
    }
    status = h->host->emit(h->self, ev, err);
    return status < 0 ? status : ORIGIN_EMITTED;
}

int origin_bury(const struct heap *h, const struct origin *origin, int64_t generation,
                int64_t delivered, const struct cxd_error *why, struct cxd_error *err)
{
    _cleanup_(text_done) struct text message;
    struct cxd_event *ev;
    int status;

    text_init(&message, h, ORIGIN_TEXT_MAX);
    text_put(&message, "{\"object\":");
    text_json(&message, text_bytes(&origin->where));
    text_put(&message, ",\"generation\":");
    text_number(&message, generation);
    text_put(&message, ",\"bytes_delivered\":");
    text_number(&message, delivered);
    text_put(&message, "}");
    if (message.status != 0) {
        return cxd_error_set(err, CXD_NOMEM, "%s: out of memory", origin->where.ptr);
    }
    status = origin_event(h, origin, delivered, text_bytes(&message), &ev, err);
    if (status != 0) {
        return status < 0 ? status : 0;
    }
    status = h->host->reject(h->self, ev, why);
    return status < 0 ? cxd_error_set(err, status, "%s: the dead letter could not be kept",
                                      origin->where.ptr)
                      : 0;
}
