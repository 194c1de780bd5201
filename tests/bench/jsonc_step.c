/* jsonc_step.c: ECS fields from custom fields, and the order of the whole mapping, with json-c. See jsonc.h. */
#include "jsonc.h"

#include "date.h"
#include "lower.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct json_object *lowered(struct json_object *value, bool is_joined)
{
    const char *text = json_object_get_string(value);
    size_t len = strlen(text);
    char *out = malloc(2 * len + 1);
    struct json_object *lower;
    size_t written = 0;

    if (out == NULL) {
        abort();
    }
    len = lower_print(text, len, out);
    while (is_joined && len > 0 && isspace((unsigned char)out[len - 1])) {
        len--;
    }
    for (size_t at = 0; at < len;) {
        if (!is_joined || !isspace((unsigned char)out[at])) {
            out[written++] = out[at++];
            continue;
        }
        while (isspace((unsigned char)out[at])) {
            at++;
        }
        out[written++] = '-';
    }
    lower = json_object_new_string_len(out, (int)written);
    free(out);
    return lower;
}

static void field_lower(struct jsonc *j, unsigned slot, bool is_joined)
{
    struct json_object *value;

    if (!field_get(j, slot, &value) || value == NULL) {
        return;
    }
    if (json_object_is_type(value, json_type_string)) {
        field_put(j, slot, lowered(value, is_joined));
    } else if (json_object_is_type(value, json_type_array)) {
        for (size_t i = 0; i < json_object_array_length(value); i++) {
            (void)json_object_array_put_idx(
                value, i, lowered(json_object_array_get_idx(value, i), false));
        }
    } else {
        j->has_stopped = true;
    }
}

static bool has_letter(const char *text)
{
    while (*text != '\0' && !isalpha((unsigned char)*text)) {
        text++;
    }
    return *text != '\0';
}

static void step_copy(struct jsonc *j, unsigned row, const struct ecs_step *step)
{
    if (!j->is_mapped[row] || value_is_blank(j->custom[row]) ||
        (step->when == ECS_WHEN_UNSET && field_is_set(j, step->slot))) {
        return;
    }
    field_put(j, step->slot, value_copy(j->custom[row]));
}

static void step_append(struct jsonc *j, unsigned row, const struct ecs_step *step)
{
    struct json_object *custom = j->custom[row];
    bool is_there = j->is_mapped[row];
    bool is_let_through = step->when == ECS_WHEN_NOT_NULL ? is_there && custom != NULL
                          : step->when == ECS_WHEN_HAS
                              ? field_is_set(j, step->other)
                              : !is_there || custom == NULL || !value_is_blank(custom);

    if (is_let_through) {
        /* a list's text is that of the record */
        struct json_object *value = json_object_is_type(custom, json_type_array) ||
                                            json_object_is_type(custom, json_type_object)
                                        ? j->source[row]
                                        : custom;
        field_append(j, step->slot, json_object_new_string(is_there ? text_of(value) : ""),
                     true);
    }
}

static void step_append_each(struct jsonc *j, unsigned row, const struct ecs_step *step)
{
    struct json_object *list = j->custom[row];

    for (size_t i = 0; json_object_is_type(list, json_type_array) &&
                       i < json_object_array_length(list);
         i++) {
        field_append(j, step->slot,
                     json_object_new_string(text_of(json_object_array_get_idx(list, i))), true);
    }
}

static void step_slug(struct jsonc *j, unsigned row, const struct ecs_step *step)
{
    struct json_object *custom = j->custom[row];

    if (json_object_is_type(custom, json_type_string) &&
        has_letter(json_object_get_string(custom))) {
        field_put(j, step->slot, json_object_get(custom));
    }
    field_lower(j, step->slot, step->kind == ECS_STEP_SLUG);
}

static void step_host_name(struct jsonc *j, unsigned slot)
{
    const uint16_t *known = j->table->known;
    struct json_object *hostname;
    struct json_object *domain;
    struct json_object *name;
    char text[1024];

    if (field_get(j, known[ECS_KNOWN_HOST_HOSTNAME], &hostname) && hostname != NULL &&
        field_get(j, known[ECS_KNOWN_HOST_DOMAIN], &domain) && domain != NULL) {
        (void)snprintf(text, sizeof text, "%s.%s", text_of(hostname), text_of(domain));
        name = json_object_new_string(text);
        field_put(j, slot, lowered(name, false));
        json_object_put(name);
    }
    if (!field_get(j, slot, &name)) {
        name = NULL;
    }
    if (name == NULL || !value_is_blank(name)) {
        field_append(j, known[ECS_KNOWN_RELATED_HOSTS], json_object_new_string(text_of(name)),
                     true);
    }
}

static bool time_read(struct json_object *value, bool is_single, int64_t *ret_ms)
{
    const char *text = text_of(value);
    size_t len = strlen(text);

    return is_single ? date_parse_epoch(text, len, ret_ms) || date_parse_iso(text, len, ret_ms)
                     : date_parse_iso(text, len, ret_ms) || date_parse_epoch(text, len, ret_ms);
}

