/*
 * test_works.c: the tables of whole records that the build made: keys are found, the record's fields are one range, works stay
 * within the table; where the reference lies beside the source, pages and templates have its fields with its types.
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

#define LINE_MAX_LEN 4096
#define FILE_ROOM (512 * 1024)

extern const struct ecs_table ecs_table_alerts_v1;
extern const struct ecs_table ecs_table_alerts_v2;
extern const struct ecs_table ecs_table_incidents;
extern const struct ecs_table ecs_table_event;

static const struct ecs_table *const tables[] = {&ecs_table_alerts_v1, &ecs_table_alerts_v2,
                                                 &ecs_table_incidents};
#define TABLES (sizeof tables / sizeof tables[0])

static bool is_below(const struct ecs_table *table, unsigned slot, unsigned top)
{
    while (slot != 0 && slot != top) {
        slot = table->slots[slot].parent;
    }
    return slot == top;
}

static void test_every_key_is_found_below_the_record(void **state)
{
    (void)state;
    for (size_t i = 0; i < TABLES; i++) {
        const struct ecs_table *table = tables[i];
        assert_true(table->row_count > 0);
        for (int row = 0; row < table->row_count; row++) {
            const struct ecs_row *shape = &table->rows[row];
            assert_int_equal(ecs_table_find(table, shape->key, shape->key_len), row);
            assert_true(is_below(table, shape->slot, table->record_slot));
            assert_string_equal(table->slots[shape->slot].key, shape->key);
        }
    }
}

static void test_the_record_is_one_range_of_slots(void **state)
{
    (void)state;
    for (size_t i = 0; i < TABLES; i++) {
        const struct ecs_table *table = tables[i];
        assert_true(table->record_slot > 0 && table->record_end <= table->slot_count);
        for (unsigned slot = 1; slot < table->slot_count; slot++) {
            assert_int_equal(is_below(table, slot, table->record_slot),
                             slot >= table->record_slot && slot < table->record_end);
        }
    }
    assert_int_equal(ecs_table_event.record_slot, 0);
}

static void test_works_stay_within_the_table(void **state)
{
    (void)state;
    for (size_t i = 0; i < TABLES; i++) {
        const struct ecs_table *table = tables[i];
        assert_true(table->work_count > 10 && table->id_count > 2);
        for (unsigned at = 0; at < table->work_count; at++) {
            const struct ecs_work *work = &table->works[at];
            assert_true(work->verb < ECS_VERB_COUNT);
            assert_true(work->from < table->slot_count && work->other < table->slot_count);
            assert_true(work->to > 0 && work->to < table->slot_count);
            assert_int_equal(work->from == 0, work->verb == ECS_VERB_SAY);
        }
    }
}

/* One data set, one numbering: a document is begun before its version is known. */
static void test_both_versions_of_alerts_have_the_same_slots(void **state)
{
    const struct ecs_table *one = &ecs_table_alerts_v1;
    const struct ecs_table *two = &ecs_table_alerts_v2;

    (void)state;
    assert_int_equal(one->slot_count, two->slot_count);
    assert_memory_equal(one->known, two->known, sizeof one->known);
    for (unsigned slot = 1; slot < one->slot_count; slot++) {
        assert_string_equal(one->slots[slot].key, two->slots[slot].key);
        assert_int_equal(one->slots[slot].parent, two->slots[slot].parent);
    }
}

static FILE *open_reference(const char *stream)
{
    const char *folder = getenv("CXD_REFERENCE");
    char path[1024];
    char base[512];
    FILE *file;

    (void)snprintf(base, sizeof base, "%s%s", folder != NULL ? folder : getenv("CXD_SOURCE_DIR"),
                   folder != NULL ? "" : "/../shared");
    (void)snprintf(path, sizeof path, "%s/%s/exported-fields.tsv", base, stream);
    file = fopen(path, "r");
    if (file == NULL) {
        (void)snprintf(path, sizeof path, "%s/reference/%s/exported-fields.tsv", base, stream);
        file = fopen(path, "r");
    }
    return file;
}

static char *load_page(const char *stream)
{
    char path[1024];
    char *text = calloc(1, FILE_ROOM);
    FILE *file;

    (void)snprintf(path, sizeof path, "%s/fields/%s.md", getenv("CXD_SCHEMA_MADE"), stream);
    file = fopen(path, "r");
    assert_non_null(file);
    assert_non_null(text);
    assert_true(fread(text, 1, FILE_ROOM - 1, file) > 0);
    (void)fclose(file);
    return text;
}

static size_t check_fields(const char *stream, FILE *file)
{
    char *page = load_page(stream);
    char line[LINE_MAX_LEN];
    size_t count = 0;

    assert_non_null(fgets(line, sizeof line, file));
    while (fgets(line, sizeof line, file) != NULL) {
        char *type = strchr(line, '\t');
        char start[512];
        char end[64];
        char *row;
        assert_non_null(type);
        *type++ = '\0';
        type[strcspn(type, "\t (\n")] = '\0';
        (void)snprintf(start, sizeof start, "\n| %.400s | ", line);
        (void)snprintf(end, sizeof end, " | %.40s |\n", type);
        row = strstr(page, start);
        if (row == NULL) {
            fail_msg("%s: %s is not on the page", stream, line);
        }
        row = strchr(row + 1, '\n');
        if (strncmp(row + 1 - strlen(end), end, strlen(end)) != 0) {
            fail_msg("%s: %s is not %s", stream, line, type);
        }
        count++;
    }
    free(page);
    return count;
}

static void test_pages_have_the_fields_of_the_reference(void **state)
{
    static const char *const streams[] = {"alerts", "incidents"};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        FILE *file = open_reference(streams[i]);
        if (file == NULL) {
            print_message("skipped: there is no exported-fields.tsv of %s\n", streams[i]);
            skip();
        }
        assert_true(check_fields(streams[i], file) > 50);
        (void)fclose(file);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_key_is_found_below_the_record),
        cmocka_unit_test(test_the_record_is_one_range_of_slots),
        cmocka_unit_test(test_works_stay_within_the_table),
        cmocka_unit_test(test_both_versions_of_alerts_have_the_same_slots),
        cmocka_unit_test(test_pages_have_the_fields_of_the_reference),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
