/* add.c: add_fields, add_tags, add_labels, drop_event: what is put in whatever is there. */
#include "lib/edit.h"
#include "lib/template.h"

/* --- add_fields, add_labels: a template merged into an object --------------------------------------- */

struct add_fields {
    struct base base;
    struct path target; /* without parts: the document */
    struct cxd_node content;
};

static int content_open(struct add_fields *p, const char *target, struct cxd_error *err)
{
    struct cxd_bytes name = {target, 0};

    while (target != NULL && target[name.len] != '\0') {
        name.len++;
    }
    p->target.name = (struct cxd_bytes){"", 0};
    return name.len > 0 ? path_read(&p->base, name, &p->target, err) : CXD_OK;
}

static int add_fields_open(struct base *b, struct cxd_bytes options, struct cxd_error *err)
{
    struct add_fields *p = (struct add_fields *)b;
    struct cxd_scalar fields = b->host->doc_get(options, "fields");
    struct cxd_bytes target = base_text(b, options, "target");
    int r = content_open(p, target.ptr, err);

    if (r == CXD_OK && fields.type != CXD_DOCUMENT) {
        return cxd_error_set(err, CXD_CONFIG, "fields: expected names with their values");
    }
    if (r == CXD_OK && p->target.is_id) {
        return cxd_error_set(err, CXD_CONFIG, "target: fields cannot go into the document's id");
    }
    return r != CXD_OK ? r : template_read(b, &fields, true, &p->content, err);
}

static int add_fields_run(struct edit *e)
{
    struct add_fields *p = (struct add_fields *)e->base;
    struct edit_spot spot = {.node = e->root};
    int r = p->target.count > 0 ? edit_find(e, &p->target, &spot) : 1;

    if (r < 0) {
        return r;
    }
    if (r == 0 || spot.node->value.kind != CXD_KIND_OBJECT) {
        return edit_put(e, &p->target, &p->content); /* as it is: one node */
    }
    return edit_merge(e, spot.node, &p->content, true);
}

static const struct cxd_option add_fields_options[] = {
    {.name = "target",
     .type = CXD_OPTION_STRING,
     .default_value = "fields",
     .help = "Object that the fields are put into; \"\": the document itself."},
    {.name = "fields",
     .type = CXD_OPTION_ANY,
     .flags = CXD_OPTION_REQUIRED,
     .help = "Names with their values, of any kind."},
    {.name = NULL},
};

BASE_MODULE(add_fields, NULL, "adds fields with fixed values", NULL)

struct add_labels {
    struct add_fields shared;
};

static int add_labels_open(struct base *b, struct cxd_bytes options, struct cxd_error *err)
{
    struct add_fields *p = (struct add_fields *)b;
    struct cxd_scalar labels = b->host->doc_get(options, "labels");

    if (labels.type != CXD_DOCUMENT) {
        return cxd_error_set(err, CXD_CONFIG, "labels: expected names with their values");
    }
    return content_open(p, "labels", err) != CXD_OK
               ? base_lack(err)
               : template_flatten(b, labels.bytes, &p->content, err);
}

static int add_labels_run(struct edit *e)
{
    return add_fields_run(e);
}

static const struct cxd_option add_labels_options[] = {
    {.name = "labels",
     .type = CXD_OPTION_ANY,
     .flags = CXD_OPTION_REQUIRED,
     .help = "Names with their values; nested ones become one dotted name."},
    {.name = NULL},
};

BASE_MODULE(add_labels, NULL, "adds key words below labels", NULL)

/* --- add_tags ----------------------------------------------------------------------------------------- */

struct add_tags {
    struct base base;
    struct path target;
    struct cxd_value *tags;
    size_t count;
};

static int add_tags_open(struct base *b, struct cxd_bytes options, struct cxd_error *err)
{
    struct add_tags *p = (struct add_tags *)b;
    struct cxd_bytes *texts = NULL;
    int r = path_option(b, options, "target", &p->target, err);

    r = r != CXD_OK ? r : base_texts(b, options, "tags", &texts, &p->count, err);
    if (r != CXD_OK) {
        return r;
    }
    p->tags = base_alloc(b, p->count * sizeof *p->tags);
    if (p->tags == NULL) {
        return base_lack(err);
    }
    for (size_t i = 0; i < p->count; i++) {
        p->tags[i] = edit_text_value(texts[i]);
    }
    return CXD_OK;
}

static int add_tags_run(struct edit *e)
{
    struct add_tags *p = (struct add_tags *)e->base;

    return edit_tag(e, &p->target, p->tags, p->count);
}

static const struct cxd_option add_tags_options[] = {
    {.name = "tags",
     .type = CXD_OPTION_STRING_LIST,
     .flags = CXD_OPTION_REQUIRED,
     .help = "Tags to add behind those that are there."},
    {.name = "target",
     .type = CXD_OPTION_STRING,
     .default_value = "tags",
     .help = "List that they are added to."},
    {.name = NULL},
};

BASE_MODULE(add_tags, NULL, "adds tags to a list", NULL)

/* --- drop_event --------------------------------------------------------------------------------------- */

struct drop_event {
    struct base base;
};

static int drop_event_open(struct base *b, struct cxd_bytes options, struct cxd_error *err)
{
    (void)b;
    (void)options;
    (void)err;
    return CXD_OK;
}

static int drop_event_run(struct edit *e)
{
    e->host->count(e->base->self, "processor_drop_event_total", 1);
    return CXD_DISCARD;
}

static const struct cxd_option drop_event_options[] = {{.name = NULL}};

BASE_MODULE(drop_event, NULL, "drops the event; under a condition", NULL)
