/*
 * whole.c: one alert or incident from record to document: what every document gets, the record into its place, the works in
 * their order, what goes at the end.
 */
#include "whole.h"

#include "place.h"

#include <string.h>

static const char tag_original[] = "preserve_original_event";
static const char tag_duplicates[] = "preserve_duplicate_custom_fields";

static const verb_fn verbs[ECS_VERB_COUNT] = {
    [ECS_VERB_MOVE] = verb_move,
    [ECS_VERB_COPY] = verb_copy,
    [ECS_VERB_DATE] = verb_date,
    [ECS_VERB_DATE_FIRST] = verb_date_first,
    [ECS_VERB_IP] = verb_convert,
    [ECS_VERB_LONG] = verb_convert,
    [ECS_VERB_BOOLEAN] = verb_convert,
    [ECS_VERB_STRING] = verb_convert,
    [ECS_VERB_LOOKUP] = entity_lookup,
    [ECS_VERB_APPEND] = verb_append,
    [ECS_VERB_APPEND_UNIQUE] = verb_append,
    [ECS_VERB_APPEND_EACH] = verb_append_list,
    [ECS_VERB_APPEND_ALL] = verb_append_list,
    [ECS_VERB_APPEND_ANY] = verb_append_list,
    [ECS_VERB_WRAP] = edit_wrap,
    [ECS_VERB_SPLIT] = edit_split,
    [ECS_VERB_LOWER] = edit_lower,
    [ECS_VERB_MAC] = edit_mac,
    [ECS_VERB_CUT_COLON] = edit_colon,
    [ECS_VERB_CUT_DOMAIN] = edit_domain,
    [ECS_VERB_PAIRS] = entity_pairs,
    [ECS_VERB_USER] = entity_user,
    [ECS_VERB_REMOVE] = verb_remove,
};

static bool has_tag(struct map *map, const char *tag)
{
    return slot_contains(map, map->table->known[ECS_KNOWN_TAGS],
                         (struct cxd_bytes){tag, strlen(tag)});
}

static int add_tag(struct map *map, const char *tag)
{
    struct cxd_value value = value_plain(tag, strlen(tag));

    return slot_append(map, map->table->known[ECS_KNOWN_TAGS], &value, true);
}

/* --- works --------------------------------------------------------------------------------------- */

/* A text, or a list whose first element is one, with an at sign and a dot in it. false: without memory, too. */
static bool is_mail(struct map *map, struct cxd_node *from)
{
    struct cxd_bytes text;

    if (from->value.kind == CXD_KIND_LIST) {
        if (slot_expand(map, from) != CXD_OK) {
            map->lacks_memory = true;
            return false;
        }
        from = from->first;
    }
    if (from == NULL || from->value.kind != CXD_KIND_STRING) {
        return false;
    }
    if (!value_bytes(map, &from->value, &text)) {
        map->lacks_memory = true;
        return false;
    }
    return text.len > 0 && memchr(text.ptr, '@', text.len) != NULL &&
           memchr(text.ptr, '.', text.len) != NULL;
}

static bool is_let_through(struct map *map, const struct ecs_work *work, struct cxd_node *from)
{
    unsigned guard = work->guard;
    unsigned kind = from != NULL ? from->value.kind : CXD_KIND_NULL;

    return ((guard & ECS_GUARD_UNSET) == 0 || !slot_is_set(map, work->to)) &&
           ((guard & ECS_GUARD_NOT_NULL) == 0 || kind != CXD_KIND_NULL) &&
           ((guard & ECS_GUARD_NOT_EMPTY) == 0 ||
            (from != NULL && !value_is_blank(&from->value))) &&
           ((guard & ECS_GUARD_TEXT) == 0 || kind == CXD_KIND_STRING) &&
           ((guard & ECS_GUARD_LIST) == 0 || kind == CXD_KIND_LIST) &&
           ((guard & ECS_GUARD_HAS) == 0 || slot_is_set(map, work->other)) &&
           ((guard & ECS_GUARD_LACKS) == 0 || !slot_is_set(map, work->other)) &&
           ((guard & ECS_GUARD_MAIL) == 0 || is_mail(map, from));
}

/* A stop that the work has a handler for is none: its entry is written already. */
static int settle(struct map *map, const struct ecs_work *work, int status)
{
    if (status != MAP_STOP || work->fail == ECS_FAIL_STOP) {
        return status;
    }
    if (work->fail == ECS_FAIL_REMOVE) {
        slot_remove(map, work->from);
    }
    return CXD_OK;
}

