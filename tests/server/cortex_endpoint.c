/*
 * Endpoints: when they were first and last seen. An endpoint reports every few minutes and is away for some of the hours.
 */
#include <stdio.h>
#include <string.h>

#include "cortex_host.h"
#include "cortex_set.h"
#include "row.h"

enum { SALT_PERIOD = 0x200, SALT_AWAY, SALT_VERSION, SALT_SCAN };

enum { ENDPOINT_MINUTE_MS = 60000, ENDPOINT_HOUR_MS = 60 * ENDPOINT_MINUTE_MS };

static bool endpoint_is_away(const struct cortex_row *row, int64_t hour)
{
    return cortex_draw(row->shape, CORTEX_ENDPOINTS, row->number * 1000003 + (uint64_t)hour,
                       SALT_AWAY) %
               8 ==
           0;
}

/* The latest beat that lies in an hour in which it was not away. */
static int64_t endpoint_last_seen(const struct cortex_row *row, bool *ret_connected)
{
    int64_t first_ms = cortex_insert_ms(row->shape, CORTEX_ENDPOINTS, row->number);
    int64_t period_ms =
        ENDPOINT_MINUTE_MS *
        (int64_t)(1 + cortex_draw(row->shape, CORTEX_ENDPOINTS, row->number, SALT_PERIOD) % 5);
    int64_t since_ms = row->now_ms > first_ms ? row->now_ms - first_ms : 0;
    int64_t hour = since_ms / ENDPOINT_HOUR_MS;
    *ret_connected = !endpoint_is_away(row, hour);
    if (*ret_connected) {
        return first_ms + since_ms - since_ms % period_ms;
    }
    while (hour > 0 && endpoint_is_away(row, hour)) {
        hour--;
    }
    int64_t end_ms = (hour + 1) * ENDPOINT_HOUR_MS - 1;
    return first_ms + (hour || !endpoint_is_away(row, 0) ? end_ms - end_ms % period_ms : 0);
}

static void endpoint_id(const struct cortex_row *row, char out[CORTEX_ID_BYTES])
{
    struct cortex_host host;
    cortex_host_fill(row->shape, row->number, &host);
    snprintf(out, CORTEX_ID_BYTES, "%s", host.id);
}

static void endpoint_get_id(const struct cortex_row *row, struct cortex_value *ret_value)
{
    struct cortex_host host;
    cortex_host_fill(row->shape, row->number, &host);
    cortex_value_text(ret_value, host.id);
}

static void endpoint_get_name(const struct cortex_row *row, struct cortex_value *ret_value)
{
    struct cortex_host host;
    cortex_host_fill(row->shape, row->number, &host);
    cortex_value_text(ret_value, host.name);
}

static void endpoint_get_user(const struct cortex_row *row, struct cortex_value *ret_value)
{
    struct cortex_host host;
    cortex_host_fill(row->shape, row->number, &host);
    cortex_value_text(ret_value, host.user);
}

static void endpoint_get_ip(const struct cortex_row *row, struct cortex_value *ret_value)
{
    struct cortex_host host;
    cortex_host_fill(row->shape, row->number, &host);
    cortex_value_text(ret_value, host.ip);
}

static void endpoint_get_platform(const struct cortex_row *row, struct cortex_value *ret_value)
{
    struct cortex_host host;
    cortex_host_fill(row->shape, row->number, &host);
    cortex_value_text(ret_value, host.is_linux ? "linux" : "windows");
}

static void endpoint_get_group(const struct cortex_row *row, struct cortex_value *ret_value)
{
    struct cortex_host host;
    cortex_host_fill(row->shape, row->number, &host);
    cortex_value_text(ret_value, host.is_linux ? "linux servers" : "workstations");
}

static void endpoint_get_package(const struct cortex_row *row, struct cortex_value *ret_value)
{
    struct cortex_host host;
    cortex_host_fill(row->shape, row->number, &host);
    cortex_value_text(ret_value, host.is_linux ? "package-linux" : "package-windows");
}

static void endpoint_get_first_seen(const struct cortex_row *row, struct cortex_value *ret_value)
{
    cortex_value_number(ret_value, cortex_insert_ms(row->shape, CORTEX_ENDPOINTS, row->number));
}

static void endpoint_get_last_seen(const struct cortex_row *row, struct cortex_value *ret_value)
{
    bool connected;
    cortex_value_number(ret_value, endpoint_last_seen(row, &connected));
}

static void endpoint_get_status(const struct cortex_row *row, struct cortex_value *ret_value)
{
    bool connected;
    (void)endpoint_last_seen(row, &connected);
    cortex_value_text(ret_value, connected ? "connected" : "disconnected");
}

static void endpoint_get_isolate(const struct cortex_row *row, struct cortex_value *ret_value)
{
    cortex_value_text(ret_value, row->number % 17 == 5 ? "isolated" : "unisolated");
}

static void endpoint_get_scan(const struct cortex_row *row, struct cortex_value *ret_value)
{
    bool scanned = cortex_draw(row->shape, CORTEX_ENDPOINTS, row->number, SALT_SCAN) % 3 == 0;
    cortex_value_text(ret_value, scanned ? "success" : "none");
}

static void endpoint_get_alias(const struct cortex_row *row, struct cortex_value *ret_value)
{
    (void)row;
    cortex_value_text(ret_value, "");
}

