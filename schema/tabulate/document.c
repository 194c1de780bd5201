/*
 * document.c: YAML text to a tree with line numbers. Knows libyaml, limits and nothing of fields or mappings.
 */
#include "document.h"

#include <yaml.h>

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FILE_MAX (1024 * 1024)
#define DEPTH_MAX 16
#define NODE_MAX 65536

struct block {
    struct block *next;
    _Alignas(16) char bytes[];
};

struct reader {
    yaml_parser_t parser;
    const char *path;
    size_t node_count;
};

static struct block *blocks;

void document_fail(const char *file, size_t line, const char *format, ...)
{
    va_list args;

    (void)fprintf(stderr, "%s:%zu: ", file, line);
    va_start(args, format);
    (void)vfprintf(stderr, format, args);
    va_end(args);
    (void)fputc('\n', stderr);
    exit(1);
}

void *document_alloc(size_t size)
{
    struct block *block = calloc(1, sizeof *block + size);

    if (block == NULL) {
        (void)fputs("tabulate: out of memory\n", stderr);
        exit(1);
    }
    block->next = blocks;
    blocks = block;
    return block->bytes;
}

char *document_copy(const char *text)
{
    size_t len = strlen(text);
    char *copy = document_alloc(len + 1);

    memcpy(copy, text, len);
    return copy;
}

void document_done(void)
{
    while (blocks != NULL) {
        struct block *next = blocks->next;
        free(blocks);
        blocks = next;
    }
}

const struct document_node *document_find(const struct document_node *map, const char *key)
{
    for (const struct document_node *node = map->first; node != NULL; node = node->next) {
        if (strcmp(node->key, key) == 0) {
            return node;
        }
    }
    return NULL;
}

static void next_event(struct reader *reader, yaml_event_t *ret_event)
{
    if (yaml_parser_parse(&reader->parser, ret_event) != 1) {
        const yaml_parser_t *p = &reader->parser;
        document_fail(reader->path, p->problem_mark.line + 1, "%s",
                      p->problem != NULL ? p->problem : "not YAML");
    }
}

static struct document_node *new_node(struct reader *reader, const yaml_event_t *event)
{
    struct document_node *node = document_alloc(sizeof *node);

    node->file = reader->path;
    node->line = event->start_mark.line + 1;
    if (++reader->node_count > NODE_MAX) {
        document_fail(reader->path, node->line, "more than %d values", NODE_MAX);
    }
    return node;
}

static void refuse_extras(struct reader *reader, const yaml_event_t *event)
{
    size_t line = event->start_mark.line + 1;

    if (event->type == YAML_ALIAS_EVENT) {
        document_fail(reader->path, line, "aliases are not used here: write the value out");
    }
    if ((event->type == YAML_SCALAR_EVENT &&
         (event->data.scalar.anchor != NULL || event->data.scalar.tag != NULL)) ||
        (event->type == YAML_SEQUENCE_START_EVENT &&
         (event->data.sequence_start.anchor != NULL || event->data.sequence_start.tag != NULL)) ||
        (event->type == YAML_MAPPING_START_EVENT &&
         (event->data.mapping_start.anchor != NULL || event->data.mapping_start.tag != NULL))) {
        document_fail(reader->path, line, "anchors and tags are not used here");
    }
}

static void append_child(struct document_node *parent, struct document_node *child)
{
    if (parent->last != NULL) {
        parent->last->next = child;
    } else {
        parent->first = child;
    }
    parent->last = child;
}

/* Takes the text of a scalar event; a NUL inside would cut names short unseen. */
static char *take_text(struct reader *reader, const yaml_event_t *event)
{
    const char *text = (const char *)event->data.scalar.value;

    if (strlen(text) != event->data.scalar.length) {
        document_fail(reader->path, event->start_mark.line + 1, "text with a NUL byte");
    }
    return document_copy(text);
}

static struct document_node *read_node(struct reader *reader, const yaml_event_t *event, int depth);