static void step_timestamp(struct jsonc *j, unsigned row, unsigned slot)
{
    struct json_object *custom = j->custom[row];
    char out[DATE_ROOM];
    int64_t ms;

    if (value_is_blank(custom)) {
        return;
    }
    if (json_object_is_type(custom, json_type_array)) {
        struct json_object *first = json_object_array_get_idx(custom, 0);
        if (first != NULL && time_read(first, false, &ms)) {
            field_put(j, slot, json_object_get(first));
        }
    } else if (time_read(custom, true, &ms)) {
        field_put(j, slot, json_object_new_string_len(out, (int)date_print(ms, out)));
    } else {
        fault_add(j, "date", j->table->rows[row].key, "For input string");
    }
}

void step_run(struct jsonc *j, unsigned row, const struct ecs_step *step)
{
    switch (step->kind) {
    case ECS_STEP_COPY:
        step_copy(j, row, step);
        break;
    case ECS_STEP_APPEND:
        step_append(j, row, step);
        break;
    case ECS_STEP_APPEND_EACH:
        step_append_each(j, row, step);
        break;
    case ECS_STEP_LOWER:
    case ECS_STEP_SLUG:
        step_slug(j, row, step);
        break;
    case ECS_STEP_HOSTNAME:
        step_copy(j, row, step);
        field_lower(j, step->slot, false);
        break;
    case ECS_STEP_HOST_NAME:
        step_host_name(j, step->slot);
        break;
    default:
        step_timestamp(j, row, step->slot);
        break;
    }
}

static void keys_find(struct jsonc *j)
{
    memset(j->is_present, 0, sizeof j->is_present);
    memset(j->is_mapped, 0, sizeof j->is_mapped);
    memset(j->custom, 0, sizeof j->custom);
    memset(j->source, 0, sizeof j->source);
    json_object_object_foreach(j->record, key, value)
    {
        int row = ecs_table_find(j->table, key, (uint32_t)strlen(key));
        if (row >= 0) {
            j->is_present[row] = true;
            j->source[row] = value;
        }
    }
}

static void rows_run(struct jsonc *j)
{
    const struct ecs_table *t = j->table;

    for (unsigned row = 0; row < t->row_count; row++) {
        if (!j->is_present[row] && (t->always[row / 64] >> (row % 64) & 1) == 0) {
            continue;
        }
        if (j->is_present[row]) {
            convert_row(j, row);
        }
        for (unsigned i = 0; i < t->rows[row].step_count; i++) {
            step_run(j, row, &t->steps[t->rows[row].step + i]);
        }
    }
    for (unsigned i = 0; i < t->final_count; i++) {
        convert_longs(j, t->finals[i].slot);
    }
}

static void finish(struct jsonc *j)
{
    const struct ecs_table *t = j->table;

    for (unsigned row = 0; row < t->row_count; row++) {
        if ((t->rows[row].flags & ECS_ROW_DUPLICATE) != 0 && j->is_mapped[row]) {
            field_remove(j, t->rows[row].slot);
        }
    }
    value_sweep(j->root);
    if (field_is_set(j, t->known[ECS_KNOWN_ERROR_MESSAGE])) {
        field_put(j, t->known[ECS_KNOWN_EVENT_KIND], json_object_new_string("pipeline_error"));
        field_append(j, t->known[ECS_KNOWN_TAGS], json_object_new_string("preserve_original_event"),
                     true);
    }
}

struct json_object *jsonc_map(struct jsonc *j, const char *text, size_t len, bool with_original)
{
    const struct ecs_table *t = j->table;
    struct json_tokener *tok = json_tokener_new();
    struct json_object *tags = json_object_new_array();

    j->record = tok != NULL ? json_tokener_parse_ex(tok, text, (int)len) : NULL;
    json_tokener_free(tok);
    j->root = json_object_new_object();
    j->has_stopped = !json_object_is_type(j->record, json_type_object);
    (void)json_object_array_add(tags, json_object_new_string("forwarded"));
    (void)json_object_array_add(tags, json_object_new_string("panw_cortex_xdr-event"));
    field_put(j, t->known[ECS_KNOWN_TAGS], tags);
    field_put(j, t->known[ECS_KNOWN_ECS_VERSION], json_object_new_string(t->ecs_version));
    if (with_original) {
        field_put(j, t->known[ECS_KNOWN_EVENT_ORIGINAL],
                  json_object_new_string_len(text, (int)len));
    }
    for (unsigned i = 0; i < t->constant_count; i++) {
        field_put(j, t->constants[i].slot, json_object_new_string(t->constants[i].text));
    }
    if (!j->has_stopped) {
        keys_find(j);
        rows_run(j);
        finish(j);
    }
    json_object_put(j->record);
    return j->root;
}
