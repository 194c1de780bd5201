/*
 * identity.c: the id of an alert's or incident's document, as Elasticsearch's own fingerprint of the same fields: SHA-1 over a
 * zero byte and the value of each, in Base64. Numbers count as the bytes that a Java program holds them in.
 */
#include "whole.h"

#include "number.h"
#include "sha1.h"

#include <string.h>

#define ID_TEXT_LEN 28

static const unsigned char zero = 0;

/* Least significant byte first. */
static void feed_number(struct sha1 *sha1, uint64_t number, unsigned bytes)
{
    unsigned char out[8];

    for (unsigned i = 0; i < bytes; i++) {
        out[i] = (unsigned char)(number >> (8 * i));
    }
    sha1_add(sha1, out, bytes);
}

static bool is_whole(const struct cxd_value *value)
{
    for (uint32_t i = 0; i < value->len; i++) {
        if (strchr(".eE", value->ptr[i]) != NULL) {
            return false;
        }
    }
    return true;
}

static int stop_number(struct map *map, const struct cxd_value *value)
{
    return fault_stop(map, "fingerprint", "id", "the number [%s] is too large",
                      fault_excerpt(map, value));
}

static int add_number(struct map *map, struct sha1 *sha1, const struct cxd_value *value)
{
    int64_t number;
    uint64_t bits;
    double real;

    if (is_whole(value)) {
        if (!number_parse_decimal(value->ptr, value->len, &number)) {
            return stop_number(map, value);
        }
        feed_number(sha1, (uint64_t)number,
                    number >= INT32_MIN && number <= INT32_MAX ? sizeof(int32_t) : sizeof number);
        return CXD_OK;
    }
    if (!number_parse_double(value->ptr, value->len, map->plain, &real)) {
        return stop_number(map, value);
    }
    memcpy(&bits, &real, sizeof bits);
    feed_number(sha1, bits, sizeof bits);
    return CXD_OK;
}

static int add_scalar(struct map *map, struct sha1 *sha1, const struct cxd_value *value)
{
    struct cxd_bytes text;

    sha1_add(sha1, &zero, 1);
    switch (value->kind) {
    case CXD_KIND_STRING:
        if (!value_bytes(map, value, &text)) {
            return CXD_NOMEM;
        }
        sha1_add(sha1, text.ptr, text.len);
        return CXD_OK;
    case CXD_KIND_NUMBER:
        return add_number(map, sha1, value);
    case CXD_KIND_TRUE:
    case CXD_KIND_FALSE:
        feed_number(sha1, value->kind == CXD_KIND_TRUE ? 1 : 2, 1);
        return CXD_OK;
    default:
        return CXD_OK; /* null */
    }
}

static int compare_names(const struct cxd_node *a, const struct cxd_node *b)
{
    size_t len = a->key_len < b->key_len ? a->key_len : b->key_len;
    int order = memcmp(a->key, b->key, len);

    return order != 0 ? order : (a->key_len > b->key_len) - (a->key_len < b->key_len);
}

/* The member that comes after `last` in the order of names; NULL: none. Objects here are tiny, when there are any. */
static struct cxd_node *next_member(const struct cxd_node *object, const struct cxd_node *last)
{
    struct cxd_node *best = NULL;

    for (struct cxd_node *at = object->first; at != NULL; at = at->next) {
        if ((last == NULL || compare_names(at, last) > 0) &&
            (best == NULL || compare_names(at, best) < 0)) {
            best = at;
        }
    }
    return best;
}

/* The depth is that of the record, which the scanner bounds. */
static int add_value(struct map *map, struct sha1 *sha1, struct cxd_node *node, unsigned *budget)
{
    int status = CXD_OK;

    if (node->value.kind != CXD_KIND_LIST && node->value.kind != CXD_KIND_OBJECT) {
        return add_scalar(map, sha1, &node->value);
    }
    status = slot_expand(map, node);
    if (node->value.kind == CXD_KIND_LIST) {
        for (struct cxd_node *at = node->first; status == CXD_OK && at != NULL; at = at->next) {
            status = add_value(map, sha1, at, budget);
        }
        return status;
    }
    for (struct cxd_node *at = next_member(node, NULL); status == CXD_OK && at != NULL;
         at = next_member(node, at)) {
        struct cxd_value name = {.ptr = at->key, .len = at->key_len, .kind = CXD_KIND_STRING};
        name.flags = memchr(at->key, '\\', at->key_len) != NULL ? CXD_VALUE_ESCAPED : 0;
        if ((*budget)-- == 0) {
            return fault_stop(map, "fingerprint", "id", "too many members for an id");
        }
        status = add_scalar(map, sha1, &name);
        status = status == CXD_OK ? add_value(map, sha1, at, budget) : status;
    }
    return status;
}

int identity_set(struct map *map)
{
    unsigned char digest[SHA1_LEN];
    char id[ID_TEXT_LEN + 1];
    unsigned budget = 1000;
    bool has_any = false;
    struct sha1 sha1;
    size_t len;

    sha1_init(&sha1);
    for (unsigned i = 0; i < map->table->id_count; i++) {
        struct cxd_node *node = map->slot[map->table->id[i]];
        int status;
        if (node == NULL || node->value.kind == CXD_KIND_NULL) {
            continue;
        }
        has_any = true;
        status = add_value(map, &sha1, node, &budget);
        if (status != CXD_OK) {
            return status;
        }
    }
    if (!has_any) {
        return CXD_OK;
    }
    sha1_end(&sha1, digest);
    len = map->host->base64(digest, sizeof digest, 0, id, sizeof id);
    map->host->event_set_id(map->event, (struct cxd_bytes){id, len});
    return CXD_OK;
}
