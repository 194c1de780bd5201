/*
 * Builds the pieces that events are copied from. Knows the shapes of the vendor's keys; not the order or mix of events.
 */
#include "table.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "event.h"
#include "words.h"

uint64_t table_random(uint64_t *state)
{
    *state += 0x9e3779b97f4a7c15ULL;
    return event_mix(*state);
}

void table_hex(char *out, uint64_t value, unsigned digits)
{
    static const char DIGITS[] = "0123456789abcdef";
    for (unsigned i = digits; i-- > 0;) {
        out[i] = DIGITS[value & 15];
        value >>= 4;
    }
}

size_t table_count(const char *const *words)
{
    size_t count = 0;
    while (words[count]) {
        count++;
    }
    return count;
}

static void table_hash(char *out, unsigned digits, uint64_t *random)
{
    for (unsigned i = 0; i < digits; i += 16) {
        table_hex(out + i, table_random(random), 16);
    }
    out[digits] = 0;
}

/* Appends to a piece; a piece too long is a fault of the word lists, seen by every test, and is cut here. */
__attribute__((format(printf, 2, 3))) static void table_put(struct table_piece *piece,
                                                            const char *format, ...)
{
    va_list args;
    va_start(args, format);
    size_t room = sizeof piece->text - piece->len;
    int len = vsnprintf(piece->text + piece->len, room, format, args);
    va_end(args);
    if (len > 0) {
        piece->len += (size_t)len < room ? (unsigned)len : (unsigned)room - 1;
    }
}

static void table_host_fill(struct table_host *host, unsigned index, uint64_t *random)
{
    static const char *const WINDOWS[] = {"Windows 10 [10.0 (Build 19045)]",
                                          "Windows 11 [10.0 (Build 22631)]",
                                          "Windows Server 2022 [10.0 (Build 20348)]"};
    static const char *const LINUX[] = {"Debian 12.5", "Ubuntu 22.04.4", "RHEL 9.3"};
    uint64_t draw = table_random(random);
    host->is_linux = draw % 10 < 3;
    const char *os = (host->is_linux ? LINUX : WINDOWS)[draw / 16 % 3];
    const char *domain = words_domain[draw / 64 % table_count(words_domain)];
    const char *kind = host->is_linux ? "srv" : "wks";
    unsigned mac = (unsigned)(draw >> 40);
    snprintf(host->ip, sizeof host->ip, "10.%u.%u.%u", (unsigned)(draw / 256 % 4),
             (unsigned)(draw / 1024 % 250), index % 250 + 2);
    char id[33];
    table_hash(id, 32, random);
    struct table_piece *out = &host->agent;
    table_put(out, "\"agent_hostname\":\"%s-%04u.%s\",\"agent_id\":\"%s\",", kind, index, domain,
              id);
    /* Both shapes that the field is known in: a text ending in the address, and a list of objects. */
    if (host->is_linux || index % 3) {
        table_put(out, "\"agent_interface_map\":\"eth0-%s\",", host->ip);
    } else {
        table_put(out,
                  "\"agent_interface_map\":[{\"ipv4\":[\"%s\"],\"ipv4_subnet_mask\":"
                  "[\"255.255.255.0\"],\"ipv6\":[],\"mac\":\"00:50:56:%02x:%02x:%02x\"}],",
                  host->ip, mac & 255, mac >> 8 & 255, mac >> 16 & 255);
    }
    table_put(out, "\"agent_ip_addresses\":[\"%s\"],", host->ip);
    if (index % 2 == 0) {
        table_put(out, "\"agent_ip_addresses_v6\":[\"fe80::250:56ff:fe%02x:%x\"],", mac & 255,
                  mac >> 8 & 0xffff);
    }
    table_put(out, "\"agent_os_sub_type\":\"%s\",\"agent_os_type\":%s,", os,
              host->is_linux ? "4" : "\"AGENT_OS_WINDOWS\"");
    table_put(out, "\"agent_version\":\"8.%u.%u.%u\",\"agent_content_version\":\"1%u-%u\",",
              (unsigned)(draw >> 20 & 3) + 3, (unsigned)(draw >> 22 & 3), 47000 + index % 7,
              400 + index % 9, 95000 + index % 5);
    table_put(out, "\"host_metadata_domain\":\"%s\",\"host_metadata_hostname\":\"%s-%04u\",",
              domain, host->is_linux ? "srv" : "WKS", index);
    if (index % 4 == 0) {
        table_put(out, "\"host_metadata_interface_map\":\"Ethernet0-%s\",", host->ip);
    }
}

