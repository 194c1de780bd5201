/* flow.c: see the header. */
#include "flow.h"

#include <string.h>
#include <strings.h>

#define ICMP 1u
#define ICMP6 58u

struct pair {
    unsigned char protocol, ask, answer;
};

static const struct pair pairs[] = {
    {ICMP, 8, 0},      {ICMP, 13, 14},    {ICMP, 15, 16},    {ICMP, 10, 9},
    {ICMP, 17, 18},    {ICMP6, 128, 129}, {ICMP6, 133, 134}, {ICMP6, 135, 136},
    {ICMP6, 130, 131}, {ICMP6, 139, 140}, {ICMP6, 144, 145},
};

struct protocol {
    const char *name;
    unsigned number;
};

static const struct protocol protocols[] = {
    {"icmp", ICMP}, {"igmp", 2},      {"tcp", 6},        {"egp", 8},           {"igp", 9},
    {"udp", 17},    {"ipv6", 41},     {"rsvp", 46},      {"gre", 47},          {"esp", 50},
    {"ah", 51},     {"icmp6", ICMP6}, {"icmpv6", ICMP6}, {"ipv6-icmp", ICMP6}, {"eigrp", 88},
    {"ospf", 89},   {"pim", 103},     {"vrrp", 112},     {"sctp", 132},
};

unsigned flow_protocol(struct cxd_bytes name)
{
    for (size_t i = 0; i < sizeof protocols / sizeof protocols[0]; i++) {
        if (strlen(protocols[i].name) == name.len &&
            strncasecmp(protocols[i].name, name.ptr, name.len) == 0) {
            return protocols[i].number;
        }
    }
    return 0;
}

void flow_set_icmp(struct flow *flow, unsigned type, unsigned code)
{
    flow->has_ports = true;
    flow->source_port = type;
    flow->destination_port = code;
    flow->is_one_way = true;
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        if (pairs[i].protocol == flow->protocol &&
            (pairs[i].ask == type || pairs[i].answer == type)) {
            flow->destination_port = pairs[i].ask == type ? pairs[i].answer : pairs[i].ask;
            flow->is_one_way = false;
        }
    }
}

static size_t number_write(unsigned number, unsigned char *out)
{
    out[0] = (unsigned char)(number >> 8);
    out[1] = (unsigned char)number;
    return 2;
}

size_t flow_write(const struct flow *flow, unsigned seed, unsigned char out[FLOW_BYTES_MAX])
{
    int order = memcmp(flow->source, flow->destination, flow->address_len);
    bool is_turned = !flow->is_one_way &&
                     (order > 0 || (order == 0 && flow->source_port > flow->destination_port));
    const unsigned char *first = is_turned ? flow->destination : flow->source;
    const unsigned char *second = is_turned ? flow->source : flow->destination;
    size_t len = number_write(seed, out);

    memcpy(out + len, first, flow->address_len);
    len += flow->address_len;
    memcpy(out + len, second, flow->address_len);
    len += flow->address_len;
    out[len++] = (unsigned char)flow->protocol;
    out[len++] = 0;
    if (flow->has_ports) {
        len += number_write(is_turned ? flow->destination_port : flow->source_port, out + len);
        len += number_write(is_turned ? flow->source_port : flow->destination_port, out + len);
    }
    return len;
}
