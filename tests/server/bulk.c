/*
 * The bulk body's line grammar. Action lines are kept whole and read by a small scanner of their own (flat objects only);
 * documents pass through untouched. Knows nothing of HTTP or of what becomes of an item.
 */
#include "bulk.h"

#include <json-c/json.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "buffer.h"

struct bulk_slice {
    const char *text;
    size_t len;
};

struct bulk {
    struct bulk_options options;
    char index[256];
    bool in_document;
    bool failed;
    unsigned line;
    size_t action_len;
    size_t document_len; /* counted, when not kept */
    struct buffer document;
    struct bulk_item item;
    const char *type;
    char reason[BULK_REASON_BYTES];
    char action[BULK_ACTION_MAX];
    char decoded[BULK_ACTION_MAX]; /* texts of the action line that held escapes */
    size_t decoded_len;
};

__attribute__((format(printf, 3, 4))) static bool bulk_fail(struct bulk *bulk, const char *type,
                                                            const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(bulk->reason, sizeof bulk->reason, format, args);
    va_end(args);
    bulk->type = type;
    bulk->failed = true;
    return false;
}

static const char *bulk_blank(const char *at)
{
    return at + strspn(at, " \t\r");
}

/* A JSON string at `at`; returns what follows it, or NULL. */
static const char *bulk_string(struct bulk *bulk, const char *at, struct bulk_slice *ret_slice)
{
    if (*at != '"') {
        return NULL;
    }
    const char *start = ++at;
    bool escaped = false;
    for (; *at && *at != '"'; at++) {
        if (*at == '\\') {
            escaped = true;
            at++;
            if (!*at) {
                return NULL;
            }
        }
    }
    if (!*at) {
        return NULL;
    }
    *ret_slice = (struct bulk_slice){.text = start, .len = (size_t)(at - start)};
    if (!escaped) {
        return at + 1;
    }
    struct json_tokener *tokener = json_tokener_new();
    struct json_object *text =
        tokener ? json_tokener_parse_ex(tokener, start - 1, (int)(at - start) + 2) : NULL;
    json_tokener_free(tokener);
    size_t len = (size_t)json_object_get_string_len(text);
    bool ok = text && len <= sizeof bulk->decoded - bulk->decoded_len;
    if (ok) {
        char *copy = bulk->decoded + bulk->decoded_len;
        memcpy(copy, json_object_get_string(text), len);
        bulk->decoded_len += len;
        *ret_slice = (struct bulk_slice){.text = copy, .len = len};
    }
    json_object_put(text);
    return ok ? at + 1 : NULL;
}

/* A value without inner structure; *ret_is_text tells a string. */
static const char *bulk_value(struct bulk *bulk, const char *at, struct bulk_slice *ret_slice,
                              bool *ret_is_text)
{
    *ret_is_text = *at == '"';
    if (*ret_is_text) {
        return bulk_string(bulk, at, ret_slice);
    }
    size_t len = strspn(at, "0123456789+-.eEtrufalsn");
    *ret_slice = (struct bulk_slice){.text = at, .len = len};
    return len ? at + len : NULL;
}

static bool bulk_is(const struct bulk_slice *slice, const char *text)
{
    return slice->len == strlen(text) && memcmp(slice->text, text, slice->len) == 0;
}

/* "key": value and the comma or brace after it; NULL: malformed. */
static const char *bulk_member(struct bulk *bulk, const char *at)
{
    struct bulk_slice key, value;
    bool is_text = false;
    at = bulk_string(bulk, at, &key);
    at = at ? bulk_blank(at) : NULL;
    if (!at || *at != ':') {
        return NULL;
    }
    at = bulk_value(bulk, bulk_blank(at + 1), &value, &is_text);
    if (!at) {
        return NULL;
    }
    if (bulk_is(&key, "_index") && is_text) {
        bulk->item.index = value.text;
        bulk->item.index_len = value.len;
    } else if (bulk_is(&key, "_id") && !bulk_is(&value, "null")) {
        bulk->item.id = value.text;
        bulk->item.id_len = value.len;
    }
    return bulk_blank(at);
}

/* The members of the action's object, from after its brace to after the line's last one. */
static bool bulk_members(struct bulk *bulk, const char *at)
{
    at = bulk_blank(at);
    bool more = *at != '}';
    while (more) {
        at = bulk_member(bulk, at);
        if (!at || (*at != ',' && *at != '}')) {
            return false;
        }
        more = *at == ',';
        at = more ? bulk_blank(at + 1) : at;
    }
    at = bulk_blank(at + 1);
    return *at == '}' && !*bulk_blank(at + 1);
}

static const char *bulk_token_name(char byte)
{
    return byte == '[' ? "START_ARRAY" : byte == '"' ? "VALUE_STRING" : "VALUE_NUMBER";
}

