/*
 * mapping.c: reads and checks a mapping file: every word known, every target a field of a fitting type.
 */
#include "mapping.h"

#include <string.h>

#define KEY_MAX_LEN 200

const char *const mapping_as_words[ECS_AS_COUNT] = {
    [ECS_AS_KEEP] = "keep",       [ECS_AS_DATE] = "date",
    [ECS_AS_BOOLEAN] = "boolean", [ECS_AS_LONG] = "long",
    [ECS_AS_DOUBLE] = "double",   [ECS_AS_IP] = "ip",
    [ECS_AS_STRING] = "string",   [ECS_AS_LONG_LIST] = "long_list",
    [ECS_AS_IP_LIST] = "ip_list", [ECS_AS_INTERFACE_MAP] = "interface_map",
};

/* The field type that a conversion makes; NULL: any. */
static const char *const as_types[ECS_AS_COUNT] = {
    [ECS_AS_DATE] = "date",      [ECS_AS_BOOLEAN] = "boolean", [ECS_AS_LONG] = "long",
    [ECS_AS_DOUBLE] = "double",  [ECS_AS_IP] = "ip",           [ECS_AS_STRING] = "keyword",
    [ECS_AS_LONG_LIST] = "long", [ECS_AS_IP_LIST] = "ip",      [ECS_AS_INTERFACE_MAP] = "object",
};

const char *const mapping_step_words[ECS_STEP_COUNT] = {
    [ECS_STEP_COPY] = "copy",
    [ECS_STEP_APPEND] = "append",
    [ECS_STEP_APPEND_EACH] = "append_each",
    [ECS_STEP_LOWER] = "lower",
    [ECS_STEP_SLUG] = "slug",
    [ECS_STEP_HOSTNAME] = "hostname",
    [ECS_STEP_HOST_NAME] = "host_name",
    [ECS_STEP_TIMESTAMP] = "timestamp",
};

const char *const mapping_known[ECS_KNOWN_COUNT] = {
    [ECS_KNOWN_ECS_VERSION] = "ecs.version",
    [ECS_KNOWN_ERROR_MESSAGE] = "error.message",
    [ECS_KNOWN_EVENT_KIND] = "event.kind",
    [ECS_KNOWN_EVENT_ORIGINAL] = "event.original",
    [ECS_KNOWN_HOST_DOMAIN] = "host.domain",
    [ECS_KNOWN_HOST_HOSTNAME] = "host.hostname",
    [ECS_KNOWN_MESSAGE] = "message",
    [ECS_KNOWN_RELATED_HOSTS] = "related.hosts",
    [ECS_KNOWN_TAGS] = "tags",
};

static const char *const head_keys[] = {"ecs", "stream",  "module", "dataset", "prefix",
                                        "set", "finally", "keys",   NULL};
static const char *const whole_keys[] = {
    "ecs",   "stream", "module", "dataset", "prefix", "set",    "add",        "record",
    "moves", "errors", "sweep",  "id",      "works",  "remove", "duplicates", NULL};
static const char *const row_keys[] = {"key",        "to",        "as",   "wrap",
                                       "skip_empty", "duplicate", "then", NULL};
static const char *const final_keys[] = {"to", "as", NULL};

int mapping_word(const char *const *words, size_t count, const char *word)
{
    for (size_t i = 0; i < count; i++) {
        if (words[i] != NULL && strcmp(words[i], word) == 0) {
            return (int)i;
        }
    }
    return -1;
}

static void check_keys(const struct document_node *map, const char *const *allowed, size_t count)
{
    if (map->kind != DOCUMENT_MAP) {
        document_fail(map->file, map->line, "expected keys and values");
    }
    for (const struct document_node *node = map->first; node != NULL; node = node->next) {
        if (mapping_word(allowed, count, node->key) < 0) {
            document_fail(node->file, node->key_line, "unknown key '%s'", node->key);
        }
    }
}

#define CHECK_KEYS(map, table) check_keys((map), (table), sizeof(table) / sizeof((table)[0]))

