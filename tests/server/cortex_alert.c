/*
 * Alerts, in the three forms in which the API gives them. Filters called creation_time and server_creation_time look at
 * detection_timestamp and local_insert_ts; no row has members of those names.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cortex_event.h"

enum { SALT_WORDS = 0x500, SALT_EXTERNAL, SALT_STARRED, SALT_RULE };

/* An alert is put into its incident some time after it came. */
enum { ALERT_GROUPED_MS = 90000 };

static const struct cortex_alert_words *alert_words(const struct cortex_row *row)
{
    uint64_t draw = cortex_draw(row->shape, CORTEX_ALERTS, row->number, SALT_WORDS) >> 11;
    return &cortex_alert_words[draw % CORTEX_ALERT_WORDS];
}

static int64_t alert_insert_ms(const struct cortex_row *row)
{
    return cortex_insert_ms(row->shape, CORTEX_ALERTS, row->number);
}

static int64_t alert_detection_ms(const struct cortex_row *row)
{
    return alert_insert_ms(row) - cortex_delay_ms(row->shape, CORTEX_ALERTS, row->number);
}

static void alert_id(const struct cortex_row *row, char out[CORTEX_ID_BYTES])
{
    snprintf(out, CORTEX_ID_BYTES, "%llu", 100000 + (unsigned long long)row->number);
}

static void alert_get_id(const struct cortex_row *row, struct cortex_value *ret_value)
{
    cortex_value_number(ret_value, 100000 + (int64_t)row->number);
}

static void alert_get_external_id(const struct cortex_row *row, struct cortex_value *ret_value)
{
    char hex[33];
    cortex_host_hex(row->shape, CORTEX_ALERTS, row->number, SALT_EXTERNAL, 32, hex);
    cortex_value_text(ret_value, hex);
}

static void alert_get_source(const struct cortex_row *row, struct cortex_value *ret_value)
{
    cortex_value_text(ret_value, alert_words(row)->source);
}

static void alert_get_severity(const struct cortex_row *row, struct cortex_value *ret_value)
{
    static const char *const RISING[] = {"unknown", "informational", "low",
                                         "medium",  "high",          "critical"};
    const char *severity = alert_words(row)->severity;
    cortex_value_text(ret_value, severity);
    ret_value->rank = 0;
    while (ret_value->rank < 5 && strcmp(RISING[ret_value->rank], severity) != 0) {
        ret_value->rank++;
    }
}

static void alert_get_detection(const struct cortex_row *row, struct cortex_value *ret_value)
{
    cortex_value_number(ret_value, alert_detection_ms(row));
}

static void alert_get_insert(const struct cortex_row *row, struct cortex_value *ret_value)
{
    cortex_value_number(ret_value, alert_insert_ms(row));
}

static const struct cortex_field FIELDS[] = {
    {"alert_id_list", CORTEX_IN, false, false, alert_get_id},
    {"alert_source", CORTEX_IN, false, false, alert_get_source},
    {"severity", CORTEX_IN, true, false, alert_get_severity},
    {"creation_time", CORTEX_BOUNDS, true, true, alert_get_detection},
    {"server_creation_time", CORTEX_BOUNDS, true, true, alert_get_insert},
    {"external_id_list", CORTEX_IN, false, false, alert_get_external_id},
};

static void alert_write_tags(const struct cortex_host *host, struct row *json)
{
    const char *tags[] = {"DS:PANW/XDR Agent",
                          host->is_linux ? "EG:linux servers" : "EG:workstations"};
    row_list(json, "tags", tags, 2);
    row_list(json, "original_tags", tags, 2);
}

/* Without one there is null or a list of an empty text; both have been seen. */
static void alert_write_mitre(const struct cortex_row *row, const struct cortex_alert_words *words,
                              struct row *json)
{
    const char *technique = words->technique ? words->technique : "";
    const char *tactic = words->tactic ? words->tactic : "";
    if (!words->technique && row->number % 2) {
        row_null(json, "mitre_technique_id_and_name");
        row_null(json, "mitre_tactic_id_and_name");
        return;
    }
    row_list(json, "mitre_technique_id_and_name", &technique, 1);
    row_list(json, "mitre_tactic_id_and_name", &tactic, 1);
}

