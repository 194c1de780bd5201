/* machine.c: see the header. */
#include "machine.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netpacket/packet.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#define FILE_MAX 8192
#define VALUE_MAX 256

static const char *const geo_names[] = {
    "name",        "location",        "continent_name", "country_name", "country_iso_code",
    "region_name", "region_iso_code", "city_name"};

/* All of it or nothing; a little room is kept for what closes. */
static void text_add(struct machine_text *out, const char *text)
{
    size_t len = strlen(text);

    if (out->len + len + 64 > sizeof out->text) {
        out->is_full = true;
        return;
    }
    memcpy(out->text + out->len, text, len + 1);
    out->len += len;
}

static void close_add(struct machine_text *out, const char *text)
{
    size_t len = strlen(text);

    if (out->len + len < sizeof out->text) {
        memcpy(out->text + out->len, text, len + 1);
        out->len += len;
    }
}

/* ,"key":"value" (the comma only where something stands before). Empty values are left out. */
static void member_add(const struct cxd_host *host, struct machine_text *out, const char *key,
                       const char *value)
{
    char quoted[6 * VALUE_MAX + 2];
    char pair[sizeof quoted + 64];
    struct cxd_bytes text = {value, strnlen(value, VALUE_MAX)};
    size_t len = text.len > 0 ? host->json_quote(text, quoted, sizeof quoted - 1) : 0;

    if (len == 0) {
        return;
    }
    quoted[len] = '\0';
    (void)snprintf(pair, sizeof pair, "%s\"%s\":%s", out->text[out->len - 1] == '{' ? "" : ",", key,
                   quoted);
    text_add(out, pair);
}

static size_t file_read(const char *path, char out[FILE_MAX])
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t len = fd >= 0 ? read(fd, out, FILE_MAX - 1) : 0;

    if (fd >= 0) {
        (void)close(fd);
    }
    out[len > 0 ? len : 0] = '\0';
    return len > 0 ? (size_t)len : 0;
}

/* NAME=value or NAME="value" of os-release; "" when it is not there. */
static void release_get(const char *text, const char *name, char value[VALUE_MAX])
{
    size_t name_len = strlen(name);

    value[0] = '\0';
    for (const char *line = text; line != NULL && *line != '\0';) {
        const char *end = strchr(line, '\n');
        size_t len = end != NULL ? (size_t)(end - line) : strlen(line);
        if (len > name_len && strncmp(line, name, name_len) == 0 && line[name_len] == '=') {
            const char *start = line + name_len + 1;
            len -= name_len + 1;
            if (len >= 2 && start[0] == '"' && start[len - 1] == '"') {
                start++;
                len -= 2;
            }
            (void)snprintf(value, VALUE_MAX, "%.*s", (int)len, start);
            return;
        }
        line = end != NULL ? end + 1 : NULL;
    }
}

static const char *family_of(const char *id)
{
    static const char *const families[][2] = {
        {"debian", "debian"},    {"ubuntu", "debian"},      {"raspbian", "debian"},
        {"linuxmint", "debian"}, {"rhel", "redhat"},        {"centos", "redhat"},
        {"fedora", "redhat"},    {"rocky", "redhat"},       {"almalinux", "redhat"},
        {"ol", "redhat"},        {"amzn", "redhat"},        {"sles", "suse"},
        {"opensuse", "suse"},    {"opensuse-leap", "suse"}, {"arch", "arch"},
        {"alpine", "alpine"}};

    for (size_t i = 0; i < sizeof families / sizeof families[0]; i++) {
        if (strcmp(families[i][0], id) == 0) {
            return families[i][1];
        }
    }
    return "";
}

static void os_add(const struct cxd_host *host, struct machine_text *out, const char *kernel)
{
    static const char *const members[][2] = {
        {"NAME", "name"}, {"VERSION", "version"}, {"VERSION_CODENAME", "codename"}};
    char text[FILE_MAX];
    char value[VALUE_MAX];

    if (file_read("/etc/os-release", text) == 0) {
        (void)file_read("/usr/lib/os-release", text);
    }
    text_add(out, ",\"os\":{\"type\":\"linux\"");
    if (out->is_full) {
        return;
    }
    release_get(text, "ID", value);
    member_add(host, out, "platform", value);
    member_add(host, out, "family", family_of(value));
    for (size_t i = 0; i < sizeof members / sizeof members[0]; i++) {
        release_get(text, members[i][0], value);
        member_add(host, out, members[i][1], value);
    }
    member_add(host, out, "kernel", kernel);
    close_add(out, "}");
}

