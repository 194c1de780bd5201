/*
 * deflate_isal.c: gzip members by ISA-L. Knows its streams and nothing of several members.
 */
#include "engine.h"

#include <isa-l/igzip_lib.h>
#include <stdlib.h>

enum { CHUNK_MAX = 1 << 30 };

struct state {
    struct inflate_state *reader; /* one of both */
    struct isal_zstream *writer;
    uint8_t *level_buf;
    size_t memory;
};

struct level_row {
    uint32_t level;
    uint32_t buf_size;
};

static const struct level_row levels[] = {
    {1, ISAL_DEF_LVL1_DEFAULT},
    {2, ISAL_DEF_LVL2_DEFAULT},
    {3, ISAL_DEF_LVL3_DEFAULT},
};

static void isal_close(void *state)
{
    struct state *s = state;

    if (s != NULL) {
        free(s->reader);
        free(s->writer);
        free(s->level_buf);
        free(s);
    }
}

static void isal_reset(void *state)
{
    struct state *s = state;

    if (s->reader != NULL) {
        isal_inflate_reset(s->reader);
        s->reader->crc_flag = ISAL_GZIP; /* head and trailer are its work, too */
        return;
    }
    isal_deflate_reset(s->writer);
    s->writer->gzip_flag = IGZIP_GZIP;
    s->writer->flush = NO_FLUSH;
    s->writer->end_of_stream = 0;
}

static int reader_open(struct state *s)
{
    s->reader = malloc(sizeof *s->reader);
    if (s->reader == NULL) {
        return CXD_NOMEM;
    }
    isal_inflate_init(s->reader);
    s->memory += sizeof *s->reader;
    return CXD_OK;
}

static int writer_open(struct state *s, int level)
{
    const struct level_row *row = &levels[level > 3 ? 2 : level - 1];

    s->writer = malloc(sizeof *s->writer);
    s->level_buf = malloc(row->buf_size);
    if (s->writer == NULL || s->level_buf == NULL) {
        return CXD_NOMEM;
    }
    isal_deflate_init(s->writer);
    s->writer->level = row->level;
    s->writer->level_buf = s->level_buf;
    s->writer->level_buf_size = row->buf_size;
    s->memory += sizeof *s->writer + row->buf_size;
    return CXD_OK;
}

static void *isal_open(int level, const size_t **ret_memory)
{
    struct state *s = calloc(1, sizeof *s);

    if (s == NULL) {
        return NULL;
    }
    s->memory = sizeof *s;
    if ((level < 0 ? reader_open(s) : writer_open(s, level)) < 0) {
        isal_close(s);
        return NULL;
    }
    isal_reset(s);
    *ret_memory = &s->memory;
    return s;
}

static const char *complaint(int code)
{
    switch (code) {
    case ISAL_INVALID_BLOCK:
        return "invalid block";
    case ISAL_INVALID_SYMBOL:
        return "invalid symbol";
    case ISAL_INVALID_LOOKBACK:
        return "invalid distance too far back";
    case ISAL_INVALID_WRAPPER:
        return "incorrect header check";
    case ISAL_UNSUPPORTED_METHOD:
        return "unknown compression method";
    case ISAL_INCORRECT_CHECKSUM:
        return "incorrect checksum or length";
    default:
        return "data error";
    }
}

static int reader_step(struct inflate_state *z, const char **ret_why)
{
    int r = isal_inflate(z);

    if (r < 0) {
        *ret_why = complaint(r);
        return CXD_MALFORMED;
    }
    return z->block_state == ISAL_BLOCK_FINISH ? ENGINE_MEMBER_END : ENGINE_ON;
}

static int writer_step(struct isal_zstream *z, const char **ret_why)
{
    if (z->internal_state.state == ZSTATE_END) {
        return ENGINE_MEMBER_END;
    }
    if (isal_deflate(z) != COMP_OK) {
        *ret_why = "ISA-L refuses its state";
        return CXD_BUG;
    }
    return z->internal_state.state == ZSTATE_END ? ENGINE_MEMBER_END : ENGINE_ON;
}

static int isal_step(void *state, struct cxd_bytes *in, char *out, size_t room, size_t *len,
                     int finish, const char **ret_why)
{
    struct state *s = state;
    uint32_t in_len = in->len < CHUNK_MAX ? (uint32_t)in->len : CHUNK_MAX;
    uint32_t out_len = room - *len < CHUNK_MAX ? (uint32_t)(room - *len) : CHUNK_MAX;
    uint8_t *from = (uint8_t *)(uintptr_t)in->ptr; /* only read */
    uint32_t in_left;
    uint32_t out_left;
    int r;

    if (s->reader != NULL) {
        s->reader->next_in = from;
        s->reader->avail_in = in_len;
        s->reader->next_out = (uint8_t *)out + *len;
        s->reader->avail_out = out_len;
        r = reader_step(s->reader, ret_why);
        in_left = s->reader->avail_in;
        out_left = s->reader->avail_out;
    } else {
        s->writer->next_in = from;
        s->writer->avail_in = in_len;
        s->writer->next_out = (uint8_t *)out + *len;
        s->writer->avail_out = out_len;
        s->writer->end_of_stream = finish && in_len == in->len;
        r = writer_step(s->writer, ret_why);
        in_left = s->writer->avail_in;
        out_left = s->writer->avail_out;
    }
    if (in_len > 0) {
        in->ptr += in_len - in_left;
        in->len -= in_len - in_left;
    }
    *len += out_len - out_left;
    return r;
}

const struct engine engine_isal = {
    .name = "isal",
    .min_level = 1,
    .open = isal_open,
    .close = isal_close,
    .reset = isal_reset,
    .step = isal_step,
};
