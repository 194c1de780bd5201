/* modules_json.c: see the header. The first error is kept in the writer and ends all further writing. */
#include "front/module/modules_json.h"

#include "base/text.h"
#include "cxd/status.h"
#include "front/module/export_merge.h"
#include "front/module/options.h"

#include <limits.h>
#include <string.h>

struct writer {
    struct buf *out;
    int status;
};

static void raw(struct writer *w, const char *text)
{
    w->status = w->status != CXD_OK ? w->status : buf_add_text(w->out, text);
}

static void quoted(struct writer *w, struct cxd_bytes text)
{
    w->status = w->status != CXD_OK ? w->status : buf_reserve(w->out, text_quote_len(text));
    if (w->status == CXD_OK) {
        w->out->len = (size_t)(text_quote_known(text, w->out->ptr + w->out->len) - w->out->ptr);
    }
}

/* One member; lead: what stands before its name. */
static void member(struct writer *w, const char *lead, const char *name, const char *value)
{
    raw(w, lead);
    quoted(w, (struct cxd_bytes){name, strlen(name)});
    raw(w, ":");
    quoted(w, (struct cxd_bytes){value, strlen(value)});
}

static void aliases_add(struct writer *w, const char *words)
{
    raw(w, ",\"aliases\":[");
    for (const char *comma = ""; words != NULL && *words != '\0'; comma = ",") {
        size_t len = strcspn(words, " ");
        if (len > 0) {
            raw(w, comma);
            quoted(w, (struct cxd_bytes){words, len});
        }
        words += len + (words[len] == ' ');
    }
    raw(w, "]");
}

static void module_add(struct writer *w, const struct catalog_entry *e, int has_options)
{
    const struct cxd_module *m = e->module;
    char fields[PATH_MAX];

    member(w, "{", "kind", catalog_kind_word(m->kind));
    member(w, ",", "name", m->name);
    member(w, ",", "version", m->version);
    member(w, ",", "summary", m->summary);
    member(w, ",", "path", e->path);
    w->status = w->status != CXD_OK
                    ? w->status
                    : buf_add_format(w->out, ",\"abi\":\"%u.%u\"", m->abi >> 16, m->abi & 0xffff);
    if (merge_beside(e->path, fields, sizeof fields)) {
        member(w, ",", "fields", fields);
    }
    aliases_add(w, m->aliases);
    if (has_options) {
        raw(w, ",\"options\":");
        w->status = w->status != CXD_OK ? w->status : options_json(w->out, m->options);
    }
    raw(w, "}");
}

int modules_json(struct buf *out, const struct catalog *catalog, int has_options)
{
    struct writer w = {.out = out};
    const char *comma = "";

    w.status =
        buf_add_format(out, "{\"abi\":\"%u.%u\",\"modules\":[", CXD_ABI_MAJOR, CXD_ABI_MINOR);
    for (const struct catalog_entry *e = catalog->first; e != NULL; e = e->next) {
        if (e->module != NULL) {
            raw(&w, comma);
            module_add(&w, e, has_options);
            comma = ",";
        }
    }
    raw(&w, "],\"refused\":[");
    comma = "";
    for (const struct catalog_entry *e = catalog->first; e != NULL; e = e->next) {
        if (e->module == NULL) {
            raw(&w, comma);
            member(&w, "{", "path", e->path);
            member(&w, ",", "reason", e->why.text);
            raw(&w, "}");
            comma = ",";
        }
    }
    raw(&w, "]}\n");
    return w.status;
}
