/*
 * Management logs and agent reports. A report is asked for by when it was written and appears when it was received.
 */
#include <stdio.h>

#include "cortex_host.h"
#include "cortex_set.h"
#include "row.h"

enum { SALT_WORDS = 0x300, SALT_RESULT, SALT_SOURCE };

struct audit_words {
    const char *type, *sub_type, *description;
};

static const struct audit_words AUDITS[] = {
    {"AUTH", "Login", "The user signed in"},
    {"AUTH", "Logout", "The user signed out"},
    {"INCIDENTS", "Status Changed", "The status of an incident was changed"},
    {"POLICY", "Edit", "A prevention policy was edited"},
    {"DISTRIBUTIONS", "Create", "An installation package was created"},
    {"API_KEYS", "Generate", "A key of the public API was generated"},
    {"RESPONSE", "Isolate", "An endpoint was isolated from the network"},
};

static const struct audit_words REPORTS[] = {
    {"Agent Service", "Service Start", "XDR Agent service started"},
    {"Agent Service", "Service Stopped", "XDR Agent service stopped"},
    {"Installation", "Upgrade", "XDR Agent was upgraded"},
    {"Policy", "Content Update", "XDR Agent content was updated"},
    {"Policy", "Policy Update", "XDR Agent took a new policy"},
    {"Action", "Scan", "A scan ended"},
    {"Agent Status", "Fully Protected", "XDR Agent is working properly"},
};

static const char *const CATEGORIES[] = {"audit", "monitoring", "status"};

static const struct audit_words *audit_words(const struct cortex_row *row, enum cortex_kind kind)
{
    uint64_t draw = cortex_draw(row->shape, kind, row->number, SALT_WORDS) >> 11;
    return kind == CORTEX_AUDITS ? &AUDITS[draw % (sizeof AUDITS / sizeof AUDITS[0])]
                                 : &REPORTS[draw % (sizeof REPORTS / sizeof REPORTS[0])];
}

static const char *audit_result(const struct cortex_row *row, enum cortex_kind kind)
{
    bool failed = cortex_draw(row->shape, kind, row->number, SALT_RESULT) % 9 == 0;
    if (kind == CORTEX_REPORTS) {
        return failed ? "Fail" : "Success";
    }
    return failed ? "FAIL" : "SUCCESS";
}

static void audit_host(const struct cortex_row *row, enum cortex_kind kind,
                       struct cortex_host *ret_host)
{
    cortex_host_fill(row->shape, cortex_host_of(row->shape, kind, row->number), ret_host);
}

static int64_t report_written_ms(const struct cortex_row *row)
{
    return cortex_insert_ms(row->shape, CORTEX_REPORTS, row->number) -
           cortex_delay_ms(row->shape, CORTEX_REPORTS, row->number);
}

static void audit_get_email(const struct cortex_row *row, struct cortex_value *ret_value)
{
    struct cortex_host host;
    char email[64];
    audit_host(row, CORTEX_AUDITS, &host);
    snprintf(email, sizeof email, "%s.%s@corp.example", host.first_name, host.last_name);
    cortex_value_text(ret_value, email);
}

static void audit_get_type(const struct cortex_row *row, struct cortex_value *ret_value)
{
    cortex_value_text(ret_value, audit_words(row, CORTEX_AUDITS)->type);
}

static void audit_get_sub_type(const struct cortex_row *row, struct cortex_value *ret_value)
{
    cortex_value_text(ret_value, audit_words(row, CORTEX_AUDITS)->sub_type);
}

static void audit_get_result(const struct cortex_row *row, struct cortex_value *ret_value)
{
    cortex_value_text(ret_value, audit_result(row, CORTEX_AUDITS));
}

static void audit_get_time(const struct cortex_row *row, struct cortex_value *ret_value)
{
    cortex_value_number(ret_value, cortex_insert_ms(row->shape, CORTEX_AUDITS, row->number));
}

static void report_get_type(const struct cortex_row *row, struct cortex_value *ret_value)
{
    cortex_value_text(ret_value, audit_words(row, CORTEX_REPORTS)->type);
}

