/* report.c: health and counters of a unit as one JSON object. */
#include "front/watch/report.h"

#include "base/text.h"
#include "cxd/status.h"

#include <string.h>

int report_text(struct buf *out, const char *text)
{
    struct cxd_bytes bytes = {text, strlen(text)};
    int r = buf_reserve(out, text_quote_len(bytes));

    if (r == CXD_OK) {
        out->len = (size_t)(text_quote_known(bytes, out->ptr + out->len) - out->ptr);
    }
    return r;
}

int report_counters(struct buf *out, struct unit *u)
{
    int r = buf_add_text(out, "{");

    for (int i = 0, n = 0; i < UNIT_COUNTERS && r == CXD_OK; i++) {
        const char *name = atomic_load(&u->counters[i].name);
        if (name == NULL) {
            continue;
        }
        r = n++ > 0 ? buf_add_text(out, ",") : CXD_OK;
        r = r != CXD_OK ? r : report_text(out, name);
        r = r != CXD_OK
                ? r
                : buf_add_format(out, ":%lld", (long long)atomic_load(&u->counters[i].value));
    }
    return r != CXD_OK ? r : buf_add_text(out, "}");
}

int report_unit(struct buf *out, struct unit *u, const char *kind)
{
    static const char *const words[] = {"HEALTHY", "DEGRADED", "FAILED"};
    char reason[UNIT_REASON_MAX];
    int health = unit_health_get(u, reason);
    int r = buf_add_text(out, out->len > 1 ? ",{\"id\":" : "{\"id\":");

    r = r != CXD_OK ? r : report_text(out, u->id); /* a policy's word: anything may be in it */
    r = r != CXD_OK ? r
                    : buf_add_format(out, ",\"kind\":\"%s\",\"state\":\"%s\",\"message\":", kind,
                                     words[health]);
    r = r != CXD_OK ? r : report_text(out, reason);
    r = r != CXD_OK ? r : buf_add_text(out, ",\"metrics\":");
    r = r != CXD_OK ? r : report_counters(out, u);
    return r != CXD_OK ? r : buf_add_text(out, "}");
}
