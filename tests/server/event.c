/*
 * Writes one event: pieces from the tables, a few fresh values, and a command line long enough to reach the size that the
 * event's own random sequence asked for. Two events in a row share host, user and actor, as real ones do; this is also
 * part of why the data compresses like real data. No state between events, so any thread may write any number.
 */
#include "event.h"

#include <stdlib.h>
#include <string.h>

#include "table.h"
#include "words.h"

enum { EVENT_BURST = 2, EVENT_STEP_MS = 37, EVENT_SAMPLE = 4096, EVENT_TARGET_MAX = 10100 };

struct generator {
    uint64_t seed;
    unsigned scale; /* the average asked for, corrected by what a sample showed */
    struct table table;
};

struct event_pen {
    char *at;
    char *start;
    uint64_t random;
    const struct table *table;
    const struct table_host *host;
    const struct table_user *user;
    const struct table_program *actor;
    int64_t time_ms;
};

#define PUT(pen, literal) event_put(pen, literal, sizeof(literal) - 1)

static inline void event_put(struct event_pen *pen, const char *text, size_t len)
{
    memcpy(pen->at, text, len);
    pen->at += len;
}

static void event_put_text(struct event_pen *pen, const char *text)
{
    event_put(pen, text, strlen(text));
}

static void event_put_piece(struct event_pen *pen, const struct table_piece *piece)
{
    event_put(pen, piece->text, piece->len);
}

static void event_put_number(struct event_pen *pen, uint64_t value)
{
    char digits[24];
    unsigned at = sizeof digits;
    do {
        digits[--at] = (char)('0' + value % 10);
        value /= 10;
    } while (value);
    event_put(pen, digits + at, sizeof digits - at);
}

static void event_put_hex(struct event_pen *pen, uint64_t value, unsigned digits)
{
    table_hex(pen->at, value, digits);
    pen->at += digits;
}

static unsigned event_draw(struct event_pen *pen, size_t below)
{
    return (unsigned)((table_random(&pen->random) >> 24) % below);
}

static const struct table_program *event_program(struct event_pen *pen)
{
    const struct table_program *all =
        pen->host->is_linux ? pen->table->linux_ : pen->table->windows;
    return &all[event_draw(pen, TABLE_PROGRAMS)];
}

static void event_put_two(char *out, unsigned value)
{
    out[0] = (char)('0' + value / 10);
    out[1] = (char)('0' + value % 10);
}

/* ISO 8601 in UTC; days to a date by counting in years that begin in March. */
static void event_put_iso(struct event_pen *pen, int64_t time_ms)
{
    unsigned seconds = (unsigned)(time_ms / 1000 % 86400);
    unsigned days = (unsigned)(time_ms / 86400000) + 719468;
    unsigned era = days / 146097, day = days % 146097;
    unsigned year = (day - day / 1460 + day / 36524 - day / 146096) / 365;
    unsigned of_year = day - (365 * year + year / 4 - year / 100);
    unsigned month = (5 * of_year + 2) / 153;
    unsigned of_month = of_year - (153 * month + 2) / 5 + 1;
    month = month < 10 ? month + 3 : month - 9;
    year += era * 400 + (month <= 2);
    char text[] = "\"yyyy-mm-ddThh:mm:ssZ\"";
    event_put_two(text + 1, year / 100);
    event_put_two(text + 3, year % 100);
    event_put_two(text + 6, month);
    event_put_two(text + 9, of_month);
    event_put_two(text + 12, seconds / 3600);
    event_put_two(text + 15, seconds / 60 % 60);
    event_put_two(text + 18, seconds % 60);
    event_put(pen, text, sizeof text - 1);
}

static void event_put_file(struct event_pen *pen)
{
    const char *const *stems = pen->host->is_linux ? words_linux_file : words_windows_file;
    const char *stem = stems[event_draw(pen, table_count(stems))];
    unsigned number = event_draw(pen, 1 << 20);
    PUT(pen, "\"action_file_name\":[\"");
    event_put_text(pen, "item-");
    event_put_number(pen, number);
    PUT(pen, ".dat\"],\"action_file_path\":[\"");
    event_put_text(pen, stem);
    event_put_number(pen, number);
    PUT(pen, ".dat\"],");
}

static void event_write_process(struct event_pen *pen)
{
    const struct table_program *program = event_program(pen);
    PUT(pen, "\"event_type\":\"PROCESS\",\"event_sub_type\":\"PROCESS_START\","
             "\"action_file_path\":null,\"action_local_ip\":null,\"action_process_fds\":null,"
             "\"action_process_in_txn\":false,");
    event_put_piece(pen, &program->action);
    PUT(pen, "\"action_process_instance_execution_time\":");
    event_put_iso(pen, pen->time_ms);
    PUT(pen, ",\"action_process_instance_id\":\"");
    event_put_hex(pen, table_random(&pen->random), 16);
    PUT(pen, "\",\"action_process_integrity_level\":8192,\"action_process_os_pid\":");
    event_put_number(pen, 4 * (event_draw(pen, 8000) + 1));
    PUT(pen, ",\"action_process_token\":null,\"action_process_user_sid\":\"");
    event_put_text(pen, pen->user->sid);
    PUT(pen, "\",\"action_process_username\":\"");
    event_put_text(pen, pen->user->name);
    PUT(pen, "\",");
}

