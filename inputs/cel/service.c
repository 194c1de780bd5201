/* service.c: see the header. Thread: the instance's. */
#include "service.h"

#include "keys.h"
#include "note.h"

#include <stdlib.h>

struct pattern {
    const struct cxd_host *host;
    struct cxd_regex *regex;
};

static int64_t wall_ns(void *ctx)
{
    const struct sender *s = ctx;

    return s->heap->host->wall_ms(s->heap->self) * 1000000;
}

static void chance(void *ctx, void *out, size_t len)
{
    const struct sender *s = ctx;

    s->heap->host->random(s->heap->self, out, len);
}

static int regex_new(void *ctx, const char *pattern, void **ret_regex, struct cxd_error *err)
{
    const struct sender *s = ctx;
    struct pattern *p = malloc(sizeof *p);
    int status;

    if (p == NULL) {
        return cxd_error_set(err, CXD_NOMEM, "out of memory");
    }
    p->host = s->heap->host;
    status = p->host->regex_new(s->heap->self, pattern, &p->regex, err);
    if (status < 0) {
        free(p);
        return status;
    }
    *ret_regex = p;
    return 0;
}

static void regex_free(void *regex)
{
    struct pattern *p = regex;

    if (p != NULL) {
        p->host->regex_free(p->regex);
        free(p);
    }
}

static int regex_find(void *regex, struct cxd_bytes text, size_t from, struct services_span *spans,
                      size_t count, size_t *ret_groups)
{
    const struct pattern *p = regex;
    struct cxd_bytes groups[64];
    uint32_t room = count < 64 ? (uint32_t)count : 64;
    int found;

    text.ptr = text.ptr != NULL ? text.ptr : "";
    found = p->host->regex_find(p->regex, text, from, groups, room);
    if (found <= 0) {
        return found;
    }
    for (int i = 0; i < found; i++) {
        size_t start = groups[i].ptr != NULL ? (size_t)(groups[i].ptr - text.ptr) : SIZE_MAX;

        spans[i] = (struct services_span){start, start == SIZE_MAX ? start : start + groups[i].len};
    }
    *ret_groups = (size_t)found;
    return 1;
}

/* More room; false: the limit, or no memory. */
static bool room_grow(char **data, size_t *room, size_t limit)
{
    size_t next = *room == 0 ? 65536 : *room * 2;
    char *more;

    next = next > limit ? limit : next;
    more = next > *room ? realloc(*data, next) : NULL;
    if (more == NULL) {
        return false;
    }
    *data = more;
    *room = next;
    return true;
}

static int gunzip(void *ctx, struct cxd_bytes data, size_t limit, char **ret_data, size_t *ret_len,
                  struct cxd_error *err)
{
    const struct sender *s = ctx;
    struct cxd_gzip *gzip = NULL;
    size_t room = 0;
    size_t len = 0;
    char *out = NULL;
    int status = s->heap->host->gzip_new(s->heap->self, -1, &gzip, err);

    while (status == 0) {
        size_t before = data.len;
        size_t made = 0;

        if (len == room && !room_grow(&out, &room, limit)) {
            status = cxd_error_set(err, room >= limit ? CXD_TOO_LARGE : CXD_NOMEM,
                                   "gzip: more than %zu bytes, or no memory for them", limit);
            break;
        }
        status = s->heap->host->gzip_step(gzip, &data, out + len, room - len, &made, 0, err);
        len += made;
        if (status == 0 && made == 0 && data.len == before) {
            status = cxd_error_set(err, CXD_TRUNCATED, "gzip: unexpected end of data");
        }
    }
    if (gzip != NULL) {
        s->heap->host->gzip_free(gzip);
    }
    if (status != CXD_END) {
        free(out);
        return status;
    }
    *ret_data = out;
    *ret_len = len;
    return 0;
}

static void debug(void *ctx, struct cxd_bytes tag, struct cxd_bytes text)
{
    const struct sender *s = ctx;
    struct text line;

    if (!s->heap->host->is_logged(s->heap->self, CXD_LOG_DEBUG)) {
        return;
    }
    text_init(&line, s->heap, 65536);
    text_put(&line, "debug ");
    text_add(&line, tag.ptr, tag.len);
    text_put(&line, ": ");
    text_add(&line, text.ptr, text.len < 60000 ? text.len : 60000);
    if (line.status == 0) {
        mask_words(s->mask, line.ptr, line.len);
        s->heap->host->log(s->heap->self, CXD_LOG_DEBUG, line.ptr, line.len);
    }
    text_done(&line);
}

void service_fill(struct services *services, struct sender *sender)
{
    *services = (struct services){.ctx = sender,
                                  .wall_ns = wall_ns,
                                  .random = chance,
                                  .sha256 = sender->heap->host->sha256,
                                  .regex_new = regex_new,
                                  .regex_find = regex_find,
                                  .regex_free = regex_free,
                                  .gunzip = gunzip,
                                  .send = sender_send,
                                  .keys = keys_find,
                                  .debug = debug,
                                  .patterns = sender->settings->patterns,
                                  .schemas = sender->settings->schemas,
                                  .may_read_files = true};
}
