/*
 * gzip writing and object checksums. Knows files and compressors, nothing of events or HTTP.
 */
#include "pack.h"

#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#ifdef SIM_ISAL
#include <isa-l/crc.h>
#include <isa-l/igzip_lib.h>
#else
#include <zlib.h>
#endif

enum { PACK_OUT_BYTES = 256 * 1024 };

struct pack_summer {
    EVP_MD_CTX *md5;
    uint64_t bytes;
    uint32_t crc32c;
};

struct pack {
    int fd;
    bool failed;
    bool in_member;
    struct pack_summer *summer;
#ifdef SIM_ISAL
    struct isal_zstream stream;
    unsigned char level[ISAL_DEF_LVL2_DEFAULT];
#else
    z_stream stream;
#endif
    unsigned char out[PACK_OUT_BYTES];
};

static uint32_t pack_crc32c(uint32_t crc, const unsigned char *data, size_t len)
{
#ifdef SIM_ISAL
    while (len) {
        size_t part = len < (1U << 30) ? len : 1U << 30;
        crc = crc32_iscsi((unsigned char *)data, (int)part, crc);
        data += part;
        len -= part;
    }
    return crc;
#else
    for (size_t i = 0; i < len; i++) {
        crc ^= data[i];
        for (int bit = 0; bit < 8; bit++) {
            crc = crc & 1 ? crc >> 1 ^ 0x82f63b78U : crc >> 1;
        }
    }
    return crc;
#endif
}

struct pack_summer *pack_summer_new(void)
{
    struct pack_summer *summer = calloc(1, sizeof *summer);
    if (!summer) {
        return NULL;
    }
    summer->crc32c = 0xffffffffU;
    summer->md5 = EVP_MD_CTX_new();
    if (!summer->md5 || EVP_DigestInit_ex(summer->md5, EVP_md5(), NULL) != 1) {
        pack_summer_free(summer);
        return NULL;
    }
    return summer;
}

void pack_summer_free(struct pack_summer *summer)
{
    if (summer) {
        EVP_MD_CTX_free(summer->md5);
        free(summer);
    }
}

void pack_summer_add(struct pack_summer *summer, const void *data, size_t len)
{
    summer->bytes += len;
    summer->crc32c = pack_crc32c(summer->crc32c, data, len);
    EVP_DigestUpdate(summer->md5, data, len);
}

void pack_summer_get(struct pack_summer *summer, struct pack_sum *ret_sum)
{
    ret_sum->bytes = summer->bytes;
    ret_sum->crc32c = summer->crc32c ^ 0xffffffffU;
    EVP_DigestFinal_ex(summer->md5, ret_sum->md5, NULL);
}

static bool pack_flush(struct pack *pack, size_t len)
{
    pack_summer_add(pack->summer, pack->out, len);
    size_t done = 0;
    while (done < len) {
        ssize_t wrote = write(pack->fd, pack->out + done, len - done);
        if (wrote <= 0) {
            pack->failed = true;
            return false;
        }
        done += (size_t)wrote;
    }
    return true;
}

#ifdef SIM_ISAL
static bool pack_begin(struct pack *pack)
{
    isal_deflate_init(&pack->stream);
    pack->stream.level = 2;
    pack->stream.level_buf = pack->level;
    pack->stream.level_buf_size = sizeof pack->level;
    pack->stream.gzip_flag = IGZIP_GZIP;
    pack->stream.flush = NO_FLUSH;
    pack->in_member = true;
    return true;
}

static bool pack_step(struct pack *pack, const void *data, size_t len, bool end)
{
    pack->stream.next_in = (unsigned char *)data;
    pack->stream.avail_in = (uint32_t)len;
    pack->stream.end_of_stream = end;
    do {
        pack->stream.next_out = pack->out;
        pack->stream.avail_out = sizeof pack->out;
        if (isal_deflate(&pack->stream) != COMP_OK ||
            !pack_flush(pack, sizeof pack->out - pack->stream.avail_out)) {
            pack->failed = true;
            return false;
        }
    } while (pack->stream.avail_out == 0 || pack->stream.avail_in);
    return true;
}
#else
static bool pack_begin(struct pack *pack)
{
    pack->in_member = true;
    if (pack->stream.state) {
        return deflateReset(&pack->stream) == Z_OK;
    }
    return deflateInit2(&pack->stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) == Z_OK;
}

static bool pack_step(struct pack *pack, const void *data, size_t len, bool end)
{
    pack->stream.next_in = (unsigned char *)data;
    pack->stream.avail_in = (uInt)len;
    do {
        pack->stream.next_out = pack->out;
        pack->stream.avail_out = sizeof pack->out;
        deflate(&pack->stream, end ? Z_FINISH : Z_NO_FLUSH);
        if (!pack_flush(pack, sizeof pack->out - pack->stream.avail_out)) {
            return false;
        }
    } while (pack->stream.avail_out == 0);
    return true;
}
#endif

struct pack *pack_open(int fd)
{
    struct pack *pack = calloc(1, sizeof *pack);
    if (!pack) {
        return NULL;
    }
    pack->fd = fd;
    pack->summer = pack_summer_new();
    if (!pack->summer) {
        free(pack);
        return NULL;
    }
    return pack;
}

bool pack_write(struct pack *pack, const void *data, size_t len)
{
    if (pack->failed || (!pack->in_member && !pack_begin(pack))) {
        pack->failed = true;
        return false;
    }
    const char *at = data;
    while (len) {
        size_t part = len < (1U << 24) ? len : 1U << 24;
        if (!pack_step(pack, at, part, false)) {
            return false;
        }
        at += part;
        len -= part;
    }
    return true;
}

bool pack_member(struct pack *pack)
{
    if (!pack->in_member) {
        return !pack->failed;
    }
    bool ok = !pack->failed && pack_step(pack, NULL, 0, true);
    pack->in_member = false;
    return ok;
}

bool pack_close(struct pack *pack, struct pack_sum *ret_sum)
{
    bool ok = pack_member(pack);
    if (ok) {
        pack_summer_get(pack->summer, ret_sum);
    }
    pack_summer_free(pack->summer);
#ifndef SIM_ISAL
    deflateEnd(&pack->stream);
#endif
    free(pack);
    return ok;
}