static void event_write_file(struct event_pen *pen)
{
    static const char *const KINDS[] = {"FILE_CREATE_NEW", "FILE_WRITE", "FILE_RENAME",
                                        "FILE_REMOVE", "FILE_OPEN"};
    PUT(pen, "\"event_type\":\"FILE\",\"event_sub_type\":\"");
    event_put_text(pen, KINDS[event_draw(pen, 5)]);
    PUT(pen, "\",");
    event_put_file(pen);
    PUT(pen, "\"action_file_md5\":null,\"action_file_sha256\":\"");
    for (unsigned i = 0; i < 4; i++) {
        event_put_hex(pen, table_random(&pen->random), 16);
    }
    PUT(pen, "\",\"action_file_size\":");
    event_put_number(pen, event_draw(pen, 1 << 22));
    PUT(pen, ",\"action_file_type\":18,\"action_file_attributes\":32,\"action_file_create_time\":");
    event_put_number(pen, (uint64_t)pen->time_ms - 1000 * event_draw(pen, 100000));
    PUT(pen, ",\"action_file_mod_time\":");
    event_put_number(pen, (uint64_t)pen->time_ms);
    PUT(pen, ",\"action_file_access_time\":");
    event_put_iso(pen, pen->time_ms);
    PUT(pen,
        ",\"action_file_owner\":\"S-1-5-32-544\",\"action_file_owner_name\":\"Administrators\","
        "\"action_file_mode\":\"0644\",\"action_file_is_anonymous\":\"false\","
        "\"action_file_previous_file_path\":null,\"action_file_signature_vendor\":null,"
        "\"action_file_last_writer_actor\":\"");
    event_put_hex(pen, table_random(&pen->random), 8);
    PUT(pen, "\",");
}

static void event_write_network(struct event_pen *pen)
{
    const char *remote = pen->table->addresses[event_draw(pen, TABLE_ADDRESSES)];
    unsigned local_port = 49152 + event_draw(pen, 16000);
    static const unsigned PORTS[] = {443, 443, 443, 80, 53, 445, 3389, 8080};
    unsigned remote_port = PORTS[event_draw(pen, 8)];
    PUT(pen, "\"event_type\":\"NETWORK\",\"event_sub_type\":\"NETWORK_STREAM_CONNECT\","
             "\"action_network_protocol\":\"TCP\",\"action_local_ip\":[\"");
    event_put_text(pen, pen->host->ip);
    PUT(pen, "\"],\"action_local_port\":[");
    event_put_number(pen, local_port);
    PUT(pen, "],\"action_remote_ip\":[\"");
    event_put_text(pen, remote);
    PUT(pen, "\"],\"action_remote_port\":[\"");
    event_put_number(pen, remote_port);
    PUT(pen, "\"],\"action_network_connection_id\":\"");
    event_put_hex(pen, table_random(&pen->random), 16);
    PUT(pen, "\",\"action_network_creation_time\":");
    event_put_number(pen, (uint64_t)pen->time_ms - event_draw(pen, 5000));
    PUT(pen, ",\"action_network_is_server\":false,\"action_network_stats_is_last\":true,"
             "\"action_socket_type\":\"SOCK_STREAM\",\"action_file_path\":null,"
             "\"action_registry_key_name\":null,\"action_total_download\":");
    event_put_number(pen, event_draw(pen, 1 << 20));
    PUT(pen, ",\"action_total_upload\":\"");
    event_put_number(pen, event_draw(pen, 1 << 16));
    PUT(pen, "\",\"os_actor_local_ip\":\"");
    event_put_text(pen, pen->host->ip);
    PUT(pen, "\",\"os_actor_local_port\":");
    event_put_number(pen, local_port);
    PUT(pen, ",\"os_actor_remote_ip\":\"");
    event_put_text(pen, remote);
    PUT(pen, "\",\"address_mapping\":null,");
}

