/*
 * reply.c: the quick way for "all were created", which is nearly always, and json-c for everything else.
 */
#include "reply.h"

#include "verdict.h"

#include <json-c/json.h>

#define REPLY_DEPTH_MAX 16

static const char quick_head[] = "{\"errors\":false,\"items\":[";
static const char quick_item[] = "{\"create\":{\"status\":201}}";

/* Exactly the text that says: count documents created. Filtered replies are compact and have these two members. */
static int is_all_created(struct cxd_bytes body, uint32_t count)
{
    size_t head = sizeof quick_head - 1;
    size_t item = sizeof quick_item - 1;
    const char *at = body.ptr + head;

    if (count == 0 || body.len != head + count * (item + 1) + 1 ||
        memcmp(body.ptr, quick_head, head) != 0) {
        return 0;
    }
    for (uint32_t i = 0; i < count; i++, at += item + 1) {
        if (memcmp(at, quick_item, item) != 0 || at[item] != (i + 1 < count ? ',' : ']')) {
            return 0;
        }
    }
    return *at == '}';
}

/* body.len is at most the caller's limit, far below INT_MAX. */
static struct json_object *tree_parse(struct cxd_bytes body)
{
    struct json_tokener *tokener = json_tokener_new_ex(REPLY_DEPTH_MAX);
    struct json_object *tree;
    size_t end;

    if (tokener == NULL) {
        return NULL;
    }
    tree = json_tokener_parse_ex(tokener, body.ptr, (int)body.len);
    end = json_tokener_get_parse_end(tokener);
    while (end < body.len && strchr(" \t\r\n", body.ptr[end]) != NULL && body.ptr[end] != '\0') {
        end++;
    }
    if (json_tokener_get_error(tokener) != json_tokener_success || end != body.len) {
        json_object_put(tree);
        tree = NULL;
    }
    json_tokener_free(tokener);
    return tree;
}

static struct cxd_bytes text_member(struct json_object *object, const char *name)
{
    struct json_object *member = NULL;

    if (!json_object_is_type(object, json_type_object) ||
        !json_object_object_get_ex(object, name, &member) ||
        !json_object_is_type(member, json_type_string)) {
        return (struct cxd_bytes){NULL, 0};
    }
    return (struct cxd_bytes){json_object_get_string(member),
                              (size_t)json_object_get_string_len(member)};
}

/* The inner object of {"create":{..}} and its status; NULL: not an item. */
static struct json_object *item_get(struct json_object *items, size_t i, int *ret_status)
{
    struct json_object *outer = json_object_array_get_idx(items, i);
    struct json_object *inner = NULL;
    struct json_object *status = NULL;

    if (!json_object_is_type(outer, json_type_object) ||
        !json_object_object_get_ex(outer, "create", &inner) ||
        !json_object_is_type(inner, json_type_object) ||
        !json_object_object_get_ex(inner, "status", &status) ||
        !json_object_is_type(status, json_type_int)) {
        return NULL;
    }
    *ret_status = json_object_get_int(status);
    return inner;
}

/* Which of two statuses says more about what must be done. */
static int weight(int status)
{
    static const int order[] = {CXD_OK,     CXD_PROTOCOL,  CXD_SERVER, CXD_THROTTLED,
                                CXD_CONFIG, CXD_FORBIDDEN, CXD_AUTH};
    int n = (int)(sizeof order / sizeof order[0]);

    for (int i = 0; i < n; i++) {
        if (order[i] == status) {
            return i;
        }
    }
    return n;
}

static void outcome_set(struct json_object *item, int http_status, struct cxd_outcome *outcome,
                        struct notes *notes, struct reply_sum *sum)
{
    struct json_object *error = NULL;
    struct cxd_bytes type;
    struct cxd_bytes reason;
    struct verdict verdict;

    (void)json_object_object_get_ex(item, "error", &error);
    type = text_member(error, "type");
    reason = text_member(error, "reason");
    verdict = verdict_item(http_status, type, reason);
    outcome->result = verdict.result;
    outcome->http_status = http_status;
    if (verdict.result == CXD_RESULT_DELIVERED || verdict.result == CXD_RESULT_DUPLICATE) {
        struct cxd_bytes store = text_member(item, "failure_store");
        sum->redirected += store.len == 4 && memcmp(store.ptr, "used", 4) == 0;
        return;
    }
    outcome->reason =
        notes_add(notes, type.len > 0 ? type : CXD_LIT("refused without a reason"), reason);
    if (weight(verdict.status) > weight(sum->status)) {
        *sum = (struct reply_sum){verdict.status, verdict.advice, outcome->reason, sum->redirected};
    }
}

static int items_read(struct json_object *tree, struct cxd_outcome *outcomes, uint32_t count,
                      struct notes *notes, struct reply_sum *sum, struct cxd_error *err)
{
    struct json_object *items = NULL;
    int status = 0;

    if (!json_object_is_type(tree, json_type_object) ||
        !json_object_object_get_ex(tree, "items", &items) ||
        !json_object_is_type(items, json_type_array)) {
        return cxd_error_set(err, CXD_PROTOCOL, "bulk reply: no list of items");
    }
    if (json_object_array_length(items) != count) {
        return cxd_error_set(err, CXD_PROTOCOL, "bulk reply: %zu items for %u documents",
                             json_object_array_length(items), count);
    }
    for (uint32_t i = 0; i < count; i++) {
        if (item_get(items, i, &status) == NULL) {
            return cxd_error_set(err, CXD_PROTOCOL, "bulk reply: item %u has no create.status", i);
        }
    }
    for (uint32_t i = 0; i < count; i++) {
        struct json_object *item = item_get(items, i, &status);

        outcome_set(item, status, &outcomes[i], notes, sum);
    }
    return CXD_OK;
}

int reply_read(struct cxd_bytes body, struct cxd_outcome *outcomes, uint32_t count,
               struct notes *notes, struct reply_sum *ret_sum, struct cxd_error *err)
{
    struct reply_sum sum = {0};
    struct json_object *tree;
    int r;

    if (is_all_created(body, count)) {
        for (uint32_t i = 0; i < count; i++) {
            outcomes[i] = (struct cxd_outcome){CXD_RESULT_DELIVERED, 201, {NULL, 0}};
        }
        *ret_sum = sum;
        return CXD_OK;
    }
    tree = tree_parse(body);
    if (tree == NULL) {
        return cxd_error_set(err, CXD_PROTOCOL, "bulk reply: not JSON, cut off, or too deep");
    }
    r = items_read(tree, outcomes, count, notes, &sum, err);
    json_object_put(tree);
    if (r == CXD_OK) {
        *ret_sum = sum;
    }
    return r;
}
