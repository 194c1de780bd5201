/* pack.c: streams pieces through the host's compressor. Knows no format but "bytes in, bytes out". */
#include "pack.h"

#define PACK_FIRST_ROOM 65536

static int pack_grow(struct pack *p, struct cxd_error *err)
{
    size_t want = p->cap == 0 ? PACK_FIRST_ROOM : p->cap * 2;
    char *next = p->host->realloc(p->self, p->out, want);

    if (next == NULL) {
        return cxd_error_set(err, CXD_NOMEM, "out of memory for a request of %zu bytes", want);
    }
    p->out = next;
    p->cap = want;
    return CXD_OK;
}

/* All of in through the compressor; with finish until the member is complete. */
static int pack_step(struct pack *p, struct cxd_bytes in, int finish, struct cxd_error *err)
{
    int r = CXD_OK;

    while (r == CXD_OK && (in.len > 0 || finish)) {
        size_t len = 0;

        if (p->cap - p->len < 1024) {
            r = pack_grow(p, err);
            if (r != CXD_OK) {
                return r;
            }
        }
        r = p->host->gzip_step(p->gzip, &in, p->out + p->len, p->cap - p->len, &len, finish, err);
        p->len += len;
    }
    return r;
}

static int pack_stage(struct pack *p, struct cxd_error *err)
{
    struct cxd_bytes staged = {p->stage, p->staged};

    p->staged = 0;
    return pack_step(p, staged, 0, err);
}

static int pack_add(struct pack *p, struct cxd_bytes part, struct cxd_error *err)
{
    int r = CXD_OK;

    if (part.len > sizeof p->stage - p->staged) {
        r = pack_stage(p, err);
    }
    if (r == CXD_OK && part.len > sizeof p->stage) {
        return pack_step(p, part, 0, err);
    }
    if (r == CXD_OK && part.len > 0) {
        memcpy(p->stage + p->staged, part.ptr, part.len);
        p->staged += part.len;
    }
    return r;
}

int pack_init(struct pack *p, const struct cxd_host *host, struct cxd_self *self, int level,
              struct cxd_error *err)
{
    p->host = host;
    p->self = self;
    return host->gzip_new(self, level, &p->gzip, err);
}

int pack_parts(struct pack *p, const struct cxd_bytes *parts, size_t count,
               struct cxd_bytes *ret_body, struct cxd_error *err)
{
    int r = p->host->gzip_reset(p->gzip);

    if (r != CXD_OK) {
        return cxd_error_set(err, r, "the compressor could not be used again");
    }
    p->len = 0;
    p->staged = 0;
    for (size_t i = 0; i < count && r == CXD_OK; i++) {
        r = pack_add(p, parts[i], err);
    }
    if (r == CXD_OK) {
        r = pack_step(p, (struct cxd_bytes){p->stage, p->staged}, 1, err);
        p->staged = 0;
    }
    if (r != CXD_END) {
        return r == CXD_OK ? cxd_error_set(err, CXD_BUG, "the compressor did not finish") : r;
    }
    *ret_body = (struct cxd_bytes){p->out, p->len};
    return CXD_OK;
}

void pack_done(struct pack *p)
{
    if (p->host != NULL) {
        p->host->gzip_free(p->gzip);
        p->host->free(p->self, p->out);
        p->host = NULL;
    }
}
