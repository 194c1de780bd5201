/*
 * The kinds of events and their members: process, file, network, registry, module, login. Types are mixed on purpose, as they
 * are in the real stream: numbers as text, lists of one, codes beside names.
 */
#include "event_pen.h"
#include "words.h"

static const struct table_program *event_program(struct event_pen *pen)
{
    const struct table_program *all =
        pen->host->is_linux ? pen->table->linux_ : pen->table->windows;
    return &all[event_draw(pen, TABLE_PROGRAMS)];
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

void event_write_kind(struct event_pen *pen)
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
