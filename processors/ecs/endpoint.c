/*
 * endpoint.c: what the tables cannot say about endpoint events: a time that is sometimes a list, names in lower case, the host's
 * full name.
 */
#include "map.h"

#include "date.h"
#include "lower.h"

#include <string.h>

/* --- time ----------------------------------------------------------------------------------- */

/* One point in time. is_single: milliseconds are tried first, as the order differs between a value and a list. */
static bool parse_time(struct cxd_bytes text, bool is_single, int64_t *ret_ms)
{
    if (is_single) {
        return date_parse_epoch(text.ptr, text.len, ret_ms) ||
               date_parse_iso(text.ptr, text.len, ret_ms);
    }
    return date_parse_iso(text.ptr, text.len, ret_ms) ||
           date_parse_epoch(text.ptr, text.len, ret_ms);
}

/* 1: *ret_ms is set. 0: an error entry was added. Negative: failure. */
static int read_time(struct map *map, unsigned row, const struct cxd_value *value, bool is_single,
                     int64_t *ret_ms)
{
    bool is_container = value->kind == CXD_KIND_LIST || value->kind == CXD_KIND_OBJECT;
    struct cxd_bytes text;

    if (!value_bytes(map, value, &text)) {
        return CXD_NOMEM;
    }
    if (!is_container && parse_time(text, is_single, ret_ms)) {
        return 1;
    }
    return fault_add(map, "date", map->table->rows[row].key, "For input string: \"%s\"",
                     fault_excerpt(map, value));
}

static int put_time(struct map *map, unsigned slot, int64_t ms)
{
    char out[DATE_ROOM];
    struct cxd_value value = value_copy(map, out, date_print(ms, out), 0);

    return value.ptr != NULL ? slot_put(map, slot, value) : CXD_NOMEM;
}

/* All elements must be times; the document's is the first, as it stands, or the last good one when the first is bad. */
static int take_times(struct map *map, unsigned row, unsigned slot)
{
    struct cxd_node list = *map_custom(map, row);
    int status = slot_expand(map, &list);
    bool has_last = false;
    bool is_first_good = false;
    int64_t last = 0;

    if (status != CXD_OK) {
        return status;
    }
    for (struct cxd_node *at = list.first; at != NULL; at = at->next) {
        int outcome = read_time(map, row, &at->value, false, &last);
        if (outcome < 0) {
            return outcome;
        }
        has_last = has_last || outcome == 1;
        is_first_good = is_first_good || (outcome == 1 && at == list.first);
    }
    if (is_first_good) {
        return slot_put(map, slot, list.first->value);
    }
    return has_last ? put_time(map, slot, last) : CXD_OK;
}

int endpoint_timestamp(struct map *map, unsigned row, unsigned slot)
{
    const struct cxd_value *value = &map_custom(map, row)->value;
    int64_t ms;
    int outcome;

    if (value_is_blank(value)) {
        return CXD_OK;
    }
    if (value->kind == CXD_KIND_LIST) {
        return take_times(map, row, slot);
    }
    outcome = read_time(map, row, value, true, &ms);
    return outcome == 1 ? put_time(map, slot, ms) : outcome;
}

/* --- lower case ------------------------------------------------------------------------------- */

static bool has_letter(struct cxd_bytes text)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = (char)(text.ptr[i] | 0x20);
        if (c >= 'a' && c <= 'z') {
            return true;
        }
    }
    return false;
}

static bool is_white(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static bool has_white(struct cxd_bytes text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (is_white(text.ptr[i])) {
            return true;
        }
    }
    return false;
}

/* Runs of blanks to one dash, in place; those at the end vanish. */
static size_t join_words(char *text, size_t len)
{
    size_t written = 0;
    size_t at = 0;

    while (len > 0 && is_white(text[len - 1])) {
        len--;
    }
    while (at < len) {
        if (!is_white(text[at])) {
            text[written++] = text[at++];
            continue;
        }
        while (is_white(text[at])) {
            at++;
        }
        text[written++] = '-';
    }
    return written;
}

/* A string in lower case, and its words joined. false: no memory. */
static bool lower_value(struct map *map, struct cxd_value *value, bool is_joined)
{
    uint8_t flags = value->flags != 0 ? CXD_VALUE_TEXT : 0;
    struct cxd_bytes text;
    char *out;
    size_t len;

    if (!value_bytes(map, value, &text)) {
        return false;
    }
    if (lower_is_done(text.ptr, text.len) && !(is_joined && has_white(text))) {
        return true;
    }
    out = map->host->event_alloc(map->event, 2 * text.len);
    if (out == NULL) {
        return false;
    }
    len = lower_print(text.ptr, text.len, out);
    len = is_joined ? join_words(out, len) : len;
    *value = (struct cxd_value){
        .ptr = out, .len = (uint32_t)len, .kind = CXD_KIND_STRING, .flags = flags};
    return true;
}

