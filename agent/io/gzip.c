/*
 * gzip.c: streams of gzip members over an engine that knows one member. Knows padding, garbage and what may follow what; no
 * compression library.
 */
#include "io/gzip.h"

#include "io/gzip/engine.h"

#include <stdlib.h>

enum place {
    AT_START,  /* nothing read yet */
    IN_MEMBER, /* reading, or writing */
    BETWEEN    /* behind a whole member: another one, padding or the end */
};

struct cxd_gzip {
    const struct engine *engine;
    void *state;
    const size_t *memory;
    int level;
    enum place place;
    int failure;     /* told from now on */
    const char *why; /* static */
};

static const struct engine *engine_choose(enum gzip_engine wanted, int level)
{
#ifdef CXD_HAVE_ISAL
    if (wanted == GZIP_ISAL || (wanted == GZIP_BEST && level != 0)) {
        return &engine_isal;
    }
#else
    (void)level;
    if (wanted == GZIP_ISAL) {
        return NULL;
    }
#endif
    return &engine_zlib;
}

int gzip_new_with(enum gzip_engine wanted, int level, struct cxd_gzip **ret_gzip,
                  struct cxd_error *err)
{
    const struct engine *engine = engine_choose(wanted, level);
    struct cxd_gzip *z;

    if (level < -1 || level > 9) {
        return cxd_error_set(err, CXD_INVALID, "gzip: no level %d", level);
    }
    if (engine == NULL || (level >= 0 && level < engine->min_level)) {
        return cxd_error_set(err, CXD_UNSUPPORTED, "gzip: this engine is not there for level %d",
                             level);
    }
    z = calloc(1, sizeof *z);
    if (z == NULL) {
        return cxd_error_set(err, CXD_NOMEM, "out of memory for gzip");
    }
    z->engine = engine;
    z->level = level;
    z->state = engine->open(level, &z->memory);
    if (z->state == NULL) {
        free(z);
        return cxd_error_set(err, CXD_NOMEM, "out of memory for gzip");
    }
    *ret_gzip = z;
    return CXD_OK;
}

int gzip_new(int level, struct cxd_gzip **ret_gzip, struct cxd_error *err)
{
    return gzip_new_with(GZIP_BEST, level, ret_gzip, err);
}

/* Between members: 1 when a member starts at *in, CXD_END when all is used up, or CXD_MALFORMED. */
static int between_step(struct cxd_gzip *z, struct cxd_bytes *in)
{
    while (in->len > 0 && *in->ptr == '\0') {
        in->ptr++;
        in->len--;
    }
    if (in->len == 0) {
        return CXD_END;
    }
    if (*in->ptr != '\x1f') {
        z->why = "garbage behind the last member";
        return CXD_MALFORMED;
    }
    z->engine->reset(z->state);
    z->place = IN_MEMBER;
    return 1;
}

/* Reads until input or room is used up. */
static int read_run(struct cxd_gzip *z, struct cxd_bytes *in, char *out, size_t room, size_t *len)
{
    for (;;) {
        int r;

        if (z->place == BETWEEN) {
            r = between_step(z, in);
            if (r <= 0) {
                return r;
            }
        }
        if (*len == room || (z->place == AT_START && in->len == 0)) {
            return CXD_OK;
        }
        z->place = IN_MEMBER;
        r = z->engine->step(z->state, in, out, room, len, 0, &z->why);
        if (r < 0) {
            return r;
        }
        if (r == ENGINE_MEMBER_END) {
            z->place = BETWEEN;
        } else if (in->len == 0) {
            return CXD_OK;
        }
    }
}

static int write_run(struct cxd_gzip *z, struct cxd_bytes *in, char *out, size_t room, size_t *len,
                     int finish)
{
    while (*len < room) {
        int r = z->engine->step(z->state, in, out, room, len, finish, &z->why);

        if (r != ENGINE_ON) {
            return r == ENGINE_MEMBER_END ? CXD_END : r;
        }
        if (in->len == 0 && !finish) {
            return CXD_OK;
        }
    }
    return CXD_OK;
}

int gzip_step(struct cxd_gzip *z, struct cxd_bytes *in, void *out, size_t room, size_t *ret_len,
              int finish, struct cxd_error *err)
{
    size_t len = 0;
    int r = z->failure;

    if (r == CXD_OK) {
        r = z->level < 0 ? read_run(z, in, out, room, &len)
                         : write_run(z, in, out, room, &len, finish);
    }
    *ret_len = len;
    if (r == CXD_OK || r == CXD_END) {
        return r;
    }
    z->failure = r;
    if (len > 0) {
        return CXD_OK; /* what came out before goes first; the failure is told by the next step */
    }
    return cxd_error_set(err, r, "gzip: %s", z->why);
}

int gzip_reset(struct cxd_gzip *z)
{
    z->engine->reset(z->state);
    z->place = AT_START;
    z->failure = CXD_OK;
    z->why = NULL;
    return CXD_OK;
}

void gzip_free(struct cxd_gzip *z)
{
    if (z != NULL) {
        z->engine->close(z->state);
        free(z);
    }
}

size_t gzip_memory(const struct cxd_gzip *z)
{
    return sizeof *z + *z->memory;
}

const char *gzip_engine_name(const struct cxd_gzip *z)
{
    return z->engine->name;
}