static const struct cortex_field FIELDS[] = {
    {"endpoint_id_list", CORTEX_IN, false, false, endpoint_get_id},
    {"endpoint_id", 0, true, false, endpoint_get_id},
    {"endpoint_status", CORTEX_IN | CORTEX_EQ, false, false, endpoint_get_status},
    {"dist_name", CORTEX_IN, false, false, endpoint_get_package},
    {"first_seen", CORTEX_BOUNDS, true, true, endpoint_get_first_seen},
    {"last_seen", CORTEX_BOUNDS, true, true, endpoint_get_last_seen},
    {"ip_list", CORTEX_IN, false, false, endpoint_get_ip},
    {"group_name", CORTEX_IN, false, false, endpoint_get_group},
    {"platform", CORTEX_IN, false, false, endpoint_get_platform},
    {"alias", CORTEX_IN, false, false, endpoint_get_alias},
    {"isolate", CORTEX_IN | CORTEX_EQ, false, false, endpoint_get_isolate},
    {"hostname", CORTEX_IN, false, false, endpoint_get_name},
    {"username", CORTEX_IN, false, false, endpoint_get_user},
    {"scan_status", CORTEX_IN, false, false, endpoint_get_scan},
};

static void endpoint_write_light(const struct cortex_host *host, bool connected, struct buffer *out)
{
    const char *ips[] = {host->ip};
    struct row json;
    row_open(&json, out);
    row_text(&json, "agent_id", host->id);
    row_text(&json, "agent_status", connected ? "CONNECTED" : "DISCONNECTED");
    row_text(&json, "host_name", host->name);
    row_text(&json, "agent_type", host->is_linux ? "Server" : "Workstation");
    row_list(&json, "ip", ips, 1);
    row_close(&json);
}

static void endpoint_write_agent(const struct cortex_row *row, struct row *json)
{
    uint64_t draw = cortex_draw(row->shape, CORTEX_ENDPOINTS, row->number, SALT_VERSION);
    struct cortex_value scan;
    endpoint_get_scan(row, &scan);
    row_format(json, "endpoint_version", "8.%u.%u.%u", (unsigned)(draw % 6),
               (unsigned)(draw >> 8 & 1), 40000 + (unsigned)(draw >> 16 & 0x3fff));
    row_format(json, "content_version", "%u-%u", 1200 + (unsigned)(draw >> 32 & 127),
               90000 + (unsigned)(draw >> 40 & 0xfff));
    row_text(json, "is_isolated", row->number % 17 == 5 ? "AGENT_ISOLATED" : "AGENT_UNISOLATED");
    row_null(json, "isolated_date");
    row_text(json, "scan_status",
             strcmp(scan.texts[0], "none") == 0 ? "SCAN_STATUS_NONE" : "SCAN_STATUS_SUCCESS");
    row_text(json, "operational_status", "PROTECTED");
    row_null(json, "operational_status_description");
    row_text(json, "content_status", "UP_TO_DATE");
}

static void endpoint_write(const struct cortex_row *row, enum cortex_form form, struct buffer *out)
{
    struct cortex_host host;
    cortex_host_fill(row->shape, row->number, &host);
    bool connected;
    int64_t first_ms = cortex_insert_ms(row->shape, CORTEX_ENDPOINTS, row->number);
    int64_t last_ms = endpoint_last_seen(row, &connected);
    if (form == CORTEX_FORM_LIGHT) {
        endpoint_write_light(&host, connected, out);
        return;
    }
    const char *ips[] = {host.ip}, *users[] = {strchr(host.user, '\\') + 1}, *macs[] = {host.mac};
    const char *groups[] = {host.is_linux ? "linux servers" : "workstations"};
    struct row json;
    row_open(&json, out);
    row_text(&json, "endpoint_id", host.id);
    row_text(&json, "endpoint_name", host.name);
    row_text(&json, "endpoint_type",
             host.is_linux ? "AGENT_TYPE_SERVER" : "AGENT_TYPE_WORKSTATION");
    row_text(&json, "endpoint_status", connected ? "CONNECTED" : "DISCONNECTED");
    row_text(&json, "os_type", host.is_linux ? "AGENT_OS_LINUX" : "AGENT_OS_WINDOWS");
    row_text(&json, "os_version", host.is_linux ? "12" : "10.0.22631");
    row_text(&json, "operating_system", host.is_linux ? "Debian 12" : "Windows 11");
    row_list(&json, "ip", ips, 1);
    row_list(&json, "ipv6", NULL, 0);
    row_null(&json, "public_ip");
    row_list(&json, "users", users, 1);
    row_list(&json, "mac_address", macs, 1);
    row_text(&json, "domain", host.domain);
    row_text(&json, "alias", "");
    row_number(&json, "first_seen", first_ms);
    row_number(&json, "last_seen", last_ms);
    row_number(&json, "install_date", first_ms);
    row_text(&json, "installation_package", host.is_linux ? "package-linux" : "package-windows");
    row_list(&json, "active_directory", NULL, 0);
    row_list(&json, "group_name", groups, 1);
    endpoint_write_agent(row, &json);
    row_close(&json);
}

const struct cortex_set cortex_endpoint_set = {
    .name = "endpoints",
    .list = "endpoints",
    .kind = CORTEX_ENDPOINTS,
    .sort = "last_seen",
    .fields = FIELDS,
    .field_count = sizeof FIELDS / sizeof FIELDS[0],
    .write = endpoint_write,
    .id = endpoint_id,
};
