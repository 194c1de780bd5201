/*
 * test_tables.c: the tables that the build made: the hash knows its keys and no others, the slots are a tree, and, where the
 * reference lies beside the source, keys, targets, types and duplicates are those of the reference.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka needs the four above first */
#include <cmocka.h>

#include "table.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

extern const struct ecs_table ecs_table_event;

#define LINE_MAX_LEN 4096
#define COLUMNS 8

static const struct ecs_table *const table = &ecs_table_event;

static void test_every_key_is_found_at_its_row(void **state)
{
    (void)state;
    for (int i = 0; i < table->row_count; i++) {
        const struct ecs_row *row = &table->rows[i];
        assert_int_equal(row->key_len, strlen(row->key));
        assert_int_equal(ecs_table_find(table, row->key, row->key_len), i);
    }
}

/* Every key with one byte changed, cut or added is another key or none. */
static void test_no_false_hit(void **state)
{
    (void)state;
    for (int i = 0; i < table->row_count; i++) {
        const struct ecs_row *row = &table->rows[i];
        char key[256];
        memcpy(key, row->key, row->key_len + 1u);
        key[row->key_len + 1] = '\0';
        key[row->key_len] = 'x';
        assert_int_not_equal(ecs_table_find(table, key, row->key_len + 1u), i);
        assert_int_not_equal(ecs_table_find(table, key, row->key_len - 1u), i);
        for (uint32_t at = 0; at < row->key_len; at++) {
            key[at] ^= 0x20;
            assert_int_not_equal(ecs_table_find(table, key, row->key_len), i);
            key[at] ^= 0x20;
        }
    }
    assert_int_equal(ecs_table_find(table, "", 0), -1);
    assert_int_equal(ecs_table_find(table, "a", 1), -1);
}

static void test_slots_are_a_tree(void **state)
{
    unsigned reached = 1;

    (void)state;
    for (unsigned i = 0; i < table->slot_count; i++) {
        for (unsigned child = table->slots[i].first; child != 0; child = table->slots[child].next) {
            assert_true(child > i && child < table->slot_count);
            assert_int_equal(table->slots[child].parent, i);
            reached++;
        }
    }
    assert_int_equal(reached, table->slot_count);
}

/* The dotted name of a slot, in a buffer of the caller. */
static const char *slot_name(unsigned slot, char *name, size_t room)
{
    char front[512];

    if (slot == 0) {
        name[0] = '\0';
        return name;
    }
    (void)slot_name(table->slots[slot].parent, front, sizeof front);
    assert_in_range(
        snprintf(name, room, "%s%s%s", front, front[0] != '\0' ? "." : "", table->slots[slot].key),
        1, room - 1);
    return name;
}

/* From CXD_REFERENCE, by default ../shared beside the source; the reference folder may be the one named or one in it. */
static FILE *open_reference(const char *name)
{
    const char *folder = getenv("CXD_REFERENCE");
    const char *source = getenv("CXD_SOURCE_DIR");
    char path[1024];
    char base[512];
    FILE *file;

    (void)snprintf(base, sizeof base, "%s%s", folder != NULL ? folder : source,
                   folder != NULL ? "" : "/../shared");
    (void)snprintf(path, sizeof path, "%s/event/%s", base, name);
    file = fopen(path, "r");
    if (file == NULL) {
        (void)snprintf(path, sizeof path, "%s/reference/event/%s", base, name);
        file = fopen(path, "r");
    }
    if (file == NULL) {
        print_message("skipped: %s is not there\n", path);
    }
    return file;
}

/* Cuts a line at its tabs, in place; the number of columns. */
static int split_line(char *line, char *ret_columns[COLUMNS])
{
    int count = 0;

    line[strcspn(line, "\r\n")] = '\0';
    for (char *rest = line; rest != NULL && count < COLUMNS; count++) {
        ret_columns[count] = strsep(&rest, "\t");
    }
    return count;
}

static const char *as_of_reference(char *const columns[COLUMNS])
{
    static const char *const words[][2] = {
        {"none", "keep"},
        {"date UNIX_MS, then ISO8601", "date"},
        {"ip per element", "ip_list"},
        {"long per element", "long_list"},
        {"none on the custom field; date for @timestamp", "keep"},
    };

    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (strcmp(columns[3], words[i][0]) == 0) {
            return words[i][1];
        }
    }
    return strncmp(columns[3], "string to object list", 21) == 0 ? "interface_map" : columns[3];
}

