/* provide_host.c: names and addresses of this machine, by Elastic Agent's words. */
#include "config/provide.h"

#include "base/cleanup.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <ifaddrs.h>
#include <netinet/in.h>
#include <netpacket/packet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

enum { ADDRESSES_MAX = 64, RELEASE_MAX = 8192 };

static int text_put(const char *text, size_t len, struct arena *arena, struct var *ret_var)
{
    char *copy = arena_copy(arena, text, len);

    if (copy == NULL) {
        return CXD_NOMEM;
    }
    *ret_var = (struct var){.ptr = copy, .len = len};
    return 1;
}

static size_t file_head(const char *path, char *out, size_t room)
{
    FILE *f = fopen(path, "re");
    size_t len = f != NULL ? fread(out, 1, room - 1, f) : 0;

    if (f != NULL) {
        (void)fclose(f);
    }
    out[len] = '\0';
    return len;
}

/* The first of /etc/machine-id and D-Bus' file that has an id: 32 hex digits. */
static int id_put(struct arena *arena, struct var *ret_var)
{
    static const char *const paths[] = {"/etc/machine-id", "/var/lib/dbus/machine-id"};
    char id[40];

    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
        size_t len = file_head(paths[i], id, sizeof id);
        while (len > 0 && id[len - 1] == '\n') {
            len--;
        }
        if (len > 0) {
            return text_put(id, len, arena, ret_var);
        }
    }
    return 0;
}

/* Value of KEY=value or KEY="value" in os-release, without its quotes; NULL: none. */
static const char *release_find(const char *text, const char *key, size_t *ret_len)
{
    size_t key_len = strlen(key);

    for (const char *line = text; *line != '\0';
         line += strcspn(line, "\n"), line += *line != '\0') {
        if (strncmp(line, key, key_len) == 0 && line[key_len] == '=') {
            const char *value = line + key_len + 1;
            const char *ends = *value == '"' ? "\"\n" : *value == '\'' ? "'\n" : "\n";
            value += ends[1] != '\0';
            *ret_len = strcspn(value, ends);
            return *ret_len > 0 ? value : NULL;
        }
    }
    return NULL;
}

static const char *family_of(const char *word, size_t len)
{
    static const char *const words[][2] = {
        {"debian", "debian"},    {"ubuntu", "debian"}, {"raspbian", "debian"},
        {"linuxmint", "debian"}, {"rhel", "redhat"},   {"fedora", "redhat"},
        {"centos", "redhat"},    {"rocky", "redhat"},  {"ol", "redhat"},
        {"almalinux", "redhat"}, {"amzn", "redhat"},   {"sles", "suse"},
        {"suse", "suse"},        {"opensuse", "suse"}, {"arch", "arch"},
        {"alpine", "alpine"}};

    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (strlen(words[i][0]) == len && memcmp(words[i][0], word, len) == 0) {
            return words[i][1];
        }
    }
    return NULL;
}

/* By the system's own name, then by those that it says it is like. */
static int family_put(const char *text, struct arena *arena, struct var *ret_var)
{
    static const char *const keys[] = {"ID", "ID_LIKE"};

    for (int i = 0; i < 2; i++) {
        size_t len = 0;
        const char *at = release_find(text, keys[i], &len);
        const char *end = at != NULL ? at + len : NULL;
        while (at != NULL && at < end) {
            const char *blank = memchr(at, ' ', (size_t)(end - at));
            const char *stop = blank != NULL ? blank : end;
            const char *family = family_of(at, (size_t)(stop - at));
            if (family != NULL) {
                return text_put(family, strlen(family), arena, ret_var);
            }
            at = stop + 1;
        }
    }
    return 0;
}

static int release_put(const char *name, struct arena *arena, struct var *ret_var)
{
    char text[RELEASE_MAX];
    size_t len = 0;
    const char *value;

    if (file_head("/etc/os-release", text, sizeof text) == 0 &&
        file_head("/usr/lib/os-release", text, sizeof text) == 0) {
        return 0;
    }
    if (strcmp(name, "os_family") == 0) {
        return family_put(text, arena, ret_var);
    }
    if (strcmp(name, "os_platform") == 0) {
        value = release_find(text, "ID", &len);
    } else {
        value = release_find(text, "VERSION", &len);
        value = value != NULL ? value : release_find(text, "VERSION_ID", &len);
    }
    return value != NULL ? text_put(value, len, arena, ret_var) : 0;
}

