/* address.c: the network extension: ip(), cidr() and what may be asked of them. */
#include "address.h"

#include "../lang/number.h"

#include <arpa/inet.h>

bool address_equal(const struct address *a, const struct address *b); /* declared by arith.c */

bool address_equal(const struct address *a, const struct address *b)
{
    return a->family == b->family && a->prefix == b->prefix &&
           memcmp(a->bytes, b->bytes, sizeof a->bytes) == 0;
}

static bool is_mapped(const struct address *a)
{
    static const unsigned char mapped[12] = {[10] = 0xff, [11] = 0xff};

    return a->family == 6 && memcmp(a->bytes, mapped, sizeof mapped) == 0;
}

const char *address_read(struct cxd_bytes text, struct address *ret)
{
    char copy[INET6_ADDRSTRLEN];
    struct address a = {0};

    if (memchr(text.ptr, '%', text.len) != NULL) {
        return "IP Address with zone value is not allowed";
    }
    if (text.len >= sizeof copy || text.len == 0 || memchr(text.ptr, '\0', text.len) != NULL) {
        return "parse error";
    }
    memcpy(copy, text.ptr, text.len);
    copy[text.len] = '\0';
    if (inet_pton(AF_INET, copy, a.bytes) == 1) {
        a.family = 4;
        a.prefix = 32;
    } else if (inet_pton(AF_INET6, copy, a.bytes) == 1) {
        a.family = 6;
        a.prefix = 128;
    } else {
        return "parse error";
    }
    if (is_mapped(&a)) {
        return "IPv4-mapped IPv6 address is not allowed";
    }
    *ret = a;
    return NULL;
}

const char *address_read_range(struct cxd_bytes text, struct address *ret)
{
    const char *slash = memchr(text.ptr, '/', text.len);
    const char *problem;
    uint64_t prefix = 0;

    if (slash == NULL) {
        return "parse error";
    }
    problem = address_read((struct cxd_bytes){text.ptr, (size_t)(slash - text.ptr)}, ret);
    if (problem != NULL) {
        return problem;
    }
    slash++;
    struct cxd_bytes digits = {slash, text.len - (size_t)(slash - text.ptr)};

    if (digits.len > 3 || !number_read_uint(digits, &prefix) || prefix > ret->prefix ||
        (digits.len > 1 && digits.ptr[0] == '0')) {
        return "parse error";
    }
    ret->prefix = (uint8_t)prefix;
    return NULL;
}

void address_put(struct sink *sink, const struct address *a, bool with_prefix)
{
    char text[INET6_ADDRSTRLEN] = "";

    (void)inet_ntop(a->family == 4 ? AF_INET : AF_INET6, a->bytes, text, sizeof text);
    sink_text(sink, text);
    if (with_prefix) {
        sink_print(sink, "/%u", a->prefix);
    }
}

static struct value keep(struct run *run, const struct address *a, uint32_t kind)
{
    struct address *copy = pool_alloc(run->pool, sizeof *copy);

    if (copy == NULL) {
        return run_out_of_memory(run);
    }
    *copy = *a;
    return (struct value){.kind = kind, .address = copy};
}

static struct value fail_read(struct run *run, const char *what, struct value text,
                              const char *problem)
{
    return strcmp(problem, "parse error") == 0
               ? run_fail(run, "%s '%.*s' parse error during conversion from string", what,
                          (int)text.len, text.text)
               : run_fail(run, "%s", problem);
}

static struct value ip(struct run *run, const struct value *args, uint32_t count)
{
    struct address a;
    const char *problem;

    (void)count;
    if (args[0].kind == VALUE_NETWORK) {
        a = *args[0].address;
        a.prefix = a.family == 4 ? 32 : 128;
        return keep(run, &a, VALUE_ADDRESS);
    }
    problem = address_read(value_range(args[0]), &a);
    return problem != NULL ? fail_read(run, "IP Address", args[0], problem)
                           : keep(run, &a, VALUE_ADDRESS);
}

