/* startup.c: see the header. */
#include "front/component/startup.h"

#include "base/cleanup.h"
#include "front/component/wire.h"
#include "io/crypto.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum {
    FIELD_ADDR = 1,
    FIELD_NAME,
    FIELD_TOKEN,
    FIELD_CA,
    FIELD_CERT,
    FIELD_KEY,
    FIELD_SERVICES,
    FIELD_SUPPORTS,
    FIELD_MAX,
    FIELD_AGENT
};
enum { SERVICE_CHECKIN_V2 = 1 };
enum { SUPPORTS_CHUNKS = 0 };

void startup_init(struct startup *s)
{
    *s = (struct startup){.message_max = 0};
    buf_init(&s->token, STARTUP_BYTES_MAX);
    buf_init(&s->ca_cert, STARTUP_BYTES_MAX);
    buf_init(&s->peer_cert, STARTUP_BYTES_MAX);
    buf_init(&s->peer_key, STARTUP_BYTES_MAX);
}

static void secret_done(struct buf *b)
{
    if (b->ptr != NULL) {
        crypto_wipe(b->ptr, b->cap);
    }
    buf_done(b);
}

void startup_done(struct startup *s)
{
    secret_done(&s->token);
    secret_done(&s->ca_cert);
    secret_done(&s->peer_cert);
    secret_done(&s->peer_key);
}

static int text_take(const struct wire_field *f, char *out, size_t room)
{
    if (f->type != WIRE_BYTES || f->bytes.len >= room ||
        memchr(f->bytes.ptr, '\0', f->bytes.len) != NULL) {
        return CXD_MALFORMED;
    }
    memcpy(out, f->bytes.ptr, f->bytes.len);
    out[f->bytes.len] = '\0';
    return CXD_OK;
}

static int secret_take(const struct wire_field *f, struct buf *out)
{
    int r = f->type == WIRE_BYTES ? CXD_OK : CXD_MALFORMED;

    buf_clear(out);
    r = r != CXD_OK ? r : buf_add(out, f->bytes.ptr, f->bytes.len);
    r = r != CXD_OK ? r : buf_add(out, "", 1);
    if (r == CXD_OK) {
        out->len--;
    }
    return r;
}

/* Numbers, packed or one by one: is this one of them? */
static int number_look(const struct wire_field *f, uint64_t wanted, int *is_there)
{
    struct cxd_bytes in = f->bytes;

    if (f->type == WIRE_VARINT) {
        *is_there |= f->value == wanted;
        return CXD_OK;
    }
    for (; f->type == WIRE_BYTES && in.len > 0; in.ptr++, in.len--) {
        *is_there |= (unsigned char)*in.ptr == wanted; /* all of them are small numbers */
    }
    return f->type == WIRE_BYTES ? CXD_OK : CXD_MALFORMED;
}

static int agent_take(const struct wire_field *f, struct startup *s)
{
    struct cxd_bytes in = f->bytes;
    struct wire_field field;
    int r = f->type == WIRE_BYTES ? 1 : CXD_MALFORMED;

    while (r > 0 && (r = wire_next(&in, &field)) > 0) {
        int t = field.number == 1   ? text_take(&field, s->agent_id, sizeof s->agent_id)
                : field.number == 2 ? text_take(&field, s->agent_version, sizeof s->agent_version)
                                    : CXD_OK;
        r = t != CXD_OK ? t : r;
    }
    return r;
}

static int field_take(const struct wire_field *f, struct startup *s)
{
    switch (f->number) {
    case FIELD_ADDR:
        return text_take(f, s->address, sizeof s->address);
    case FIELD_NAME:
        return text_take(f, s->server_name, sizeof s->server_name);
    case FIELD_TOKEN:
        return secret_take(f, &s->token);
    case FIELD_CA:
        return secret_take(f, &s->ca_cert);
    case FIELD_CERT:
        return secret_take(f, &s->peer_cert);
    case FIELD_KEY:
        return secret_take(f, &s->peer_key);
    case FIELD_SERVICES:
        return number_look(f, SERVICE_CHECKIN_V2, &s->has_checkin);
    case FIELD_SUPPORTS:
        return number_look(f, SUPPORTS_CHUNKS, &s->has_chunks);
    case FIELD_MAX:
        s->message_max = f->value < UINT32_MAX ? (uint32_t)f->value : UINT32_MAX;
        return CXD_OK;
    case FIELD_AGENT:
        return agent_take(f, s);
    default: /* what later agents say besides */
        return CXD_OK;
    }
}

int startup_parse(struct cxd_bytes message, struct startup *s, struct cxd_error *err)
{
    struct wire_field field;
    int r;

    while ((r = wire_next(&message, &field)) > 0) {
        int t = field_take(&field, s);
        if (t != CXD_OK) {
            r = t;
            break;
        }
    }
    if (r < 0) {
        return cxd_error_set(err, r,
                             r == CXD_NOMEM ? "connection info: out of memory"
                                            : "connection info on standard input: not what Elastic "
                                              "Agent writes");
    }
    if (!s->has_checkin) {
        return cxd_error_set(err, CXD_UNSUPPORTED,
                             "this Elastic Agent does not speak control protocol v2 (CheckinV2): "
                             "8.8 or newer is needed");
    }
    if (s->address[0] == '\0' || s->server_name[0] == '\0' || s->token.len == 0 ||
        s->ca_cert.len == 0 || s->peer_cert.len == 0 || s->peer_key.len == 0) {
        return cxd_error_set(err, CXD_CONFIG,
                             "connection info on standard input: address, server name, token or a "
                             "certificate is missing");
    }
    return CXD_OK;
}

int startup_read(int fd, struct startup *s, struct cxd_error *err)
{
    struct buf message;
    int r = CXD_OK;

    buf_init(&message, STARTUP_BYTES_MAX);
    while (r == CXD_OK) {
        ssize_t n;
        r = buf_reserve(&message, message.cap > message.len ? 1 : 4096);
        if (r != CXD_OK) {
            (void)cxd_error_set(err, r, "connection info on standard input: more than 1 MiB");
            break;
        }
        n = read(fd, message.ptr + message.len, message.cap - message.len);
        if (n < 0 && errno != EINTR) {
            r = cxd_error_set(err, CXD_IO, "standard input: %s", strerror(errno));
        } else if (n == 0) {
            break;
        }
        message.len += n > 0 ? (size_t)n : 0;
    }
    if (r == CXD_OK && message.len == 0) {
        r = cxd_error_set(err, CXD_END,
                          "nothing on standard input: `cortexd component` is started by Elastic "
                          "Agent (by hand: cortexd run)");
    }
    r = r != CXD_OK ? r : startup_parse((struct cxd_bytes){message.ptr, message.len}, s, err);
    secret_done(&message);
    return r;
}
