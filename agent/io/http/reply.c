/*
 * reply.c: the head of a reply: status and fields, with limits; and Retry-After. Heads that are not final (1xx, a redirect
 * that is followed) are forgotten when the next one starts; fields behind the body (trailers) are not kept.
 */
#include "inner.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

static void fields_free(struct cxd_transfer *t)
{
    while (t->fields != NULL) {
        struct field *next = t->fields->next;

        free(t->fields);
        t->fields = next;
    }
    t->field_count = 0;
    t->head_bytes = 0;
}

/* "HTTP/1.1 200 OK", "HTTP/2 200". 0 when there is no number in it. */
static int status_parse(const char *line, size_t len)
{
    const char *at = memchr(line, ' ', len);
    int status = 0;

    if (at == NULL || len - (size_t)(at - line) < 4) {
        return 0;
    }
    for (int i = 1; i <= 3; i++) {
        if (at[i] < '0' || at[i] > '9') {
            return 0;
        }
        status = status * 10 + (at[i] - '0');
    }
    return status;
}

static int field_add(struct cxd_transfer *t, const char *line, size_t len)
{
    const char *colon = memchr(line, ':', len);
    const char *value;
    size_t name_len;
    size_t value_len;
    struct field *f;

    if (colon == NULL) {
        return CXD_OK; /* curl lets such lines pass; nobody can ask for them */
    }
    name_len = (size_t)(colon - line);
    value = colon + 1;
    value_len = len - name_len - 1;
    while (value_len > 0 && (*value == ' ' || *value == '\t')) {
        value++;
        value_len--;
    }
    while (value_len > 0 && (unsigned char)value[value_len - 1] <= ' ') {
        value_len--;
    }
    f = calloc(1, sizeof *f + name_len + value_len + 2);
    if (f == NULL) {
        return CXD_NOMEM;
    }
    memcpy(f->text, line, name_len);
    f->name_len = name_len;
    f->value = f->text + name_len + 1;
    memcpy(f->value, value, value_len);
    f->next = t->fields;
    t->fields = f;
    t->field_count++;
    return CXD_OK;
}

static void fields_turn(struct cxd_transfer *t)
{
    struct field *turned = NULL;

    while (t->fields != NULL) {
        struct field *next = t->fields->next;

        t->fields->next = turned;
        turned = t->fields;
        t->fields = next;
    }
    t->fields = turned;
}

static int is_followed(const struct cxd_transfer *t)
{
    if (t->client->follow_redirects == 0 || t->line_status < 300 || t->line_status > 399) {
        return 0;
    }
    for (const struct field *f = t->fields; f != NULL; f = f->next) {
        if (strcasecmp(f->text, "location") == 0) {
            return 1;
        }
    }
    return 0;
}

static void head_end(struct cxd_transfer *t)
{
    if (t->line_status < 200 || is_followed(t)) {
        fields_free(t);
        return;
    }
    fields_turn(t);
    t->status = t->line_status;
    t->client->news = 1;
}

static int head_line(struct cxd_transfer *t, const char *line, size_t len)
{
    if (len >= 5 && memcmp(line, "HTTP/", 5) == 0) {
        fields_free(t);
        t->line_status = status_parse(line, len);
        return t->line_status != 0 ? CXD_OK : CXD_PROTOCOL;
    }
    if (len == 0 || line[0] == '\r' || line[0] == '\n') {
        head_end(t);
        return CXD_OK;
    }
    if (len > HTTP_HEAD_MAX - t->head_bytes || t->field_count >= HTTP_FIELDS_MAX) {
        return CXD_TOO_LARGE;
    }
    t->head_bytes += len;
    return field_add(t, line, len);
}

size_t reply_take(char *ptr, size_t size, size_t count, void *arg)
{
    struct cxd_transfer *t = arg;
    size_t len = size * count; /* size is always 1 */

    t->moved += len;
    if (t->status == 0) {
        t->own_fault = head_line(t, ptr, len);
    }
    return t->own_fault < 0 ? len + 1 : len; /* another number ends the transfer */
}

void reply_done(struct cxd_transfer *t)
{
    fields_free(t);
}

int http_status(struct cxd_transfer *t)
{
    return t->status;
}

const char *http_header(struct cxd_transfer *t, const char *name)
{
    if (t->status == 0) {
        return NULL;
    }
    for (const struct field *f = t->fields; f != NULL; f = f->next) {
        if (strcasecmp(f->text, name) == 0) {
            return f->value;
        }
    }
    return NULL;
}

int http_header_at(struct cxd_transfer *t, uint32_t index, struct cxd_bytes *ret_name,
                   struct cxd_bytes *ret_value)
{
    const struct field *f = t->status != 0 ? t->fields : NULL;

    while (f != NULL && index > 0) {
        f = f->next;
        index--;
    }
    if (f == NULL) {
        return 0;
    }
    *ret_name = (struct cxd_bytes){f->text, f->name_len};
    *ret_value = (struct cxd_bytes){f->value, strlen(f->value)};
    return 1;
}

int64_t http_retry_after(const char *value, int64_t wall_ms)
{
    static const int64_t day_ms = 24LL * 60 * 60 * 1000;
    int64_t wait_ms = 0;
    size_t digits;
    size_t len;

    if (value == NULL) {
        return -1;
    }
    value += strspn(value, " \t");
    len = strlen(value);
    while (len > 0 && (value[len - 1] == ' ' || value[len - 1] == '\t')) {
        len--;
    }
    digits = strspn(value, "0123456789");
    if (digits > 0 && digits == len) {
        for (size_t i = 0; i < digits && wait_ms < day_ms; i++) {
            wait_ms = wait_ms * 10 + (int64_t)(value[i] - '0') * 1000;
        }
    } else {
        time_t date = len > 0 && len < 64 ? curl_getdate(value, NULL) : -1;

        if (date == (time_t)-1) {
            return -1;
        }
        wait_ms = (int64_t)date * 1000 - wall_ms;
    }
    wait_ms = wait_ms < 0 ? 0 : wait_ms;
    return wait_ms > day_ms ? day_ms : wait_ms;
}
