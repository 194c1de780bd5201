/* fake_options.c: what the host makes of a policy's options: a document with the table's defaults filled in. */
#include "fake.h"

#include "io/doc.h"

static bson_t *documents[64];
static size_t document_count;

static int64_t unit_of(const char *text)
{
    char *end;
    double number = strtod(text, &end);

    if (strcmp(end, "KiB") == 0) {
        return (int64_t)(number * 1024);
    }
    if (strcmp(end, "MiB") == 0) {
        return (int64_t)(number * 1048576);
    }
    return (int64_t)(strcmp(end, "ms") == 0  ? number
                     : strcmp(end, "s") == 0 ? number * 1000
                     : strcmp(end, "m") == 0 ? number * 60000
                     : strcmp(end, "h") == 0 ? number * 3600000
                                             : number);
}

static void default_put(bson_t *doc, const char *name, const struct cxd_option *o)
{
    const char *text = o->default_value;

    switch (o->type) {
    case CXD_OPTION_BOOL:
        BSON_APPEND_BOOL(doc, name, strcmp(text, "true") == 0);
        break;
    case CXD_OPTION_INT:
    case CXD_OPTION_SIZE:
    case CXD_OPTION_DURATION:
        BSON_APPEND_INT64(doc, name, unit_of(text));
        break;
    case CXD_OPTION_DOUBLE:
        BSON_APPEND_DOUBLE(doc, name, strtod(text, NULL));
        break;
    default:
        BSON_APPEND_UTF8(doc, name, text);
        break;
    }
}

/* The document with one default more, at its dotted path. */
static bson_t *default_merge(const bson_t *doc, const char *path, const struct cxd_option *o)
{
    bson_t *out = bson_new();
    bson_iter_t iter;
    const char *dot = strchr(path, '.');
    char part[64];
    bool done = false;

    (void)snprintf(part, sizeof part, "%.*s",
                   (int)(dot != NULL ? (size_t)(dot - path) : strlen(path)), path);
    assert_true(bson_iter_init(&iter, doc));
    while (bson_iter_next(&iter)) {
        if (dot != NULL && strcmp(bson_iter_key(&iter), part) == 0 &&
            BSON_ITER_HOLDS_DOCUMENT(&iter)) {
            uint32_t len;
            const uint8_t *bytes;
            bson_t sub;
            bson_t *merged;

            bson_iter_document(&iter, &len, &bytes);
            assert_true(bson_init_static(&sub, bytes, len));
            merged = default_merge(&sub, dot + 1, o);
            BSON_APPEND_DOCUMENT(out, part, merged);
            bson_destroy(merged);
            done = true;
        } else {
            assert_true(bson_append_iter(out, NULL, -1, &iter));
        }
    }
    if (!done && dot != NULL) {
        bson_t *empty = bson_new();
        bson_t *merged = default_merge(empty, dot + 1, o);

        BSON_APPEND_DOCUMENT(out, part, merged);
        bson_destroy(merged);
        bson_destroy(empty);
    } else if (!done) {
        default_put(out, part, o);
    }
    return out;
}

struct cxd_bytes fake_options(const struct cxd_option *table, const char *json)
{
    char *copy = strdup(json);
    bson_error_t error;
    bson_t *doc;

    for (char *c = copy; *c != '\0'; c++) {
        *c = *c == '\'' ? '"' : *c;
    }
    doc = bson_new_from_json((const uint8_t *)copy, -1, &error);
    free(copy);
    if (doc == NULL) {
        fail_msg("options: %s", error.message);
    }
    for (const struct cxd_option *o = table; o != NULL && o->name != NULL; o++) {
        struct cxd_bytes bytes = {(const char *)bson_get_data(doc), doc->len};

        if (o->default_value != NULL && doc_get(bytes, o->name).type == CXD_NONE) {
            bson_t *merged = default_merge(doc, o->name, o);

            bson_destroy(doc);
            doc = merged;
        }
    }
    documents[document_count++] = doc;
    return (struct cxd_bytes){(const char *)bson_get_data(doc), doc->len};
}

void fake_options_forget(void)
{
    for (size_t i = 0; i < document_count; i++) {
        bson_destroy(documents[i]);
    }
    document_count = 0;
}
