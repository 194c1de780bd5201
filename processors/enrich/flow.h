/* flow.h: Community ID, version 1, of one flow between two addresses. Pure, any thread. */
#pragma once

#include <cxd/abi.h>

#include <stdbool.h>

#define FLOW_BYTES_MAX 40

struct flow {
    unsigned char source[16];
    unsigned char destination[16];
    size_t address_len; /* 4 or 16 */
    unsigned protocol;  /* IANA */
    bool has_ports;
    unsigned source_port;
    unsigned destination_port;
    bool is_one_way; /* ICMP without a counterpart: never turned around */
};

/* For ICMP: type and code where ports are, the type of the answer where there is one. */
void flow_set_icmp(struct flow *flow, unsigned type, unsigned code);
/* What is digested: the smaller end first. The length. */
size_t flow_write(const struct flow *flow, unsigned seed, unsigned char out[FLOW_BYTES_MAX]);
/* IANA number of "tcp", "udp", ..; 0: unknown. */
unsigned flow_protocol(struct cxd_bytes name);