static int run_work(struct map *map, const struct whole *whole, const struct ecs_work *work)
{
    struct cxd_node *from = work->from != 0 ? map->slot[work->from] : NULL;

    if (work->from != 0 && from == NULL) {
        return work->is_needed ? verb_fail(map, work, "set", "field [%s] is not in the record",
                                           verb_name(map, work))
                               : CXD_OK;
    }
    if (!is_let_through(map, work, from)) {
        return CXD_OK;
    }
    if (work->verb == ECS_VERB_SAY) {
        return slot_put(map, work->to, value_plain(work->text, strlen(work->text)));
    }
    if (work->verb == ECS_VERB_PLACE || work->verb == ECS_VERB_NETWORK) {
        return place_run(map, whole->place, work, from);
    }
    return settle(map, work, verbs[work->verb](map, work, from));
}

static int run_works(struct map *map, const struct whole *whole)
{
    int status = identity_set(map);

    for (unsigned i = 0; status == CXD_OK && i < map->table->work_count; i++) {
        status = run_work(map, whole, &map->table->works[i]);
    }
    return status;
}

/* --- before ---------------------------------------------------------------------------------------- */

/* Three texts of a collector that runs on Elastic's side; only all of them together are those. */
static int remove_tenant(struct map *map)
{
    static const char *const names[] = {"organization", "division", "team"};
    struct cxd_node *nodes[3];

    for (int i = 0; i < 3; i++) {
        int status = bind_find(map, map->root, names[i], &nodes[i]);
        if (status != CXD_OK || nodes[i] == NULL || nodes[i]->value.kind != CXD_KIND_STRING) {
            return status;
        }
    }
    for (int i = 0; i < 3; i++) {
        bind_remove(map->root, nodes[i]);
    }
    return CXD_OK;
}

/* _conf.api as 0 or 1, 2 when it is something else; untouched when it is absent. */
static int find_version(struct map *map, unsigned *ret_version)
{
    struct cxd_node *conf;
    struct cxd_node *api = NULL;
    int status = bind_find(map, map->root, "_conf", &conf);

    if (status == CXD_OK && conf != NULL) {
        status = bind_find(map, conf, "api", &api);
    }
    if (api == NULL || api->value.kind == CXD_KIND_NULL) {
        return status;
    }
    *ret_version = 2;
    if (api->value.kind == CXD_KIND_STRING && api->value.len == 2 && api->value.ptr[0] == 'v' &&
        (api->value.ptr[1] == '1' || api->value.ptr[1] == '2')) {
        *ret_version = (unsigned)(api->value.ptr[1] - '1');
    }
    return status;
}

static int begin(struct map *map, const struct map_options *options, struct cxd_event *event)
{
    int status;

    map->event = event;
    map->root = map->host->event_root(event);
    map->spare_count = 0;
    map->record = NULL;
    map->scratch = NULL;
    map->lacks_memory = false;
    memset(map->present, 0, sizeof map->present);
    status = remove_tenant(map);
    if (status == CXD_OK) {
        status = slot_bind(map);
    }
    if (status == CXD_OK && options->keeps_original) {
        status = add_tag(map, tag_original);
    }
    if (status == CXD_OK && options->keeps_duplicates) {
        status = add_tag(map, tag_duplicates);
    }
    return status;
}

static bool is_collector_failure(const struct map *map)
{
    const uint16_t *known = map->table->known;

    return slot_is_set(map, known[ECS_KNOWN_ERROR_MESSAGE]) &&
           !slot_is_set(map, known[ECS_KNOWN_EVENT_ORIGINAL]) &&
           !slot_is_set(map, known[ECS_KNOWN_MESSAGE]) &&
           map->host->event_message(map->event).ptr == NULL;
}

static int put_constants(struct map *map)
{
    int status = CXD_OK;

    for (unsigned i = 0; status == CXD_OK && i < map->table->constant_count; i++) {
        const struct ecs_constant *constant = &map->table->constants[i];
        status = slot_put(map, constant->slot, value_plain(constant->text, constant->text_len));
    }
    for (unsigned i = 0; status == CXD_OK && i < map->table->addition_count; i++) {
        const struct ecs_constant *constant = &map->table->additions[i];
        struct cxd_value value = value_plain(constant->text, constant->text_len);
        status = slot_append(map, constant->slot, &value, true);
    }
    return status;
}

/* "0", "-0.0", "0e7" and the like. */
static bool is_zero(const struct cxd_value *value)
{
    uint32_t at = 0;

    while (at < value->len && strchr("-0.", value->ptr[at]) != NULL) {
        at++;
    }
    return value->kind == CXD_KIND_NUMBER &&
           (at == value->len || value->ptr[at] == 'e' || value->ptr[at] == 'E');
}

