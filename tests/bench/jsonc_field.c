/* jsonc_field.c: fields of a document of json-c by their slot, and values. See jsonc.h. */
#include "jsonc.h"

#include <stdio.h>
#include <string.h>

/* From the root downwards, as there is no memory of where a field is. */
bool field_get(struct jsonc *j, unsigned slot, struct json_object **ret_value)
{
    struct json_object *parent;

    if (slot == 0) {
        *ret_value = j->root;
        return true;
    }
    return field_get(j, j->table->slots[slot].parent, &parent) &&
           json_object_is_type(parent, json_type_object) &&
           json_object_object_get_ex(parent, j->table->slots[slot].key, ret_value);
}

bool field_is_set(struct jsonc *j, unsigned slot)
{
    struct json_object *value;

    return field_get(j, slot, &value) && value != NULL;
}

/* The object that the field lies in, made when it is absent; NULL: there is something else. */
static struct json_object *parent_enter(struct jsonc *j, unsigned slot)
{
    unsigned parent = j->table->slots[slot].parent;
    struct json_object *value;
    struct json_object *above;

    if (field_get(j, parent, &value)) {
        j->has_stopped |= !json_object_is_type(value, json_type_object);
        return json_object_is_type(value, json_type_object) ? value : NULL;
    }
    above = parent_enter(j, parent);
    value = above != NULL ? json_object_new_object() : NULL;
    if (value != NULL) {
        (void)json_object_object_add(above, j->table->slots[parent].key, value);
    }
    return value;
}

void field_put(struct jsonc *j, unsigned slot, struct json_object *value)
{
    struct json_object *parent = parent_enter(j, slot);

    if (parent == NULL) {
        json_object_put(value);
        return;
    }
    (void)json_object_object_add(parent, j->table->slots[slot].key, value);
}

void field_remove(struct jsonc *j, unsigned slot)
{
    struct json_object *parent;

    if (field_get(j, j->table->slots[slot].parent, &parent) &&
        json_object_is_type(parent, json_type_object)) {
        json_object_object_del(parent, j->table->slots[slot].key);
    }
}

struct json_object *value_copy(struct json_object *value)
{
    struct json_object *copy = NULL;

    if (json_object_is_type(value, json_type_array) ||
        json_object_is_type(value, json_type_object)) {
        (void)json_object_deep_copy(value, &copy, NULL);
        return copy;
    }
    return json_object_get(value);
}

const char *text_of(struct json_object *value)
{
    if (value == NULL) {
        return "";
    }
    if (json_object_is_type(value, json_type_string)) {
        return json_object_get_string(value);
    }
    return json_object_to_json_string_ext(value,
                                          JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE);
}

bool value_is_blank(struct json_object *value)
{
    return value == NULL || (json_object_is_type(value, json_type_string) &&
                             json_object_get_string_len(value) == 0);
}

static bool is_same_text(struct json_object *a, struct json_object *text)
{
    return json_object_is_type(a, json_type_string) &&
           strcmp(json_object_get_string(a), json_object_get_string(text)) == 0;
}

static bool has_text(struct json_object *list, struct json_object *text)
{
    size_t count = json_object_array_length(list);

    for (size_t i = 0; i < count; i++) {
        if (is_same_text(json_object_array_get_idx(list, i), text)) {
            return true;
        }
    }
    return false;
}

void field_append(struct jsonc *j, unsigned slot, struct json_object *text, bool is_unique)
{
    struct json_object *value;
    struct json_object *list;

    if (!field_get(j, slot, &value)) {
        list = json_object_new_array();
        (void)json_object_array_add(list, text);
        field_put(j, slot, list);
        return;
    }
    if (json_object_is_type(value, json_type_array)) {
        if (is_unique && has_text(value, text)) {
            json_object_put(text);
        } else {
            (void)json_object_array_add(value, text);
        }
        return;
    }
    if (is_unique && is_same_text(value, text)) {
        json_object_put(text);
        return;
    }
    list = json_object_new_array();
    (void)json_object_array_add(list, json_object_get(value));
    (void)json_object_array_add(list, text);
    field_put(j, slot, list);
}

void fault_add(struct jsonc *j, const char *type, const char *name, const char *message)
{
    char text[1024];

    (void)snprintf(text, sizeof text,
                   "Processor %s with tag %s_%s in pipeline %s failed with message: %s", type, type,
                   name, j->table->dataset, message);
    field_append(j, j->table->known[ECS_KNOWN_ERROR_MESSAGE], json_object_new_string(text), false);
}

static bool is_empty(struct json_object *value)
{
    if (json_object_is_type(value, json_type_array)) {
        return json_object_array_length(value) == 0;
    }
    if (json_object_is_type(value, json_type_object)) {
        return json_object_object_length(value) == 0;
    }
    return value_is_blank(value);
}

void value_sweep(struct json_object *value)
{
    if (json_object_is_type(value, json_type_array)) {
        size_t i = 0;
        while (i < json_object_array_length(value)) {
            value_sweep(json_object_array_get_idx(value, i));
            if (is_empty(json_object_array_get_idx(value, i))) {
                (void)json_object_array_del_idx(value, i, 1);
            } else {
                i++;
            }
        }
    } else if (json_object_is_type(value, json_type_object)) {
        struct json_object_iterator at = json_object_iter_begin(value);
        struct json_object_iterator end = json_object_iter_end(value);
        while (!json_object_iter_equal(&at, &end)) {
            const char *name = json_object_iter_peek_name(&at);
            struct json_object *member = json_object_iter_peek_value(&at);
            json_object_iter_next(&at);
            value_sweep(member);
            if (is_empty(member)) {
                json_object_object_del(value, name);
            }
        }
    }
}