static const struct document_node *get_text(const struct document_node *map, const char *key)
{
    const struct document_node *node = document_find(map, key);

    if (node != NULL && (node->kind != DOCUMENT_TEXT || node->text[0] == '\0')) {
        document_fail(node->file, node->line, "'%s' must be a text", key);
    }
    return node;
}

static const struct document_node *need_text(const struct document_node *map, const char *key)
{
    const struct document_node *node = get_text(map, key);

    if (node == NULL) {
        document_fail(map->file, map->line, "'%s' is missing", key);
    }
    return node;
}

/* Text that is written into C and JSON without escapes. */
const char *mapping_plain(const struct document_node *map, const char *key)
{
    const struct document_node *node = need_text(map, key);

    for (const char *c = node->text; *c != '\0'; c++) {
        if ((unsigned char)*c < 0x20 || (unsigned char)*c > 0x7e || *c == '"' || *c == '\\') {
            document_fail(node->file, node->line, "'%s' must be plain ASCII without quotes", key);
        }
    }
    if (strlen(node->text) > KEY_MAX_LEN) {
        document_fail(node->file, node->line, "'%s' is longer than %d bytes", key, KEY_MAX_LEN);
    }
    return node->text;
}

static unsigned get_flag(const struct document_node *map, const char *key, unsigned flag)
{
    const struct document_node *node = get_text(map, key);

    if (node == NULL || strcmp(node->text, "false") == 0) {
        return 0;
    }
    if (strcmp(node->text, "true") != 0) {
        document_fail(node->file, node->line, "'%s' must be true or false", key);
    }
    return flag;
}

static struct field *find_target(const struct field_list *list, const struct document_node *node,
                                 const char *name)
{
    struct field *field = field_find(list, name);

    if (field == NULL) {
        document_fail(node->file, node->line, "'%s' is in no field list", name);
    }
    if (strcmp(field->type, "constant_keyword") == 0) {
        document_fail(node->file, node->line, "'%s' is a constant of the index", name);
    }
    return field;
}

struct field *mapping_target(const struct field_list *list, const struct document_node *node,
                             const char *name)
{
    struct field *field = find_target(list, node, name);

    field->is_written = true;
    return field;
}

static enum ecs_as read_as(const struct document_node *map, const struct field *field)
{
    const struct document_node *node = get_text(map, "as");
    int as;

    if (node == NULL) {
        return ECS_AS_KEEP;
    }
    as = mapping_word(mapping_as_words, ECS_AS_COUNT, node->text);
    if (as < 0) {
        document_fail(node->file, node->line, "unknown conversion '%s'", node->text);
    }
    if (as_types[as] != NULL && strcmp(as_types[as], field->type) != 0) {
        document_fail(node->file, node->line, "'%s' makes %s, but '%s' is %s", node->text,
                      as_types[as], field->name, field->type);
    }
    return (enum ecs_as)as;
}

/* not_null, not_empty and has PATH for appends; unset for copies. */
static void read_when(struct mapping_step *step, const struct document_node *map,
                      const struct field_list *list)
{
    const struct document_node *node = get_text(map, "when");
    bool is_append = step->kind == ECS_STEP_APPEND;

    if (node == NULL) {
        if (is_append) {
            document_fail(map->file, map->line, "an append needs 'when': not_null or not_empty");
        }
        return;
    }
    if (is_append && strcmp(node->text, "not_null") == 0) {
        step->when = ECS_WHEN_NOT_NULL;
    } else if (is_append && strcmp(node->text, "not_empty") == 0) {
        step->when = ECS_WHEN_NOT_EMPTY;
    } else if (is_append && strncmp(node->text, "has ", 4) == 0) {
        step->when = ECS_WHEN_HAS;
        step->other = mapping_target(list, node, node->text + 4);
    } else if (step->kind == ECS_STEP_COPY && strcmp(node->text, "unset") == 0) {
        step->when = ECS_WHEN_UNSET;
    } else {
        document_fail(node->file, node->line, "unknown guard '%s' for %s", node->text,
                      mapping_step_words[step->kind]);
    }
}

