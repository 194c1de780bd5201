/*
 * work.c: the part of a mapping file that is about whole records: works in their order, the id, what goes at the end.
 *
 * A name that begins with a dot is a field of the document, any other a key of the record, dotted when it lies deeper.
 */
#include "mapping.h"

#include <stdio.h>
#include <string.h>

const char *const work_verb_words[ECS_VERB_COUNT] = {
    [ECS_VERB_MOVE] = "move",
    [ECS_VERB_COPY] = "copy",
    [ECS_VERB_DATE] = "date",
    [ECS_VERB_DATE_FIRST] = "date_first",
    [ECS_VERB_IP] = "ip",
    [ECS_VERB_LONG] = "long",
    [ECS_VERB_BOOLEAN] = "boolean",
    [ECS_VERB_STRING] = "string",
    [ECS_VERB_LOOKUP] = "lookup",
    [ECS_VERB_SAY] = "say",
    [ECS_VERB_APPEND] = "append",
    [ECS_VERB_APPEND_UNIQUE] = "append_unique",
    [ECS_VERB_APPEND_EACH] = "append_each",
    [ECS_VERB_APPEND_ALL] = "append_all",
    [ECS_VERB_APPEND_ANY] = "append_any",
    [ECS_VERB_WRAP] = "wrap",
    [ECS_VERB_SPLIT] = "split",
    [ECS_VERB_LOWER] = "lower",
    [ECS_VERB_MAC] = "mac",
    [ECS_VERB_CUT_COLON] = "cut_colon",
    [ECS_VERB_CUT_DOMAIN] = "cut_domain",
    [ECS_VERB_PAIRS] = "pairs",
    [ECS_VERB_USER] = "user",
    [ECS_VERB_REMOVE] = "remove",
    [ECS_VERB_PLACE] = "place",
    [ECS_VERB_NETWORK] = "network",
};

/* In the order of the bits of enum ecs_guard; the last two take a field after them. */
static const char *const guard_words[] = {"unset", "not_null", "not_empty", "text",
                                          "list",  "mail",     "has",       "lacks"};
static const char *const fail_words[] = {"stop", "remove", "note", "ignore"};
static const char *const work_keys[] = {"to", "and", "when", "fail", "needed", "text"};

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

/* The rows of the key and of the objects that it lies in, unless they are there. */
static void add_rows(struct mapping *mapping, const struct field_list *list,
                     const struct document_node *node, const char *key)
{
    size_t prefix_len = strlen(mapping->prefix);
    const char *part = key;

    for (;;) {
        size_t len = (size_t)(part - key) + strcspn(part, ".");
        size_t room = prefix_len + len + 2;
        struct mapping_row *row = &mapping->rows[mapping->row_count];
        size_t at = 0;
        char *name = document_alloc(room);
        (void)snprintf(name, room, "%s.%.*s", mapping->prefix, (int)len, key);
        row->key = name + prefix_len + 1 + (part - key);
        row->line = node->line;
        row->field = field_find(list, name);
        if (row->field == NULL) {
            document_fail(node->file, node->line, "'%s' is in no field list", name);
        }
        while (at < mapping->row_count && strcmp(mapping->rows[at].key, row->key) != 0) {
            at++;
        }
        if (at < mapping->row_count && mapping->rows[at].field != row->field) {
            document_fail(node->file, node->line, "'%s' and '%s' end in the same key", name,
                          mapping->rows[at].field->name);
        }
        if (at == MAPPING_ROW_MAX) {
            document_fail(node->file, node->line, "more than %d keys", MAPPING_ROW_MAX);
        }
        mapping->row_count += at == mapping->row_count;
        if (key[len] == '\0') {
            return;
        }
        part = key + len + 1;
    }
}

static struct field *find_source(struct mapping *mapping, const struct field_list *list,
                                 const struct document_node *node)
{
    size_t room;
    char *name;

    if (node->kind != DOCUMENT_TEXT || node->text[0] == '\0') {
        document_fail(node->file, node->line, "expected the name of a key or .field");
    }
    if (node->text[0] == '.') {
        return mapping_target(list, node, node->text + 1);
    }
    add_rows(mapping, list, node, node->text);
    room = strlen(mapping->prefix) + strlen(node->text) + 2;
    name = document_alloc(room);
    (void)snprintf(name, room, "%s.%s", mapping->prefix, node->text);
    return mapping_target(list, node, name);
}

