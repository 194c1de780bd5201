/* decode_csv.c: CSV (RFC 4180) with a header row, as a list of objects of texts. Thread: the instance's. */
#include "decode.h"

#define CSV_COLUMNS 4096u

struct csv {
    struct cxd_bytes rest;
    struct text cell;
    unsigned line;
    bool row_ends; /* the cell just read was its row's last */
    struct cxd_error *err;
};

static int csv_quoted(struct csv *c)
{
    const char *ptr = c->rest.ptr + 1;
    const char *end = c->rest.ptr + c->rest.len;

    while (ptr < end) {
        if (*ptr == '"' && ptr + 1 < end && ptr[1] == '"') {
            text_add(&c->cell, "\"", 1);
            ptr += 2;
        } else if (*ptr == '"') {
            c->rest = (struct cxd_bytes){ptr + 1, (size_t)(end - ptr - 1)};
            return 0;
        } else {
            c->line += *ptr == '\n';
            text_add(&c->cell, ptr++, 1);
        }
    }
    return cxd_error_set(c->err, CXD_MALFORMED, "CSV line %u: a quoted cell does not end", c->line);
}

/* Reads one cell into c->cell. */
static int csv_cell(struct csv *c)
{
    size_t len = 0;
    int status = 0;

    text_clear(&c->cell);
    if (c->rest.len > 0 && c->rest.ptr[0] == '"') {
        status = csv_quoted(c);
        if (status < 0) {
            return status;
        }
    } else {
        while (len < c->rest.len && memchr(",\n", c->rest.ptr[len], 2) == NULL) {
            len++;
        }
        text_add(&c->cell, c->rest.ptr, len);
        c->rest = (struct cxd_bytes){c->rest.ptr + len, c->rest.len - len};
    }
    if (c->rest.len > 0 && c->rest.ptr[0] == '\r') {
        c->rest = (struct cxd_bytes){c->rest.ptr + 1, c->rest.len - 1};
    }
    if (c->cell.len > 0 && c->cell.ptr[c->cell.len - 1] == '\r' && len > 0) {
        c->cell.len--;
    }
    c->row_ends = c->rest.len == 0 || c->rest.ptr[0] == '\n';
    c->line += c->row_ends;
    if (c->rest.len > 0) {
        if (c->rest.ptr[0] != ',' && c->rest.ptr[0] != '\n') {
            return cxd_error_set(c->err, CXD_MALFORMED, "CSV line %u: text behind a quoted cell",
                                 c->line);
        }
        c->rest = (struct cxd_bytes){c->rest.ptr + 1, c->rest.len - 1};
    }
    return c->cell.status;
}

static int csv_header(struct csv *c, struct region *r, struct cxd_bytes *names, size_t *ret_count)
{
    size_t count = 0;

    do {
        int status = csv_cell(c);

        if (status < 0) {
            return status;
        }
        if (count == CSV_COLUMNS) {
            return cxd_error_set(c->err, CXD_TOO_LARGE, "CSV: more than %u columns", CSV_COLUMNS);
        }
        names[count] = region_copy(r, text_bytes(&c->cell));
        if (names[count++].ptr == NULL) {
            return cxd_error_set(c->err, CXD_NOMEM, "CSV: out of memory");
        }
    } while (!c->row_ends);
    *ret_count = count;
    return 0;
}

static int csv_row(struct csv *c, const struct cxd_bytes *names, size_t count, struct text *out)
{
    size_t column = 0;

    text_put(out, "{");
    do {
        int status = csv_cell(c);

        if (status < 0) {
            return status;
        }
        if (column == count) {
            return cxd_error_set(c->err, CXD_MALFORMED, "CSV line %u: more cells than the header",
                                 c->line);
        }
        text_add(out, ",", column > 0);
        tree_quote(names[column++], TREE_WRITE_PLAIN, out);
        text_put(out, ":");
        tree_quote(text_bytes(&c->cell), TREE_WRITE_PLAIN, out);
    } while (!c->row_ends);
    text_put(out, "}");
    if (column < count) {
        return cxd_error_set(c->err, CXD_MALFORMED, "CSV line %u: fewer cells than the header",
                             c->line);
    }
    return out->status;
}

static int csv_rows(struct csv *c, struct region *r, struct text *out)
{
    struct cxd_bytes *names = region_alloc(r, CSV_COLUMNS * sizeof *names);
    size_t count = 0;
    size_t rows = 0;
    int status = names == NULL ? cxd_error_set(c->err, CXD_NOMEM, "CSV: out of memory")
                               : csv_header(c, r, names, &count);

    text_put(out, "[");
    while (status == 0 && c->rest.len > 0) {
        if (c->rest.ptr[0] == '\n' ||
            (c->rest.ptr[0] == '\r' && c->rest.len > 1 && c->rest.ptr[1] == '\n')) {
            size_t skip = c->rest.ptr[0] == '\n' ? 1 : 2; /* an empty line is no row */

            c->rest = (struct cxd_bytes){c->rest.ptr + skip, c->rest.len - skip};
            continue;
        }
        text_add(out, ",", rows++ > 0);
        status = csv_row(c, names, count, out);
    }
    text_put(out, "]");
    return status;
}

int decode_csv(struct cxd_bytes in, struct text *out, struct cxd_error *err)
{
    struct csv c = {.rest = in, .line = 1, .err = err};
    struct region r;
    int status;

    while (c.rest.len > 0 && (*c.rest.ptr == ' ' || *c.rest.ptr == '\n' || *c.rest.ptr == '\r')) {
        c.rest = (struct cxd_bytes){c.rest.ptr + 1, c.rest.len - 1};
    }
    text_init(&c.cell, out->heap, out->max);
    region_init(&r, out->heap, 16u << 20);
    status = csv_rows(&c, &r, out);
    if (c.cell.status != 0 || out->status != 0) {
        status = cxd_error_set(err, c.cell.status != 0 ? c.cell.status : out->status,
                               "CSV: no room for its rows");
    }
    region_done(&r);
    text_done(&c.cell);
    return status;
}