static int stop_lower(struct map *map, unsigned row)
{
    return fault_stop(map, "lowercase", map->table->rows[row].key,
                      "the field is no text, it has no lower case");
}

/* The field in lower case: a text, or a list of texts; anything else stops the mapping. */
static int lower_slot(struct map *map, unsigned row, unsigned slot, bool is_joined)
{
    struct cxd_node *node = map->slot[slot];
    int status;

    if (node == NULL || node->value.kind == CXD_KIND_NULL) {
        return CXD_OK;
    }
    if (node->value.kind == CXD_KIND_STRING) {
        return lower_value(map, &node->value, is_joined) ? CXD_OK : CXD_NOMEM;
    }
    if (node->value.kind != CXD_KIND_LIST) {
        return stop_lower(map, row);
    }
    status = slot_expand(map, node);
    for (struct cxd_node *at = node->first; status == CXD_OK && at != NULL; at = at->next) {
        if (at->value.kind != CXD_KIND_STRING) {
            return stop_lower(map, row);
        }
        status = lower_value(map, &at->value, false) ? CXD_OK : CXD_NOMEM;
    }
    if (status == CXD_OK && is_joined) {
        status = fault_add(map, "split", map->table->rows[row].key, "the field is a list, no text");
    }
    return status;
}

int endpoint_slug(struct map *map, unsigned row, unsigned slot, bool is_joined)
{
    const struct cxd_node *custom = map_custom(map, row);

    if (custom != NULL && custom->value.kind == CXD_KIND_STRING) {
        struct cxd_bytes text;
        int status = CXD_OK;
        if (!value_bytes(map, &custom->value, &text)) {
            return CXD_NOMEM;
        }
        if (has_letter(text)) {
            status = slot_put(map, slot, custom->value);
        }
        if (status != CXD_OK) {
            return status;
        }
    }
    return lower_slot(map, row, slot, is_joined);
}

int endpoint_hostname(struct map *map, unsigned row, unsigned slot)
{
    return lower_slot(map, row, slot, false);
}

/* hostname "." domain in lower case. MAP_STOP is not among the results: what fails here is an error entry. */
static int build_host_name(struct map *map, unsigned row, unsigned slot)
{
    const struct cxd_node *hostname = map->slot[map->table->known[ECS_KNOWN_HOST_HOSTNAME]];
    const struct cxd_node *domain = map->slot[map->table->known[ECS_KNOWN_HOST_DOMAIN]];
    struct cxd_value value = {.kind = CXD_KIND_STRING, .flags = CXD_VALUE_TEXT};
    struct cxd_bytes front;
    struct cxd_bytes back;
    char *out;

    if (hostname->value.kind != CXD_KIND_STRING || domain->value.kind != CXD_KIND_STRING) {
        return fault_add(map, "script", map->table->rows[row].key,
                         "host name and domain are not both text");
    }
    if (!value_bytes(map, &hostname->value, &front) || !value_bytes(map, &domain->value, &back)) {
        return CXD_NOMEM;
    }
    out = map->host->event_alloc(map->event, 2 * (front.len + back.len) + 1);
    if (out == NULL) {
        return CXD_NOMEM;
    }
    value.ptr = out;
    value.len = (uint32_t)lower_print(front.ptr, front.len, out);
    out[value.len++] = '.';
    value.len += (uint32_t)lower_print(back.ptr, back.len, out + value.len);
    return slot_put(map, slot, value);
}

int endpoint_host_name(struct map *map, unsigned row, unsigned slot)
{
    const uint16_t *known = map->table->known;
    unsigned hosts = known[ECS_KNOWN_RELATED_HOSTS];
    const struct cxd_node *name;
    struct cxd_value text = *map->empty;

    if (slot_is_set(map, known[ECS_KNOWN_HOST_HOSTNAME]) &&
        slot_is_set(map, known[ECS_KNOWN_HOST_DOMAIN])) {
        int status = build_host_name(map, row, slot);
        if (status != CXD_OK) {
            return status;
        }
    }
    name = map->slot[slot];
    if (name != NULL && name->value.kind == CXD_KIND_STRING && name->value.len == 0) {
        return CXD_OK;
    }
    if (name != NULL && !value_render(map, &name->value, &text)) {
        return CXD_NOMEM;
    }
    return text.len > 0 ? slot_append(map, hosts, &text, true) : slot_append_blank(map, hosts);
}
