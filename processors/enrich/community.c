/* community.c: community_id: the id of a network flow, the same for both directions and for every tool that makes it. */
#include "flow.h"
#include "lib/edit.h"
#include "lib/number.h"

#include <arpa/inet.h>
#include <string.h>

#define SHA1_LEN 20

enum part {
    SOURCE_IP,
    SOURCE_PORT,
    DESTINATION_IP,
    DESTINATION_PORT,
    IANA_NUMBER,
    TRANSPORT,
    ICMP_TYPE,
    ICMP_CODE,
    PARTS
};

static const char *const part_options[PARTS] = {
    "fields.source_ip",   "fields.source_port", "fields.destination_ip", "fields.destination_port",
    "fields.iana_number", "fields.transport",   "fields.icmp_type",      "fields.icmp_code"};

struct community_id {
    struct base base;
    struct path parts[PARTS];
    struct path target;
    unsigned seed;
};

static int community_id_open(struct base *b, struct cxd_bytes options, struct cxd_error *err)
{
    struct community_id *p = (struct community_id *)b;
    int64_t seed = base_int(b, options, "seed");
    int r = path_option(b, options, "target", &p->target, err);

    for (int i = 0; i < PARTS && r == CXD_OK; i++) {
        r = path_option(b, options, part_options[i], &p->parts[i], err);
    }
    if (r == CXD_OK && (seed < 0 || seed > UINT16_MAX)) {
        return cxd_error_set(err, CXD_CONFIG, "seed: expected 0 to 65535");
    }
    if (r == CXD_OK && (!CXD_HAS(b->host, digest) || b->host->digest == NULL)) {
        return cxd_error_set(err, CXD_MISFIT, "this host makes no digests");
    }
    p->seed = (unsigned)seed;
    return r;
}

/* 1 and the text, 0 for what is absent or of no use, negative. */
static int part_get(struct edit *e, enum part part, struct cxd_bytes *ret_text)
{
    struct community_id *p = (struct community_id *)e->base;
    struct edit_spot spot;
    int r = edit_find(e, &p->parts[part], &spot);

    r = r == 1 ? edit_print(e, &p->parts[part], &spot.node->value, ret_text) : r < 0 ? r : 2;
    return r == CXD_OK ? 1 : r < 0 ? r : 0;
}

static int number_get(struct edit *e, enum part part, int64_t max, unsigned *ret_number)
{
    struct cxd_bytes text;
    int64_t number;
    int r = part_get(e, part, &text);

    if (r == 1 && (!number_read_int(text, &number) || number < 0 || number > max)) {
        return 0;
    }
    *ret_number = r == 1 ? (unsigned)number : 0;
    return r;
}

static int address_get(struct edit *e, enum part part, unsigned char address[16], size_t *ret_len)
{
    char copy[INET6_ADDRSTRLEN];
    struct cxd_bytes text;
    int r = part_get(e, part, &text);

    if (r != 1 || text.len >= sizeof copy || memchr(text.ptr, '\0', text.len) != NULL) {
        return r < 0 ? r : 0;
    }
    memcpy(copy, text.ptr, text.len);
    copy[text.len] = '\0';
    *ret_len = inet_pton(AF_INET, copy, address) == 1    ? 4
               : inet_pton(AF_INET6, copy, address) == 1 ? 16
                                                         : 0;
    return *ret_len > 0;
}

static int protocol_get(struct edit *e, unsigned *ret_protocol)
{
    struct cxd_bytes text;
    int r = number_get(e, IANA_NUMBER, 255, ret_protocol);

    if (r == 0) {
        r = part_get(e, TRANSPORT, &text);
        *ret_protocol = r == 1 ? flow_protocol(text) : 0;
    }
    return r < 0 ? r : *ret_protocol > 0;
}

/* Ports, or what stands for them. */
static int ends_get(struct edit *e, struct flow *flow)
{
    unsigned type = 0;
    unsigned code = 0;
    int r = 1;

    if (flow->protocol == 6 || flow->protocol == 17 || flow->protocol == 132) {
        flow->has_ports = true;
        r = number_get(e, SOURCE_PORT, UINT16_MAX, &flow->source_port);
        return r == 1 ? number_get(e, DESTINATION_PORT, UINT16_MAX, &flow->destination_port) : r;
    }
    if (flow->protocol == 1 || flow->protocol == 58) {
        r = number_get(e, ICMP_TYPE, 255, &type);
        r = r < 0 ? r : number_get(e, ICMP_CODE, 255, &code);
        flow_set_icmp(flow, type, code);
    }
    return r < 0 ? r : 1;
}

static int flow_get(struct edit *e, struct flow *flow)
{
    size_t other_len = 0;
    int r = address_get(e, SOURCE_IP, flow->source, &flow->address_len);

    r = r == 1 ? address_get(e, DESTINATION_IP, flow->destination, &other_len) : r;
    if (r == 1 && other_len != flow->address_len) {
        return 0;
    }
    r = r == 1 ? protocol_get(e, &flow->protocol) : r;
    return r == 1 ? ends_get(e, flow) : r;
}

/* An event that is no flow is left as it is. */
static int community_id_run(struct edit *e)
{
    struct community_id *p = (struct community_id *)e->base;
    struct flow flow = {.address_len = 0};
    unsigned char bytes[FLOW_BYTES_MAX];
    unsigned char digest[64];
    char *text;
    size_t len;
    int r = flow_get(e, &flow);

    if (r != 1) {
        return r < 0 ? r : CXD_KEEP;
    }
    text = edit_alloc(e, 2 + 28);
    if (text == NULL) {
        return edit_lack(e);
    }
    len = flow_write(&flow, p->seed, bytes);
    (void)e->host->digest(CXD_DIGEST_SHA1, bytes, len, digest);
    memcpy(text, "1:", 2);
    len = e->host->base64(digest, SHA1_LEN, 0, text + 2, 28);
    return edit_put_value(e, &p->target, edit_text_value((struct cxd_bytes){text, 2 + len}));
}

#define PART_ROW(name_, field_)                                                                    \
    {                                                                                              \
        .name = "fields." name_, .type = CXD_OPTION_STRING, .default_value = field_,               \
        .help = "Field that has it."                                                               \
    }

static const struct cxd_option community_id_options[] = {
    PART_ROW("source_ip", "source.ip"),
    PART_ROW("source_port", "source.port"),
    PART_ROW("destination_ip", "destination.ip"),
    PART_ROW("destination_port", "destination.port"),
    PART_ROW("iana_number", "network.iana_number"),
    PART_ROW("transport", "network.transport"),
    PART_ROW("icmp_type", "icmp.type"),
    PART_ROW("icmp_code", "icmp.code"),
    {.name = "target",
     .type = CXD_OPTION_STRING,
     .default_value = "network.community_id",
     .help = "Where the id goes."},
    {.name = "seed",
     .type = CXD_OPTION_INT,
     .default_value = "0",
     .help = "0 to 65535; ids of different seeds are different."},
    {.name = NULL},
};

BASE_MODULE(community_id, NULL, "Community ID of a network flow", NULL)
