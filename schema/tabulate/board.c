/* board.c: see the header. */
#include "board.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SIZE_USUAL 10
#define WIDTH_USUAL 24
#define HEIGHT_USUAL 12

static const char *const kinds[] = {"metric", "distinct", "timeline", "pie",
                                    "bars",   "table",    "list"};

static const char *text_of(const struct document_node *map, const char *key)
{
    const struct document_node *node = document_find(map, key);

    if (node == NULL) {
        return NULL;
    }
    if (node->kind != DOCUMENT_TEXT || node->text[0] == '\0' ||
        strpbrk(node->text, "\"\\\n") != NULL) {
        document_fail(node->file, node->line, "'%s' must be a text without quotes and line breaks",
                      key);
    }
    return node->text;
}

static const char *text_wanted(const struct document_node *map, const char *key)
{
    const char *text = text_of(map, key);

    if (text == NULL) {
        document_fail(map->file, map->line, "expected '%s'", key);
    }
    return text;
}

static unsigned number_of(const struct document_node *map, const char *key, unsigned usual,
                          unsigned max)
{
    const char *text = text_of(map, key);
    char *end = NULL;
    unsigned long value = text != NULL ? strtoul(text, &end, 10) : usual;

    if (text != NULL &&
        (*end != '\0' || !isdigit((unsigned char)text[0]) || value < 1 || value > max)) {
        document_fail(map->file, document_find(map, key)->line, "'%s' must be a number, 1 to %u",
                      key, max);
    }
    return (unsigned)value;
}

static void keys_check(const struct document_node *map, const char *const *known)
{
    for (const struct document_node *node = map->first; node != NULL; node = node->next) {
        size_t i = 0;
        while (known[i] != NULL && strcmp(known[i], node->key) != 0) {
            i++;
        }
        if (known[i] == NULL) {
            document_fail(node->file, node->key_line, "unknown key '%s'", node->key);
        }
    }
}

static const struct field *field_wanted(const struct document_node *node,
                                        const struct field_list *list)
{
    const struct field *field = node->kind == DOCUMENT_TEXT ? field_find(list, node->text) : NULL;

    if (field == NULL) {
        document_fail(node->file, node->line, "'%s' is no field that is exported",
                      node->kind == DOCUMENT_TEXT ? node->text : "");
    }
    return field;
}

/* Values of texts that are searched by word, of objects and of what is only stored cannot be counted. */
static void countable_check(const struct document_node *node, const struct field *field)
{
    static const char *const types[] = {
        "keyword", "ip",      "long",     "double",           "float",
        "date",    "boolean", "wildcard", "constant_keyword", NULL};
    size_t i = 0;

    while (types[i] != NULL && strcmp(types[i], field->type) != 0) {
        i++;
    }
    if (types[i] == NULL || field->is_stored_only) {
        document_fail(node->file, node->line, "values of '%s' (%s) cannot be counted", field->name,
                      field->is_stored_only ? "only stored" : field->type);
    }
}

static enum panel_kind kind_of(const struct document_node *map)
{
    const char *word = text_wanted(map, "kind");
    size_t i = 0;

    while (i < sizeof kinds / sizeof kinds[0] && strcmp(kinds[i], word) != 0) {
        i++;
    }
    if (i == sizeof kinds / sizeof kinds[0]) {
        document_fail(map->file, document_find(map, "kind")->line, "unknown kind '%s'", word);
    }
    return (enum panel_kind)i;
}

static char *id_make(const char *stream, const char *title)
{
    size_t room = strlen(stream) + strlen(title) + sizeof "cortexd--";
    char *id = document_alloc(room);
    size_t at = (size_t)snprintf(id, room, "cortexd-%s-", stream);

    for (; *title != '\0'; title++) {
        if (isalnum((unsigned char)*title)) {
            id[at++] = (char)tolower((unsigned char)*title);
        } else if (id[at - 1] != '-') {
            id[at++] = '-';
        }
    }
    id[at - (id[at - 1] == '-')] = '\0';
    return id;
}

static void columns_read(struct panel *p, const struct document_node *map,
                         const struct field_list *list)
{
    const struct document_node *fields = document_find(map, "fields");

    if (fields == NULL || fields->kind != DOCUMENT_LIST || fields->first == NULL) {
        document_fail(map->file, map->line, "a list needs 'fields'");
    }
    for (const struct document_node *node = fields->first; node != NULL; node = node->next) {
        if (p->column_count == BOARD_COLUMNS) {
            document_fail(node->file, node->line, "more than %d columns", BOARD_COLUMNS);
        }
        p->columns[p->column_count++] = field_wanted(node, list);
    }
}

static void panel_read(struct panel *p, const struct document_node *map, const char *stream,
                       const struct field_list *list)
{
    static const char *const known[] = {"title", "kind",  "field",  "fields",
                                        "size",  "width", "height", NULL};
    const struct document_node *field = document_find(map, "field");

    if (map->kind != DOCUMENT_MAP) {
        document_fail(map->file, map->line, "a panel is a map");
    }
    keys_check(map, known);
    p->title = text_wanted(map, "title");
    p->id = id_make(stream, p->title);
    p->kind = kind_of(map);
    p->size = number_of(map, "size", SIZE_USUAL, 100);
    p->width = number_of(map, "width", WIDTH_USUAL, BOARD_WIDTH);
    p->height = number_of(map, "height", HEIGHT_USUAL, 60);
    if (field != NULL) {
        p->field = field_wanted(field, list);
        countable_check(field, p->field);
    } else if (p->kind != PANEL_METRIC && p->kind != PANEL_TIMELINE && p->kind != PANEL_LIST) {
        document_fail(map->file, map->line, "'%s' needs a 'field'", p->title);
    }
    if (p->kind == PANEL_LIST) {
        columns_read(p, map, list);
    }
}

/* From left to right, and down when a row is full. */
static void panels_place(struct board *board)
{
    unsigned x = 0;
    unsigned y = 0;
    unsigned row = 0;

    for (size_t i = 0; i < board->count; i++) {
        struct panel *p = &board->panels[i];
        if (x + p->width > BOARD_WIDTH) {
            x = 0;
            y += row;
            row = 0;
        }
        p->x = x;
        p->y = y;
        x += p->width;
        row = p->height > row ? p->height : row;
    }
}

struct board *board_read(const char *path, const char *stream, const struct field_list *list)
{
    static const char *const known[] = {"title", "about", "panels", NULL};
    const struct document_node *root = document_read(path);
    const struct document_node *panels = document_find(root, "panels");
    struct board *board = document_alloc(sizeof *board);

    keys_check(root, known);
    board->title = text_wanted(root, "title");
    board->about = text_wanted(root, "about");
    if (panels == NULL || panels->kind != DOCUMENT_LIST || panels->first == NULL) {
        document_fail(path, root->line, "expected 'panels', a list");
    }
    for (const struct document_node *node = panels->first; node != NULL; node = node->next) {
        struct panel *p = &board->panels[board->count];
        if (board->count == BOARD_PANELS) {
            document_fail(path, node->line, "more than %d panels", BOARD_PANELS);
        }
        panel_read(p, node, stream, list);
        for (size_t i = 0; i < board->count; i++) {
            if (strcmp(board->panels[i].id, p->id) == 0) {
                document_fail(path, node->line, "a second panel of the name '%s'", p->title);
            }
        }
        board->count++;
    }
    panels_place(board);
    return board;
}
