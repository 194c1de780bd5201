#pragma once
/*
 * gzip both ways, streaming: packing into a file with the checksums that Cloud Storage states of an object, and unpacking a
 * request body piece by piece. ISA-L where the build found it (SIM_ISAL), else zlib. One thread per object.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { PACK_MD5_BYTES = 16 };

struct pack_sum {
    uint64_t bytes; /* as stored */
    uint32_t crc32c;
    unsigned char md5[PACK_MD5_BYTES];
};

struct pack_summer;
/* Checksums of a stream. NULL without memory. */
struct pack_summer *pack_summer_new(void);
void pack_summer_free(struct pack_summer *summer);
void pack_summer_add(struct pack_summer *summer, const void *data, size_t len);
void pack_summer_get(struct pack_summer *summer, struct pack_sum *ret_sum);

struct pack;
/* Packs into fd, which stays the caller's. NULL without memory. */
struct pack *pack_open(int fd);
/* False: writing failed; every later call fails too. */
bool pack_write(struct pack *pack, const void *data, size_t len);
/* Ends the gzip member; the next write begins another one in the same file. */
bool pack_member(struct pack *pack);
/* Ends the last member and tells what was written. Frees pack always, also on failure. */
bool pack_close(struct pack *pack, struct pack_sum *ret_sum);

typedef bool (*unpack_fn)(void *owner, const char *data, size_t len);
struct unpack;
struct unpack *unpack_new(void);
void unpack_free(struct unpack *unpack);
/* Feeds compressed bytes; the plain ones go to fn in pieces. False: not gzip, damaged, or fn said stop. */
bool unpack_feed(struct unpack *unpack, const void *data, size_t len, unpack_fn fn, void *owner);
/* True when the bytes so far end exactly at the end of a member. */
bool unpack_is_complete(const struct unpack *unpack);
