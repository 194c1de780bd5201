/* options.c: see the header. */
#include "front/module/options.h"

#include "cxd/status.h"
#include "front/watch/report.h"

#include <stdio.h>

#define TYPE_OF(words, row)                                                                        \
    (words)[(row)->type < sizeof(words) / sizeof(words)[0] ? (row)->type : 0]

static const char *const type_words[] = {"?",    "text",      "number", "true/false", "duration",
                                         "size", "text list", "list",   "any",        "decimal"};

void options_print(const struct cxd_option *option, int indent)
{
    for (; option->name != NULL; option++) {
        (void)printf("%*s%-34s %-10s %s%s%s%s\n", indent, "", option->name,
                     TYPE_OF(type_words, option), option->help,
                     option->flags & CXD_OPTION_REQUIRED ? " (required)" : "",
                     option->default_value != NULL ? "; default " : "",
                     option->default_value != NULL ? option->default_value : "");
        if (option->children != NULL) {
            options_print(option->children, indent + 4);
        }
    }
}

static int member(struct buf *out, const char *lead, const char *name, const char *value)
{
    int r = buf_add_format(out, "%s\"%s\":", lead, name);

    return r != CXD_OK ? r : report_text(out, value);
}

static int row_add(struct buf *out, const struct cxd_option *row)
{
    static const char *const types[] = {"?",    "string",      "int",        "bool", "duration",
                                        "size", "string_list", "group_list", "any",  "double"};
    int r = member(out, "{", "name", row->name);

    r = r != CXD_OK ? r : member(out, ",", "type", TYPE_OF(types, row));
    r = r != CXD_OK ? r : member(out, ",", "help", row->help);
    if (r == CXD_OK && row->default_value != NULL) {
        r = member(out, ",", "default", row->default_value);
    }
    r = r != CXD_OK ? r
                    : buf_add_format(out, "%s%s%s",
                                     row->flags & CXD_OPTION_REQUIRED ? ",\"required\":true" : "",
                                     row->flags & CXD_OPTION_SECRET ? ",\"secret\":true" : "",
                                     row->flags & CXD_OPTION_ADVANCED ? ",\"advanced\":true" : "");
    if (r == CXD_OK && row->children != NULL) {
        r = buf_add_text(out, ",\"options\":");
        r = r != CXD_OK ? r : options_json(out, row->children);
    }
    return r != CXD_OK ? r : buf_add_text(out, "}");
}

int options_json(struct buf *out, const struct cxd_option *table)
{
    int r = buf_add_text(out, "[");

    for (const struct cxd_option *row = table; row->name != NULL && r == CXD_OK; row++) {
        r = row > table ? buf_add_text(out, ",") : CXD_OK;
        r = r != CXD_OK ? r : row_add(out, row);
    }
    return r != CXD_OK ? r : buf_add_text(out, "]");
}