/* Its address as text, empty when this is no address of the kind that was asked for. */
static void address_write(const struct ifaddrs *a, bool is_mac, char out[static INET6_ADDRSTRLEN])
{
    const struct sockaddr *sa = a->ifa_addr;

    out[0] = '\0';
    if (sa == NULL) {
        return;
    }
    if (is_mac && sa->sa_family == AF_PACKET) {
        const struct sockaddr_ll *ll = (const struct sockaddr_ll *)(const void *)sa;
        const unsigned char *m = ll->sll_addr;
        if (ll->sll_halen == 6 && (m[0] | m[1] | m[2] | m[3] | m[4] | m[5]) != 0) {
            (void)snprintf(out, INET6_ADDRSTRLEN, "%02x:%02x:%02x:%02x:%02x:%02x", m[0], m[1], m[2],
                           m[3], m[4], m[5]);
        }
    } else if (!is_mac && sa->sa_family == AF_INET) {
        const struct sockaddr_in *in = (const struct sockaddr_in *)(const void *)sa;
        (void)inet_ntop(AF_INET, &in->sin_addr, out, INET6_ADDRSTRLEN);
    } else if (!is_mac && sa->sa_family == AF_INET6) {
        const struct sockaddr_in6 *in = (const struct sockaddr_in6 *)(const void *)sa;
        (void)inet_ntop(AF_INET6, &in->sin6_addr, out, INET6_ADDRSTRLEN);
    }
}

static int addresses_list(const struct ifaddrs *all, bool is_mac, struct arena *arena,
                          struct conf *list)
{
    struct conf **end = &list->first;
    int count = 0;

    for (const struct ifaddrs *a = all; a != NULL && count < ADDRESSES_MAX; a = a->ifa_next) {
        char text[INET6_ADDRSTRLEN];
        const struct conf *known = list->first;
        struct conf *node;
        address_write(a, is_mac, text);
        while (known != NULL && strcmp(known->text, text) != 0) {
            known = known->next;
        }
        if (text[0] == '\0' || known != NULL) {
            continue;
        }
        node = arena_alloc(arena, sizeof *node);
        if (node == NULL) {
            return CXD_NOMEM;
        }
        *node = (struct conf){.kind = CONF_SCALAR, .quoted = true, .file = list->file, .line = 1};
        node->len = strlen(text);
        node->text = arena_copy(arena, text, node->len);
        if (node->text == NULL) {
            return CXD_NOMEM;
        }
        *end = node;
        end = &node->next;
        count++;
    }
    return 1;
}

static int addresses_put(bool is_mac, struct arena *arena, struct var *ret_var)
{
    struct conf *list = arena_alloc(arena, sizeof *list);
    struct ifaddrs *all = NULL;
    int r;

    if (list == NULL) {
        return CXD_NOMEM;
    }
    if (getifaddrs(&all) != 0) {
        return 0;
    }
    *list = (struct conf){.kind = CONF_LIST, .file = "host", .line = 1};
    r = addresses_list(all, is_mac, arena, list);
    freeifaddrs(all);
    *ret_var = (struct var){.node = list};
    return r;
}

int provide_host(const char *name, struct arena *arena, struct var *ret_var)
{
    struct utsname host;

    if (strcmp(name, "id") == 0) {
        return id_put(arena, ret_var);
    }
    if (strcmp(name, "platform") == 0) {
        return text_put("linux", 5, arena, ret_var);
    }
    if (strncmp(name, "os_", 3) == 0 &&
        (strcmp(name, "os_family") == 0 || strcmp(name, "os_platform") == 0 ||
         strcmp(name, "os_version") == 0)) {
        return release_put(name, arena, ret_var);
    }
    if (strcmp(name, "ip") == 0 || strcmp(name, "mac") == 0) {
        return addresses_put(name[0] == 'm', arena, ret_var);
    }
    if (uname(&host) != 0) {
        return 0;
    }
    if (strcmp(name, "architecture") == 0) {
        return text_put(host.machine, strlen(host.machine), arena, ret_var);
    }
    if (strcmp(name, "name") != 0) {
        return 0;
    }
    for (char *at = host.nodename; *at != '\0'; at++) {
        *at = (char)tolower((unsigned char)*at);
    }
    return text_put(host.nodename, strlen(host.nodename), arena, ret_var);
}
