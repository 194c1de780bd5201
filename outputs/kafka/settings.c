/* settings.c: reads the options document once, at open. Error texts name the option, never its value. */
#include "output.h"

#define HOSTS_MAX 64
#define PORT_DEFAULT ":9092"

static int number_get(const struct output *o, struct cxd_bytes doc, const char *name,
                      const int64_t range[2], int64_t *ret_number, struct cxd_error *err)
{
    struct cxd_scalar value = o->host->doc_get(doc, name);

    if (value.type != CXD_INT || value.number < range[0] || value.number > range[1]) {
        return cxd_error_set(err, CXD_CONFIG, "%s: between %lld and %lld", name,
                             (long long)range[0], (long long)range[1]);
    }
    *ret_number = value.number;
    return CXD_OK;
}

/* NAME, NAME:PORT or [ADDRESS]:PORT: nothing that the library would take for a list or a scheme. */
static int is_host(struct cxd_bytes text)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        int is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');

        if (!is_plain && (c == '\0' || strchr("-_.:[]", c) == NULL)) {
            return 0;
        }
    }
    return text.len > 0 && text.len <= 255 && text.ptr[0] != ':' && text.ptr[text.len - 1] != ':';
}

static int has_port(struct cxd_bytes text)
{
    const char *end = memrchr(text.ptr, ']', text.len);
    size_t skip = end != NULL ? (size_t)(end - text.ptr) : 0;

    return memchr(text.ptr + skip, ':', text.len - skip) != NULL;
}

static int host_add(struct settings *s, struct cxd_bytes text, uint32_t number,
                    struct cxd_error *err)
{
    size_t len = strlen(s->hosts);
    int r;

    if (!is_host(text)) {
        return cxd_error_set(err, CXD_CONFIG, "hosts.%u: NAME or NAME:PORT", number);
    }
    r = snprintf(s->hosts + len, sizeof s->hosts - len, "%s%.*s%s", len > 0 ? "," : "",
                 (int)text.len, text.ptr, has_port(text) ? "" : PORT_DEFAULT);
    if (r < 0 || (size_t)r >= sizeof s->hosts - len) {
        return cxd_error_set(err, CXD_CONFIG, "hosts: at most %zu bytes together",
                             sizeof s->hosts - 1);
    }
    return CXD_OK;
}

static int hosts_read(struct output *o, struct cxd_bytes doc, struct cxd_error *err)
{
    struct cxd_scalar list = o->host->doc_get(doc, "hosts");
    int r = CXD_OK;

    if (list.type != CXD_ARRAY || list.count == 0 || list.count > HOSTS_MAX) {
        return cxd_error_set(err, CXD_CONFIG, "hosts: a list of 1 to %d", HOSTS_MAX);
    }
    for (uint32_t i = 0; i < list.count && r == CXD_OK; i++) {
        struct cxd_scalar item = o->host->doc_at(list.bytes, i, NULL);

        r = host_add(&o->settings, item.type == CXD_TEXT ? item.bytes : (struct cxd_bytes){NULL, 0},
                     i, err);
    }
    return r;
}

int settings_read(struct output *o, struct cxd_bytes doc, struct cxd_error *err)
{
    static const int64_t times[2] = {1000, 300000};
    static const int64_t sizes[2] = {1000, 1000000000};
    static const int64_t acks[2] = {-1, 1};
    struct settings *s = &o->settings;
    int64_t number = -1;
    int r = hosts_read(o, doc, err);

    if (r == CXD_OK) {
        r = topic_format_read(&s->topic, o->host->doc_get(doc, "topic").bytes, err);
    }
    if (r == CXD_OK) {
        r = partition_read(&s->partition, o->host, o->self, o->host->doc_get(doc, "partition"),
                           err);
    }
    if (r == CXD_OK) {
        r = number_get(o, doc, "timeout", times, &s->timeout_ms, err);
    }
    if (r == CXD_OK) {
        r = number_get(o, doc, "max_message_bytes", sizes, &s->max_message_bytes, err);
    }
    if (r == CXD_OK) {
        r = number_get(o, doc, "required_acks", acks, &number, err);
    }
    s->acks = (int)number;
    return r;
}