static void report_get_sub_type(const struct cortex_row *row, struct cortex_value *ret_value)
{
    cortex_value_text(ret_value, audit_words(row, CORTEX_REPORTS)->sub_type);
}

static void report_get_result(const struct cortex_row *row, struct cortex_value *ret_value)
{
    cortex_value_text(ret_value, audit_result(row, CORTEX_REPORTS));
}

static void report_get_time(const struct cortex_row *row, struct cortex_value *ret_value)
{
    cortex_value_number(ret_value, report_written_ms(row));
}

static void report_get_category(const struct cortex_row *row, struct cortex_value *ret_value)
{
    cortex_value_text(ret_value, CATEGORIES[row->number % 3]);
}

static void report_get_endpoint(const struct cortex_row *row, struct cortex_value *ret_value)
{
    struct cortex_host host;
    audit_host(row, CORTEX_REPORTS, &host);
    cortex_value_text(ret_value, host.id);
}

static void report_get_name(const struct cortex_row *row, struct cortex_value *ret_value)
{
    struct cortex_host host;
    audit_host(row, CORTEX_REPORTS, &host);
    cortex_value_text(ret_value, host.name);
}

static void report_get_domain(const struct cortex_row *row, struct cortex_value *ret_value)
{
    struct cortex_host host;
    audit_host(row, CORTEX_REPORTS, &host);
    cortex_value_text(ret_value, host.domain);
}

static void report_get_version(const struct cortex_row *row, struct cortex_value *ret_value)
{
    cortex_value_text(ret_value, row->number % 2 ? "8.4.1.46411" : "8.5.0.50012");
}

static const struct cortex_field AUDIT_FIELDS[] = {
    {"email", CORTEX_IN, false, false, audit_get_email},
    {"type", CORTEX_IN, true, false, audit_get_type},
    {"sub_type", CORTEX_IN, true, false, audit_get_sub_type},
    {"result", CORTEX_IN, true, false, audit_get_result},
    {"timestamp", CORTEX_BOUNDS, true, true, audit_get_time},
};

static const struct cortex_field REPORT_FIELDS[] = {
    {"endpoint_id", CORTEX_IN, false, false, report_get_endpoint},
    {"endpoint_name", CORTEX_IN, false, false, report_get_name},
    {"type", CORTEX_IN, true, false, report_get_type},
    {"sub_type", CORTEX_IN, false, false, report_get_sub_type},
    {"result", CORTEX_IN, false, false, report_get_result},
    {"timestamp", CORTEX_BOUNDS, true, true, report_get_time},
    {"domain", CORTEX_IN, true, false, report_get_domain},
    {"xdr_version", CORTEX_IN, false, false, report_get_version},
    {"trapsversion", 0, true, false, report_get_version},
    {"category", CORTEX_IN, true, false, report_get_category},
};

static void audit_id(const struct cortex_row *row, char out[CORTEX_ID_BYTES])
{
    snprintf(out, CORTEX_ID_BYTES, "%llu", (unsigned long long)row->number + 1);
}

