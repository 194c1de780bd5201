/*
 * list.c: the list reply and the error reply of the JSON API.
 *
 * Knows their shapes. 64-bit numbers come as strings there. Thread: the instance's.
 */
#include "list.h"

#include "member.h"
#include "stamp.h"

#include <json-c/json.h>
#include <limits.h>
#include <string.h>

#define LIST_DEPTH 32

/* The parser keeps the last strings in a buffer of its own, out of reach: another string as long covers them. */
static void list_scrub(struct json_tokener *tokener, size_t len)
{
    static const char filler[] = "----------------------------------------------------------------";

    json_tokener_reset(tokener);
    (void)json_tokener_parse_ex(tokener, "\"", 1);
    for (size_t done = 0; done < len; done += sizeof filler - 1) {
        (void)json_tokener_parse_ex(tokener, filler, (int)sizeof filler - 1);
    }
}

struct json_object *list_tree(struct cxd_bytes text, bool secret)
{
    struct json_tokener *tokener;
    struct json_object *tree;
    bool whole;

    if (text.len == 0 || text.len > INT_MAX / 2) {
        return NULL;
    }
    tokener = json_tokener_new_ex(LIST_DEPTH);
    if (tokener == NULL) {
        return NULL;
    }
    tree = json_tokener_parse_ex(tokener, text.ptr, (int)text.len);
    whole = json_tokener_get_error(tokener) == json_tokener_success;
    for (size_t i = json_tokener_get_parse_end(tokener); whole && i < text.len; i++) {
        whole = strchr(" \t\r\n", text.ptr[i]) != NULL && text.ptr[i] != '\0';
    }
    if (secret) {
        list_scrub(tokener, text.len);
    }
    json_tokener_free(tokener);
    if (!whole) {
        json_object_put(tree);
        return NULL;
    }
    return tree;
}

static bool list_number(struct json_object *of, const char *name, int64_t *ret)
{
    struct json_object *member;
    struct cxd_bytes text = member_text(of, name);

    if (text.len > 0) {
        return number_parse(text.ptr, text.len, ret);
    }
    if (!json_object_object_get_ex(of, name, &member) ||
        !json_object_is_type(member, json_type_int)) {
        return false;
    }
    *ret = json_object_get_int64(member);
    return true;
}

static int64_t list_time(struct json_object *of, const char *name)
{
    struct cxd_bytes text = member_text(of, name);
    int64_t ms;

    return text.len > 0 && stamp_parse(text.ptr, text.len, &ms) ? ms : -1;
}

int list_parse(struct cxd_bytes reply, struct list_page *ret_page, struct cxd_error *err)
{
    struct list_page page = {0};

    if (reply.len > LIST_PAGE_MAX) {
        return cxd_error_set(err, CXD_TOO_LARGE, "list reply is larger than %u bytes",
                             LIST_PAGE_MAX);
    }
    page.tree = list_tree(reply, false);
    if (!json_object_is_type(page.tree, json_type_object)) {
        json_object_put(page.tree);
        return cxd_error_set(err, CXD_PROTOCOL, "list reply is not a JSON object");
    }
    if (json_object_object_get_ex(page.tree, "items", &page.items)) {
        if (!json_object_is_type(page.items, json_type_array)) {
            json_object_put(page.tree);
            return cxd_error_set(err, CXD_PROTOCOL, "list reply: items is not a list");
        }
        page.count = json_object_array_length(page.items);
    }
    page.next_token = member_text(page.tree, "nextPageToken");
    *ret_page = page;
    return 0;
}

int list_object(const struct list_page *page, size_t index, struct object *ret_object,
                struct cxd_error *err)
{
    struct json_object *item = json_object_array_get_idx(page->items, index);
    struct object o = {.size = -1};
    int64_t created;

    if (!json_object_is_type(item, json_type_object)) {
        return cxd_error_set(err, CXD_PROTOCOL, "list reply: item %zu is not an object", index);
    }
    o.name = member_text(item, "name");
    if (o.name.len == 0 || o.name.len > LIST_NAME_MAX) {
        return cxd_error_set(err, CXD_PROTOCOL, "list reply: item %zu has no usable name", index);
    }
    if (!list_number(item, "generation", &o.generation) || o.generation < 0) {
        return cxd_error_set(err, CXD_PROTOCOL, "list reply: item %zu has no generation", index);
    }
    if (!list_number(item, "size", &o.size) || o.size < 0) {
        o.size = -1;
    }
    o.content_type = member_text(item, "contentType");
    o.content_encoding = member_text(item, "contentEncoding");
    o.updated_ms = list_time(item, "updated");
    created = list_time(item, "timeCreated");
    created = created >= 0 ? created : o.updated_ms;
    o.created_s = created >= 0 && created / 1000 < LIST_TIME_UNKNOWN ? (uint32_t)(created / 1000)
                                                                     : LIST_TIME_UNKNOWN;
    *ret_object = o;
    return 0;
}

void list_page_done(struct list_page *page)
{
    json_object_put(page->tree);
    *page = (struct list_page){0};
}

void list_error_reason(struct cxd_bytes reply, char *out, size_t room)
{
    struct json_object *tree = list_tree(reply, false);
    struct json_object *error = NULL;
    struct json_object *errors = NULL;
    struct json_object *first = NULL;
    struct cxd_bytes reason = {NULL, 0};

    if (json_object_is_type(tree, json_type_object) &&
        json_object_object_get_ex(tree, "error", &error) &&
        json_object_is_type(error, json_type_object)) {
        if (json_object_object_get_ex(error, "errors", &errors) &&
            json_object_is_type(errors, json_type_array)) {
            first = json_object_array_get_idx(errors, 0);
        }
        if (json_object_is_type(first, json_type_object)) {
            reason = member_text(first, "reason");
        }
    }
    /* only a word may reach a log line: a foreign text could be anything */
    (void)snprintf(out, room, "%.*s",
                   (int)strspn(reason.len > 0 ? reason.ptr : "",
                               "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-"),
                   reason.len > 0 ? reason.ptr : "");
    json_object_put(tree);
}
