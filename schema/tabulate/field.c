/*
 * field.c: reads field lists and makes them one sorted list and one tree. Knows the index types, not the mapping.
 */
#include "field.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NAME_MAX_LEN 200
#define PART_MAX_LEN 80

static const char *const types[] = {
    "boolean", "constant_keyword", "date", "double",          "flattened", "geo_point", "integer",
    "ip",      "keyword",          "long", "match_only_text", "object",    "wildcard",  NULL};
static const char *const file_keys[] = {"prefix", "fields", NULL};
static const char *const module_file_keys[] = {"dataset", "prefix", "fields", NULL};
static const char *const field_keys[] = {"type", "about", "value", "text", "stored_only", NULL};

static bool is_in(const char *const *words, const char *word)
{
    for (; *words != NULL; words++) {
        if (strcmp(*words, word) == 0) {
            return true;
        }
    }
    return false;
}

static void check_keys(const struct document_node *map, const char *const *allowed)
{
    for (const struct document_node *node = map->first; node != NULL; node = node->next) {
        if (!is_in(allowed, node->key)) {
            document_fail(node->file, node->key_line, "unknown key '%s'", node->key);
        }
    }
}

static const char *get_text(const struct document_node *map, const char *key)
{
    const struct document_node *node = document_find(map, key);

    if (node == NULL) {
        return NULL;
    }
    if (node->kind != DOCUMENT_TEXT || node->text[0] == '\0') {
        document_fail(node->file, node->line, "'%s' must be a text", key);
    }
    return node->text;
}

static bool get_flag(const struct document_node *map, const char *key)
{
    const char *text = get_text(map, key);

    if (text == NULL || strcmp(text, "false") == 0) {
        return false;
    }
    if (strcmp(text, "true") != 0) {
        document_fail(map->file, document_find(map, key)->line, "'%s' must be true or false", key);
    }
    return true;
}

/* Parts of letters, digits, _ - @, joined by single dots: what needs no escape in JSON or C. */
static void check_name(const struct document_node *node, const char *name)
{
    size_t part_len = 0;

    if (strlen(name) > NAME_MAX_LEN) {
        document_fail(node->file, node->key_line, "name longer than %d bytes", NAME_MAX_LEN);
    }
    for (const char *c = name;; c++) {
        bool is_end = *c == '\0' || *c == '.';
        if (is_end ? part_len == 0 || part_len > PART_MAX_LEN
                   : strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-@",
                            *c) == NULL) {
            document_fail(node->file, node->key_line, "'%s' is no field name", name);
        }
        if (*c == '\0') {
            return;
        }
        part_len = is_end ? 0 : part_len + 1;
    }
}

static const char *join_name(const char *prefix, const char *name)
{
    size_t size = (prefix != NULL ? strlen(prefix) + 1 : 0) + strlen(name) + 1;
    char *joined = document_alloc(size);

    (void)snprintf(joined, size, "%s%s%s", prefix != NULL ? prefix : "", prefix != NULL ? "." : "",
                   name);
    return joined;
}

static struct field *read_field(const struct document_node *node, const char *prefix)
{
    struct field *field = document_alloc(sizeof *field);

    check_name(node, node->key);
    field->name = join_name(prefix, node->key);
    check_name(node, field->name);
    field->file = node->file;
    field->line = node->key_line;
    if (node->kind == DOCUMENT_LIST) {
        document_fail(node->file, node->line, "'%s' must be a type, or type and more", node->key);
    }
    if (node->kind == DOCUMENT_TEXT) {
        field->type = node->text;
    } else {
        check_keys(node, field_keys);
        field->type = get_text(node, "type");
        field->about = get_text(node, "about");
        field->value = get_text(node, "value");
        field->has_text = get_flag(node, "text");
        field->is_stored_only = get_flag(node, "stored_only");
    }
    if (field->type == NULL) {
        document_fail(node->file, node->key_line, "'%s' has no type", field->name);
    }
    if (!is_in(types, field->type)) {
        document_fail(node->file, node->line, "'%s': unknown type '%s'", field->name, field->type);
    }
    if (field->value != NULL && strpbrk(field->value, "\"\\\n\t") != NULL) {
        document_fail(node->file, node->line, "'%s': a value has no quotes and no line breaks",
                      field->name);
    }
    if (field->value != NULL && strcmp(field->type, "constant_keyword") != 0) {
        document_fail(node->file, node->line, "'%s': only a constant_keyword has a value",
                      field->name);
    }
    if ((field->has_text || field->is_stored_only) && strcmp(field->type, "keyword") != 0 &&
        (field->is_stored_only || strcmp(field->type, "wildcard") != 0)) {
        document_fail(node->file, node->line, "'%s': text and stored_only are for keyword",
                      field->name);
    }
    return field;
}

/* $dataset and $module as values. */
static void value_fill(const struct document_node *node, struct field *field, const char *dataset,
                       const char *module)
{
    if (field->value != NULL && field->value[0] == '$') {
        bool is_dataset = strcmp(field->value, "$dataset") == 0;
        if (!is_dataset && strcmp(field->value, "$module") != 0) {
            document_fail(node->file, node->line, "'%s': unknown word '%s'", field->name,
                          field->value);
        }
        field->value = is_dataset ? dataset : module;
    }
}

static const struct document_node *open_fields(const char *path, const char *const *allowed,
                                               const char **ret_prefix)
{
    const struct document_node *root = document_read(path);
    const struct document_node *fields = document_find(root, "fields");

    check_keys(root, allowed);
    *ret_prefix = get_text(root, "prefix");
    if (fields == NULL || fields->kind != DOCUMENT_MAP) {
        document_fail(path, root->line, "'fields' must be a map of names and types");
    }
    return fields;
}

