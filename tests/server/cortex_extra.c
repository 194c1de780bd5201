/*
 * get_incident_extra_data: an incident with those of its alerts that have come so far, and what they touched.
 */
#include <stdlib.h>
#include <string.h>

#include "cortex.h"

enum { EXTRA_ALERTS_DEFAULT = 1000, EXTRA_FIRST_ID = 1000, EXTRA_ARTIFACTS = 20 };

/* Artifacts are read from the alerts' own members, so that they cannot contradict them. */
static const char *extra_member(struct json_object *alert, const char *name)
{
    struct json_object *value = NULL;
    json_object_object_get_ex(alert, name, &value);
    return value ? json_object_get_string(value) : NULL;
}

static struct json_object *extra_network(struct json_object *alert)
{
    const char *ip = extra_member(alert, "action_remote_ip");
    if (!ip) {
        return NULL;
    }
    struct json_object *artifact = json_object_new_object(), *port = NULL;
    const char *name = extra_member(alert, "action_external_hostname");
    json_object_object_get_ex(alert, "action_remote_port", &port);
    json_object_object_add(artifact, "type", json_object_new_string("IP"));
    json_object_object_add(artifact, "alert_count", json_object_new_int(1));
    json_object_object_add(artifact, "is_manual", json_object_new_boolean(false));
    json_object_object_add(artifact, "network_domain", name ? json_object_new_string(name) : NULL);
    json_object_object_add(artifact, "network_remote_ip", json_object_new_string(ip));
    json_object_object_add(artifact, "network_remote_port", json_object_get(port));
    json_object_object_add(artifact, "network_country", NULL);
    return artifact;
}

static struct json_object *extra_file(struct json_object *alert)
{
    const char *digest = extra_member(alert, "action_file_sha256");
    const char *path = extra_member(alert, "action_file_path");
    if (!digest || !path) {
        return NULL;
    }
    struct json_object *artifact = json_object_new_object();
    json_object_object_add(artifact, "type", json_object_new_string("HASH"));
    json_object_object_add(artifact, "alert_count", json_object_new_int(1));
    json_object_object_add(artifact, "is_manual", json_object_new_boolean(false));
    json_object_object_add(artifact, "is_malicious", json_object_new_boolean(true));
    json_object_object_add(artifact, "is_process", json_object_new_boolean(false));
    json_object_object_add(artifact, "file_name", json_object_new_string(path));
    json_object_object_add(artifact, "file_sha256", json_object_new_string(digest));
    json_object_object_add(artifact, "file_signature_status",
                           json_object_new_string("SIGNATURE_UNAVAILABLE"));
    json_object_object_add(artifact, "file_signature_vendor_name", NULL);
    json_object_object_add(artifact, "file_wildfire_verdict", json_object_new_string("MALWARE"));
    return artifact;
}

static void extra_section(struct buffer *out, const char *name, struct json_object *alerts,
                          struct json_object *(*make)(struct json_object *))
{
    struct json_object *list = json_object_new_array();
    size_t count = json_object_array_length(alerts);
    for (size_t i = 0; i < count && json_object_array_length(list) < EXTRA_ARTIFACTS; i++) {
        struct json_object *artifact = make(json_object_array_get_idx(alerts, i));
        if (artifact) {
            json_object_array_add(list, artifact);
        }
    }
    buffer_format(out, ",\"%s\":{\"total_count\":%zu,\"data\":%s}", name,
                  json_object_array_length(list),
                  json_object_to_json_string_ext(list, JSON_C_TO_STRING_PLAIN |
                                                           JSON_C_TO_STRING_NOSLASHESCAPE));
    json_object_put(list);
}

static void extra_write(const struct cortex_row *incident, uint64_t limit, struct buffer *out)
{
    struct cortex_row alert = *incident;
    uint64_t first = cortex_first_alert(incident->shape, incident->number);
    uint64_t end = cortex_first_alert(incident->shape, incident->number + 1);
    uint64_t visible = cortex_visible(incident->shape, CORTEX_ALERTS, incident->now_ms);
    end = end < visible ? end : visible;
    struct buffer list;
    buffer_init(&list, out->max);
    buffer_text(&list, "[");
    for (alert.number = first; alert.number < end && alert.number - first < limit; alert.number++) {
        buffer_text(&list, alert.number > first ? "," : "");
        cortex_alert_set.write(&alert, CORTEX_FORM_EXTRA, &list);
    }
    buffer_text(&list, "]");
    struct json_object *alerts = buffer_ok(&list) ? json_tokener_parse(list.data) : NULL;
    buffer_text(out, "{\"reply\":{\"incident\":");
    cortex_incident_set.write(incident, CORTEX_FORM_V1, out);
    buffer_format(out, ",\"alerts\":{\"total_count\":%llu,\"data\":",
                  (unsigned long long)(end > first ? end - first : 0));
    buffer_add(out, list.data, list.len);
    buffer_text(out, "}");
    extra_section(out, "network_artifacts", alerts, extra_network);
    extra_section(out, "file_artifacts", alerts, extra_file);
    buffer_text(out, "}}");
    out->failed |= !alerts;
    json_object_put(alerts);
    buffer_done(&list);
}

/* The number of the incident with this id; false: no such one now. */
static bool extra_find(const struct cortex_shape *shape, const char *id, int64_t now_ms,
                       uint64_t *ret_number)
{
    size_t len = strspn(id, "0123456789");
    if (!len || id[len] || len > 18) {
        return false;
    }
    uint64_t number = strtoull(id, NULL, 10);
    if (number < EXTRA_FIRST_ID ||
        number - EXTRA_FIRST_ID >= cortex_visible(shape, CORTEX_INCIDENTS, now_ms)) {
        return false;
    }
    *ret_number = number - EXTRA_FIRST_ID;
    return true;
}

void cortex_extra(struct cortex *cortex, struct json_object *data, struct reply *reply)
{
    struct json_object *id = NULL, *limit = NULL;
    int64_t alerts = EXTRA_ALERTS_DEFAULT;
    struct cortex_row row = {.shape = &cortex->shape, .now_ms = cortex_clock_now(&cortex->clock)};
    if (!json_object_object_get_ex(data, "incident_id", &id) || !id) {
        cortex_error(reply, 400, "The request contains invalid or missing parameters",
                     "\"Missing required param: incident_id\"");
        return;
    }
    if (json_object_object_get_ex(data, "alerts_limit", &limit) && limit) {
        alerts = json_object_get_int64(limit);
    }
    if (alerts < 0 || !extra_find(row.shape, json_object_get_string(id), row.now_ms, &row.number)) {
        cortex_error(reply, 500, "An error occurred while processing XDR public API",
                     "\"Incident not found\"");
        return;
    }
    extra_write(&row, (uint64_t)alerts, &reply->body);
}
