/*
 * The members of an event, and how they are written.
 */
#include <string.h>

#include "cortex_event.h"

#define PROCESS_MEMBERS(prefix)                                                                    \
    prefix "_process_instance_id", prefix "_process_image_path", prefix "_process_image_name",     \
        prefix "_process_command_line", prefix "_process_signature_status",                        \
        prefix "_process_signature_vendor", prefix "_process_image_sha256",                        \
        prefix "_process_causality_id", prefix "_causality_id", prefix "_process_os_pid",          \
        prefix "_thread_thread_id"

const char *const cortex_event_names[] = {
    "agent_install_type",
    "agent_host_boot_time",
    "event_sub_type",
    "module_id",
    "association_strength",
    "dst_association_strength",
    "story_id",
    "event_id",
    "event_type",
    "event_timestamp",
    PROCESS_MEMBERS("actor"),
    "actor_process_image_md5",
    PROCESS_MEMBERS("os_actor"),
    "os_actor_effective_username",
    "causality_actor_process_image_name",
    "causality_actor_process_command_line",
    "causality_actor_process_image_path",
    "causality_actor_process_signature_vendor",
    "causality_actor_process_signature_status",
    "causality_actor_causality_id",
    "causality_actor_process_execution_time",
    "causality_actor_process_image_md5",
    "causality_actor_process_image_sha256",
    "action_file_path",
    "action_file_name",
    "action_file_md5",
    "action_file_sha256",
    "action_file_macro_sha256",
    "action_registry_data",
    "action_registry_key_name",
    "action_registry_value_name",
    "action_registry_full_key",
    "action_local_ip",
    "action_local_ip_v6",
    "action_local_port",
    "action_remote_ip",
    "action_remote_ip_v6",
    "action_remote_port",
    "action_external_hostname",
    "action_country",
    "action_process_instance_id",
    "action_process_causality_id",
    "action_process_image_name",
    "action_process_image_sha256",
    "action_process_image_command_line",
    "action_process_signature_status",
    "action_process_signature_vendor",
    "fw_app_id",
    "fw_interface_from",
    "fw_interface_to",
    "fw_rule",
    "fw_rule_id",
    "fw_device_name",
    "fw_serial_number",
    "fw_url_domain",
    "fw_email_subject",
    "fw_email_sender",
    "fw_email_recipient",
    "fw_app_subcategory",
    "fw_app_category",
    "fw_app_technology",
    "fw_vsys",
    "fw_xff",
    "fw_misc",
    "fw_is_phishing",
    "dst_agent_id",
    "dst_causality_actor_process_execution_time",
    "dst_action_external_hostname",
    "dst_action_country",
    "dst_action_external_port",
    "dns_query_name",
    "contains_featured_host",
    "contains_featured_user",
    "contains_featured_ip",
    "image_name",
    "container_id",
    "cluster_name",
    "cloud_provider",
    "identity_type",
    "identity_sub_type",
    "operation_name",
    "project",
    "referenced_resource",
    "resource_type",
    "resource_sub_type",
    "user_agent",
    "user_name",
    NULL,
};

_Static_assert(sizeof cortex_event_names / sizeof cortex_event_names[0] <= CORTEX_EVENT_CELLS + 1,
               "every member has a cell");

static void event_write_cell(const struct cortex_cell *cell, struct buffer *out)
{
    if (cell->type == CELL_NUMBER) {
        buffer_format(out, "%lld", (long long)cell->number);
    } else if (cell->type == CELL_TEXT) {
        buffer_json(out, cell->text, strlen(cell->text));
    } else {
        buffer_text(out, "null");
    }
}

static bool event_is_wanted(const char *const *only, const char *name)
{
    while (only && *only && strcmp(*only, name) != 0) {
        only++;
    }
    return !only || *only;
}

void cortex_event_write(const struct cortex_event *event, const char *const *only, struct row *json)
{
    for (unsigned i = 0; cortex_event_names[i]; i++) {
        if (event_is_wanted(only, cortex_event_names[i])) {
            row_name(json, cortex_event_names[i]);
            event_write_cell(&event->cells[i], json->out);
        }
    }
}

void cortex_event_write_lists(const struct cortex_event *events, unsigned count, struct row *json)
{
    /* The first member says how the agent was installed: no list even here. */
    row_name(json, cortex_event_names[0]);
    event_write_cell(&events[0].cells[0], json->out);
    for (unsigned i = 1; cortex_event_names[i]; i++) {
        unsigned written = 0;
        row_name(json, cortex_event_names[i]);
        for (unsigned at = 0; at < count; at++) {
            if (events[at].cells[i].type != CELL_NULL) {
                buffer_text(json->out, written++ ? "," : "[");
                event_write_cell(&events[at].cells[i], json->out);
            }
        }
        buffer_text(json->out, written ? "]" : "null");
    }
}
