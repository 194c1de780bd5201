/*
 * ref.c: messages to structs and back. What comes from the topic may be anything: every member is looked at before it counts.
 *
 * Pure. Thread: the instance's.
 */
#include "share/ref.h"

#include "member.h"

#include <json-c/json.h>
#include <string.h>

/* otherwise: when it is not there. False: there, and no whole number from min to max. */
static bool ref_number(struct json_object *of, const char *name, const int64_t range[2],
                       int64_t otherwise, int64_t *ret)
{
    struct json_object *member;
    int64_t number;

    *ret = otherwise;
    if (!json_object_object_get_ex(of, name, &member)) {
        return true;
    }
    if (!json_object_is_type(member, json_type_int)) {
        return false;
    }
    number = json_object_get_int64(member);
    *ret = number;
    return number >= range[0] && number <= range[1];
}

static bool ref_is_name(struct cxd_bytes text, size_t max)
{
    return text.len > 0 && text.len <= max && memchr(text.ptr, '\0', text.len) == NULL;
}

static int ref_object(struct ref *ref, struct cxd_error *err)
{
    static const int64_t any[2] = {0, INT64_MAX - 1};
    static const int64_t sizes[2] = {-1, INT64_MAX - 1};
    static const int64_t seconds[2] = {0, LIST_TIME_UNKNOWN};
    static const int64_t rounds[2] = {0, REF_ROUNDS_MAX};
    struct object *o = &ref->object;
    int64_t created = 0;
    int64_t round = 0;

    o->name = member_text(ref->tree, "name");
    o->content_type = member_text(ref->tree, "content_type");
    o->content_encoding = member_text(ref->tree, "content_encoding");
    if (!ref_is_name(o->name, LIST_NAME_MAX) || o->content_type.len > REF_TEXT_MAX ||
        o->content_encoding.len > REF_TEXT_MAX) {
        return cxd_error_set(err, CXD_MALFORMED, "reference without a usable name");
    }
    if (!ref_number(ref->tree, "generation", any, -1, &o->generation) || o->generation < 0) {
        return cxd_error_set(err, CXD_MALFORMED, "reference without a generation");
    }
    if (!ref_number(ref->tree, "size", sizes, -1, &o->size) ||
        !ref_number(ref->tree, "updated", sizes, -1, &o->updated_ms) ||
        !ref_number(ref->tree, "created", seconds, LIST_TIME_UNKNOWN, &created) ||
        !ref_number(ref->tree, "rounds", rounds, 0, &round) ||
        !ref_number(ref->tree, "not_before", any, 0, &ref->not_before_ms)) {
        return cxd_error_set(err, CXD_MALFORMED, "reference with a number out of range");
    }
    o->created_s = (uint32_t)created;
    ref->rounds = (uint32_t)round;
    return 0;
}

static int ref_listed(struct ref *ref, struct cxd_error *err)
{
    static const int64_t seconds[2] = {-1, LIST_TIME_UNKNOWN - 1};

    ref->prefix = member_text(ref->tree, "prefix");
    ref->prefix = ref->prefix.len > 0 ? ref->prefix : CXD_LIT("");
    ref->done = member_text(ref->tree, "done");
    if (ref->prefix.len > LIST_NAME_MAX ||
        !ref_number(ref->tree, "mark", seconds, -1, &ref->mark_s) ||
        ref->done.len % (2 * (size_t)DONE_ENTRY) != 0 ||
        ref->done.len > 2 * (size_t)DONE_ENTRY * REF_LISTED_MAX) {
        return cxd_error_set(err, CXD_MALFORMED, "list of published objects is damaged");
    }
    for (size_t i = 0; i < ref->done.len; i++) {
        char c = ref->done.ptr[i];

        if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'))) {
            return cxd_error_set(err, CXD_MALFORMED, "list of published objects is damaged");
        }
    }
    return 0;
}

static int ref_parts(struct ref *ref, struct cxd_error *err)
{
    static const int64_t any[2] = {0, INT64_MAX - 1};
    static const int64_t versions[2] = {1, INT64_MAX};
    struct cxd_bytes kind = member_text(ref->tree, "kind");
    int64_t version;

    if (!ref_number(ref->tree, "v", versions, 0, &version) || version < 1) {
        return cxd_error_set(err, CXD_MALFORMED, "not a message of agents that share a bucket");
    }
    if (version > REF_VERSION) {
        return cxd_error_set(err, CXD_UNSUPPORTED,
                             "a message of a newer cortexd (version %lld): upgrade this agent",
                             (long long)version);
    }
    if (!ref_number(ref->tree, "epoch", any, 0, &ref->epoch)) {
        return cxd_error_set(err, CXD_MALFORMED, "epoch out of range");
    }
    if (kind.len == 4 && memcmp(kind.ptr, "anew", 4) == 0) {
        ref->kind = REF_ANEW;
        return 0;
    }
    ref->bucket = member_text(ref->tree, "bucket");
    if (!ref_is_name(ref->bucket, 222)) {
        return cxd_error_set(err, CXD_MALFORMED, "reference without a bucket");
    }
    if (kind.len == 6 && memcmp(kind.ptr, "object", 6) == 0) {
        ref->kind = REF_OBJECT;
        return ref_object(ref, err);
    }
    if (kind.len == 6 && memcmp(kind.ptr, "listed", 6) == 0) {
        ref->kind = REF_LISTED;
        return ref_listed(ref, err);
    }
    return cxd_error_set(err, CXD_MALFORMED, "kind is none of object, listed and anew");
}