static const char *const as_words[ECS_AS_COUNT] = {
    "keep", "date",   "boolean",   "long",    "double",
    "ip",   "string", "long_list", "ip_list", "interface_map"};

static int count_steps(const char *text)
{
    int count = 0;

    for (const char *at = text; (at = strpbrk(at, "sah")) != NULL; at++) {
        bool is_start = at == text || (at > text + 1 && at[-1] == ' ' && at[-2] == ';');
        count +=
            is_start && (strncmp(at, "set ", 4) == 0 || strncmp(at, "append-unique ", 14) == 0);
    }
    return count;
}

static void check_row(const struct ecs_row *row, char *const columns[COLUMNS])
{
    bool is_duplicate = strstr(columns[6], "removed when preserve_duplicate") != NULL;
    char name[512];

    assert_string_equal(row->key, columns[0]);
    assert_string_equal(slot_name(row->slot, name, sizeof name), columns[1]);
    assert_string_equal(as_words[row->as], as_of_reference(columns));
    assert_int_equal((row->flags & ECS_ROW_DUPLICATE) != 0, is_duplicate);
    for (unsigned i = 0; i < row->step_count; i++) {
        (void)slot_name(table->steps[row->step + i].slot, name, sizeof name);
        assert_non_null(strstr(columns[5], name));
    }
    if (row->as != ECS_AS_KEEP || strcmp(row->key, "event_timestamp") != 0) {
        /* a list and a single time are two sets of one step; host.name is one step of an append */
        assert_int_equal(row->step_count, count_steps(columns[5]));
    }
}

static void test_rows_are_those_of_the_reference(void **state)
{
    FILE *file = open_reference("mapping.tsv");
    char line[LINE_MAX_LEN];
    int duplicates = 0;
    int count = 0;

    (void)state;
    if (file == NULL) {
        skip();
    }
    assert_non_null(fgets(line, sizeof line, file));
    while (fgets(line, sizeof line, file) != NULL) {
        char *columns[COLUMNS];
        assert_int_equal(split_line(line, columns), 7);
        assert_true(count < table->row_count);
        check_row(&table->rows[count], columns);
        duplicates += (table->rows[count++].flags & ECS_ROW_DUPLICATE) != 0;
    }
    (void)fclose(file);
    assert_int_equal(count, 149);
    assert_int_equal(table->row_count, 149);
    assert_int_equal(duplicates, 61);
}

/* The page that was made, as text. */
static char *load_page(void)
{
    char path[1024];
    char *text = calloc(1, 128 * 1024);
    FILE *file;

    (void)snprintf(path, sizeof path, "%s/fields/event.md", getenv("CXD_SCHEMA_MADE"));
    file = fopen(path, "r");
    assert_non_null(file);
    assert_non_null(text);
    assert_true(fread(text, 1, 128 * 1024 - 1, file) > 0);
    (void)fclose(file);
    return text;
}

static void test_fields_are_those_of_the_reference(void **state)
{
    FILE *file = open_reference("exported-fields.tsv");
    char *page = load_page();
    char *ecs = strstr(page, "\n## ECS fields");
    char line[LINE_MAX_LEN];
    int count = 0;
    int rows = 0;

    (void)state;
    assert_non_null(ecs);
    *ecs = '\0';
    for (char *at = page; (at = strstr(at, "\n| ")) != NULL; at++) {
        rows++;
    }
    if (file == NULL) {
        free(page);
        skip();
    }
    assert_non_null(fgets(line, sizeof line, file));
    while (fgets(line, sizeof line, file) != NULL) {
        char *columns[COLUMNS];
        char start[512];
        char end[64];
        char *row;
        assert_int_equal(split_line(line, columns), 3);
        (void)snprintf(start, sizeof start, "\n| %s | ", columns[0]);
        (void)snprintf(end, sizeof end, " | %s |", columns[1]);
        row = strstr(page, start);
        assert_non_null(row);
        row = strstr(row + 1, end);
        assert_non_null(row);
        assert_int_equal(row[strlen(end)], '\n');
        count++;
    }
    (void)fclose(file);
    free(page);
    assert_int_equal(count, 168);
    assert_int_equal(rows, count + 1); /* and the head */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_key_is_found_at_its_row),
        cmocka_unit_test(test_no_false_hit),
        cmocka_unit_test(test_slots_are_a_tree),
        cmocka_unit_test(test_rows_are_those_of_the_reference),
        cmocka_unit_test(test_fields_are_those_of_the_reference),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
