/* topic.c: reads `%{[data_stream.dataset]}` and its like, and fills them in. Knows nothing of Kafka's client. */
#include "topic.h"

static const char *const references[] = {"%{[data_stream.type]}", "%{[data_stream.dataset]}",
                                         "%{[data_stream.namespace]}"};
#define REFERENCE_COUNT (sizeof references / sizeof references[0])

static int is_topic_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == '-';
}

/* Number of the reference that text begins with; REFERENCE_COUNT: none. */
static size_t reference_at(const char *text)
{
    size_t i = 0;

    while (i < REFERENCE_COUNT && strncmp(text, references[i], strlen(references[i])) != 0) {
        i++;
    }
    return i;
}

int topic_format_read(struct topic_format *ret_format, struct cxd_bytes text, struct cxd_error *err)
{
    struct topic_format format = {{0}};

    if (text.len == 0 || text.len > TOPIC_FORMAT_MAX) {
        return cxd_error_set(err, CXD_CONFIG, "topic: 1 to %d bytes", TOPIC_FORMAT_MAX);
    }
    memcpy(format.text, text.ptr, text.len);
    for (size_t i = 0; i < text.len;) {
        size_t which = reference_at(format.text + i);

        if (which < REFERENCE_COUNT) {
            i += strlen(references[which]);
        } else if (is_topic_char(format.text[i])) {
            i++;
        } else if (format.text[i] == '%') {
            return cxd_error_set(err, CXD_CONFIG,
                                 "topic: byte %zu: only %%{[data_stream.type]}, "
                                 "%%{[data_stream.dataset]} and %%{[data_stream.namespace]} "
                                 "can be filled in",
                                 i + 1);
        } else {
            return cxd_error_set(err, CXD_CONFIG,
                                 "topic: byte %zu: letters, digits, dot, underscore and dash only",
                                 i + 1);
        }
    }
    *ret_format = format;
    return CXD_OK;
}

/* type-dataset-namespace: neither of the first two has a dash. 0 when there are not three. */
static int index_split(struct cxd_bytes index, struct cxd_bytes ret_parts[REFERENCE_COUNT])
{
    for (size_t i = 0; i + 1 < REFERENCE_COUNT; i++) {
        const char *dash = index.len > 0 ? memchr(index.ptr, '-', index.len) : NULL;

        if (dash == NULL) {
            return 0;
        }
        ret_parts[i] = (struct cxd_bytes){index.ptr, (size_t)(dash - index.ptr)};
        index.len -= ret_parts[i].len + 1;
        index.ptr = dash + 1;
    }
    ret_parts[REFERENCE_COUNT - 1] = index;
    return 1;
}

static int is_name(const char *name, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (!is_topic_char(name[i])) {
            return 0;
        }
    }
    return len > 0 && strcmp(name, ".") != 0 && strcmp(name, "..") != 0;
}

int topic_make(const struct topic_format *format, struct cxd_bytes index,
               char ret_name[TOPIC_MAX + 1])
{
    struct cxd_bytes parts[REFERENCE_COUNT];
    int is_split = index_split(index, parts);
    char name[TOPIC_MAX + 1] = "";
    size_t len = 0;

    for (const char *at = format->text; *at != '\0';) {
        size_t which = reference_at(at);
        struct cxd_bytes part = {at, 1};

        if (which < REFERENCE_COUNT) {
            if (!is_split) {
                return CXD_REJECTED;
            }
            part = parts[which];
        }
        if (len + part.len > TOPIC_MAX) {
            return CXD_REJECTED;
        }
        memcpy(name + len, part.ptr, part.len);
        len += part.len;
        at += which < REFERENCE_COUNT ? strlen(references[which]) : 1;
    }
    if (!is_name(name, len)) {
        return CXD_REJECTED;
    }
    memcpy(ret_name, name, len + 1);
    return CXD_OK;
}