static void event_write_registry(struct event_pen *pen)
{
    const char *value = words_registry_value[event_draw(pen, table_count(words_registry_value))];
    PUT(pen, "\"event_type\":\"REGISTRY\",\"event_sub_type\":\"REGISTRY_SET_VALUE\","
             "\"action_registry_key_name\":\"");
    event_put_text(pen, words_registry_key[event_draw(pen, table_count(words_registry_key))]);
    PUT(pen, "\",\"action_registry_value_name\":\"");
    event_put_text(pen, value);
    PUT(pen, "\",\"action_registry_value_type\":4,\"action_registry_data\":\"");
    event_put_hex(pen, table_random(&pen->random), 12);
    PUT(pen, "\",\"action_registry_old_key_name\":null,\"action_registry_return_val\":0,"
             "\"action_registry_file_path\":null,\"action_file_path\":null,"
             "\"event_rpc_func_opnum\":null,\"event_rpc_interface_uuid\":null,");
}

static void event_write_module(struct event_pen *pen)
{
    const struct table_program *program = event_program(pen);
    PUT(pen, "\"event_type\":6,\"event_sub_type\":\"LOAD_IMAGE_MODULE\",\"action_module_path\":\"");
    event_put_text(pen, words_module[event_draw(pen, table_count(words_module))]);
    PUT(pen, "\",\"action_module_md5\":\"");
    event_put_text(pen, program->md5);
    PUT(pen, "\",\"action_module_sha256\":\"");
    event_put_text(pen, program->sha256);
    PUT(pen, "\",\"action_module_base_address\":\"0x7ff");
    event_put_hex(pen, table_random(&pen->random), 6);
    PUT(pen, "000\",\"action_module_image_size\":");
    event_put_number(pen, 4096 * (event_draw(pen, 900) + 1));
    PUT(pen,
        ",\"action_module_code_integrity\":0,\"action_module_boot_code_integrity\":\"enabled\","
        "\"action_module_page_protection\":\"PAGE_EXECUTE_READ\","
        "\"action_module_signature_is_embedded\":true,\"action_module_signature_status\":1,"
        "\"action_module_signature_vendor\":\"Microsoft Windows\","
        "\"action_module_signature_product\":\"Microsoft Windows\","
        "\"action_module_system_properties\":5,\"action_module_last_writer_actor\":null,"
        "\"action_module_other_load_location\":null,\"action_module_file_info\":null,");
}

static void event_write_login(struct event_pen *pen)
{
    PUT(pen, "\"event_type\":[\"EVENT_LOG\"],\"event_sub_type\":\"user logon\","
             "\"action_user_is_local_session\":true,\"action_user_session_id\":");
    event_put_number(pen, event_draw(pen, 900));
    PUT(pen, ",\"action_user_status\":\"LOGGED_ON\",\"action_user_status_sid\":\"");
    event_put_text(pen, pen->user->sid);
    PUT(pen, "\",\"action_username\":\"");
    event_put_text(pen, pen->user->name);
    PUT(pen, "\",\"action_powered_off\":null,\"action_boot_time\":");
    event_put_number(pen, (uint64_t)pen->time_ms - 86400000);
    PUT(pen, ",");
    event_put_piece(pen, &event_program(pen)->remote);
    PUT(pen, "\"action_remote_process_os_pid\":\"");
    event_put_number(pen, 4 * (event_draw(pen, 8000) + 1));
    PUT(pen, "\",\"action_remote_process_thread_id\":null,\"action_remote_process_user_sid\":\"");
    event_put_text(pen, pen->user->sid);
    PUT(pen, "\",");
}

static void event_write_kind(struct event_pen *pen)
{
    typedef void (*kind_fn)(struct event_pen * pen);
    /* The mix, in twentieths. */
    static const kind_fn KINDS[20] = {
        event_write_process,  event_write_process,  event_write_process, event_write_process,
        event_write_process,  event_write_file,     event_write_file,    event_write_file,
        event_write_file,     event_write_file,     event_write_file,    event_write_network,
        event_write_network,  event_write_network,  event_write_network, event_write_network,
        event_write_registry, event_write_registry, event_write_module,  event_write_login,
    };
    KINDS[event_draw(pen, 20)](pen);
}

static void event_write_head(struct event_pen *pen, uint64_t number, uint64_t seed)
{
    /* One to one in number, so no two events of a data set share an id. */
    uint64_t id = event_mix(number ^ event_mix(seed));
    if (id % 8) {
        PUT(pen, "{\"_id\":\"");
    } else {
        PUT(pen, "{\"uuid\":\"");
    }
    event_put_hex(pen, id, 16);
    event_put_hex(pen, event_mix(id), 16);
    PUT(pen, "\",\"event_id\":\"evt-");
    event_put_number(pen, number);
    PUT(pen, "-");
    event_put_hex(pen, table_random(&pen->random), 16);
    if (id % 5) {
        PUT(pen, "\",\"event_timestamp\":");
        event_put_number(pen, (uint64_t)pen->time_ms);
    } else {
        PUT(pen, "\",\"event_timestamp\":[");
        event_put_iso(pen, pen->time_ms);
        PUT(pen, "]");
    }
    PUT(pen, ",\"event_version\":25,");
    event_put_piece(pen, &pen->host->agent);
}