static struct value cidr(struct run *run, const struct value *args, uint32_t count)
{
    struct address a;
    const char *problem = address_read_range(value_range(args[0]), &a);

    (void)count;
    return problem != NULL ? fail_read(run, "CIDR", args[0], problem)
                           : keep(run, &a, VALUE_NETWORK);
}

static struct value is_ip(struct run *run, const struct value *args, uint32_t count)
{
    struct address a;

    (void)run;
    (void)count;
    return value_bool(address_read(value_range(args[0]), &a) == NULL);
}

static struct value is_cidr(struct run *run, const struct value *args, uint32_t count)
{
    struct address a;

    (void)run;
    (void)count;
    return value_bool(address_read_range(value_range(args[0]), &a) == NULL);
}

static struct value is_canonical(struct run *run, const struct value *args, uint32_t count)
{
    struct sink text = sink_on(run->pool);
    struct address a;
    const char *problem = address_read(value_range(args[0]), &a);

    (void)count;
    if (problem != NULL) {
        return fail_read(run, "IP Address", args[0], problem);
    }
    address_put(&text, &a, false);
    if (text.failed) {
        return run_out_of_memory(run);
    }
    return value_bool(text.len == args[0].len && memcmp(text.text, args[0].text, text.len) == 0);
}

static struct value to_string(struct run *run, const struct value *args, uint32_t count)
{
    struct sink text = sink_on(run->pool);

    (void)count;
    address_put(&text, args[0].address, args[0].kind == VALUE_NETWORK);
    return run_text(run, &text);
}

static struct value family(struct run *run, const struct value *args, uint32_t count)
{
    (void)run;
    (void)count;
    return value_int(args[0].address->family);
}

static bool is_zero(const unsigned char *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (bytes[i] != 0) {
            return false;
        }
    }
    return true;
}

static bool unspecified(const struct address *a)
{
    return is_zero(a->bytes, 16);
}

static bool loopback(const struct address *a)
{
    return a->family == 4 ? a->bytes[0] == 127 : is_zero(a->bytes, 15) && a->bytes[15] == 1;
}

static bool link_local_unicast(const struct address *a)
{
    return a->family == 4 ? a->bytes[0] == 169 && a->bytes[1] == 254
                          : a->bytes[0] == 0xfe && (a->bytes[1] & 0xc0) == 0x80;
}

static bool link_local_multicast(const struct address *a)
{
    return a->family == 4 ? a->bytes[0] == 224 && a->bytes[1] == 0 && a->bytes[2] == 0
                          : a->bytes[0] == 0xff && (a->bytes[1] & 0x0f) == 2;
}

static bool global_unicast(const struct address *a)
{
    bool multicast = a->family == 4 ? (a->bytes[0] & 0xf0) == 0xe0 : a->bytes[0] == 0xff;
    bool broadcast = a->family == 4 && memcmp(a->bytes, "\xff\xff\xff\xff", 4) == 0;

    return !multicast && !broadcast && !unspecified(a) && !loopback(a) && !link_local_unicast(a);
}

#define QUESTION(name, asks)                                                                       \
    static struct value name(struct run *run, const struct value *args, uint32_t count)            \
    {                                                                                              \
        (void)run;                                                                                 \
        (void)count;                                                                               \
        return value_bool(asks(args[0].address));                                                  \
    }

QUESTION(is_unspecified, unspecified)
QUESTION(is_loopback, loopback)
QUESTION(is_global_unicast, global_unicast)
QUESTION(is_link_local_unicast, link_local_unicast)
QUESTION(is_link_local_multicast, link_local_multicast)

static void mask(struct address *a, unsigned bits)
{
    for (unsigned i = 0; i < 16; i++) {
        unsigned keep_bits = bits >= 8 * (i + 1) ? 8 : bits > 8 * i ? bits - 8 * i : 0;
        a->bytes[i] &= (unsigned char)(0xff00u >> keep_bits);
    }
}

