/*
 * deflate_isal.c: gzip members by ISA-L. Knows its streams and nothing of several members. Heads are read by head.c, body and
 * trailer by ISA-L.
 */
#include "engine.h"
#include "head.h"

#include <isa-l/igzip_lib.h>
#include <stdlib.h>

enum { CHUNK_MAX = 1 << 30 };

struct state {
    struct inflate_state *reader; /* one of both */
    struct isal_zstream *writer;
    uint8_t *level_buf;
    size_t memory;
    struct head head;
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
        s->reader->crc_flag = ISAL_GZIP_NO_HDR_VER; /* the trailer is its work, too */
        head_start(&s->head);
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

/* Moves in and len on by what a call used. */
static void account(struct cxd_bytes *in, uint32_t in_len, uint32_t in_left, size_t *len,
                    uint32_t out_len, uint32_t out_left)
{
    /* damaged data can make ISA-L give back bytes that it was given in an earlier call */
    in_left = in_left < in_len ? in_left : in_len;
    if (in_len > in_left) {
        in->ptr += in_len - in_left;
        in->len -= in_len - in_left;
    }
    *len += out_len - out_left;
}

static int reader_step(struct state *s, struct cxd_bytes *in, char *out, uint32_t out_len,
                       size_t *len, const char **ret_why)
{
    int r = head_step(&s->head, in, ret_why);
    struct inflate_state *z = s->reader;
    uint32_t in_len = in->len < CHUNK_MAX ? (uint32_t)in->len : CHUNK_MAX;

    if (r <= 0) {
        return r;
    }
    z->next_in = (uint8_t *)(uintptr_t)in->ptr; /* only read */
    z->avail_in = in_len;
    z->next_out = (uint8_t *)out + *len;
    z->avail_out = out_len;
    r = isal_inflate(z);
    account(in, in_len, z->avail_in, len, out_len, z->avail_out);
    if (r < 0) {
        *ret_why = complaint(r);
        return CXD_MALFORMED;
    }
    return z->block_state == ISAL_BLOCK_FINISH ? ENGINE_MEMBER_END : ENGINE_ON;
}

static int writer_step(struct isal_zstream *z, struct cxd_bytes *in, char *out, uint32_t out_len,
                       size_t *len, int finish, const char **ret_why)
{
    uint32_t in_len = in->len < CHUNK_MAX ? (uint32_t)in->len : CHUNK_MAX;
    int r;

    if (z->internal_state.state == ZSTATE_END) {
        return ENGINE_MEMBER_END;
    }
    z->next_in = (uint8_t *)(uintptr_t)in->ptr; /* only read */
    z->avail_in = in_len;
    z->next_out = (uint8_t *)out + *len;
    z->avail_out = out_len;
    z->end_of_stream = finish && in_len == in->len;
    r = isal_deflate(z);
    account(in, in_len, z->avail_in, len, out_len, z->avail_out);
    if (r != COMP_OK) {
        *ret_why = "ISA-L refuses its state";
        return CXD_BUG;
    }
    return z->internal_state.state == ZSTATE_END ? ENGINE_MEMBER_END : ENGINE_ON;
}

static int isal_step(void *state, struct cxd_bytes *in, char *out, size_t room, size_t *len,
                     int finish, const char **ret_why)
{
    struct state *s = state;
    uint32_t out_len = room - *len < CHUNK_MAX ? (uint32_t)(room - *len) : CHUNK_MAX;

    return s->reader != NULL ? reader_step(s, in, out, out_len, len, ret_why)
                             : writer_step(s->writer, in, out, out_len, len, finish, ret_why);
}

const struct engine engine_isal = {
    .name = "isal",
    .min_level = 1,
    .open = isal_open,
    .close = isal_close,
    .reset = isal_reset,
    .step = isal_step,
};