/* Alerts of behavioural rules may have a list of objects where others have a text. */
static void alert_write_description(const struct cortex_row *row,
                                    const struct cortex_alert_words *words,
                                    const struct cortex_host *host, struct row *json)
{
    static const char *const PARTS[] = {"Process", "Command line", "User"};
    if (strcmp(words->source, "XDR BIOC") != 0 || row->number % 3) {
        row_format(json, "description", "%s, on %s by %s", words->name, host->name, host->user);
        return;
    }
    row_name(json, "description");
    for (unsigned i = 0; i < 3; i++) {
        struct row part;
        buffer_text(json->out, i ? "," : "[");
        row_open(&part, json->out);
        row_text(&part, "pretty_name", PARTS[i]);
        row_null(&part, "data_type");
        row_text(&part, "render_type", "attribute");
        row_null(&part, "entity_map");
        row_flag(&part, "dml_ui", false);
        row_close(&part);
    }
    buffer_text(json->out, "]");
}

/* Members that every form has. */
static void alert_write_head(const struct cortex_row *row, const struct cortex_alert_words *words,
                             const struct cortex_host *host, struct row *json)
{
    struct cortex_value external;
    alert_get_external_id(row, &external);
    row_text(json, "external_id", external.texts[0]);
    row_text(json, "severity", words->severity);
    row_text(json, "matching_status", row->number % 3 ? "MATCHED" : "UNMATCHABLE");
    row_null(json, "end_match_attempt_ts");
    row_number(json, "local_insert_ts", alert_insert_ms(row));
    row_null(json, "bioc_indicator");
    row_format(json, "matching_service_rule_id", "rule-%llu",
               (unsigned long long)(cortex_draw(row->shape, CORTEX_ALERTS, row->number, SALT_RULE) &
                                    0xfff));
    row_number(json, "attempt_counter", 0);
    row_null(json, "bioc_category_enum_key");
    row_flag(json, "is_whitelisted", false);
    row_flag(json, "starred",
             cortex_draw(row->shape, CORTEX_ALERTS, row->number, SALT_STARRED) % 11 == 0);
    row_null(json, "deduplicate_tokens");
    row_null(json, "filter_rule_id");
    alert_write_mitre(row, words, json);
    row_text(json, "agent_version", "8.4.1.46411");
    row_text(json, "agent_device_domain", host->domain);
    row_format(json, "agent_fqdn", "%s.%s", host->name, host->domain);
    row_text(json, "agent_os_type", host->is_linux ? "Linux" : "Windows");
    row_text(json, "agent_os_sub_type",
             host->is_linux ? "Debian GNU/Linux 12" : "Windows 11 [10.0 (Build 22631)]");
    row_flag(json, "agent_data_collection_status", true);
    alert_write_tags(host, json);
}

static void alert_write_tail(const struct cortex_row *row, const struct cortex_alert_words *words,
                             const struct cortex_host *host, struct row *json)
{
    const char *macs[] = {host->mac}, *ips[] = {host->ip};
    row_format(json, "alert_id", "%llu", 100000 + (unsigned long long)row->number);
    row_number(json, "detection_timestamp", alert_detection_ms(row));
    row_text(json, "name", words->name);
    row_text(json, "category", words->category);
    row_text(json, "endpoint_id", host->id);
    alert_write_description(row, words, host, json);
    row_list(json, "host_ip", ips, 1);
    row_text(json, "host_name", host->name);
    row_list(json, "mac_addresses", macs, 1);
    row_text(json, "source", words->source);
    row_text(json, "action", words->action);
    row_text(json, "action_pretty", words->action_pretty);
    row_text(json, "alert_type", "Unclassified");
    row_text(json, "resolution_status", "STATUS_010_NEW");
    row_null(json, "resolution_comment");
    row_null(json, "dynamic_fields");
    row_flag(json, "is_pcap", false);
}

/* What only the newer form has. */
static void alert_write_v2(const struct cortex_row *row, struct row *json)
{
    static const char *const NULLS[] = {"last_modified_ts", "agent_ip_addresses_v6",
                                        "dss_job_title",    "dss_department",
                                        "dss_country",      "dss_groups",
                                        "image_id",         "container_name",
                                        "namespace",        "malicious_urls"};
    uint64_t incident = cortex_incident_of(row->shape, row->number);
    row_name(json, "case_id");
    if (incident != UINT64_MAX && alert_insert_ms(row) + ALERT_GROUPED_MS <= row->now_ms) {
        buffer_format(json->out, "%llu", 1000 + (unsigned long long)incident);
    } else {
        buffer_text(json->out, "null");
    }
    row_flag(json, "agent_is_vdi", false);
    for (unsigned i = 0; i < sizeof NULLS / sizeof NULLS[0]; i++) {
        row_null(json, NULLS[i]);
    }
}