static void system_add(const struct cxd_host *host, struct machine_text *out,
                       const struct utsname *names)
{
    char text[FILE_MAX];
    size_t len = file_read("/etc/machine-id", text);

    while (len > 0 && text[len - 1] <= ' ') {
        text[--len] = '\0';
    }
    member_add(host, out, "architecture", names->machine);
    member_add(host, out, "id", text);
    os_add(host, out, names->release);
    (void)file_read("/proc/1/cgroup", text);
    text_add(out, access("/.dockerenv", F_OK) == 0 || access("/run/.containerenv", F_OK) == 0 ||
                          strstr(text, "docker") != NULL || strstr(text, "kubepods") != NULL
                      ? ",\"containerized\":true"
                      : ",\"containerized\":false");
}

/* The address of an interface as text; 0 when it is none of the kind. */
static int address_print(const struct ifaddrs *at, bool is_mac, char out[INET6_ADDRSTRLEN])
{
    const struct sockaddr *address = at->ifa_addr;

    if (is_mac && address->sa_family == AF_PACKET) {
        const struct sockaddr_ll *link = (const void *)address;
        const unsigned char *m = link->sll_addr;
        (void)snprintf(out, INET6_ADDRSTRLEN, "%02X-%02X-%02X-%02X-%02X-%02X", m[0], m[1], m[2],
                       m[3], m[4], m[5]);
        return link->sll_halen == 6;
    }
    if (!is_mac && address->sa_family == AF_INET) {
        const struct sockaddr_in *ip = (const void *)address;
        return inet_ntop(AF_INET, &ip->sin_addr, out, INET6_ADDRSTRLEN) != NULL;
    }
    if (!is_mac && address->sa_family == AF_INET6) {
        const struct sockaddr_in6 *ip = (const void *)address;
        return inet_ntop(AF_INET6, &ip->sin6_addr, out, INET6_ADDRSTRLEN) != NULL;
    }
    return 0;
}

static void addresses_add(struct machine_text *out, const struct ifaddrs *all, bool is_mac)
{
    text_add(out, is_mac ? ",\"mac\":[" : ",\"ip\":[");
    if (out->is_full) {
        return;
    }
    for (const struct ifaddrs *at = all; at != NULL; at = at->ifa_next) {
        char address[INET6_ADDRSTRLEN];
        char element[INET6_ADDRSTRLEN + 8];
        if (at->ifa_addr == NULL || (at->ifa_flags & IFF_LOOPBACK) != 0 ||
            !address_print(at, is_mac, address)) {
            continue;
        }
        (void)snprintf(element, sizeof element, "\"%s\"", address);
        if (strstr(out->text, element) == NULL) { /* each once */
            char spaced[sizeof element + 1];
            (void)snprintf(spaced, sizeof spaced, "%s%s", out->text[out->len - 1] == '[' ? "" : ",",
                           element);
            text_add(out, spaced);
        }
    }
    close_add(out, "]");
}

static void net_add(struct machine_text *out)
{
    struct ifaddrs *all = NULL;

    if (getifaddrs(&all) != 0) {
        return; /* what cannot be known is left out */
    }
    addresses_add(out, all, false);
    addresses_add(out, all, true);
    freeifaddrs(all);
}

void machine_describe(const struct cxd_host *host, const struct machine_wants *wants,
                      struct machine_text *out)
{
    struct utsname names;
    char name[sizeof names.nodename];
    size_t i = 0;

    out->len = 0;
    out->is_full = false;
    text_add(out, "{");
    if (wants->front.len > 0) {
        text_add(out, wants->front.ptr);
    }
    if (uname(&names) != 0) {
        close_add(out, "}");
        return;
    }
    for (; names.nodename[i] != '\0'; i++) {
        char c = names.nodename[i];
        name[i] = (char)(c >= 'A' && c <= 'Z' ? c | 0x20 : c);
    }
    name[i] = '\0';
    member_add(host, out, "hostname", names.nodename);
    member_add(host, out, "name", wants->name.len > 0 ? wants->name.ptr : name);
    if (wants->has_system) {
        system_add(host, out, &names);
    }
    if (wants->has_net) {
        net_add(out);
    }
    close_add(out, "}");
}

int machine_geo(struct base *b, struct cxd_bytes options, struct cxd_bytes *ret_text,
                struct cxd_error *err)
{
    struct machine_text *out = base_alloc(b, sizeof *out);

    if (out == NULL) {
        return base_lack(err);
    }
    text_add(out, "\"geo\":{");
    for (size_t i = 0; i < sizeof geo_names / sizeof geo_names[0]; i++) {
        char name[64];
        struct cxd_bytes value;
        (void)snprintf(name, sizeof name, "geo.%s", geo_names[i]);
        value = base_text(b, options, name);
        if (value.len >= VALUE_MAX) {
            return cxd_error_set(err, CXD_CONFIG, "%s: longer than %d bytes", name, VALUE_MAX - 1);
        }
        if (value.len > 0) {
            member_add(b->host, out, geo_names[i], value.ptr);
        }
    }
    *ret_text = (struct cxd_bytes){"", 0};
    if (out->text[out->len - 1] != '{') {
        close_add(out, "}");
        *ret_text = (struct cxd_bytes){out->text, out->len};
    }
    return CXD_OK;
}