static void read_guard(struct mapping *mapping, const struct field_list *list,
                       struct mapping_work *work, const struct document_node *node)
{
    const char *space = node->kind == DOCUMENT_TEXT ? strchr(node->text, ' ') : NULL;
    size_t len = node->kind != DOCUMENT_TEXT ? 0
                 : space != NULL             ? (size_t)(space - node->text)
                                             : strlen(node->text);
    size_t bit = 0;

    while (bit < COUNT(guard_words) &&
           (len != strlen(guard_words[bit]) || strncmp(guard_words[bit], node->text, len) != 0)) {
        bit++;
    }
    if (bit == COUNT(guard_words) || (space != NULL) != (bit >= 6)) {
        document_fail(node->file, node->line, "unknown guard '%s'",
                      node->kind == DOCUMENT_TEXT ? node->text : "");
    }
    if (space != NULL) {
        struct document_node name = *node;
        name.text = space + 1;
        if (work->other != NULL) {
            document_fail(node->file, node->line, "one other field a step");
        }
        work->other = find_source(mapping, list, &name);
    }
    work->guard |= 1u << bit;
}

static void read_option(struct mapping *mapping, const struct field_list *list,
                        struct mapping_work *work, const struct document_node *node)
{
    int word = mapping_word(work_keys, COUNT(work_keys), node->key);

    if (word < 0) {
        document_fail(node->file, node->key_line, "unknown key '%s'", node->key);
    }
    if (strcmp(node->key, "when") == 0 && node->kind == DOCUMENT_LIST) {
        for (const struct document_node *n = node->first; n != NULL; n = n->next) {
            read_guard(mapping, list, work, n);
        }
        return;
    }
    if (strcmp(node->key, "when") == 0) {
        read_guard(mapping, list, work, node);
    } else if (strcmp(node->key, "to") == 0) {
        work->to = find_source(mapping, list, node);
    } else if (strcmp(node->key, "and") == 0) {
        work->other = find_source(mapping, list, node);
    } else if (strcmp(node->key, "text") == 0 && node->kind == DOCUMENT_TEXT &&
               work->verb == ECS_VERB_LOOKUP) {
        work->text = node->text;
    } else if (strcmp(node->key, "needed") == 0) {
        work->is_needed = true;
    } else if (strcmp(node->key, "fail") != 0) {
        document_fail(node->file, node->line, "'%s' has no 'text'", work_verb_words[work->verb]);
    } else {
        int fail = node->kind == DOCUMENT_TEXT
                       ? mapping_word(fail_words, COUNT(fail_words), node->text)
                       : -1;
        if (fail < 0) {
            document_fail(node->file, node->line, "unknown outcome of a failure");
        }
        work->fail = (enum ecs_fail)fail;
    }
}

/* Verbs that work in place as well as into another field. */
static bool may_stay(enum ecs_verb verb)
{
    return verb == ECS_VERB_DATE || verb == ECS_VERB_DATE_FIRST || verb == ECS_VERB_IP ||
           verb == ECS_VERB_LONG || verb == ECS_VERB_BOOLEAN || verb == ECS_VERB_STRING;
}

static void check_work(const struct mapping_work *work, const struct document_node *map)
{
    bool needs_other = work->verb == ECS_VERB_PAIRS || work->verb == ECS_VERB_USER;
    bool has_guard = (work->guard & (ECS_GUARD_HAS | ECS_GUARD_LACKS)) != 0;
    bool is_alone = work->verb == ECS_VERB_REMOVE || work->verb == ECS_VERB_WRAP ||
                    work->verb == ECS_VERB_MAC || work->verb == ECS_VERB_CUT_COLON ||
                    work->verb == ECS_VERB_CUT_DOMAIN;

    if ((needs_other && work->other == NULL) || (needs_other && has_guard) ||
        (!needs_other && !has_guard && work->other != NULL)) {
        document_fail(map->file, map->line, "'%s' %s 'and'", work_verb_words[work->verb],
                      needs_other ? "needs" : "has no");
    }
    if (is_alone != (work->to == work->from) && !may_stay(work->verb)) {
        document_fail(map->file, map->line, "'%s' %s 'to'", work_verb_words[work->verb],
                      is_alone ? "has no" : "needs");
    }
}

