/*
 * One event of an alert. Words with JSON escapes in them (the paths of words.c) are unescaped here, so that every text in a
 * cell is plain.
 */
#include "cortex_event.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "table.h"
#include "words.h"

enum { SALT_COUNT = 0x400, SALT_PROGRAM, SALT_PARENT, SALT_HASH, SALT_PLACE, SALT_PORTS, SALT_IDS };

static struct cortex_cell *event_cell(struct cortex_event *event, const char *name)
{
    unsigned i = 0;
    while (strcmp(cortex_event_names[i], name) != 0) {
        i++;
    }
    return &event->cells[i];
}

static void event_number(struct cortex_event *event, const char *name, int64_t number)
{
    *event_cell(event, name) = (struct cortex_cell){.type = CELL_NUMBER, .number = number};
}

static void event_text(struct cortex_event *event, const char *name, const char *text)
{
    *event_cell(event, name) =
        (struct cortex_cell){.type = text ? CELL_TEXT : CELL_NULL, .text = text};
}

__attribute__((format(printf, 2, 3))) static const char *event_make(struct cortex_event *event,
                                                                    const char *format, ...)
{
    char *at = event->pool + event->pool_used;
    size_t room = sizeof event->pool - event->pool_used;
    va_list args;
    va_start(args, format);
    int len = vsnprintf(at, room, format, args);
    va_end(args);
    size_t used = len < 0 ? 0 : (size_t)len < room ? (size_t)len : room - 1;
    event->pool_used += used + 1 < room ? used + 1 : room - 1;
    return at;
}

/* The words are escaped for JSON: a backslash stands for the character after it. */
static const char *event_plain(struct cortex_event *event, const char *escaped)
{
    char *at = event->pool + event->pool_used, *start = at;
    for (; *escaped && at < event->pool + sizeof event->pool - 1; escaped++) {
        escaped += *escaped == '\\' && escaped[1];
        *at++ = *escaped;
    }
    *at = 0;
    event->pool_used = (size_t)(at - event->pool) + (at < event->pool + sizeof event->pool - 1);
    return start;
}

static const char *event_hex(const struct cortex_row *alert, struct cortex_event *event,
                             unsigned salt, unsigned digits)
{
    char hex[65];
    cortex_host_hex(alert->shape, CORTEX_ALERTS, alert->number, salt, digits, hex);
    return event_make(event, "%s", hex);
}

static const struct word_program *event_program(const struct cortex_row *alert,
                                                const struct cortex_host *host, unsigned salt)
{
    const struct word_program *fitting[64];
    unsigned count = 0;
    for (const struct word_program *it = words_program; it->path && count < 64; it++) {
        if ((it->linux_host != 0) == host->is_linux) {
            fitting[count++] = it;
        }
    }
    uint64_t draw = cortex_draw(alert->shape, CORTEX_ALERTS, alert->number, salt) >> 11;
    return fitting[draw % count];
}

/* prefix: actor or os_actor. */
static void event_fill_process(const struct cortex_row *alert, struct cortex_event *event,
                               const char *prefix, const struct word_program *program,
                               unsigned salt)
{
    uint64_t ids = cortex_draw(alert->shape, CORTEX_ALERTS, alert->number, salt);
    const char *const path =
        event_plain(event, event_make(event, "%s%s", program->path, program->name));
    const char *base = strrchr(path, '\\') ? strrchr(path, '\\') : strrchr(path, '/');
    event_text(event, event_make(event, "%s_process_image_path", prefix), path);
    event_text(event, event_make(event, "%s_process_image_name", prefix), base ? base + 1 : path);
    event_text(event, event_make(event, "%s_process_command_line", prefix),
               event_make(event, "\"%s\" --run %u", path, (unsigned)(ids >> 48)));
    event_text(event, event_make(event, "%s_process_signature_status", prefix),
               program->vendor ? "Signed" : "Unsigned");
    event_text(event, event_make(event, "%s_process_signature_vendor", prefix), program->vendor);
    event_text(event, event_make(event, "%s_process_image_sha256", prefix),
               event_hex(alert, event, salt + 1, 64));
    event_text(event, event_make(event, "%s_process_instance_id", prefix),
               event_hex(alert, event, salt + 2, 24));
    event_text(event, event_make(event, "%s_process_causality_id", prefix),
               event_hex(alert, event, salt + 3, 24));
    event_number(event, event_make(event, "%s_process_os_pid", prefix),
                 4 + (int64_t)(ids & 0x7fff));
    event_number(event, event_make(event, "%s_thread_thread_id", prefix),
                 8 + (int64_t)(ids >> 20 & 0x7fff));
}

