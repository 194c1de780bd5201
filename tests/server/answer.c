/*
 * Bulk replies. What the filter wants is asked once for each field, not for each item: a benchmark's replies have millions
 * of items.
 */
#include "answer.h"

#include <stdio.h>
#include <string.h>

enum {
    WANT_INDEX,
    WANT_ID,
    WANT_VERSION,
    WANT_RESULT,
    WANT_SHARDS,
    WANT_SEQUENCE,
    WANT_TERM,
    WANT_STATUS,
    WANT_ERROR_TYPE,
    WANT_ERROR_REASON,
    WANT_ERROR_UUID,
    WANT_ERROR_SHARD,
    WANT_ERROR_INDEX,
};

static const char *const FIELDS[ANSWER_FIELDS] = {
    "_index",           "_id",           "_version",   "result",     "_shards",
    "_seq_no",          "_primary_term", "status",     "error.type", "error.reason",
    "error.index_uuid", "error.shard",   "error.index"};

bool answer_init(struct answer *answer, const char *filter_path)
{
    *answer = (struct answer){.is_first = true};
    buffer_init(&answer->items, 256 << 20);
    if (!filter_parse_path(&answer->filter, filter_path)) {
        return false;
    }
    for (unsigned create = 0; create < 2; create++) {
        for (unsigned i = 0; i < ANSWER_FIELDS; i++) {
            char path[64];
            snprintf(path, sizeof path, "items.%s.%s", create ? "create" : "index", FIELDS[i]);
            answer->wants[create][i] = filter_wants(&answer->filter, path);
        }
    }
    return true;
}

void answer_done(struct answer *answer)
{
    buffer_done(&answer->items);
}

/* Starts a member: a comma unless it is the object's first, and the key. */
static void answer_key(struct buffer *out, bool *first, const char *key)
{
    buffer_text(out, *first ? "\"" : ",\"");
    buffer_text(out, key);
    buffer_text(out, "\":");
    *first = false;
}

static void answer_text(struct buffer *out, bool *first, const char *key, const char *text)
{
    answer_key(out, first, key);
    buffer_json(out, text, strlen(text));
}

static void answer_error(struct buffer *out, const bool *wants, bool *first,
                         const struct answer_item *item)
{
    bool any = false;
    for (unsigned i = WANT_ERROR_TYPE; i <= WANT_ERROR_INDEX; i++) {
        any = any || wants[i];
    }
    if (!any) {
        return;
    }
    bool inner = true;
    answer_key(out, first, "error");
    buffer_text(out, "{");
    if (wants[WANT_ERROR_TYPE]) {
        answer_text(out, &inner, "type", item->error_type);
    }
    if (wants[WANT_ERROR_REASON]) {
        answer_text(out, &inner, "reason", item->error_reason);
    }
    if (wants[WANT_ERROR_UUID]) {
        answer_text(out, &inner, "index_uuid", "c2ltdWxhdG9yLWluZGV4LQ");
    }
    if (wants[WANT_ERROR_SHARD]) {
        answer_text(out, &inner, "shard", "0");
    }
    if (wants[WANT_ERROR_INDEX]) {
        answer_text(out, &inner, "index", item->index);
    }
    buffer_text(out, "}");
}

static void answer_success(struct buffer *out, const bool *wants, bool *first,
                           const struct answer_item *item)
{
    if (wants[WANT_VERSION]) {
        answer_key(out, first, "_version");
        buffer_text(out, item->is_update ? "2" : "1");
    }
    if (wants[WANT_RESULT]) {
        answer_text(out, first, "result", item->is_update ? "updated" : "created");
    }
    if (wants[WANT_SHARDS]) {
        answer_key(out, first, "_shards");
        buffer_text(out, "{\"total\":2,\"successful\":1,\"failed\":0}");
    }
    if (wants[WANT_SEQUENCE]) {
        answer_key(out, first, "_seq_no");
        buffer_format(out, "%llu", item->sequence);
    }
    if (wants[WANT_TERM]) {
        answer_key(out, first, "_primary_term");
        buffer_text(out, "1");
    }
}

bool answer_add(struct answer *answer, const struct answer_item *item)
{
    struct buffer *out = &answer->items;
    const bool *wants = answer->wants[item->is_create];
    answer->errors = answer->errors || item->error_type;
    size_t before = out->len;
    bool first = true;
    buffer_text(out, answer->is_first ? "" : ",");
    buffer_text(out, item->is_create ? "{\"create\":{" : "{\"index\":{");
    if (wants[WANT_INDEX]) {
        answer_text(out, &first, "_index", item->index);
    }
    if (wants[WANT_ID]) {
        answer_key(out, &first, "_id");
        buffer_json(out, item->id, item->id_len);
    }
    if (!item->error_type) {
        answer_success(out, wants, &first, item);
    }
    if (wants[WANT_STATUS]) {
        answer_key(out, &first, "status");
        buffer_format(out, "%u", item->status);
    }
    if (item->error_type) {
        answer_error(out, wants, &first, item);
    }
    buffer_text(out, "}}");
    if (first) {
        out->len = before; /* nothing of it was wanted */
    } else {
        answer->is_first = false;
    }
    return buffer_ok(out);
}

void answer_write(struct answer *answer, unsigned took_ms, struct buffer *out)
{
    bool first = true;
    buffer_text(out, "{");
    if (filter_wants(&answer->filter, "errors")) {
        answer_key(out, &first, "errors");
        buffer_text(out, answer->errors ? "true" : "false");
    }
    if (filter_wants(&answer->filter, "took")) {
        answer_key(out, &first, "took");
        buffer_format(out, "%u", took_ms);
    }
    if (!answer->is_first || filter_wants(&answer->filter, "items")) {
        answer_key(out, &first, "items");
        buffer_text(out, "[");
        buffer_add(out, answer->items.data ? answer->items.data : "", answer->items.len);
        buffer_text(out, "]");
    }
    buffer_text(out, "}");
    if (!buffer_ok(&answer->items)) {
        out->failed = true;
    }
}
