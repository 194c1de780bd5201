/* network.c: every address as 16 bytes, IPv4 mapped into IPv6, so that one comparison does for both. */
#include "pipeline/network.h"

#include <arpa/inet.h>
#include <string.h>

#define ADDRESS_MAX 64
#define MAPPED_BITS 96u /* ::ffff:0:0/96, where IPv4 lies */

struct name {
    const char *name;
    const char *nets; /* by blanks; !NET: without it */
};

/* unicast: neither multicast, broadcast, unspecified, loopback nor link-local; public: nor private. */
#define UNICAST                                                                                    \
    "::/0 !224.0.0.0/4 !255.255.255.255/32 !0.0.0.0/32 !ff00::/8 !::/128 !127.0.0.0/8 !::1/128 "   \
    "!169.254.0.0/16 !fe80::/10"
static const struct name names[] = {
    {"loopback", "127.0.0.0/8 ::1/128"},
    {"private", "10.0.0.0/8 172.16.0.0/12 192.168.0.0/16 fc00::/7"},
    {"link_local_unicast", "169.254.0.0/16 fe80::/10"},
    {"multicast", "224.0.0.0/4 ff00::/8"},
    {"link_local_multicast",
     "224.0.0.0/24 ff02::/16 ff12::/16 ff22::/16 ff32::/16 ff42::/16 ff52::/16 "
     "ff62::/16 ff72::/16 ff82::/16 ff92::/16 ffa2::/16 ffb2::/16 ffc2::/16 "
     "ffd2::/16 ffe2::/16 fff2::/16"},
    {"interface_local_multicast",
     "ff01::/16 ff11::/16 ff21::/16 ff31::/16 ff41::/16 ff51::/16 ff61::/16 ff71::/16 ff81::/16 "
     "ff91::/16 ffa1::/16 ffb1::/16 ffc1::/16 ffd1::/16 ffe1::/16 fff1::/16"},
    {"unspecified", "0.0.0.0/32 ::/128"},
    {"unicast", UNICAST},
    {"global_unicast", UNICAST},
    {"public", UNICAST " !10.0.0.0/8 !172.16.0.0/12 !192.168.0.0/16 !fc00::/7"},
};

/* text (len bytes) as an address; is_4 tells its family. */
static bool address_read(const char *text, size_t len, unsigned char address[16], bool *is_4)
{
    static const unsigned char front[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    char copy[ADDRESS_MAX];

    if (len >= sizeof copy) {
        return false;
    }
    memcpy(copy, text, len);
    copy[len] = '\0';
    if (strlen(copy) != len) {
        return false;
    }
    *is_4 = inet_pton(AF_INET, copy, address + 12) == 1;
    if (*is_4) {
        memcpy(address, front, sizeof front);
    }
    return *is_4 || inet_pton(AF_INET6, copy, address) == 1;
}

/* Up to three digits; 999 when it is something else. */
static unsigned bits_read(const char *text, size_t len)
{
    unsigned bits = 0;

    if (len == 0 || len > 3) {
        return 999;
    }
    for (size_t i = 0; i < len; i++) {
        if (text[i] < '0' || text[i] > '9') {
            return 999;
        }
        bits = bits * 10 + (unsigned)(text[i] - '0');
    }
    return bits;
}

static bool net_read(const char *text, size_t len, struct condition_net *net)
{
    const char *slash;
    unsigned max;
    bool is_4;

    *net = (struct condition_net){.is_not = len > 0 && text[0] == '!'};
    text += net->is_not;
    len -= net->is_not;
    slash = memchr(text, '/', len);
    if (!address_read(text, slash != NULL ? (size_t)(slash - text) : len, net->address, &is_4)) {
        return false;
    }
    max = is_4 ? 32 : 128;
    net->bits = slash != NULL ? bits_read(slash + 1, len - (size_t)(slash + 1 - text)) : max;
    if (net->bits > max) {
        return false;
    }
    net->bits += is_4 ? MAPPED_BITS : 0;
    return true;
}

size_t network_read(const char *text, struct condition_net nets[NETWORK_NAMED_MAX])
{
    size_t count = 0;

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (strcmp(names[i].name, text) != 0) {
            continue;
        }
        for (const char *at = names[i].nets; *at != '\0' && count < NETWORK_NAMED_MAX;) {
            size_t len = strcspn(at, " ");
            count += net_read(at, len, &nets[count]);
            at += len + (at[len] == ' ');
        }
        return count;
    }
    return text[0] != '!' && net_read(text, strlen(text), &nets[0]) ? 1 : 0;
}

static bool is_inside(const struct condition_net *net, const unsigned char address[16])
{
    unsigned bytes = net->bits / 8;
    unsigned rest = net->bits % 8;

    return memcmp(net->address, address, bytes) == 0 &&
           (rest == 0 || ((net->address[bytes] ^ address[bytes]) >> (8 - rest)) == 0);
}

int network_holds(const struct condition_net *nets, struct cxd_bytes text)
{
    unsigned char address[16];
    bool is_4;
    int holds = 0;

    if (!address_read(text.ptr, text.len, address, &is_4)) {
        return 0;
    }
    for (const struct condition_net *net = nets; net != NULL; net = net->next) {
        if (is_inside(net, address)) {
            if (net->is_not) {
                return 0;
            }
            holds = 1;
        }
    }
    return holds;
}
