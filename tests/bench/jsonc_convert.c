/* jsonc_convert.c: the conversions of the table's rows, on values of json-c. See jsonc.h. */
#include "jsonc.h"

#include "address.h"
#include "date.h"
#include "number.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* A converted scalar in *ret (owned; may be NULL for null), or false. */
typedef bool (*scalar_fn)(struct json_object *from, struct json_object **ret);

static bool to_boolean(struct json_object *from, struct json_object **ret)
{
    const char *text = text_of(from);
    bool is_true = strcasecmp(text, "true") == 0;

    *ret = json_object_new_boolean(is_true);
    return is_true || strcasecmp(text, "false") == 0;
}

static bool to_long(struct json_object *from, struct json_object **ret)
{
    const char *text = text_of(from);
    int64_t number;

    if (!number_parse_long(text, strlen(text), &number)) {
        return false;
    }
    *ret = json_object_new_int64(number);
    return true;
}

static bool to_double(struct json_object *from, struct json_object **ret)
{
    static locale_t plain;
    const char *text = text_of(from);
    char out[NUMBER_DOUBLE_ROOM + 1];
    double number;

    plain = plain != (locale_t)0 ? plain : newlocale(LC_ALL_MASK, "C", (locale_t)0);
    if (!number_parse_double(text, strlen(text), plain, &number)) {
        return false;
    }
    out[number_print_double(number, plain, out)] = '\0';
    *ret = json_object_new_double_s(number, out);
    return true;
}

static bool to_ip(struct json_object *from, struct json_object **ret)
{
    *ret = json_object_get(from);
    return json_object_is_type(from, json_type_string) &&
           address_is_valid(json_object_get_string(from), (size_t)json_object_get_string_len(from));
}

static bool to_string(struct json_object *from, struct json_object **ret)
{
    *ret = json_object_new_string(text_of(from));
    return true;
}

static bool to_date(struct json_object *from, struct json_object **ret)
{
    const char *text = text_of(from);
    char out[DATE_ROOM];
    int64_t ms;

    if (json_object_is_type(from, json_type_array) || json_object_is_type(from, json_type_object) ||
        (!date_parse_epoch(text, strlen(text), &ms) && !date_parse_iso(text, strlen(text), &ms))) {
        return false;
    }
    *ret = json_object_new_string_len(out, (int)date_print(ms, out));
    return true;
}

static const struct {
    scalar_fn scalar;
    bool is_list;
} conversions[ECS_AS_COUNT] = {
    [ECS_AS_DATE] = {to_date, false},          [ECS_AS_BOOLEAN] = {to_boolean, false},
    [ECS_AS_LONG] = {to_long, false},          [ECS_AS_DOUBLE] = {to_double, false},
    [ECS_AS_IP] = {to_ip, false},              [ECS_AS_STRING] = {to_string, false},
    [ECS_AS_LONG_LIST] = {to_long, true},      [ECS_AS_IP_LIST] = {to_ip, true},
};

static void fault_of(struct jsonc *j, unsigned as, const char *name, struct json_object *from)
{
    char text[512];

    if (as == ECS_AS_IP || as == ECS_AS_IP_LIST) {
        (void)snprintf(text, sizeof text, "'%s' is not an IP string literal.", text_of(from));
    } else if (as == ECS_AS_BOOLEAN) {
        (void)snprintf(text, sizeof text, "[%s] is not a boolean value", text_of(from));
    } else {
        (void)snprintf(text, sizeof text, "For input string: \"%s\"", text_of(from));
    }
    fault_add(j, as == ECS_AS_DATE ? "date" : "convert", name, text);
}

/* Every element in place, a bad one becoming null. */
static void elements_convert(struct jsonc *j, unsigned as, const char *name,
                             struct json_object *list)
{
    size_t count = json_object_array_length(list);

    for (size_t i = 0; i < count; i++) {
        struct json_object *from = json_object_array_get_idx(list, i);
        struct json_object *to = NULL;
        if (from == NULL) {
            continue;
        }
        if (!conversions[as].scalar(from, &to)) {
            fault_of(j, as, name, from);
            json_object_put(to);
            to = NULL;
        }
        (void)json_object_array_put_idx(list, i, to);
    }
}

/* Every element, or nothing at all. */
static struct json_object *whole_convert(unsigned as, struct json_object *list)
{
    struct json_object *out = json_object_new_array();
    size_t count = json_object_array_length(list);