static void table_user_fill(struct table_user *user, unsigned index, uint64_t *random)
{
    uint64_t draw = table_random(random);
    if (draw % 6 == 0) {
        snprintf(user->name, sizeof user->name, "NT AUTHORITY\\\\SYSTEM");
        snprintf(user->sid, sizeof user->sid, "S-1-5-18");
        return;
    }
    const char *first = words_first_name[draw / 8 % table_count(words_first_name)];
    const char *last = words_last_name[draw / 1024 % table_count(words_last_name)];
    snprintf(user->name, sizeof user->name, "CORP\\\\%s.%s%u", first, last, index % 5);
    snprintf(user->sid, sizeof user->sid, "S-1-5-21-2718281828-3141592653-1618033988-%u",
             1100 + index);
}

static void table_program_pieces(struct table_program *program, const char *name)
{
    const char *status = program->vendor ? "SIGNATURE_SIGNED" : "SIGNATURE_UNSIGNED";
    const char *vendor = program->vendor ? program->vendor : "";
    const char *quote = program->vendor ? "\"" : "";
    const char *none = program->vendor ? "" : "null";
    const char *sha256 = program->sha256;
    const char *md5 = program->md5;
    table_put(&program->actor,
              "\"os_actor_process_image_name\":\"%s\","
              "\"os_actor_process_image_path\":\"%s\",\"os_actor_process_image_sha256\":\"%s\","
              "\"os_actor_process_signature_status\":[\"%s\"],",
              name, program->path, sha256, status);
    table_put(&program->action,
              "\"action_process_image_md5\":\"%s\",\"action_process_image_name\":\"%s\","
              "\"action_process_image_path\":\"%s\",\"action_process_image_sha256\":\"%s\","
              "\"action_process_signature_is_embedded\":%s,\"action_process_signature_status\":"
              "[\"%s\"],\"action_process_signature_vendor\":%s%s%s%s,",
              md5, name, program->path, sha256, program->vendor ? "true" : "false", status, quote,
              vendor, none, quote);
    table_put(
        &program->remote,
        "\"action_remote_process_image_md5\":null,\"action_remote_process_image_name\":\"%s\","
        "\"action_remote_process_image_path\":\"%s\",\"action_remote_process_image_sha256\":"
        "\"%s\",\"action_remote_process_integrity_level\":\"High\","
        "\"action_remote_process_signature_is_embedded\":\"%s\",",
        name, program->path, sha256, program->vendor ? "true" : "false");
}

static void table_programs_fill(struct table_program *programs, int linux_host, uint64_t *random)
{
    unsigned at = 0;
    for (unsigned i = 0; i < TABLE_PROGRAMS; i++) {
        while (!words_program[at].path || words_program[at].linux_host != linux_host) {
            at = words_program[at].path ? at + 1 : 0;
        }
        const struct word_program *word = &words_program[at++];
        struct table_program *program = &programs[i];
        program->vendor = word->vendor;
        snprintf(program->path, sizeof program->path, "%s%s", word->path, word->name);
        table_hash(program->md5, 32, random);
        table_hash(program->sha256, 64, random);
        const char *slash = strrchr(word->name, '\\');
        table_program_pieces(program, slash ? slash + 1 : word->name);
    }
}

void table_fill(struct table *table, uint64_t seed)
{
    uint64_t random = event_mix(seed ^ 0x7461626c65ULL);
    for (unsigned i = 0; i < TABLE_HOSTS; i++) {
        table_host_fill(&table->hosts[i], i, &random);
    }
    for (unsigned i = 0; i < TABLE_USERS; i++) {
        table_user_fill(&table->users[i], i, &random);
    }
    table_programs_fill(table->windows, 0, &random);
    table_programs_fill(table->linux_, 1, &random);
    /* Ranges set aside for documentation and benchmarks: no real address can appear in a test's output. */
    static const char *const NETS[] = {"192.0.2", "198.51.100", "203.0.113", "198.18.7"};
    for (unsigned i = 0; i < TABLE_ADDRESSES; i++) {
        snprintf(table->addresses[i], sizeof table->addresses[i], "%s.%u", NETS[i % 4],
                 (unsigned)(table_random(&random) % 254) + 1);
    }
}