/* The envelope of a reply that has nothing in it. */
static int find_empty_reply(struct map *map, bool *ret_is_empty)
{
    for (uint32_t i = 0; i < map->record->count; i++) {
        const struct cxd_field *field = &map->record->fields[i];
        if (field->key_len == 5 && memcmp(field->key, "reply", 5) == 0) {
            struct cxd_node reply = {.value = field->value};
            struct cxd_node *count;
            int status = bind_find(map, &reply, "result_count", &count);
            *ret_is_empty = count != NULL && is_zero(&count->value);
            return status;
        }
    }
    return CXD_OK;
}

/* The record's text scanned. What is no JSON object is refused with err, or stops the mapping as the options say. */
static int read_record(struct map *map, const struct map_options *options, struct cxd_bytes text,
                       struct cxd_error *err)
{
    struct cxd_error *why = err != NULL ? err : &map->why;
    int status = text.ptr != NULL ? map->host->event_record(map->event, &map->record, why)
                                  : cxd_error_set(why, CXD_MALFORMED, "the event has no message");

    if (status == CXD_OK || status == CXD_NOMEM || !options->maps_malformed) {
        return status;
    }
    map->record = NULL;
    return fault_stop(map, "json", "event_original", "%s",
                      text.ptr != NULL ? why->text : "there is no text to read");
}

/* --- afterwards -------------------------------------------------------------------------------------- */

static int sweep_all(struct map *map)
{
    int status = sweep_node(map, map->root);

    return status == CXD_OK ? bind_all(map) : status;
}

static void remove_rest(struct map *map)
{
    bool keeps = has_tag(map, tag_duplicates);

    for (unsigned i = 0; i < map->table->removal_count; i++) {
        slot_remove(map, map->table->removals[i]);
    }
    for (unsigned i = 0; !keeps && i < map->table->duplicate_count; i++) {
        slot_remove(map, map->table->duplicates[i]);
    }
}

static int run_steps(struct map *map, const struct whole *whole, unsigned version)
{
    bool is_first = (map->table->flags & ECS_TABLE_SWEEP_FIRST) != 0;
    int status = bind_put(map);

    if (status == CXD_OK) {
        status = is_first ? sweep_all(map) : bind_all(map);
    }
    if (status != CXD_OK || version > 1) {
        return status;
    }
    status = run_works(map, whole);
    if (status == CXD_OK && !is_first) {
        status = sweep_all(map);
    }
    if (status == CXD_OK) {
        remove_rest(map);
    }
    return status;
}

/* *ret_is_dropped: nothing is to be indexed. */
static int run_record(struct map *map, const struct whole *whole, const struct map_options *options,
                      bool *ret_is_dropped, struct cxd_error *err)
{
    struct cxd_bytes text = {NULL, 0};
    unsigned version = whole->version;
    int status = find_version(map, &version);

    map->table = whole->tables[version < 2 ? version : 0];
    if (status == CXD_OK) {
        status = record_take(map, &text);
    }
    if (status == CXD_OK) {
        status = put_constants(map);
    }
    if (status == CXD_OK) {
        status = read_record(map, options, text, err);
    }
    if (status == CXD_OK) {
        status = find_empty_reply(map, ret_is_dropped);
    }
    return status == CXD_OK && !*ret_is_dropped ? run_steps(map, whole, version) : status;
}

int whole_run(struct map *map, const struct whole *whole, const struct map_options *options,
              struct cxd_event *event, struct cxd_error *err)
{
    bool is_dropped = false;
    int status;

    map->table = whole->tables[0];
    status = begin(map, options, event);
    if (status == CXD_OK) {
        status = slot_put(map, map->table->known[ECS_KNOWN_ECS_VERSION],
                          value_plain(map->table->ecs_version, strlen(map->table->ecs_version)));
    }
    if (status == CXD_OK && is_collector_failure(map)) {
        return CXD_OK;
    }
    if (status == CXD_OK) {
        status = run_record(map, whole, options, &is_dropped, err);
    }
    if (status == MAP_STOP) {
        status = fault_mark(map);
    }
    if (status == CXD_OK && options->drops_original && !has_tag(map, tag_original)) {
        slot_remove(map, map->table->known[ECS_KNOWN_EVENT_ORIGINAL]);
    }
    if (status == CXD_OK && map->lacks_memory) {
        return CXD_NOMEM;
    }
    return status == CXD_OK && is_dropped ? CXD_DISCARD : status;
}