    for (size_t i = 0; i < count; i++) {
        struct json_object *from = json_object_array_get_idx(list, i);
        struct json_object *to = NULL;
        if (from == NULL || !conversions[as].scalar(from, &to)) {
            json_object_put(to);
            json_object_put(out);
            return NULL;
        }
        (void)json_object_array_add(out, to);
    }
    return out;
}

static void custom_set(struct jsonc *j, unsigned row, struct json_object *value, bool is_moved)
{
    const struct ecs_row *shape = &j->table->rows[row];
    struct json_object *there;

    if (is_moved && field_get(j, shape->slot, &there)) {
        j->has_stopped = true;
    }
    field_put(j, shape->slot, value);
    j->custom[row] = value;
    j->is_mapped[row] = true;
}

static void addresses_check(struct jsonc *j, const char *name, struct json_object *object,
                            const char *key)
{
    struct json_object *list;

    if (json_object_object_get_ex(object, key, &list) && list != NULL) {
        if (json_object_is_type(list, json_type_array)) {
            elements_convert(j, ECS_AS_IP_LIST, name, list);
        } else {
            j->has_stopped = true;
        }
    }
}

/* "eth0-10.0.0.1" is a list with one object with one list. */
static struct json_object *interface_of_text(const char *text)
{
    const char *dash = strrchr(text, '-');
    const char *address = dash != NULL ? dash + 1 : text;
    const char *key = strchr(address, '.') != NULL   ? "ipv4"
                      : strchr(address, ':') != NULL ? "ipv6"
                                                     : NULL;
    struct json_object *out;
    struct json_object *object;
    struct json_object *list;

    if (key == NULL) {
        return NULL;
    }
    out = json_object_new_array();
    object = json_object_new_object();
    list = json_object_new_array();
    (void)json_object_array_add(list, json_object_new_string(address));
    (void)json_object_object_add(object, key, list);
    (void)json_object_array_add(out, object);
    return out;
}

static void interface_map(struct jsonc *j, unsigned row)
{
    const char *name = j->table->rows[row].key;
    struct json_object *value = j->source[row];

    value = json_object_is_type(value, json_type_string)
                ? interface_of_text(json_object_get_string(value))
                : value_copy(value);
    for (size_t i = 0; json_object_is_type(value, json_type_array) &&
                       i < json_object_array_length(value);
         i++) {
        struct json_object *at = json_object_array_get_idx(value, i);
        if (json_object_is_type(at, json_type_object)) {
            addresses_check(j, name, at, "ipv4");
            addresses_check(j, name, at, "ipv6");
        }
    }
    custom_set(j, row, value, true);
}

static void list_convert(struct jsonc *j, unsigned row)
{
    const struct ecs_row *shape = &j->table->rows[row];
    struct json_object *value = value_copy(j->source[row]);

    if (value != NULL && !json_object_is_type(value, json_type_array) &&
        (shape->flags & ECS_ROW_WRAP) != 0) {
        struct json_object *list = json_object_new_array();
        (void)json_object_array_add(list, value);
        value = list;
    }
    if (json_object_is_type(value, json_type_array)) {
        elements_convert(j, shape->as, shape->key, value);
    }
    custom_set(j, row, value, true);
}

void convert_row(struct jsonc *j, unsigned row)
{
    const struct ecs_row *shape = &j->table->rows[row];
    struct json_object *from = j->source[row];
    struct json_object *to = NULL;
    bool is_good;

    if (shape->as == ECS_AS_KEEP) {
        custom_set(j, row, value_copy(from), true);
    } else if (shape->as == ECS_AS_INTERFACE_MAP) {
        interface_map(j, row);
    } else if (conversions[shape->as].is_list) {
        list_convert(j, row);
    } else if (from != NULL &&
               !(value_is_blank(from) &&
                 (shape->as == ECS_AS_DATE || (shape->flags & ECS_ROW_SKIP_EMPTY) != 0))) {
        if (json_object_is_type(from, json_type_array) && shape->as != ECS_AS_DATE) {
            to = whole_convert(shape->as, from);
            is_good = to != NULL;
        } else {
            is_good = conversions[shape->as].scalar(from, &to);
        }
        if (is_good) {
            custom_set(j, row, to, false);
        } else {
            json_object_put(to);
            fault_of(j, shape->as, shape->key, from);
        }
    }
}

void convert_longs(struct jsonc *j, unsigned slot)
{
    struct json_object *value;

    if (field_get(j, slot, &value) && json_object_is_type(value, json_type_array)) {
        elements_convert(j, ECS_AS_LONG_LIST, j->table->slots[slot].key, value);
    }
}