static void read_step(struct mapping *mapping, const struct document_node *map,
                      const struct field_list *list)
{
    struct mapping_step *step = &mapping->steps[mapping->step_count];
    const struct document_node *verb = NULL;

    if (map->kind != DOCUMENT_MAP) {
        document_fail(map->file, map->line, "a step is a verb and a field, as in 'copy: user.id'");
    }
    if (mapping->step_count == MAPPING_STEP_MAX) {
        document_fail(map->file, map->line, "more than %d steps", MAPPING_STEP_MAX);
    }
    for (const struct document_node *node = map->first; node != NULL; node = node->next) {
        int kind = mapping_word(mapping_step_words, ECS_STEP_COUNT, node->key);
        if (kind < 0 && strcmp(node->key, "when") != 0) {
            document_fail(node->file, node->key_line, "unknown key '%s'", node->key);
        }
        if (kind >= 0 && verb != NULL) {
            document_fail(node->file, node->key_line, "one verb a step: '%s' stands beside '%s'",
                          node->key, verb->key);
        }
        if (kind >= 0) {
            verb = node;
            step->kind = (enum ecs_step_kind)kind;
        }
    }
    if (verb == NULL) {
        document_fail(map->file, map->line, "a step without a verb");
    }
    verb = need_text(map, verb->key);
    step->field = mapping_target(list, verb, verb->text);
    if (strcmp(step->field->type, "object") == 0) {
        document_fail(verb->file, verb->line, "'%s' is an object, nothing can be copied there",
                      verb->text);
    }
    read_when(step, map, list);
    mapping->step_count++;
}

static void check_twins(const struct mapping *mapping, const struct mapping_row *row)
{
    for (const struct mapping_row *twin = mapping->rows; twin < row; twin++) {
        if (strcmp(twin->key, row->key) == 0) {
            document_fail(mapping->path, row->line, "key '%s' stands here and in line %zu",
                          row->key, twin->line);
        }
        if (twin->field == row->field) {
            document_fail(mapping->path, row->line, "'%s' is the target here and in line %zu",
                          row->field->name, twin->line);
        }
    }
}

static struct field *read_custom(const struct mapping *mapping, const struct document_node *map,
                                 const struct field_list *list)
{
    const struct document_node *node = need_text(map, "to");
    size_t prefix_len = strlen(mapping->prefix);
    size_t to_len = strlen(node->text);
    char *name = document_alloc(prefix_len + to_len + 2);

    memcpy(name, mapping->prefix, prefix_len);
    name[prefix_len] = '.';
    memcpy(name + prefix_len + 1, node->text, to_len);
    return mapping_target(list, node, name);
}

static void read_row(struct mapping *mapping, const struct document_node *map,
                     const struct field_list *list)
{
    struct mapping_row *row = &mapping->rows[mapping->row_count];
    const struct document_node *then;

    CHECK_KEYS(map, row_keys);
    if (mapping->row_count == MAPPING_ROW_MAX) {
        document_fail(map->file, map->line, "more than %d keys", MAPPING_ROW_MAX);
    }
    row->key = mapping_plain(map, "key");
    row->line = document_find(map, "key")->line;
    row->field = read_custom(mapping, map, list);
    row->as = read_as(map, row->field);
    row->flags = get_flag(map, "wrap", ECS_ROW_WRAP) |
                 get_flag(map, "skip_empty", ECS_ROW_SKIP_EMPTY) |
                 get_flag(map, "duplicate", ECS_ROW_DUPLICATE);
    if ((row->flags & ECS_ROW_WRAP) != 0 && row->as != ECS_AS_IP_LIST &&
        row->as != ECS_AS_LONG_LIST) {
        document_fail(map->file, document_find(map, "wrap")->line, "'wrap' is for lists");
    }
    check_twins(mapping, row);
    row->step = mapping->step_count;
    then = document_find(map, "then");
    if (then != NULL && then->kind != DOCUMENT_LIST) {
        document_fail(then->file, then->line, "'then' must be a list of steps");
    }
    for (const struct document_node *n = then != NULL ? then->first : NULL; n != NULL;
         n = n->next) {
        read_step(mapping, n, list);
    }
    row->step_count = mapping->step_count - row->step;
    mapping->row_count++;
}