static void add_field(struct field_list *list, const struct document_node *node,
                      struct field *field)
{
    if (list->count == FIELD_MAX) {
        document_fail(node->file, node->key_line, "more than %d fields", FIELD_MAX);
    }
    list->fields[list->count++] = field;
}

void field_read(struct field_list *list, const char *path, bool is_exported, const char *dataset,
                const char *module)
{
    const char *prefix;
    const struct document_node *fields = open_fields(path, file_keys, &prefix);

    for (const struct document_node *node = fields->first; node != NULL; node = node->next) {
        struct field *field = read_field(node, prefix);
        value_fill(node, field, dataset, module);
        field->is_exported = is_exported;
        add_field(list, node, field);
    }
}

const char *field_dataset(const char *path)
{
    const struct document_node *root = document_read(path);
    const char *dataset = get_text(root, "dataset");

    if (dataset == NULL) {
        document_fail(path, root->line,
                      "'dataset' is missing: which data stream are the fields of?");
    }
    if (strlen(dataset) > PART_MAX_LEN || dataset[0] == '.' ||
        strspn(dataset, "abcdefghijklmnopqrstuvwxyz0123456789_.") != strlen(dataset)) {
        document_fail(path, document_find(root, "dataset")->line,
                      "'dataset' is made of a-z, 0-9, _ and dots, at most %d", PART_MAX_LEN);
    }
    return dataset;
}

void field_merge(struct field_list *list, const char *path, const char *dataset, const char *module)
{
    const char *prefix;
    const struct document_node *fields = open_fields(path, module_file_keys, &prefix);

    for (const struct document_node *node = fields->first; node != NULL; node = node->next) {
        struct field *field = read_field(node, prefix);
        const struct field *twin = NULL;
        value_fill(node, field, dataset, module);
        field->is_exported = true;
        for (size_t i = 0; i < list->count && twin == NULL; i++) {
            twin = strcmp(list->fields[i]->name, field->name) == 0 ? list->fields[i] : NULL;
        }
        if (twin == NULL) {
            add_field(list, node, field);
        } else if (strcmp(twin->type, field->type) != 0) {
            document_fail(path, node->key_line, "'%s' is %s here and %s in %s:%zu", field->name,
                          field->type, twin->type, twin->file, twin->line);
        }
    }
}

static int compare_fields(const void *a, const void *b)
{
    const struct field *left = *(struct field *const *)a;
    const struct field *right = *(struct field *const *)b;
    int order = strcmp(left->name, right->name);

    if (order != 0) {
        return order;
    }
    order = strcmp(left->file, right->file);
    if (order != 0) {
        return order;
    }
    return left->line < right->line ? -1 : 1;
}

/* The child of that name, made in its place in the order of names when it is not there. */
static struct branch *enter_branch(struct branch *parent, const char *part, size_t len)
{
    struct branch **link = &parent->first;
    struct branch *branch;
    char *key;

    for (; *link != NULL; link = &(*link)->next) {
        int order = strncmp((*link)->key, part, len);
        if (order == 0 && (*link)->key[len] == '\0') {
            return *link;
        }
        if (order > 0 || (order == 0 && (*link)->key[len] != '\0')) {
            break;
        }
    }
    key = document_alloc(len + 1);
    memcpy(key, part, len);
    branch = document_alloc(sizeof *branch);
    branch->key = key;
    branch->parent = parent;
    branch->next = *link;
    *link = branch;
    return branch;
}

static void plant_field(struct field_list *list, struct field *field)
{
    struct branch *branch = &list->root;
    const char *part = field->name;

    for (;;) {
        size_t len = strcspn(part, ".");
        branch = enter_branch(branch, part, len);
        if (part[len] == '\0') {
            break;
        }
        if (branch->field != NULL && strcmp(branch->field->type, "object") != 0) {
            document_fail(field->file, field->line,
                          "'%s' lies below '%s', which is %s and no object: %s:%zu", field->name,
                          branch->field->name, branch->field->type, branch->field->file,
                          branch->field->line);
        }
        part += len + 1;
    }
    branch->field = field;
}

void field_finish(struct field_list *list)
{
    qsort(list->fields, list->count, sizeof(struct field *), compare_fields);
    for (size_t i = 1; i < list->count; i++) {
        const struct field *twin = list->fields[i - 1];
        if (strcmp(twin->name, list->fields[i]->name) == 0) {
            document_fail(list->fields[i]->file, list->fields[i]->line,
                          "field '%s' stands here and in %s:%zu", twin->name, twin->file,
                          twin->line);
        }
    }
    for (size_t i = 0; i < list->count; i++) {
        plant_field(list, list->fields[i]);
    }
}

struct field *field_find(const struct field_list *list, const char *name)
{
    size_t low = 0;
    size_t high = list->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = strcmp(name, list->fields[middle]->name);
        if (order == 0) {
            return list->fields[middle];
        }
        if (order < 0) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    return NULL;
}

struct branch *field_branch(struct field_list *list, const char *name)
{
    struct branch *branch = &list->root;
    const char *part = name;

    for (;;) {
        size_t len = strcspn(part, ".");
        struct branch *child = branch->first;
        while (child != NULL && (strncmp(child->key, part, len) != 0 || child->key[len] != '\0')) {
            child = child->next;
        }
        if (child == NULL) {
            return NULL;
        }
        if (part[len] == '\0') {
            return child;
        }
        branch = child;
        part += len + 1;
    }
}