static void read_list(struct reader *reader, struct document_node *list, int depth)
{
    for (;;) {
        yaml_event_t event;
        next_event(reader, &event);
        if (event.type == YAML_SEQUENCE_END_EVENT) {
            yaml_event_delete(&event);
            return;
        }
        append_child(list, read_node(reader, &event, depth));
        yaml_event_delete(&event);
    }
}

static void read_map(struct reader *reader, struct document_node *map, int depth)
{
    for (;;) {
        const struct document_node *twin;
        struct document_node *child;
        yaml_event_t event;
        size_t line;
        char *key;

        next_event(reader, &event);
        line = event.start_mark.line + 1;
        if (event.type == YAML_MAPPING_END_EVENT) {
            yaml_event_delete(&event);
            return;
        }
        refuse_extras(reader, &event);
        if (event.type != YAML_SCALAR_EVENT) {
            document_fail(reader->path, line, "a key must be a text");
        }
        key = take_text(reader, &event);
        yaml_event_delete(&event);
        twin = document_find(map, key);
        if (twin != NULL) {
            document_fail(reader->path, line, "key '%s' stands here and in line %zu", key,
                          twin->key_line);
        }
        next_event(reader, &event);
        child = read_node(reader, &event, depth);
        yaml_event_delete(&event);
        child->key = key;
        child->key_line = line;
        append_child(map, child);
    }
}

static struct document_node *read_node(struct reader *reader, const yaml_event_t *event, int depth)
{
    struct document_node *node = new_node(reader, event);

    refuse_extras(reader, event);
    if (depth >= DEPTH_MAX) {
        document_fail(reader->path, node->line, "nested deeper than %d levels", DEPTH_MAX);
    }
    switch (event->type) {
    case YAML_SCALAR_EVENT:
        node->kind = DOCUMENT_TEXT;
        node->text = take_text(reader, event);
        return node;
    case YAML_SEQUENCE_START_EVENT:
        node->kind = DOCUMENT_LIST;
        read_list(reader, node, depth + 1);
        return node;
    case YAML_MAPPING_START_EVENT:
        node->kind = DOCUMENT_MAP;
        read_map(reader, node, depth + 1);
        return node;
    default:
        document_fail(reader->path, node->line, "expected a value");
    }
}

static char *load_file(const char *path, size_t *ret_len)
{
    char *text = document_alloc(FILE_MAX + 1);
    FILE *file = fopen(path, "rb");

    if (file == NULL) {
        document_fail(path, 0, "cannot be opened");
    }
    *ret_len = fread(text, 1, FILE_MAX + 1, file);
    if (ferror(file) != 0) {
        document_fail(path, 0, "cannot be read");
    }
    (void)fclose(file);
    if (*ret_len > FILE_MAX) {
        document_fail(path, 0, "larger than %d bytes", FILE_MAX);
    }
    return text;
}

struct document_node *document_read(const char *path)
{
    struct reader reader = {.path = document_copy(path)};
    struct document_node *root;
    yaml_event_t event;
    size_t len;
    char *text = load_file(path, &len);

    if (yaml_parser_initialize(&reader.parser) != 1) {
        document_fail(path, 0, "out of memory");
    }
    yaml_parser_set_input_string(&reader.parser, (const unsigned char *)text, len);
    next_event(&reader, &event); /* stream start */
    yaml_event_delete(&event);
    next_event(&reader, &event);
    if (event.type != YAML_DOCUMENT_START_EVENT) {
        document_fail(path, 1, "the file is empty");
    }
    yaml_event_delete(&event);
    next_event(&reader, &event);
    root = read_node(&reader, &event, 0);
    yaml_event_delete(&event);
    if (root->kind != DOCUMENT_MAP) {
        document_fail(path, root->line, "expected keys and values");
    }
    next_event(&reader, &event); /* document end */
    yaml_event_delete(&event);
    next_event(&reader, &event);
    if (event.type != YAML_STREAM_END_EVENT) {
        document_fail(path, event.start_mark.line + 1, "one document a file");
    }
    yaml_event_delete(&event);
    yaml_parser_delete(&reader.parser);
    return root;
}
