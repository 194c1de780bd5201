/*
 * Incidents. Only the present version can be asked for; it is made from (seed, number, version), so that two calls that see
 * the same modification_time see the same row.
 */
#include <stdio.h>
#include <string.h>

#include "cortex_alert_words.h"
#include "cortex_host.h"
#include "cortex_set.h"
#include "row.h"

enum { SALT_WORDS = 0x600, SALT_STATUS, SALT_SCORE, SALT_STARRED, SALT_HOSTS };

enum { INCIDENT_FIRST_ID = 1000 };

/* What one version of an incident says. */
struct incident {
    const struct cortex_alert_words *words;
    struct cortex_host hosts[2];
    unsigned host_count;
    unsigned version;
    unsigned alerts;
    const char *status;
    bool is_resolved;
    bool is_starred;
    int64_t created_ms, modified_ms;
    char description[CORTEX_TEXT_MAX];
};

static const char *incident_status(const struct cortex_row *row, unsigned version, bool is_last)
{
    static const char *const RESOLVED[] = {
        "resolved_threat_handled", "resolved_known_issue",   "resolved_duplicate_incident",
        "resolved_false_positive", "resolved_auto_resolve",  "resolved_auto",
        "resolved_other",          "resolved_true_positive", "resolved_security_testing"};
    uint64_t draw = cortex_draw(row->shape, CORTEX_INCIDENTS, row->number, SALT_STATUS) >> 11;
    if (version == 0) {
        return "new";
    }
    return is_last && draw % 4 ? RESOLVED[draw / 4 % 9] : "under_investigation";
}

static void incident_fill(const struct cortex_row *row, struct incident *ret_incident)
{
    struct incident *it = ret_incident;
    uint64_t draw = cortex_draw(row->shape, CORTEX_INCIDENTS, row->number, SALT_WORDS) >> 11;
    uint64_t host = cortex_host_of(row->shape, CORTEX_INCIDENTS, row->number);
    uint64_t hosts = row->shape->rows[CORTEX_ENDPOINTS] ? row->shape->rows[CORTEX_ENDPOINTS] : 1;
    *it = (struct incident){.words = &cortex_alert_words[draw % CORTEX_ALERT_WORDS]};
    it->version = cortex_version_at(row->shape, row->number, row->now_ms);
    it->created_ms = cortex_version_ms(row->shape, row->number, 0);
    it->modified_ms = cortex_version_ms(row->shape, row->number, it->version);
    it->alerts = 1 + (unsigned)(draw / 16 % 3) + it->version;
    it->host_count = it->alerts > 2 && hosts > 1 ? 2 : 1;
    cortex_host_fill(row->shape, host, &it->hosts[0]);
    cortex_host_fill(row->shape, (host + 1) % hosts, &it->hosts[1]);
    it->status = incident_status(row, it->version,
                                 it->version + 1 == cortex_versions(row->shape, row->number));
    it->is_resolved = strncmp(it->status, "resolved", 8) == 0;
    it->is_starred = cortex_draw(row->shape, CORTEX_INCIDENTS, row->number, SALT_STARRED) % 7 == 0;
    snprintf(it->description, sizeof it->description, "%u '%.60s' alerts found by %.20s on %.40s",
             it->alerts, it->words->name, it->words->source, it->hosts[0].name);
}

static void incident_id(const struct cortex_row *row, char out[CORTEX_ID_BYTES])
{
    snprintf(out, CORTEX_ID_BYTES, "%llu", INCIDENT_FIRST_ID + (unsigned long long)row->number);
}

static void incident_get_id(const struct cortex_row *row, struct cortex_value *ret_value)
{
    cortex_value_number(ret_value, INCIDENT_FIRST_ID + (int64_t)row->number);
}

static void incident_get_created(const struct cortex_row *row, struct cortex_value *ret_value)
{
    cortex_value_number(ret_value, cortex_version_ms(row->shape, row->number, 0));
}

static void incident_get_modified(const struct cortex_row *row, struct cortex_value *ret_value)
{
    unsigned version = cortex_version_at(row->shape, row->number, row->now_ms);
    cortex_value_number(ret_value, cortex_version_ms(row->shape, row->number, version));
}

static void incident_get_description(const struct cortex_row *row, struct cortex_value *ret_value)
{
    struct incident it;
    incident_fill(row, &it);
    cortex_value_text(ret_value, it.description);
}

static void incident_get_source(const struct cortex_row *row, struct cortex_value *ret_value)
{
    uint64_t draw = cortex_draw(row->shape, CORTEX_INCIDENTS, row->number, SALT_WORDS) >> 11;
    cortex_value_text(ret_value, cortex_alert_words[draw % CORTEX_ALERT_WORDS].source);
}

static void incident_get_status(const struct cortex_row *row, struct cortex_value *ret_value)
{
    struct incident it;
    incident_fill(row, &it);
    cortex_value_text(ret_value, it.status);
}

static void incident_get_starred(const struct cortex_row *row, struct cortex_value *ret_value)
{
    bool starred = cortex_draw(row->shape, CORTEX_INCIDENTS, row->number, SALT_STARRED) % 7 == 0;
    cortex_value_text(ret_value, starred ? "true" : "false");
}