static void alert_write_events(const struct cortex_event *events, unsigned count, struct row *json)
{
    row_name(json, "events");
    for (unsigned i = 0; i < count; i++) {
        struct row inner;
        buffer_text(json->out, i ? "," : "[");
        row_open(&inner, json->out);
        cortex_event_write(&events[i], NULL, &inner);
        row_close(&inner);
    }
    buffer_text(json->out, "]");
}

/* As part of an incident's extra data: flat, and less of it. */
static void alert_write_extra(const struct cortex_row *row, const struct cortex_alert_words *words,
                              const struct cortex_host *host, const struct cortex_event *event,
                              struct row *json)
{
    static const char *const MEMBERS[] = {"user_name",
                                          "event_type",
                                          "actor_process_image_name",
                                          "actor_process_command_line",
                                          "actor_process_signature_status",
                                          "actor_process_signature_vendor",
                                          "causality_actor_process_image_name",
                                          "causality_actor_process_command_line",
                                          "causality_actor_process_signature_status",
                                          "causality_actor_process_signature_vendor",
                                          "causality_actor_causality_id",
                                          "action_process_image_name",
                                          "action_process_image_command_line",
                                          "action_process_image_sha256",
                                          "action_process_signature_status",
                                          "action_process_signature_vendor",
                                          "action_file_path",
                                          "action_file_md5",
                                          "action_file_sha256",
                                          "action_registry_data",
                                          "action_registry_full_key",
                                          "action_local_ip",
                                          "action_local_port",
                                          "action_remote_ip",
                                          "action_remote_port",
                                          "action_external_hostname",
                                          "fw_app_id",
                                          NULL};
    row_format(json, "alert_id", "%llu", 100000 + (unsigned long long)row->number);
    row_number(json, "detection_timestamp", alert_detection_ms(row));
    row_text(json, "source", words->source);
    row_text(json, "severity", words->severity);
    row_text(json, "name", words->name);
    row_text(json, "category", words->category);
    row_text(json, "action", words->action);
    row_text(json, "action_pretty", words->action_pretty);
    row_text(json, "endpoint_id", host->id);
    row_format(json, "description", "%s, on %s by %s", words->name, host->name, host->user);
    row_text(json, "host_ip", host->ip);
    row_text(json, "host_name", host->name);
    row_flag(json, "starred", false);
    row_flag(json, "is_whitelisted", false);
    cortex_event_write(event, MEMBERS, json);
}

static void alert_write(const struct cortex_row *row, enum cortex_form form, struct buffer *out)
{
    const struct cortex_alert_words *words = alert_words(row);
    struct cortex_host host;
    struct cortex_event events[CORTEX_EVENTS_MAX];
    struct row json;
    unsigned count = cortex_event_count(row);
    cortex_host_fill(row->shape, cortex_host_of(row->shape, CORTEX_ALERTS, row->number), &host);
    for (unsigned i = 0; i < count; i++) {
        cortex_event_fill(row, i, words, &host, &events[i]);
    }
    row_open(&json, out);
    if (form == CORTEX_FORM_EXTRA) {
        alert_write_extra(row, words, &host, &events[0], &json);
        row_close(&json);
        return;
    }
    alert_write_head(row, words, &host, &json);
    if (form == CORTEX_FORM_V1) {
        row_text(&json, "mac", host.mac);
        alert_write_events(events, count, &json);
    } else {
        alert_write_v2(row, &json);
        row_null(&json, "events");
        cortex_event_write_lists(events, count, &json);
    }
    alert_write_tail(row, words, &host, &json);
    row_close(&json);
}

const struct cortex_set cortex_alert_set = {
    .name = "alerts",
    .list = "alerts",
    .kind = CORTEX_ALERTS,
    .sort = "creation_time",
    .fields = FIELDS,
    .field_count = sizeof FIELDS / sizeof FIELDS[0],
    .write = alert_write,
    .id = alert_id,
};
