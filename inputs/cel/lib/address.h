/* address.h: IP addresses and ranges as values. */
#pragma once

#include "../lang/function.h"

struct address {
    unsigned char bytes[16]; /* the first 4 of them for version 4 */
    uint8_t family;          /* 4 or 6 */
    uint8_t prefix;          /* bits of a range; all of them for an address */
};

/* An address without zone; IPv4-mapped ones are refused. NULL, or why not (static). */
const char *address_read(struct cxd_bytes text, struct address *ret);
/* address/prefix */
const char *address_read_range(struct cxd_bytes text, struct address *ret);
void address_put(struct sink *sink, const struct address *address, bool with_prefix);

extern const struct function address_functions[];
