/*
 * tabulate.c: the table maker, run while building: YAML in, tables out.
 *
 *     tabulate --mapping event.yml --fields a.yml --fields b.yml --ecs c.yml [--board d.yml] --out DIR
 *
 * writes DIR/STREAM_table.c, DIR/template/logs-DATASET.json, DIR/template/logs-DATASET.opensearch.json, DIR/fields/NAME.md,
 * DIR/fields/NAME.json and DIR/dashboard/NAME.ndjson (NAME: last part of DATASET), each whole or not at all. Several mappings of one data set share fields, templates, page and the
 * numbers of slots. Everything is checked before the first byte is written; a fault is told as file:line: message, exit
 * code 1.
 */
#include "tabulate/board.h"
#include "tabulate/emit.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define FILES_MAX 64
#define MAPPINGS_MAX 4

struct order {
    const char *mappings[MAPPINGS_MAX];
    size_t mapping_count;
    const char *out;
    const char *board; /* NULL: no dashboard */
    const char *fields[FILES_MAX];
    size_t field_count;
    const char *ecs[FILES_MAX];
    size_t ecs_count;
};

static void usage(void)
{
    (void)fputs(
        "usage: tabulate --mapping FILE --fields FILE.. --ecs FILE.. [--board FILE] --out DIR\n",
        stderr);
    exit(2);
}

static void read_order(int argc, char **argv, struct order *order)
{
    for (int i = 1; i + 1 < argc; i += 2) {
        const char *name = argv[i];
        if (strcmp(name, "--mapping") == 0 && order->mapping_count < MAPPINGS_MAX) {
            order->mappings[order->mapping_count++] = argv[i + 1];
        } else if (strcmp(name, "--out") == 0) {
            order->out = argv[i + 1];
        } else if (strcmp(name, "--board") == 0) {
            order->board = argv[i + 1];
        } else if (strcmp(name, "--fields") == 0 && order->field_count < FILES_MAX) {
            order->fields[order->field_count++] = argv[i + 1];
        } else if (strcmp(name, "--ecs") == 0 && order->ecs_count < FILES_MAX) {
            order->ecs[order->ecs_count++] = argv[i + 1];
        } else {
            usage();
        }
    }
    if (argc % 2 == 0 || order->mapping_count == 0 || order->out == NULL) {
        usage();
    }
}

static char *join_text(const char *front, const char *end)
{
    size_t size = strlen(front) + strlen(end) + 1;
    char *text = document_alloc(size);

    (void)snprintf(text, size, "%s%s", front, end);
    return text;
}

static char *join_path(const char *folder, const char *front, const char *name, const char *end)
{
    size_t size = strlen(folder) + strlen(front) + strlen(name) + strlen(end) + 2;
    char *path = document_alloc(size);

    (void)snprintf(path, size, "%s/%s%s%s", folder, front, name, end);
    return path;
}

static void make_folder(const char *path)
{
    if (mkdir(path, 0777) != 0 && errno != EEXIST) {
        document_fail(path, 0, "cannot be made: %s", strerror(errno));
    }
}

struct output {
    FILE *file;
    char *path;
    char *part; /* written first, renamed when whole */
};

static struct output open_output(char *path)
{
    struct output output = {.path = path, .part = join_text(path, "~")};

    output.file = fopen(output.part, "w");
    if (output.file == NULL) {
        document_fail(path, 0, "cannot be written: %s", strerror(errno));
    }
    return output;
}

static void close_output(struct output *output)
{
    int is_failed = ferror(output->file);

    if (fclose(output->file) != 0 || is_failed != 0 || rename(output->part, output->path) != 0) {
        (void)remove(output->part);
        document_fail(output->path, 0, "cannot be written: %s", strerror(errno));
    }
}

static void write_board(const struct order *order, const struct board *board, const char *dataset,
                        const char *name)
{
    char *folder = join_path(order->out, "", "dashboard", "");
    struct output output;

    make_folder(folder);
    output = open_output(join_path(folder, name, ".ndjson", ""));
    emit_board(output.file, board, dataset);
    close_output(&output);
}

static void write_all(const struct order *order, struct mapping *const *mappings,
                      struct field_list *list)
{
    char *templates = join_path(order->out, "", "template", "");
    char *pages = join_path(order->out, "", "fields", "");
    const char *dataset = mappings[0]->dataset;
    const char *dot = strrchr(dataset, '.');
    const char *name = dot != NULL ? dot + 1 : dataset;
    const struct board *board =
        order->board != NULL ? board_read(order->board, name, list) : NULL; /* checked first */
    unsigned slot_count = emit_numbers(list);
    struct output output;

    make_folder(order->out);
    make_folder(templates);
    make_folder(pages);
    for (size_t i = 0; i < order->mapping_count; i++) {
        output = open_output(join_path(order->out, mappings[i]->stream, "_table", ".c"));
        emit_code(output.file, mappings[i], list, slot_count);
        close_output(&output);
    }
    output = open_output(join_path(templates, "logs-", dataset, ".json"));
    emit_template(output.file, mappings[0], list, EMIT_ELASTICSEARCH);
    close_output(&output);
    output = open_output(join_path(templates, "logs-", dataset, ".opensearch.json"));
    emit_template(output.file, mappings[0], list, EMIT_OPENSEARCH);
    close_output(&output);
    if (board != NULL) {
        write_board(order, board, dataset, name);
    }
    output = open_output(join_path(pages, name, ".md", ""));
    emit_page(output.file, mappings, order->mapping_count, list);
    close_output(&output);
    output = open_output(join_path(pages, name, ".json", ""));
    emit_list(output.file, mappings, order->mapping_count, list);
    close_output(&output);
}

static void read_mappings(const struct order *order, struct field_list *list,
                          struct mapping **mappings)
{
    for (size_t i = 0; i < order->mapping_count; i++) {
        mappings[i] = mapping_open(order->mappings[i]);
        if (strcmp(mappings[i]->dataset, mappings[0]->dataset) != 0 ||
            strcmp(mappings[i]->module, mappings[0]->module) != 0) {
            document_fail(order->mappings[i], 1, "not of the same data set as %s",
                          order->mappings[0]);
        }
    }
    for (size_t i = 0; i < order->field_count; i++) {
        field_read(list, order->fields[i], true, mappings[0]->dataset, mappings[0]->module);
    }
    for (size_t i = 0; i < order->ecs_count; i++) {
        field_read(list, order->ecs[i], false, mappings[0]->dataset, mappings[0]->module);
    }
    field_finish(list);
    for (size_t i = 0; i < order->mapping_count; i++) {
        mapping_read(mappings[i], list);
    }
}

int main(int argc, char **argv)
{
    static struct field_list list;
    static struct order order;
    struct mapping *mappings[MAPPINGS_MAX];

    read_order(argc, argv, &order);
    read_mappings(&order, &list, mappings);
    write_all(&order, mappings, &list);
    document_done();
    return 0;
}