static const struct cortex_field FIELDS[] = {
    {"modification_time", CORTEX_BOUNDS, true, true, incident_get_modified},
    {"creation_time", CORTEX_BOUNDS, true, true, incident_get_created},
    {"incident_id_list", CORTEX_IN, false, false, incident_get_id},
    {"incident_id", CORTEX_IN | CORTEX_EQ, false, false, incident_get_id},
    {"description", CORTEX_IN | CORTEX_CONTAINS, false, false, incident_get_description},
    {"alert_sources", CORTEX_IN, false, false, incident_get_source},
    {"status", CORTEX_EQ | CORTEX_NEQ, false, false, incident_get_status},
    {"starred", CORTEX_EQ, false, false, incident_get_starred},
};

static void incident_write_counts(const struct incident *it, struct row *json)
{
    static const struct {
        const char *name, *severity;
    } COUNTS[] = {{"low_severity_alert_count", "low"},
                  {"med_severity_alert_count", "medium"},
                  {"high_severity_alert_count", "high"},
                  {"critical_severity_alert_count", "critical"}};
    row_number(json, "alert_count", it->alerts);
    for (unsigned i = 0; i < 4; i++) {
        bool is_it = strcmp(COUNTS[i].severity, it->words->severity) == 0;
        row_number(json, COUNTS[i].name, is_it ? it->alerts : 0);
    }
    row_number(json, "user_count", it->host_count);
    row_number(json, "host_count", it->host_count);
}

static void incident_write_people(const struct incident *it, struct row *json)
{
    bool assigned = it->version > 0;
    const struct cortex_host *analyst = &it->hosts[1];
    if (assigned) {
        row_format(json, "assigned_user_mail", "%s.%s@corp.example", analyst->first_name,
                   analyst->last_name);
        row_format(json, "assigned_user_pretty_name", "%s %s", analyst->first_name,
                   analyst->last_name);
    } else {
        row_null(json, "assigned_user_mail");
        row_null(json, "assigned_user_pretty_name");
    }
    row_text(json, "notes",
             it->version > 1 ? "Seen twice, \"still\" open\nnext look on Monday" : NULL);
    row_text(json, "resolve_comment", it->is_resolved ? "Closed after review" : NULL);
    row_name(json, "resolved_timestamp");
    buffer_format(json->out, it->is_resolved ? "%lld" : "null", (long long)it->modified_ms);
}

static void incident_write_lists(const struct incident *it, struct row *json)
{
    char hosts[2][80];
    const char *host_list[2], *user_list[2];
    const char *tags[] = {"DS:PANW/XDR Agent", "EG:workstations"};
    for (unsigned i = 0; i < it->host_count; i++) {
        snprintf(hosts[i], sizeof hosts[i], "%s:%s", it->hosts[i].name, it->hosts[i].id);
        host_list[i] = hosts[i];
        user_list[i] = it->hosts[i].user;
    }
    row_list(json, "hosts", host_list, it->host_count);
    row_list(json, "users", user_list, it->host_count);
    row_list(json, "incident_sources", &it->words->source, 1);
    row_list(json, "mitre_tactics_ids_and_names", &it->words->tactic, it->words->tactic != NULL);
    row_list(json, "mitre_techniques_ids_and_names", &it->words->technique,
             it->words->technique != NULL);
    row_list(json, "alert_categories", &it->words->category, 1);
    row_list(json, "original_tags", tags, 2);
    row_list(json, "tags", tags, 2);
}

static void incident_write(const struct cortex_row *row, enum cortex_form form, struct buffer *out)
{
    (void)form;
    struct incident it;
    struct row json;
    incident_fill(row, &it);
    uint64_t score = cortex_draw(row->shape, CORTEX_INCIDENTS, row->number, SALT_SCORE) % 100;
    unsigned long long id = INCIDENT_FIRST_ID + (unsigned long long)row->number;
    row_open(&json, out);
    row_format(&json, "incident_id", "%llu", id);
    row_null(&json, "incident_name");
    row_number(&json, "creation_time", it.created_ms);
    row_number(&json, "modification_time", it.modified_ms);
    row_null(&json, "detection_time");
    row_text(&json, "status", it.status);
    row_text(&json, "severity", it.words->severity);
    row_text(&json, "description", it.description);
    incident_write_people(&it, &json);
    incident_write_counts(&it, &json);
    row_null(&json, "manual_severity");
    row_null(&json, "manual_description");
    row_format(&json, "xdr_url", "https://tenant.xdr.eu.example.net/incident-view?caseId=%llu", id);
    row_flag(&json, "starred", it.is_starred);
    row_null(&json, "rule_based_score");
    row_number(&json, "predicted_score", (int64_t)score);
    row_null(&json, "manual_score");
    row_number(&json, "aggregated_score", (int64_t)score);
    row_number(&json, "wildfire_hits", it.words->topic == TOPIC_FILE);
    row_text(&json, "alerts_grouping_status", it.is_resolved ? "Disabled" : "Enabled");
    incident_write_lists(&it, &json);
    row_close(&json);
}

const struct cortex_set cortex_incident_set = {
    .name = "incidents",
    .list = "incidents",
    .kind = CORTEX_INCIDENTS,
    .sort = "creation_time",
    .fields = FIELDS,
    .field_count = sizeof FIELDS / sizeof FIELDS[0],
    .write = incident_write,
    .id = incident_id,
};