static bool bulk_read_action(struct bulk *bulk)
{
    static const char MALFORMED[] =
        "Malformed action/metadata line [%u], expected %s but found [%.60s]";
    static const char TYPE[] = "illegal_argument_exception";
    bulk->decoded_len = 0;
    bulk->item = (struct bulk_item){.index = bulk->index, .index_len = strlen(bulk->index)};
    const char *at = bulk_blank(bulk->action);
    if (*at != '{') {
        return bulk_fail(bulk, TYPE, MALFORMED, bulk->line, "START_OBJECT", bulk_token_name(*at));
    }
    struct bulk_slice verb;
    at = bulk_string(bulk, bulk_blank(at + 1), &verb);
    if (!at) {
        return bulk_fail(bulk, TYPE, MALFORMED, bulk->line, "FIELD_NAME", "END_OBJECT");
    }
    bulk->item.is_create = bulk_is(&verb, "create");
    if (!bulk->item.is_create && !bulk_is(&verb, "index")) {
        char found[64];
        snprintf(found, sizeof found, "%.*s", (int)(verb.len < 60 ? verb.len : 60), verb.text);
        return bulk_fail(bulk, TYPE, MALFORMED, bulk->line, "field [create] or [index]", found);
    }
    at = bulk_blank(at);
    at = *at == ':' ? bulk_blank(at + 1) : "";
    if (*at != '{') {
        return bulk_fail(bulk, TYPE, MALFORMED, bulk->line, "START_OBJECT", bulk_token_name(*at));
    }
    if (!bulk_members(bulk, at + 1)) {
        return bulk_fail(bulk, "x_content_parse_exception",
                         "[%u:1] Unexpected character in action/metadata line", bulk->line);
    }
    if (!bulk->item.index_len) {
        return bulk_fail(bulk, "action_request_validation_exception",
                         "Validation Failed: 1: index is missing;");
    }
    return true;
}

/* Takes a part of an action line; `ends`: its newline follows. */
static bool bulk_action_part(struct bulk *bulk, const char *data, size_t len, bool ends)
{
    if (len >= sizeof bulk->action - bulk->action_len) {
        return bulk_fail(bulk, "illegal_argument_exception", "action line [%u] is too long",
                         bulk->line + 1);
    }
    memcpy(bulk->action + bulk->action_len, data, len);
    bulk->action_len += len;
    if (!ends) {
        return true;
    }
    bulk->action[bulk->action_len] = 0;
    size_t seen = strlen(bulk->action);
    bool blank = !*bulk_blank(bulk->action) && seen == bulk->action_len;
    bulk->action_len = 0;
    bulk->line++;
    if (blank) {
        return true;
    }
    bulk->in_document = true;
    return bulk_read_action(bulk);
}

static bool bulk_document_end(struct bulk *bulk, const char *doc, size_t len)
{
    bulk->line++;
    bulk->in_document = false;
    bulk->item.doc = bulk->options.keep_documents ? doc : NULL;
    bulk->item.doc_len = len;
    bulk->item.line = bulk->line;
    bulk->document_len = 0;
    if (!len) {
        return bulk_fail(bulk, "parse_exception", "document line [%u] is empty", bulk->line);
    }
    if (!bulk->options.fn(bulk->options.owner, &bulk->item)) {
        return bulk_fail(bulk, "illegal_state_exception", "the simulator ran out of memory");
    }
    return true;
}

static bool bulk_document_part(struct bulk *bulk, const char *data, size_t len, bool ends)
{
    if (len > bulk->options.document_max - bulk->document_len) {
        return bulk_fail(bulk, "illegal_argument_exception", "document line [%u] is too long",
                         bulk->line + 1);
    }
    bool first = bulk->document_len == 0;
    bulk->document_len += len;
    if (ends && first) {
        return bulk_document_end(bulk, data, len);
    }
    if (bulk->options.keep_documents) {
        if (first) {
            buffer_clear(&bulk->document);
        }
        buffer_add(&bulk->document, data, len);
        if (!buffer_ok(&bulk->document)) {
            return bulk_fail(bulk, "illegal_state_exception", "the simulator ran out of memory");
        }
    }
    return !ends || bulk_document_end(bulk, bulk->document.data, bulk->document_len);
}

struct bulk *bulk_new(const struct bulk_options *options)
{
    struct bulk *bulk = malloc(sizeof *bulk);
    if (!bulk) {
        return NULL;
    }
    memset(bulk, 0, offsetof(struct bulk, action));
    bulk->decoded_len = 0;
    bulk->options = *options;
    snprintf(bulk->index, sizeof bulk->index, "%s", options->index ? options->index : "");
    buffer_init(&bulk->document, options->document_max);
    return bulk;
}

void bulk_free(struct bulk *bulk)
{
    if (bulk) {
        buffer_done(&bulk->document);
        free(bulk);
    }
}

bool bulk_feed(struct bulk *bulk, const char *data, size_t len)
{
    while (len && !bulk->failed) {
        const char *newline = memchr(data, '\n', len);
        size_t part = newline ? (size_t)(newline - data) : len;
        bool ok = bulk->in_document ? bulk_document_part(bulk, data, part, newline != NULL)
                                    : bulk_action_part(bulk, data, part, newline != NULL);
        if (!ok) {
            return false;
        }
        part += newline != NULL;
        data += part;
        len -= part;
    }
    return !bulk->failed;
}

bool bulk_finish(struct bulk *bulk)
{
    if (bulk->failed) {
        return false;
    }
    if (bulk->in_document && !bulk->document_len) {
        return bulk_fail(bulk, "action_request_validation_exception",
                         "Validation Failed: 1: no requests added;");
    }
    if (bulk->in_document || bulk->action_len) {
        return bulk_fail(bulk, "illegal_argument_exception",
                         "The bulk request must be terminated by a newline [\\n]");
    }
    if (!bulk->line) {
        return bulk_fail(bulk, "parse_exception", "request body is required");
    }
    return true;
}

const char *bulk_reason(const struct bulk *bulk, const char **ret_type)
{
    *ret_type = bulk->type ? bulk->type : "illegal_argument_exception";
    return bulk->reason;
}
