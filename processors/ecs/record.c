/*
 * record.c: the text that is mapped, its id, and the rows whose keys it has.
 */
#include "map.h"

#include <string.h>

#define ID_BYTES 20
#define ID_TEXT_LEN 27
#define NODES_FIXED 80 /* parents, constants, lists of the usual record */

int record_take(struct map *map, struct cxd_bytes *ret_text)
{
    unsigned original = map->table->known[ECS_KNOWN_EVENT_ORIGINAL];
    unsigned message = map->table->known[ECS_KNOWN_MESSAGE];
    struct cxd_bytes text = map->host->event_message(map->event);
    unsigned from = slot_is_set(map, original) ? original : message;
    int status = CXD_OK;

    if (from == original || (text.ptr == NULL && slot_is_set(map, message))) {
        const struct cxd_node *node = map->slot[from];
        text = (struct cxd_bytes){NULL, 0};
        if (node->value.kind == CXD_KIND_STRING && !value_bytes(map, &node->value, &text)) {
            return CXD_NOMEM;
        }
        map->host->event_set_message(map->event, text);
        status = from != original ? slot_put_node(map, original, node) : CXD_OK;
    } else if (text.ptr != NULL) {
        status = slot_put(map, original, value_of_text(text.ptr, text.len));
    }
    if (status == CXD_OK && map->slot[original] != NULL) {
        slot_remove(map, message);
    }
    *ret_text = text;
    return status;
}

void record_set_id(struct map *map, struct cxd_bytes text)
{
    unsigned char digest[64];
    char id[ID_TEXT_LEN + 5];
    size_t len;

    (void)map->host->digest(CXD_DIGEST_SHA256_HALVES, text.ptr, text.len, digest);
    len = map->host->base64(digest, ID_BYTES, 1, id, sizeof id);
    map->host->event_set_id(map->event, (struct cxd_bytes){id, len});
}

/*
 * JSON, but no object? The host scans objects alone, so the text is asked for as the only member of one. Not for speed: only
 * documents of malformed records come here.
 */
static int read_scratch(struct map *map, struct cxd_bytes text, bool *ret_is_json)
{
    static const char front[] = "{\"json\":";
    const size_t front_len = sizeof front - 1;
    const struct cxd_record *record;
    struct cxd_value *value;
    int status;
    char *whole = map->host->event_alloc(map->event, front_len + text.len + 1);

    *ret_is_json = false;
    if (whole == NULL) {
        return CXD_NOMEM;
    }
    memcpy(whole, front, front_len);
    memcpy(whole + front_len, text.ptr, text.len);
    whole[front_len + text.len] = '}';
    map->host->event_set_message(map->event, (struct cxd_bytes){whole, front_len + text.len + 1});
    status = map->host->event_record(map->event, &record, NULL);
    if (status == CXD_OK && record->count == 1) {
        value = map->host->event_alloc(map->event, sizeof *value);
        if (value == NULL) {
            return CXD_NOMEM;
        }
        *value = record->fields[0].value;
        map->scratch = value;
        *ret_is_json = true;
    }
    map->host->event_set_message(map->event, text);
    return status == CXD_NOMEM ? status : CXD_OK;
}

/* A record that is no JSON object, as a document: an entry and no fields, or the JSON that it is. */
static int map_malformed(struct map *map, struct cxd_bytes text, const struct cxd_error *why)
{
    bool is_json = false;
    int status = text.ptr != NULL ? read_scratch(map, text, &is_json) : CXD_OK;

    if (status != CXD_OK) {
        return status;
    }
    if (!is_json) {
        return fault_add(map, "json", "event_original", "%s",
                         text.ptr != NULL ? why->text : "there is no text to read");
    }
    if (map->scratch->kind == CXD_KIND_NULL) {
        map->scratch = NULL;
        return CXD_OK;
    }
    return fault_stop(map, "rename", map->table->rows[0].key, "the record is JSON but no object");
}

/* Rows whose key is there, and the block of nodes that they will need. */
static int find_keys(struct map *map)
{
    size_t count = 0;

    for (uint32_t i = 0; i < map->record->count; i++) {
        const struct cxd_field *field = &map->record->fields[i];
        int row = ecs_table_find(map->table, field->key, field->key_len);
        if (row >= 0) {
            map->source[row] = &field->value; /* the last of one name */
            map_mark(map->present, (unsigned)row);
            count++;
        }
    }
    map->spare_count = NODES_FIXED + 2 * count;
    map->spare = map->host->event_alloc(map->event, map->spare_count * sizeof *map->spare);
    return map->spare != NULL ? CXD_OK : CXD_NOMEM;
}

int record_read(struct map *map, const struct map_options *options, struct cxd_bytes text,
                struct cxd_error *err)
{
    struct cxd_error *why = err != NULL ? err : &map->why; /* too large to be cleared each time */
    int status = text.ptr != NULL ? map->host->event_record(map->event, &map->record, why)
                                  : cxd_error_set(why, CXD_MALFORMED, "the event has no message");

    if (status == CXD_OK) {
        return find_keys(map);
    }
    map->record = NULL;
    if (status == CXD_NOMEM || !options->maps_malformed) {
        return status;
    }
    return map_malformed(map, text, why);
}