static void audit_write(const struct cortex_row *row, enum cortex_form form, struct buffer *out)
{
    (void)form;
    const struct audit_words *words = audit_words(row, CORTEX_AUDITS);
    struct cortex_host host;
    struct cortex_value email;
    audit_host(row, CORTEX_AUDITS, &host);
    audit_get_email(row, &email);
    const char *roles[] = {row->number % 5 ? "Security Analyst" : "Instance Administrator"};
    uint64_t source = cortex_draw(row->shape, CORTEX_AUDITS, row->number, SALT_SOURCE);
    struct row json;
    row_open(&json, out);
    row_number(&json, "AUDIT_ID", (int64_t)row->number + 1);
    row_format(&json, "AUDIT_OWNER_NAME", "%s %s", host.first_name, host.last_name);
    row_text(&json, "AUDIT_OWNER_EMAIL", email.texts[0]);
    row_text(&json, "AUDIT_ASSET_JSON", NULL);
    row_text(&json, "AUDIT_ASSET_NAMES", "");
    row_text(&json, "AUDIT_HOSTNAME", NULL);
    row_text(&json, "AUDIT_RESULT", audit_result(row, CORTEX_AUDITS));
    row_text(&json, "AUDIT_REASON", NULL);
    row_text(&json, "AUDIT_DESCRIPTION", words->description);
    row_text(&json, "AUDIT_ENTITY", words->type);
    row_text(&json, "AUDIT_ENTITY_SUBTYPE", words->sub_type);
    row_null(&json, "AUDIT_SESSION_ID");
    row_null(&json, "AUDIT_CASE_ID");
    row_number(&json, "AUDIT_INSERT_TIME",
               cortex_insert_ms(row->shape, CORTEX_AUDITS, row->number));
    row_text(&json, "AUDIT_SEVERITY", row->number % 5 ? "SEV_010_INFO" : "SEV_020_LOW");
    row_null(&json, "AUDIT_LINK");
    row_format(&json, "AUDIT_SOURCE_IP", "203.0.113.%u", (unsigned)(source % 254) + 1);
    row_text(&json, "AUDIT_USER_AGENT", NULL);
    row_list(&json, "AUDIT_USER_ROLES", roles, 1);
    row_null(&json, "AUDIT_ADDITIONAL_INFORMATION");
    row_close(&json);
}

/* Reports have no id of their own; this is what makes them distinct: endpoint and time. */
static void report_id(const struct cortex_row *row, char out[CORTEX_ID_BYTES])
{
    struct cortex_host host;
    audit_host(row, CORTEX_REPORTS, &host);
    snprintf(out, CORTEX_ID_BYTES, "%s:%lld", host.name, (long long)report_written_ms(row));
}

static void report_write(const struct cortex_row *row, enum cortex_form form, struct buffer *out)
{
    (void)form;
    const struct audit_words *words = audit_words(row, CORTEX_REPORTS);
    struct cortex_host host;
    struct cortex_value version;
    audit_host(row, CORTEX_REPORTS, &host);
    report_get_version(row, &version);
    bool failed = *audit_result(row, CORTEX_REPORTS) == 'F';
    struct row json;
    row_open(&json, out);
    row_number(&json, "TIMESTAMP", report_written_ms(row));
    row_number(&json, "RECEIVEDTIME", cortex_insert_ms(row->shape, CORTEX_REPORTS, row->number));
    row_text(&json, "ENDPOINTID", host.id);
    row_text(&json, "ENDPOINTNAME", host.name);
    row_text(&json, "DOMAIN", host.domain);
    row_text(&json, "XDRVERSION", version.texts[0]);
    row_text(&json, "CATEGORY", CATEGORIES[row->number % 3]);
    row_text(&json, "TYPE", words->type);
    row_text(&json, "SUBTYPE", words->sub_type);
    row_text(&json, "RESULT", audit_result(row, CORTEX_REPORTS));
    row_text(&json, "REASON", failed ? "The endpoint did not answer" : NULL);
    row_format(&json, "DESCRIPTION", "%s on %s", words->description, host.name);
    row_text(&json, "SEVERITY", failed ? "SEV_020_LOW" : "SEV_010_INFO");
    row_close(&json);
}

const struct cortex_set cortex_audit_set = {
    .name = "audit_management",
    .list = "data",
    .kind = CORTEX_AUDITS,
    .sort = "timestamp",
    .fields = AUDIT_FIELDS,
    .field_count = sizeof AUDIT_FIELDS / sizeof AUDIT_FIELDS[0],
    .write = audit_write,
    .id = audit_id,
};

const struct cortex_set cortex_report_set = {
    .name = "audit_agent",
    .list = "data",
    .kind = CORTEX_REPORTS,
    .sort = "timestamp",
    .fields = REPORT_FIELDS,
    .field_count = sizeof REPORT_FIELDS / sizeof REPORT_FIELDS[0],
    .write = report_write,
    .id = report_id,
};
