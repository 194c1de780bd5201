/*
 * What the sets of rows share.
 */
#include "cortex_set.h"

#include <stdio.h>

const struct cortex_set *cortex_set_of(enum cortex_kind kind)
{
    static const struct cortex_set *const SETS[] = {
        [CORTEX_ALERTS] = &cortex_alert_set,       [CORTEX_INCIDENTS] = &cortex_incident_set,
        [CORTEX_AUDITS] = &cortex_audit_set,       [CORTEX_REPORTS] = &cortex_report_set,
        [CORTEX_ENDPOINTS] = &cortex_endpoint_set,
    };
    return SETS[kind];
}

void cortex_value_number(struct cortex_value *value, int64_t number)
{
    value->rank = number;
    value->count = 1;
    snprintf(value->texts[0], sizeof value->texts[0], "%lld", (long long)number);
}

void cortex_value_text(struct cortex_value *value, const char *text)
{
    value->rank = 0;
    value->count = 1;
    snprintf(value->texts[0], sizeof value->texts[0], "%s", text);
    for (unsigned i = 0, ended = 0; i < 7; i++) {
        ended |= !text[ended ? 0 : i];
        value->rank = value->rank << 8 | (ended ? 0 : (unsigned char)text[i]);
    }
}
