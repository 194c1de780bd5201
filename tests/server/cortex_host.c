/*
 * A host is a pure function of (seed, number), as every row is.
 */
#include "cortex_host.h"

#include <stdio.h>

#include "table.h"
#include "words.h"

enum { SALT_ID = 0x100, SALT_NAME, SALT_USER, SALT_ADDRESS, SALT_MAC, SALT_BOOT, SALT_HOST };

const char *cortex_host_pick(const char *const *words, uint64_t draw)
{
    return words[(draw >> 11) % table_count(words)];
}

void cortex_host_hex(const struct cortex_shape *shape, enum cortex_kind kind, uint64_t number,
                     unsigned salt, unsigned digits, char *out)
{
    for (unsigned done = 0; done < digits; done += 16) {
        unsigned part = digits - done < 16 ? digits - done : 16;
        table_hex(out + done, cortex_draw(shape, kind, number, salt + (done << 4)), part);
    }
    out[digits] = 0;
}

uint64_t cortex_host_of(const struct cortex_shape *shape, enum cortex_kind kind, uint64_t number)
{
    uint64_t hosts = shape->rows[CORTEX_ENDPOINTS] ? shape->rows[CORTEX_ENDPOINTS] : 1;
    return (cortex_draw(shape, kind, number, SALT_HOST) >> 11) % hosts;
}

void cortex_host_fill(const struct cortex_shape *shape, uint64_t number, struct cortex_host *host)
{
    const enum cortex_kind kind = CORTEX_ENDPOINTS;
    uint64_t name = cortex_draw(shape, kind, number, SALT_NAME);
    uint64_t user = cortex_draw(shape, kind, number, SALT_USER);
    uint64_t mac = cortex_draw(shape, kind, number, SALT_MAC);
    unsigned address = (unsigned)(cortex_draw(shape, kind, number, SALT_ADDRESS) & 0xffff);
    *host = (struct cortex_host){.is_linux = name % 4 == 0};
    host->domain = cortex_host_pick(words_domain, name);
    cortex_host_hex(shape, kind, number, SALT_ID, 32, host->id);
    snprintf(host->first_name, sizeof host->first_name, "%s",
             cortex_host_pick(words_first_name, user));
    snprintf(host->last_name, sizeof host->last_name, "%s",
             cortex_host_pick(words_last_name, user >> 20));
    snprintf(host->name, sizeof host->name, "%s-%05llu", host->is_linux ? "srv" : "WKS",
             (unsigned long long)number);
    snprintf(host->user, sizeof host->user, "%.12s\\%.15s.%.15s", host->is_linux ? "local" : "corp",
             host->first_name, host->last_name);
    snprintf(host->ip, sizeof host->ip, "10.%llu.%u.%u", (unsigned long long)(number >> 16 & 0x3f),
             address >> 8, (address & 0xff) % 254 + 1);
    snprintf(host->mac, sizeof host->mac, "02:%02x:%02x:%02x:%02x:%02x", (unsigned)(mac & 255),
             (unsigned)(mac >> 8 & 255), (unsigned)(mac >> 16 & 255), (unsigned)(mac >> 24 & 255),
             (unsigned)(mac >> 32 & 255));
    host->boot_ms =
        shape->start_ms - 60000LL * (int64_t)(cortex_draw(shape, kind, number, SALT_BOOT) % 43200);
}