static void event_fill_causality(const struct cortex_row *alert, struct cortex_event *event,
                                 const struct cortex_host *host)
{
    const struct word_program *program = event_program(alert, host, SALT_PARENT);
    const char *path = event_plain(event, event_make(event, "%s%s", program->path, program->name));
    const char *base = strrchr(path, '\\') ? strrchr(path, '\\') : strrchr(path, '/');
    event_text(event, "causality_actor_process_image_path", path);
    event_text(event, "causality_actor_process_image_name", base ? base + 1 : path);
    event_text(event, "causality_actor_process_command_line", event_make(event, "\"%s\"", path));
    event_text(event, "causality_actor_process_signature_vendor", program->vendor);
    event_text(event, "causality_actor_process_signature_status",
               program->vendor ? "Signed" : "Unsigned");
    event_text(event, "causality_actor_causality_id", event_hex(alert, event, SALT_IDS, 24));
    event_number(event, "causality_actor_process_execution_time", host->boot_ms + 60000);
    event_text(event, "causality_actor_process_image_md5",
               event_hex(alert, event, SALT_HASH + 64, 32));
    event_text(event, "causality_actor_process_image_sha256",
               event_hex(alert, event, SALT_HASH + 65, 64));
}

static void event_fill_network(const struct cortex_row *alert, unsigned index,
                               struct cortex_event *event, const struct cortex_host *host)
{
    static const char *const PLACES[][2] = {{"203.0.113.", "UNKNOWN"}, {"198.51.100.", "-"},
                                            {"81.2.69.", "GB"},        {"2.125.160.", "GB"},
                                            {"67.43.156.", "BT"},      {"192.0.2.", "UNKNOWN"}};
    uint64_t draw = cortex_draw(alert->shape, CORTEX_ALERTS, alert->number * 4 + index, SALT_PLACE);
    const char *const *place = PLACES[draw % 6];
    const char *remote = event_make(event, "%s%u", place[0], (unsigned)(draw >> 8 & 255));
    event_text(event, "action_local_ip", host->ip);
    event_number(event, "action_local_port", 1024 + (int64_t)(draw >> 16 & 0x7fff));
    event_text(event, "action_remote_ip", remote);
    event_number(event, "action_remote_port", draw >> 40 & 1 ? 443 : 8443);
    event_text(event, "action_country", place[1]);
    if (draw >> 44 & 1) {
        event_text(event, "action_local_ip_v6",
                   event_make(event, "2001:db8::%x", (unsigned)(draw >> 52)));
    }
    event_text(event, "action_external_hostname",
               draw >> 41 & 1 ? event_make(event, "node-%u.example.net", (unsigned)(draw >> 50))
                              : NULL);
    event_text(event, "dst_action_country", place[1]);
    event_text(event, "fw_app_id", draw >> 42 & 1 ? "web-browsing" : "ssl");
    event_text(event, "dns_query_name", draw >> 43 & 1 ? "updates.example.net" : NULL);
}

static void event_fill_firewall(struct cortex_event *event, bool is_mail)
{
    event_text(event, "fw_interface_from", "outside");
    event_text(event, "fw_interface_to", "inside");
    event_text(event, "fw_rule", "allow-web-in");
    event_text(event, "fw_device_name", "fw-edge-1");
    event_text(event, "fw_serial_number", "007200001056");
    event_text(event, "fw_app_category", "general-internet");
    event_text(event, "fw_app_subcategory", "internet-utility");
    event_text(event, "fw_app_technology", "browser-based");
    event_text(event, "fw_vsys", "vsys1");
    event_text(event, "fw_url_domain", "portal.example.org");
    if (is_mail) {
        event_text(event, "fw_email_subject", "Your mailbox is \"full\"");
        event_text(event, "fw_email_sender", "postmaster@example.org");
        event_text(event, "fw_email_recipient", "anna.abel@corp.example");
    }
}

