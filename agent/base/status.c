/* status.c: the one list of cxd/status.h as tables. */
#include "base/status.h"

struct status_row {
    int number;
    enum cxd_class class_;
    const char *name;
    const char *text;
};

static const struct status_row rows[] = {
#define STATUS_ROW(number, name, class_, text) {number, CXD_CLASS_##class_, #name, text},
    CXD_STATUS_LIST(STATUS_ROW)
#undef STATUS_ROW
};

static const struct status_row *row_find(int status)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (rows[i].number == status) {
            return &rows[i];
        }
    }
    return NULL;
}

const char *status_name(int status)
{
    const struct status_row *row = row_find(status);
    return row != NULL ? row->name : "UNKNOWN";
}

const char *status_text(int status)
{
    const struct status_row *row = row_find(status);
    return row != NULL ? row->text : "unknown status";
}

void status_explain(struct cxd_error *err, int status)
{
    err->status = err->status == CXD_OK ? status : err->status;
    if (err->text[0] == '\0') {
        (void)snprintf(err->text, sizeof err->text, "%s (no reason given)",
                       status_text(err->status));
    }
}

enum cxd_class status_class(int status)
{
    const struct status_row *row = row_find(status);
    return row != NULL ? row->class_ : CXD_CLASS_BUG;
}
