/*
 * print.c: values as a template language of Elasticsearch's shows them: {0=a, 1=b} for a list, {k=v} for an object.
 */
#include "whole.h"

#include <string.h>

struct printer {
    struct map *map;
    char *out; /* NULL: only counting */
    size_t len;
};

static void print_bytes(struct printer *printer, const char *ptr, size_t len)
{
    if (printer->out != NULL && len > 0) {
        memcpy(printer->out + printer->len, ptr, len);
    }
    printer->len += len;
}

static void print_number(struct printer *printer, unsigned number)
{
    char digits[12];
    size_t at = sizeof digits;

    do {
        digits[--at] = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    print_bytes(printer, digits + at, sizeof digits - at);
}

/* The depth is that of the record, which the scanner bounds. */
static int print_node(struct printer *printer, struct cxd_node *node)
{
    bool is_list = node->value.kind == CXD_KIND_LIST;
    struct cxd_bytes text;
    unsigned index = 0;
    int status;

    if (!is_list && node->value.kind != CXD_KIND_OBJECT) {
        if (!value_bytes(printer->map, &node->value, &text)) {
            return CXD_NOMEM;
        }
        print_bytes(printer, text.ptr, text.len);
        return CXD_OK;
    }
    status = slot_expand(printer->map, node);
    print_bytes(printer, "{", 1);
    for (struct cxd_node *at = node->first; status == CXD_OK && at != NULL; at = at->next) {
        if (index > 0) {
            print_bytes(printer, ", ", 2);
        }
        if (is_list) {
            print_number(printer, index);
        } else {
            print_bytes(printer, at->key, at->key_len);
        }
        index++;
        print_bytes(printer, "=", 1);
        status = print_node(printer, at);
    }
    print_bytes(printer, "}", 1);
    return status;
}

bool print_value(struct map *map, struct cxd_node *node, struct cxd_value *ret_text)
{
    struct printer printer = {.map = map};

    if (node->value.kind != CXD_KIND_LIST && node->value.kind != CXD_KIND_OBJECT) {
        return value_render(map, &node->value, ret_text);
    }
    if (print_node(&printer, node) != CXD_OK) {
        return false;
    }
    printer.out = map->host->event_alloc(map->event, printer.len);
    if (printer.out == NULL) {
        return false;
    }
    printer.len = 0;
    if (print_node(&printer, node) != CXD_OK) {
        return false;
    }
    *ret_text = value_of_text(printer.out, printer.len);
    return true;
}