static void event_fill_file(const struct cortex_row *alert, struct cortex_event *event,
                            const struct cortex_host *host)
{
    uint64_t draw = cortex_draw(alert->shape, CORTEX_ALERTS, alert->number, SALT_PLACE);
    const char *folder =
        cortex_host_pick(host->is_linux ? words_linux_file : words_windows_file, draw);
    const char *path =
        event_plain(event, event_make(event, "%s%u.bin", folder, (unsigned)draw & 0xffff));
    const char *base = strrchr(path, '\\') ? strrchr(path, '\\') : strrchr(path, '/');
    event_text(event, "action_file_path", path);
    event_text(event, "action_file_name", base ? base + 1 : path);
    event_text(event, "action_file_md5", event_hex(alert, event, SALT_HASH, 32));
    event_text(event, "action_file_sha256", event_hex(alert, event, SALT_HASH + 1, 64));
}

static void event_fill_registry(const struct cortex_row *alert, struct cortex_event *event)
{
    uint64_t draw = cortex_draw(alert->shape, CORTEX_ALERTS, alert->number, SALT_PLACE);
    const char *key = event_plain(event, cortex_host_pick(words_registry_key, draw));
    const char *value = cortex_host_pick(words_registry_value, draw >> 20);
    event_text(event, "action_registry_key_name", key);
    event_text(event, "action_registry_value_name", value);
    event_text(event, "action_registry_full_key", event_make(event, "%s\\%s", key, value));
    event_text(event, "action_registry_data", event_make(event, "%llx", (unsigned long long)draw));
}

static void event_fill_head(const struct cortex_row *alert, unsigned index,
                            const struct cortex_alert_words *words, const struct cortex_host *host,
                            struct cortex_event *event)
{
    int64_t raised_ms = cortex_insert_ms(alert->shape, CORTEX_ALERTS, alert->number) -
                        cortex_delay_ms(alert->shape, CORTEX_ALERTS, alert->number);
    event_text(event, "agent_install_type", "STANDARD");
    event_number(event, "agent_host_boot_time", host->boot_ms);
    event_number(event, "event_sub_type", 1 + (int64_t)words->topic);
    event_number(event, "association_strength", 50);
    event_text(event, "event_id",
               event_make(event, "%s-%u", event_hex(alert, event, SALT_IDS + 1, 20), index));
    event_text(event, "event_type", words->event_type);
    event_number(event, "event_timestamp", raised_ms - 1000 * (int64_t)index);
    event_text(event, "fw_is_phishing", words->topic == TOPIC_MAIL ? "Suspicious" : "N/A");
    event_text(event, "contains_featured_host", "NO");
    event_text(event, "contains_featured_user", "NO");
    event_text(event, "contains_featured_ip", "NO");
    event_text(event, "user_name", host->user);
}

unsigned cortex_event_count(const struct cortex_row *alert)
{
    uint64_t draw = cortex_draw(alert->shape, CORTEX_ALERTS, alert->number, SALT_COUNT) % 10;
    return draw < 7 ? 1 : draw < 9 ? 2 : CORTEX_EVENTS_MAX;
}

void cortex_event_fill(const struct cortex_row *alert, unsigned index,
                       const struct cortex_alert_words *words, const struct cortex_host *host,
                       struct cortex_event *ret_event)
{
    memset(ret_event, 0, sizeof *ret_event);
    event_fill_head(alert, index, words, host, ret_event);
    const struct word_program *program = event_program(alert, host, SALT_PROGRAM + 16 * index);
    event_fill_process(alert, ret_event, "actor", program, SALT_IDS + 16 + 16 * index);
    event_text(ret_event, "actor_process_image_md5",
               event_hex(alert, ret_event, SALT_HASH + 2, 32));
    event_fill_causality(alert, ret_event, host);
    switch (words->topic) {
    case TOPIC_FILE:
        event_fill_file(alert, ret_event, host);
        break;
    case TOPIC_REGISTRY:
        event_fill_registry(alert, ret_event);
        break;
    case TOPIC_NETWORK:
        event_fill_network(alert, index, ret_event, host);
        break;
    case TOPIC_MAIL:
        event_fill_network(alert, index, ret_event, host);
        event_fill_firewall(ret_event, true);
        break;
    default:
        event_fill_process(alert, ret_event, "os_actor", program, SALT_IDS + 128);
        break;
    }
}
