/* template.c: birth and end of a template. Thread: any. */
#include "template/node.h"

#define TEMPLATE_MEMORY (64u << 20)

void template_free(struct tmpl *t)
{
    if (t != NULL) {
        struct heap heap = t->heap;

        region_done(&t->region);
        heap_free(&heap, t);
    }
}

int template_compile(const struct heap *h, struct cxd_bytes source, struct tmpl **ret,
                     struct cxd_error *err)
{
    struct tmpl *t;
    int status;

    if (source.len > TEMPLATE_SOURCE_MAX) {
        return cxd_error_set(err, CXD_TOO_LARGE, "template: longer than %u bytes",
                             TEMPLATE_SOURCE_MAX);
    }
    t = heap_alloc(h, sizeof *t);
    if (t == NULL) {
        return cxd_error_set(err, CXD_NOMEM, "template: out of memory");
    }
    t->heap = *h;
    region_init(&t->region, &t->heap, TEMPLATE_MEMORY);
    t->source = region_copy(&t->region, source);
    status = t->source.ptr == NULL ? cxd_error_set(err, CXD_NOMEM, "template: out of memory")
                                   : parse_template(t, err);
    if (status < 0) {
        template_free(t);
        return status;
    }
    *ret = t;
    return 0;
}

bool template_is_text(const struct tmpl *t, struct cxd_bytes *ret_text)
{
    if (t->body == NULL) {
        *ret_text = (struct cxd_bytes){"", 0};
        return true;
    }
    if (t->body->kind != NODE_TEXT || t->body->next != NULL) {
        return false;
    }
    *ret_text = t->body->text;
    return true;
}