/* One verb with its source, and what else is said of it. */
static void read_work(struct mapping *mapping, const struct field_list *list,
                      const struct document_node *map)
{
    struct mapping_work *work = &mapping->works[mapping->work_count];
    const struct document_node *verb = map->kind == DOCUMENT_MAP ? map->first : NULL;
    int kind = verb != NULL ? mapping_word(work_verb_words, ECS_VERB_COUNT, verb->key) : -1;

    if (kind < 0) {
        document_fail(map->file, map->line, "a step begins with its verb, as in 'move: name'");
    }
    if (mapping->work_count == MAPPING_ROW_MAX) {
        document_fail(map->file, map->line, "more than %d steps", MAPPING_ROW_MAX);
    }
    work->verb = (enum ecs_verb)kind;
    if (work->verb == ECS_VERB_SAY) {
        work->text = mapping_plain(map, "say");
    } else {
        work->from = find_source(mapping, list, verb);
        work->to = work->from;
    }
    for (const struct document_node *node = verb->next; node != NULL; node = node->next) {
        read_option(mapping, list, work, node);
    }
    if (work->to == NULL) {
        document_fail(map->file, map->line, "'say' needs 'to'");
    }
    check_work(work, map);
    mapping->work_count++;
}

static void read_names(struct mapping *mapping, const struct field_list *list, const char *key,
                       struct field **fields, size_t *count)
{
    const struct document_node *names = mapping_list(mapping->root, key, DOCUMENT_LIST);

    for (const struct document_node *n = names != NULL ? names->first : NULL; n != NULL;
         n = n->next) {
        if (*count == MAPPING_SHORT_MAX) {
            document_fail(n->file, n->line, "more than %d names", MAPPING_SHORT_MAX);
        }
        fields[(*count)++] = find_source(mapping, list, n);
    }
}

static void read_flag(struct mapping *mapping, const char *key, const char *off, const char *on,
                      unsigned flag)
{
    const char *word = mapping_plain(mapping->root, key);

    if (strcmp(word, on) != 0 && strcmp(word, off) != 0) {
        document_fail(mapping->path, document_find(mapping->root, key)->line,
                      "'%s' must be %s or %s", key, off, on);
    }
    mapping->flags |= strcmp(word, on) == 0 ? flag : 0;
}

void work_read(struct mapping *mapping, const struct field_list *list)
{
    const struct document_node *works = mapping_list(mapping->root, "works", DOCUMENT_LIST);

    if (strcmp(mapping_plain(mapping->root, "record"), "whole") != 0 || works == NULL) {
        document_fail(mapping->path, mapping->root->line,
                      "'record: whole' and 'works' go together");
    }
    read_flag(mapping, "sweep", "last", "first", ECS_TABLE_SWEEP_FIRST);
    read_flag(mapping, "moves", "overwrite", "keep", ECS_TABLE_NO_OVERWRITE);
    read_flag(mapping, "errors", "named", "bare", ECS_TABLE_BARE);
    mapping_constants(mapping_list(mapping->root, "add", DOCUMENT_MAP), list, mapping->additions,
                      &mapping->addition_count);
    read_names(mapping, list, "id", mapping->id, &mapping->id_count);
    for (size_t i = 1; i < mapping->id_count; i++) {
        if (strcmp(mapping->id[i - 1]->name, mapping->id[i]->name) >= 0) {
            document_fail(mapping->path, document_find(mapping->root, "id")->line,
                          "'id' must be in the order of names");
        }
    }
    for (const struct document_node *node = works->first; node != NULL; node = node->next) {
        read_work(mapping, list, node);
    }
    read_names(mapping, list, "remove", mapping->removals, &mapping->removal_count);
    read_names(mapping, list, "duplicates", mapping->duplicates, &mapping->duplicate_count);
}
