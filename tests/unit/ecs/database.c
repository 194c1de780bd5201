/*
 * database.c: see database.h. The search tree has records of 24 bits; a record beyond the number of nodes points into the data.
 */
#include "database.h"

#include <stdio.h>
#include <string.h>

#define NODES_MAX 512
#define SEPARATOR_LEN 16
#define TYPE_TEXT 2
#define TYPE_DOUBLE 3
#define TYPE_UINT16 5
#define TYPE_UINT32 6
#define TYPE_MAP 7
#define TYPE_UINT64 9
#define TYPE_LIST 11

struct tree {
    uint32_t records[NODES_MAX]
                    [2]; /* 0: nothing; a node's number; from NODES_MAX on: data at the rest */
    uint32_t count;
};

static void add_byte(struct database_data *data, unsigned byte)
{
    data->bytes[data->len++] = (unsigned char)byte;
}

/* Types beyond 7 have a byte of their own; sizes from 29 on, too. */
static void add_head(struct database_data *data, unsigned type, unsigned size)
{
    unsigned low = size < 29 ? size : 29;

    add_byte(data, (type < 8 ? type << 5 : 0) | low);
    if (type >= 8) {
        add_byte(data, type - 7);
    }
    if (size >= 29) {
        add_byte(data, size - 29);
    }
}

static void add_big(struct database_data *data, uint64_t number, unsigned bytes)
{
    while (bytes > 0) {
        add_byte(data, (unsigned)(number >> (8 * --bytes)) & 0xff);
    }
}

void database_map(struct database_data *data, unsigned count)
{
    add_head(data, TYPE_MAP, count);
}

void database_list(struct database_data *data, unsigned count)
{
    add_head(data, TYPE_LIST, count);
}

void database_text(struct database_data *data, const char *text)
{
    size_t len = strlen(text);

    add_head(data, TYPE_TEXT, (unsigned)len);
    memcpy(data->bytes + data->len, text, len);
    data->len += len;
}

void database_double(struct database_data *data, double number)
{
    uint64_t bits;

    memcpy(&bits, &number, sizeof bits);
    add_head(data, TYPE_DOUBLE, 8);
    add_big(data, bits, 8);
}

void database_number(struct database_data *data, uint32_t number)
{
    add_head(data, TYPE_UINT32, 4);
    add_big(data, number, 4);
}

static void add_row(struct tree *tree, const struct database_row *row, uint32_t offset)
{
    uint32_t node = 0;

    for (unsigned bit = 0; bit < row->bits; bit++) {
        uint32_t *record = &tree->records[node][row->address[bit / 8] >> (7 - bit % 8) & 1];
        if (bit + 1 == row->bits) {
            *record = NODES_MAX + offset;
        } else if (*record == 0) {
            *record = tree->count++;
        }
        node = *record;
    }
}

static void describe(struct database_data *data, const char *type, uint32_t nodes)
{
    database_map(data, 9);
    database_text(data, "node_count");
    database_number(data, nodes);
    database_text(data, "record_size");
    add_head(data, TYPE_UINT16, 2);
    add_big(data, 24, 2);
    database_text(data, "ip_version");
    add_head(data, TYPE_UINT16, 2);
    add_big(data, 4, 2);
    database_text(data, "database_type");
    database_text(data, type);
    database_text(data, "languages");
    database_list(data, 1);
    database_text(data, "en");
    database_text(data, "binary_format_major_version");
    add_head(data, TYPE_UINT16, 2);
    add_big(data, 2, 2);
    database_text(data, "binary_format_minor_version");
    add_head(data, TYPE_UINT16, 0);
    database_text(data, "build_epoch");
    add_head(data, TYPE_UINT64, 1);
    add_big(data, 1, 1);
    database_text(data, "description");
    database_map(data, 0);
}

int database_write(const char *path, const char *type, const struct database_row *rows,
                   size_t count)
{
    static const unsigned char separator[SEPARATOR_LEN];
    static struct tree tree;
    struct database_data about = {.len = 0};
    struct database_data records = {.len = 0};
    uint32_t offset = 0;
    FILE *file = fopen(path, "wb");
    int is_failed;

    if (file == NULL) {
        return -1;
    }
    tree = (struct tree){.count = 1};
    for (size_t i = 0; i < count; i++) {
        add_row(&tree, &rows[i], offset);
        offset += (uint32_t)rows[i].data_len;
    }
    for (uint32_t node = 0; node < tree.count; node++) {
        for (unsigned side = 0; side < 2; side++) {
            uint32_t record = tree.records[node][side];
            uint32_t number = record == 0 ? tree.count
                              : record < NODES_MAX
                                  ? record
                                  : tree.count + SEPARATOR_LEN + (record - NODES_MAX);
            add_big(&records, number, 3);
        }
    }
    (void)fwrite(records.bytes, 1, records.len, file);
    (void)fwrite(separator, 1, sizeof separator, file);
    for (size_t i = 0; i < count; i++) {
        (void)fwrite(rows[i].data, 1, rows[i].data_len, file);
    }
    (void)fwrite("\xab\xcd\xefMaxMind.com", 1, 14, file);
    describe(&about, type, tree.count);
    (void)fwrite(about.bytes, 1, about.len, file);
    is_failed = ferror(file);
    return fclose(file) != 0 || is_failed != 0 ? -1 : 0;
}
