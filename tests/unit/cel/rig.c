/* rig.c: see the header. */
#include "rig.h"

#include "io/doc.h"
#include "io/regex.h"

struct cxd_host rig_host;
void *rig;
const char *rig_headers;

/* Field number `index` of the reply that the script gave last. */
static int header_at(struct cxd_transfer *t, uint32_t index, struct cxd_bytes *ret_name,
                     struct cxd_bytes *ret_value)
{
    const char *line = fake.reply_next > 0 ? fake.replies[fake.reply_next - 1].headers : NULL;

    (void)t;
    line = rig_headers != NULL ? rig_headers
           : line != NULL      ? line
                               : "Content-Type: application/json\n";
    for (; *line != '\0'; line += strcspn(line, "\n") + 1) {
        const char *colon = strchr(line, ':');

        assert_non_null(colon);
        if (index-- == 0) {
            *ret_name = (struct cxd_bytes){line, (size_t)(colon - line)};
            *ret_value = (struct cxd_bytes){colon + 2, strcspn(colon + 2, "\n")};
            return 1;
        }
    }
    return 0;
}

static int waiting(struct cxd_client *client, uint32_t timeout_ms)
{
    rig_later(timeout_ms < 50 ? timeout_ms : 50);
    return fake_http_wait(client, timeout_ms);
}

static int rig_regex_new(struct cxd_self *self, const char *pattern, struct cxd_regex **ret,
                         struct cxd_error *err)
{
    (void)self;
    return regex_new(pattern, ret, err);
}

/* Within "double" quotes single ones are the text's own: a program's. */
static const char *quotes(const char *json)
{
    static char out[16384];
    bool is_inside = false;
    size_t len = 0;

    for (; *json != '\0'; json++) {
        assert_true(len + 8 < sizeof out);
        is_inside ^= *json == '"' && json[-1] != '\\';
        if (*json == '\'' && is_inside) {
            len += (size_t)sprintf(out + len, "\\u0027");
        } else {
            out[len++] = *json;
        }
    }
    out[len] = '\0';
    return out;
}

int rig_try_as(const struct cxd_option *table, const char *json, stream_translate_fn translate,
               struct cxd_error *err)
{
    rig_host = fake_host;
    rig_host.http_header_at = header_at;
    rig_host.http_wait = waiting;
    rig_host.regex_new = rig_regex_new;
    rig_host.regex_find = regex_find;
    rig_host.regex_free = regex_free;
    rig = NULL;
    return stream_open(&rig_host, NULL, fake_options(table, quotes(json)), translate, &rig, err);
}

void rig_close(void)
{
    stream_close(rig);
    assert_int_equal(fake.held, 0);
}

void rig_later(int64_t ms)
{
    fake.mono_ms += ms;
    fake.wall_ms += ms;
}

int rig_period(void)
{
    struct cxd_error err = CXD_ERROR_INIT;
    int64_t wait_ms = 0;
    int result;

    for (int i = 0; i < 100000; i++) {
        result = stream_poll(rig, &wait_ms, &err);
        if (result != CXD_POLL_MORE && result != CXD_POLL_WAITING) {
            return result;
        }
        rig_later(result == CXD_POLL_WAITING ? wait_ms : 0);
    }
    fail_msg("no end");
    return 0;
}

const char *rig_cursor(void)
{
    static char text[4096];
    struct cxd_scalar v = {.type = CXD_NONE};

    if (fake.cursor_len > 0) {
        v = doc_get((struct cxd_bytes){fake.cursor, fake.cursor_len}, "cursor");
    }
    (void)snprintf(text, sizeof text, "%.*s", (int)(v.type == CXD_TEXT ? v.bytes.len : 0),
                   v.type == CXD_TEXT ? v.bytes.ptr : "");
    return text;
}