static void event_write_actor(struct event_pen *pen, uint64_t burst)
{
    event_put_piece(pen, &pen->actor->actor);
    PUT(pen, "\"os_actor_primary_user_sid\":\"");
    event_put_text(pen, pen->user->sid);
    PUT(pen, "\",\"os_actor_primary_username\":\"");
    event_put_text(pen, pen->user->name);
    PUT(pen, "\",\"os_actor_process_instance_id\":\"");
    event_put_hex(pen, table_random(&pen->random), 16);
    PUT(pen, "\",\"os_actor_process_logon_id\":\"0x3e7\",\"os_actor_process_os_pid\":");
    event_put_number(pen, 4 * (burst % 8000 + 1));
    PUT(pen, ",\"os_actor_thread_thread_id\":");
    event_put_number(pen, event_draw(pen, 30000));
    PUT(pen, ",");
}

/* The last member: a command line with arguments until the event is `target` bytes long. */
static void event_write_command(struct event_pen *pen, size_t target)
{
    const char *const *words = pen->host->is_linux ? words_linux_argument : words_windows_argument;
    size_t count = table_count(words);
    PUT(pen, "\"os_actor_process_command_line\":\"\\\"");
    event_put_text(pen, pen->actor->path);
    PUT(pen, "\\\"");
    while ((size_t)(pen->at - pen->start) + 4 < target) {
        uint64_t draw = table_random(&pen->random);
        PUT(pen, " ");
        event_put_text(pen, words[(draw >> 8) % count]);
        PUT(pen, "=");
        event_put_hex(pen, draw >> 16, 4 + (draw & 15));
    }
    PUT(pen, "\"}\n");
}

/* A long tail: most events a little under the average, a few several times as long. In 1/256 of the average. */
static size_t event_target(struct event_pen *pen, unsigned scale)
{
    unsigned draw = event_draw(pen, 1000);
    unsigned factor = draw < 820   ? 100 + event_draw(pen, 154)
                      : draw < 975 ? 256 + event_draw(pen, 384)
                                   : 640 + event_draw(pen, 840);
    size_t target = (size_t)scale * factor / 256;
    return target > EVENT_TARGET_MAX ? EVENT_TARGET_MAX : target;
}

uint64_t event_mix(uint64_t value)
{
    value ^= value >> 30;
    value *= 0xbf58476d1ce4e5b9ULL;
    value ^= value >> 27;
    value *= 0x94d049bb133111ebULL;
    return value ^ value >> 31;
}

int64_t event_time_ms(uint64_t number)
{
    return EVENT_EPOCH_MS + (int64_t)(number * EVENT_STEP_MS + event_mix(number) % EVENT_STEP_MS);
}

size_t event_write(const struct generator *gen, uint64_t number, char *out)
{
    uint64_t burst = event_mix(gen->seed ^ 0x6275727374ULL) ^ (number / EVENT_BURST);
    uint64_t shared = event_mix(burst);
    const struct table *table = &gen->table;
    struct event_pen pen = {
        .at = out,
        .start = out,
        .random = event_mix(gen->seed + 0x9e3779b97f4a7c15ULL * number),
        .table = table,
        .host = &table->hosts[table_random(&shared) % TABLE_HOSTS],
        .user = &table->users[table_random(&shared) % TABLE_USERS],
        .time_ms = event_time_ms(number),
    };
    pen.actor = (pen.host->is_linux ? table->linux_ : table->windows) +
                table_random(&shared) % TABLE_PROGRAMS;
    event_write_head(&pen, number, gen->seed);
    event_write_kind(&pen);
    event_write_actor(&pen, burst);
    event_write_command(&pen, event_target(&pen, gen->scale));
    return (size_t)(pen.at - pen.start);
}

struct generator *event_open(uint64_t seed, unsigned average_bytes)
{
    if (average_bytes < EVENT_AVERAGE_MIN || average_bytes > EVENT_AVERAGE_MAX) {
        return NULL;
    }
    struct generator *gen = calloc(1, sizeof *gen);
    if (!gen) {
        return NULL;
    }
    gen->seed = seed;
    gen->scale = average_bytes;
    table_fill(&gen->table, seed);
    char event[EVENT_BYTES_MAX];
    for (unsigned round = 0; round < 6; round++) {
        uint64_t total = 0;
        for (uint64_t i = 0; i < EVENT_SAMPLE; i++) {
            total += event_write(gen, i * 977, event);
        }
        int missing = (int)average_bytes - (int)(total / EVENT_SAMPLE);
        int scale = (int)gen->scale + missing * 2;
        gen->scale = scale < 64 ? 64 : (unsigned)scale;
    }
    return gen;
}

void event_close(struct generator *gen)
{
    free(gen);
}
