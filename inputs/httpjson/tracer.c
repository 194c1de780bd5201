/*
 * tracer.c: see the header. A full file is renamed to NAME.1, NAME.1 to NAME.2, and so on; the oldest goes.
 * Thread: the instance's.
 */
#include "tracer.h"

#include "note.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define TRACER_OWN_MIN 6u /* bytes; what is shorter is found everywhere */
#define TRACER_FOLDER "/var/log/cortexd/"

/* A relative name lies below the log folder, however many steps up it begins with. */
static void tracer_path(struct tracer *t)
{
    struct cxd_bytes name = t->config->tracer_file;
    const char *folder = getenv("CORTEXD_LOG_DIR");
    const char *star;
    char stamp[24];

    while (name.len > 3 && memcmp(name.ptr, "../", 3) == 0) {
        name = (struct cxd_bytes){name.ptr + 3, name.len - 3};
    }
    if (name.len > 5 && memcmp(name.ptr, "logs/", 5) == 0) {
        name = (struct cxd_bytes){name.ptr + 5, name.len - 5};
    }
    if (memmem(name.ptr, name.len, "../", 3) != NULL) {
        note_line(t->heap, CXD_LOG_WARN,
                  "request.tracer.filename leaves the log folder: not traced");
        return;
    }
    star = memchr(name.ptr, '*', name.len);
    (void)snprintf(stamp, sizeof stamp, "%lld", (long long)t->heap->host->wall_ms(t->heap->self));
    (void)snprintf(t->path, sizeof t->path, "%s%s%.*s%s%s",
                   name.ptr[0] == '/' ? ""
                   : folder != NULL   ? folder
                                      : TRACER_FOLDER,
                   name.ptr[0] != '/' && folder != NULL ? "/" : "",
                   (int)(star != NULL ? (size_t)(star - name.ptr) : name.len), name.ptr,
                   star != NULL ? stamp : "", star != NULL ? star + 1 : "");
}

void tracer_open(struct tracer *t, const struct heap *h, const struct config *config)
{
    *t = (struct tracer){.heap = h, .config = config, .fd = -1};
    text_init(&t->own, h, 1u << 20);
    t->own.secret = true;
    if (config->tracer_file.len > 0) {
        tracer_path(t);
    }
}

static void file_close(struct tracer *t)
{
    if (t->fd >= 0) {
        (void)close(t->fd);
        t->fd = -1;
    }
}

void tracer_close(struct tracer *t)
{
    if (t->heap != NULL) {
        file_close(t);
        text_done(&t->own);
    }
}

static void tracer_warn(struct tracer *t)
{
    if (!t->warned) {
        note_line(t->heap, CXD_LOG_WARN, "request.tracer: %.300s can't be written: not traced",
                  t->path);
        t->warned = true;
    }
    file_close(t);
}