int ref_read(struct cxd_bytes message, struct ref *ret_ref, struct cxd_error *err)
{
    struct ref ref = {0};
    int status;

    if (message.len > REF_MAX) {
        return cxd_error_set(err, CXD_TOO_LARGE, "message of %zu bytes; at most %u are read",
                             message.len, REF_MAX);
    }
    ref.tree = list_tree(message, false);
    if (!json_object_is_type(ref.tree, json_type_object)) {
        json_object_put(ref.tree);
        return cxd_error_set(err, CXD_MALFORMED, "not a JSON object");
    }
    status = ref_parts(&ref, err);
    if (status < 0) {
        ref_done(&ref);
        return status;
    }
    *ret_ref = ref;
    return 0;
}

void ref_done(struct ref *ref)
{
    json_object_put(ref->tree);
    *ref = (struct ref){0};
}

static unsigned ref_digit(char c)
{
    return (unsigned)(c <= '9' ? c - '0' : c - 'a' + 10);
}

bool ref_entry(const struct ref *ref, size_t index, struct done_entry *ret_entry)
{
    unsigned char bytes[DONE_ENTRY];
    const char *at;

    if (index >= ref->done.len / (2 * (size_t)DONE_ENTRY)) {
        return false;
    }
    at = ref->done.ptr + index * 2 * DONE_ENTRY;
    for (size_t i = 0; i < DONE_ENTRY; i++) {
        bytes[i] = (unsigned char)(ref_digit(at[2 * i]) << 4 | ref_digit(at[2 * i + 1]));
    }
    memcpy(ret_entry->id, bytes, sizeof ret_entry->id);
    memcpy(ret_entry->created, bytes + sizeof ret_entry->id, sizeof ret_entry->created);
    return true;
}

static void ref_begin(struct text *out, const char *kind, int64_t epoch)
{
    text_clear(out);
    text_put(out, "{\"v\":");
    text_number(out, REF_VERSION);
    text_put(out, ",\"kind\":\"");
    text_put(out, kind);
    text_put(out, "\",\"epoch\":");
    text_number(out, epoch);
}

static void ref_member(struct text *out, const char *name, struct cxd_bytes value)
{
    if (value.len > 0) {
        text_put(out, name);
        text_json(out, value);
    }
}

static void ref_count(struct text *out, const char *name, int64_t number, int64_t none)
{
    if (number != none) {
        text_put(out, name);
        text_number(out, number);
    }
}

void ref_write_object(struct text *out, const struct ref *ref)
{
    const struct object *o = &ref->object;

    ref_begin(out, "object", ref->epoch);
    ref_member(out, ",\"bucket\":", ref->bucket);
    ref_member(out, ",\"name\":", o->name);
    ref_count(out, ",\"generation\":", o->generation, -1);
    ref_count(out, ",\"size\":", o->size, -1);
    ref_count(out, ",\"created\":", o->created_s, LIST_TIME_UNKNOWN);
    ref_count(out, ",\"updated\":", o->updated_ms, -1);
    ref_member(out, ",\"content_type\":", o->content_type);
    ref_member(out, ",\"content_encoding\":", o->content_encoding);
    ref_count(out, ",\"rounds\":", ref->rounds, 0);
    ref_count(out, ",\"not_before\":", ref->not_before_ms, 0);
    text_put(out, "}");
}

void ref_write_listed(struct text *out, int64_t epoch, struct cxd_bytes bucket,
                      struct cxd_bytes prefix, int64_t mark_s, const struct done_entry *entries,
                      size_t count)
{
    static const char digits[] = "0123456789abcdef";

    ref_begin(out, "listed", epoch);
    ref_member(out, ",\"bucket\":", bucket);
    ref_member(out, ",\"prefix\":", prefix);
    ref_count(out, ",\"mark\":", mark_s, -1);
    text_put(out, ",\"done\":\"");
    for (size_t i = 0; i < count; i++) {
        unsigned char bytes[DONE_ENTRY];
        char hex[2 * DONE_ENTRY];

        memcpy(bytes, entries[i].id, sizeof entries[i].id);
        memcpy(bytes + sizeof entries[i].id, entries[i].created, sizeof entries[i].created);
        for (size_t b = 0; b < DONE_ENTRY; b++) {
            hex[2 * b] = digits[bytes[b] >> 4];
            hex[2 * b + 1] = digits[bytes[b] & 15];
        }
        text_add(out, hex, sizeof hex);
    }
    text_put(out, "\"}");
}

void ref_write_anew(struct text *out, int64_t epoch)
{
    ref_begin(out, "anew", epoch);
    text_put(out, "}");
}