static bool covers(const struct address *range, const struct address *other)
{
    struct address a = *range;
    struct address b = *other;

    if (a.family != b.family || a.prefix > b.prefix) {
        return false;
    }
    mask(&a, range->prefix);
    mask(&b, range->prefix);
    return memcmp(a.bytes, b.bytes, sizeof a.bytes) == 0;
}

/* args[1] as an address or range: the value itself, or its text. */
static struct value contains(struct run *run, const struct value *args, bool is_range)
{
    struct address a;
    const char *problem = NULL;
    uint32_t kind = is_range ? VALUE_NETWORK : VALUE_ADDRESS;

    if (args[1].kind == kind) {
        return value_bool(covers(args[0].address, args[1].address));
    }
    if (args[1].kind != VALUE_STRING) {
        return run_no_overload(run);
    }
    problem = is_range ? address_read_range(value_range(args[1]), &a)
                       : address_read(value_range(args[1]), &a);
    return problem != NULL ? fail_read(run, is_range ? "CIDR" : "IP Address", args[1], problem)
                           : value_bool(covers(args[0].address, &a));
}

static struct value contains_ip(struct run *run, const struct value *args, uint32_t count)
{
    (void)count;
    return contains(run, args, false);
}

static struct value contains_cidr(struct run *run, const struct value *args, uint32_t count)
{
    (void)count;
    return contains(run, args, true);
}

static struct value masked(struct run *run, const struct value *args, uint32_t count)
{
    struct address a = *args[0].address;

    (void)count;
    mask(&a, a.prefix);
    return keep(run, &a, VALUE_NETWORK);
}

static struct value prefix_length(struct run *run, const struct value *args, uint32_t count)
{
    (void)run;
    (void)count;
    return value_int(args[0].address->prefix);
}

#define STRING VALUE_MASK(VALUE_STRING)
#define ADDRESS VALUE_MASK(VALUE_ADDRESS)
#define NETWORK VALUE_MASK(VALUE_NETWORK)

const struct function address_functions[] = {
    {"ip", FUNCTION_FREE, 1, 1, STRING, ip},
    {"ip", FUNCTION_METHOD, 1, 1, NETWORK, ip},
    {"cidr", FUNCTION_FREE, 1, 1, STRING, cidr},
    {"isIP", FUNCTION_FREE, 1, 1, STRING, is_ip},
    {"isCIDR", FUNCTION_FREE, 1, 1, STRING, is_cidr},
    {"ip.isCanonical", FUNCTION_FREE, 1, 1, STRING, is_canonical},
    {"string", FUNCTION_FREE, 1, 1, ADDRESS | NETWORK, to_string},
    {"family", FUNCTION_METHOD, 1, 1, ADDRESS, family},
    {"isUnspecified", FUNCTION_METHOD, 1, 1, ADDRESS, is_unspecified},
    {"isLoopback", FUNCTION_METHOD, 1, 1, ADDRESS, is_loopback},
    {"isGlobalUnicast", FUNCTION_METHOD, 1, 1, ADDRESS, is_global_unicast},
    {"isLinkLocalUnicast", FUNCTION_METHOD, 1, 1, ADDRESS, is_link_local_unicast},
    {"isLinkLocalMulticast", FUNCTION_METHOD, 1, 1, ADDRESS, is_link_local_multicast},
    {"containsIP", FUNCTION_METHOD, 2, 2, NETWORK, contains_ip},
    {"containsCIDR", FUNCTION_METHOD, 2, 2, NETWORK, contains_cidr},
    {"masked", FUNCTION_METHOD, 1, 1, NETWORK, masked},
    {"prefixLength", FUNCTION_METHOD, 1, 1, NETWORK, prefix_length},
    {NULL}};