const struct document_node *mapping_list(const struct document_node *root, const char *key,
                                         enum document_kind kind)
{
    const struct document_node *node = document_find(root, key);

    if (node != NULL && node->kind != kind) {
        document_fail(node->file, node->line, "'%s' must be a %s", key,
                      kind == DOCUMENT_LIST ? "list" : "map");
    }
    return node;
}

void mapping_constants(const struct document_node *set, const struct field_list *list,
                       struct mapping_constant *constants, size_t *count)
{
    for (const struct document_node *n = set != NULL ? set->first : NULL; n != NULL; n = n->next) {
        if (*count == MAPPING_SHORT_MAX) {
            document_fail(n->file, n->line, "more than %d constants", MAPPING_SHORT_MAX);
        }
        constants[(*count)++] = (struct mapping_constant){
            .field = mapping_target(list, n, n->key),
            .text = mapping_plain(set, n->key),
        };
    }
}

static void read_finals(struct mapping *mapping, const struct field_list *list)
{
    const struct document_node *finals = mapping_list(mapping->root, "finally", DOCUMENT_LIST);

    for (const struct document_node *n = finals != NULL ? finals->first : NULL; n != NULL;
         n = n->next) {
        struct mapping_final *final = &mapping->finals[mapping->final_count];
        const struct document_node *to;
        CHECK_KEYS(n, final_keys);
        if (mapping->final_count == MAPPING_SHORT_MAX) {
            document_fail(n->file, n->line, "more than %d final steps", MAPPING_SHORT_MAX);
        }
        to = need_text(n, "to");
        final->field = mapping_target(list, to, to->text);
        final->as = read_as(n, final->field);
        if (final->as != ECS_AS_LONG_LIST) {
            document_fail(n->file, n->line, "a final step converts 'as: long_list'");
        }
        mapping->final_count++;
    }
}

struct mapping *mapping_open(const char *path)
{
    struct mapping *mapping = document_alloc(sizeof *mapping);

    mapping->path = path;
    mapping->root = document_read(path);
    mapping->is_whole = document_find(mapping->root, "record") != NULL;
    if (mapping->is_whole) {
        CHECK_KEYS(mapping->root, whole_keys);
    } else {
        CHECK_KEYS(mapping->root, head_keys);
    }
    mapping->ecs_version = mapping_plain(mapping->root, "ecs");
    mapping->stream = mapping_plain(mapping->root, "stream");
    mapping->module = mapping_plain(mapping->root, "module");
    mapping->dataset = mapping_plain(mapping->root, "dataset");
    mapping->prefix = mapping_plain(mapping->root, "prefix");
    for (const char *c = mapping->stream; *c != '\0'; c++) {
        if (strchr("abcdefghijklmnopqrstuvwxyz0123456789_", *c) == NULL) {
            document_fail(path, document_find(mapping->root, "stream")->line,
                          "'stream' is made of a-z, 0-9 and _");
        }
    }
    return mapping;
}

void mapping_read(struct mapping *mapping, struct field_list *list)
{
    const struct document_node *keys = mapping_list(mapping->root, "keys", DOCUMENT_LIST);

    for (size_t i = 0; i < ECS_KNOWN_COUNT; i++) {
        (void)mapping_target(list, mapping->root, mapping_known[i]);
    }
    mapping_constants(mapping_list(mapping->root, "set", DOCUMENT_MAP), list, mapping->constants,
                      &mapping->constant_count);
    if (mapping->is_whole) {
        work_read(mapping, list);
        return;
    }
    if (keys == NULL) {
        document_fail(mapping->path, mapping->root->line, "'keys' is missing");
    }
    for (const struct document_node *node = keys->first; node != NULL; node = node->next) {
        read_row(mapping, node, list);
    }
    read_finals(mapping, list);
}
