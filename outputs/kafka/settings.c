/* settings.c: reads the options document once, at open. Error texts name the option, never its value. */
#include "output.h"

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

int settings_read(struct output *o, struct cxd_bytes doc, struct cxd_error *err)
{
    static const int64_t times[2] = {1000, 300000};
    static const int64_t sizes[2] = {1000, 1000000000};
    static const int64_t acks[2] = {-1, 1};
    struct settings *s = &o->settings;
    int64_t number = -1;
    int r = topic_format_read(&s->topic, o->host->doc_get(doc, "topic").bytes, err);

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