static void tracer_folder(const char *path)
{
    char folder[512];

    (void)snprintf(folder, sizeof folder, "%s", path);
    for (char *slash = strchr(folder + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        (void)mkdir(folder, 0750); /* exists, or opening says why not */
        *slash = '/';
    }
}

static void tracer_rotate(struct tracer *t)
{
    char from[540];
    char to[540];

    file_close(t);
    for (int64_t i = t->config->tracer_backups; i >= 1; i--) {
        (void)snprintf(to, sizeof to, "%s.%d", t->path, (int)i);
        (void)snprintf(from, sizeof from, i > 1 ? "%s.%d" : "%s", t->path, (int)(i - 1));
        (void)rename(from, to); /* there may be none yet */
    }
    if (t->config->tracer_backups == 0) {
        (void)unlink(t->path);
    }
}

static bool tracer_ready(struct tracer *t, size_t len)
{
    struct stat st;

    if (t->fd >= 0 && t->size + (int64_t)len > t->config->tracer_size) {
        tracer_rotate(t);
    }
    if (t->fd < 0) {
        tracer_folder(t->path);
        t->fd = open(t->path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
        t->size = t->fd >= 0 && fstat(t->fd, &st) == 0 ? st.st_size : 0;
    }
    if (t->fd < 0) {
        tracer_warn(t);
    }
    return t->fd >= 0;
}

/* What a secret header holds, and that without the word in front: Bearer, Basic. */
static void own_keep(struct tracer *t, const char *value)
{
    const char *blank = strchr(value, ' ');

    text_add(&t->own, value, strlen(value) + 1);
    if (blank != NULL) {
        text_add(&t->own, blank + 1, strlen(blank + 1) + 1);
    }
}

/* Tokens, file texts and digests are not the policy's: the host does not know them. */
static void own_mask(const struct tracer *t, struct text *line)
{
    const char *end = t->own.ptr + t->own.len;

    for (const char *one = t->own.ptr; one < end; one += strlen(one) + 1) {
        size_t len = strlen(one);
        char *at = line->ptr;

        while (len >= TRACER_OWN_MIN &&
               (at = memmem(at, line->len - (size_t)(at - line->ptr), one, len)) != NULL) {
            memset(at, '*', len);
        }
    }
}

/* Names and places of secrets are known here; the policy's in bodies, and those that a server repeats, only to the host. */
static void tracer_write(struct tracer *t, struct text *line)
{
    text_put(line, "}\n");
    if (line->status == 0) {
        t->heap->host->redact(line->ptr, line->len);
        own_mask(t, line);
    }
    if (line->status == 0 && tracer_ready(t, line->len)) {
        if (write(t->fd, line->ptr, line->len) != (ssize_t)line->len) {
            tracer_warn(t);
        }
        t->size += (int64_t)line->len;
    }
    text_done(line);
}

static void tracer_line(struct tracer *t, const char *what, struct text *line)
{
    text_init(line, t->heap, (size_t)t->config->tracer_size * 2);
    line->secret = true;
    text_put(line, "{\"@timestamp_ms\":");
    text_number(line, t->heap->host->wall_ms(t->heap->self));
    text_put(line, ",\"event\":\"");
    text_put(line, what);
    text_put(line, "\"");
}

/* A tenth of the file's size is the most that a body may take. */
static void tracer_body(struct tracer *t, struct cxd_bytes body, struct text *line)
{
    size_t max = (size_t)t->config->tracer_size / 10;

    text_put(line, ",\"body\":");
    tree_quote((struct cxd_bytes){body.len > 0 ? body.ptr : "", body.len < max ? body.len : max},
               TREE_WRITE_PLAIN, line);
    if (body.len > max) {
        text_put(line, ",\"body_bytes\":");
        text_number(line, (int64_t)body.len);
    }
}

/* The URL with the values of parameters that sound secret masked. */
static void tracer_url(struct tracer *t, struct cxd_bytes url, struct text *line)
{
    struct region r;
    struct multi params = {0};
    struct text shown;
    struct query_url parts;

    region_init(&r, t->heap, 4u << 20);
    text_init(&shown, t->heap, 2u << 20);
    query_split(url, &parts);
    if (query_decode(&r, parts.query, &params)) {
        for (struct multi_entry *e = params.first; e != NULL; e = e->next) {
            e->value = request_is_secret(e->name) ? CXD_LIT("MASKED") : e->value;
        }
    }
    text_add(&shown, parts.base.ptr, parts.base.len);
    text_put(&shown, params.first != NULL ? "?" : "");
    query_encode(&r, &params, &shown);
    text_put(line, ",\"url\":");
    tree_quote(text_bytes(&shown), TREE_WRITE_PLAIN, line);
    text_done(&shown);
    region_done(&r);
}

void tracer_request(struct tracer *t, const struct wire *w)
{
    struct text line;

    if (t->path[0] == '\0') {
        return;
    }
    text_clear(&t->own);
    for (size_t i = 0; i < w->header_count; i++) {
        if (w->headers[i].secret) {
            own_keep(t, w->headers[i].value);
        }
    }
    tracer_line(t, "request", &line);
    text_put(&line, w->is_post ? ",\"method\":\"POST\"" : ",\"method\":\"GET\"");
    tracer_url(t, text_bytes(&w->url), &line);
    text_put(&line, ",\"headers\":{");
    for (size_t i = 0; i < w->header_count; i++) {
        text_put(&line, i > 0 ? "," : "");
        tree_quote(bytes_of(w->headers[i].name), TREE_WRITE_PLAIN, &line);
        text_put(&line, ":");
        tree_quote(w->headers[i].secret ? CXD_LIT("MASKED") : bytes_of(w->headers[i].value),
                   TREE_WRITE_PLAIN, &line);
    }
    text_put(&line, "}");
    tracer_body(t, text_bytes(&w->body), &line);
    tracer_write(t, &line);
}

void tracer_reply(struct tracer *t, int http_status, struct cxd_bytes body)
{
    struct text line;

    if (t->path[0] == '\0') {
        return;
    }
    tracer_line(t, "response", &line);
    text_put(&line, ",\"status\":");
    text_number(&line, http_status);
    tracer_body(t, body, &line);
    tracer_write(t, &line);
}
