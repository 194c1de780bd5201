/*
 * xml.c: decode_xml: an XML text as an object, by libxml2. Without network, external entities or DTDs; entities of the document's own are
 * not replaced, so that a small text cannot become a large one. libxml2 has memory of its own for the time of a text.
 */
#include "lib/edit.h"
#include "lib/letter.h"

#include <libxml/xmlreader.h>
#include <string.h>

#define DEPTH_MAX 64

struct decode_xml {
    struct base base;
    struct path field;
    struct path target;
    bool is_root; /* target "" */
    bool lowers;
    struct cxd_bytes id_key;
};

static int decode_xml_open(struct base *b, struct cxd_bytes options, struct cxd_error *err)
{
    struct decode_xml *p = (struct decode_xml *)b;
    struct cxd_bytes target = base_text(b, options, "target_field");
    int r = path_option(b, options, "field", &p->field, err);

    p->is_root = target.ptr != NULL && target.len == 0;
    p->target = p->field;
    if (r == CXD_OK && target.len > 0) {
        r = path_option(b, options, "target_field", &p->target, err);
    }
    p->lowers = base_bool(b, options, "to_lower");
    if (r == CXD_OK && base_text(b, options, "document_id").len > 0) {
        p->id_key = path_quote(b, base_text(b, options, "document_id"));
        r = p->id_key.ptr != NULL ? r : base_lack(err);
    }
    xmlInitParser();
    return r;
}

struct xml {
    struct edit *e;
    const struct decode_xml *p;
    xmlTextReaderPtr reader;
};

/* Names of XML hold nothing that JSON would escape. */
static int key_make(struct xml *x, const xmlChar *name, struct cxd_bytes *ret_key)
{
    struct cxd_bytes text = {(const char *)name, name != NULL ? strlen((const char *)name) : 0};
    struct cxd_bytes key = edit_keep(x->e, text);

    if (key.ptr == NULL) {
        return edit_lack(x->e);
    }
    if (x->p->lowers) {
        letter_lower(text.ptr, text.len, false, (char *)(uintptr_t)key.ptr);
    }
    *ret_key = key;
    return CXD_OK;
}

/* A second member of a name makes a list of both. */
static int member_add(struct xml *x, struct cxd_node *object, struct cxd_bytes key,
                      const struct cxd_node *content)
{
    static const struct cxd_bytes none = {NULL, 0};
    struct edit_spot spot;
    int r = edit_member(x->e, object, key, &spot);

    if (r == 1 && spot.node->value.kind != CXD_KIND_LIST) {
        struct cxd_node first = *spot.node;
        spot.node->value = (struct cxd_value){.kind = CXD_KIND_LIST, .flags = CXD_VALUE_TREE};
        spot.node->first = NULL;
        spot.node->last = NULL;
        r = edit_append(x->e, spot.node, none, &first);
        return r == CXD_OK ? edit_append(x->e, spot.node, none, content) : r;
    }
    if (r == 1) {
        return edit_append(x->e, spot.node, none, content);
    }
    return r < 0 ? r : edit_append(x->e, object, key, content);
}

static int attributes_read(struct xml *x, struct cxd_node *object)
{
    int r = CXD_OK;

    while (r == CXD_OK && xmlTextReaderMoveToNextAttribute(x->reader) == 1) {
        const xmlChar *value = xmlTextReaderConstValue(x->reader);
        struct cxd_bytes text = {(const char *)value,
                                 value != NULL ? strlen((const char *)value) : 0};
        struct cxd_bytes key;
        if (xmlTextReaderIsNamespaceDecl(x->reader) == 1) {
            continue;
        }
        r = key_make(x, xmlTextReaderConstLocalName(x->reader), &key);
        text = r == CXD_OK ? edit_keep(x->e, text) : text;
        if (r == CXD_OK && text.ptr == NULL) {
            r = edit_lack(x->e);
        }
        if (r == CXD_OK) {
            r = member_add(x, object, key, &(struct cxd_node){.value = edit_text_value(text)});
        }
    }
    (void)xmlTextReaderMoveToElement(x->reader); /* 0 when there was no attribute */
    return r;
}

static int element_read(struct xml *x, struct cxd_node *parent, int depth);

/* What stands between the tags, up to the closing one. */
static int children_read(struct xml *x, struct cxd_node *object, struct edit_out *text, int depth)
{
    int r = CXD_OK;
    int is_read;

    while (r == CXD_OK && (is_read = xmlTextReaderRead(x->reader)) == 1) {
        const xmlChar *value = xmlTextReaderConstValue(x->reader);
        switch (xmlTextReaderNodeType(x->reader)) {
        case XML_READER_TYPE_ELEMENT:
            r = element_read(x, object, depth + 1);
            break;
        case XML_READER_TYPE_TEXT:
        case XML_READER_TYPE_CDATA:
            r = edit_out_add(x->e, text,
                             (struct cxd_bytes){(const char *)value,
                                                value != NULL ? strlen((const char *)value) : 0});
            break;
        case XML_READER_TYPE_END_ELEMENT:
            return CXD_OK;
        default:
            break; /* comments, instructions, entities that are not replaced */
        }
    }
    return r != CXD_OK ? r : edit_fail(x->e, "not well-formed XML");
}

static struct cxd_bytes text_trim(const struct edit_out *out)
{
    struct cxd_bytes text = {out->ptr, out->len};

    while (text.len > 0 && (unsigned char)text.ptr[0] <= ' ') {
        text = (struct cxd_bytes){text.ptr + 1, text.len - 1};
    }
    while (text.len > 0 && (unsigned char)text.ptr[text.len - 1] <= ' ') {
        text.len--;
    }
    return text;
}

static int element_read(struct xml *x, struct cxd_node *parent, int depth)
{
    struct cxd_node content = {.value = {.kind = CXD_KIND_OBJECT, .flags = CXD_VALUE_TREE}};
    struct edit_out out = {0};
    struct cxd_bytes text;
    struct cxd_bytes key;
    bool is_empty = xmlTextReaderIsEmptyElement(x->reader) == 1;
    int r = depth < DEPTH_MAX ? key_make(x, xmlTextReaderConstLocalName(x->reader), &key)
                              : edit_fail(x->e, "XML nested deeper than %d", DEPTH_MAX);

    r = r != CXD_OK ? r : attributes_read(x, &content);
    r = r != CXD_OK || is_empty ? r : children_read(x, &content, &out, depth);
    if (r != CXD_OK) {
        return r;
    }
    text = text_trim(&out);
    if (content.first == NULL) {
        content.value = edit_text_value(text);
    } else if (text.len > 0) {
        r = edit_append(x->e, &content, CXD_LIT("#text"),
                        &(struct cxd_node){.value = edit_text_value(text)});
    }
    return r != CXD_OK ? r : member_add(x, parent, key, &content);
}

/* The document's element, as the one member of an object. */
static int document_read(struct xml *x, struct cxd_node *object)
{
    int is_read;
    int r = EDIT_FAILED;

    while ((is_read = xmlTextReaderRead(x->reader)) == 1) {
        if (xmlTextReaderNodeType(x->reader) == XML_READER_TYPE_ELEMENT) {
            r = element_read(x, object, 0);
            if (r != CXD_OK) {
                return r;
            }
        }
    }
    return is_read == 0 && r == CXD_OK ? CXD_OK : edit_fail(x->e, "not well-formed XML");
}

static int text_decode(struct edit *e, const struct decode_xml *p, struct cxd_bytes text,
                       struct cxd_node *object)
{
    struct xml x = {.e = e, .p = p};
    bool is_undoable = e->is_undoable;
    int r;

    if (text.len > INT32_MAX) {
        return edit_fail(e, "XML of more than 2 GiB");
    }
    x.reader = xmlReaderForMemory(text.ptr, (int)text.len, NULL, "UTF-8",
                                  XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING);
    if (x.reader == NULL) {
        return CXD_NOMEM;
    }
    e->is_undoable = false; /* the object is beside the event */
    r = document_read(&x, object);
    e->is_undoable = is_undoable;
    xmlFreeTextReader(x.reader);
    return r;
}

static int id_take(struct edit *e, const struct decode_xml *p, struct cxd_node *object)
{
    struct edit_spot spot = {.node = object};
    struct cxd_bytes text;
    int r =
        p->id_key.len > 0 && object->first != NULL && object->first->value.kind == CXD_KIND_OBJECT
            ? edit_member(e, object->first, p->id_key, &spot)
            : 0;

    if (r != 1 || spot.node->value.kind != CXD_KIND_STRING) {
        return r < 0 ? r : CXD_OK;
    }
    r = e->host->value_text(e->event, &spot.node->value, &text);
    if (r == CXD_OK) {
        e->host->event_set_id(e->event, text);
        r = edit_remove(e, &spot);
    }
    return r;
}

static int decode_xml_run(struct edit *e)
{
    struct decode_xml *p = (struct decode_xml *)e->base;
    struct cxd_node *object = edit_alloc(e, sizeof *object);
    struct edit_spot spot;
    struct cxd_bytes text;
    int r = object != NULL ? edit_find(e, &p->field, &spot) : edit_lack(e);

    if (r <= 0) {
        return r < 0 ? r : edit_missing(e, &p->field);
    }
    *object = (struct cxd_node){.value = {.kind = CXD_KIND_OBJECT, .flags = CXD_VALUE_TREE}};
    r = edit_text(e, &p->field, &spot.node->value, &text);
    r = r != CXD_OK ? r : text_decode(e, p, text, object);
    r = r != CXD_OK ? r : id_take(e, p, object);
    if (r != CXD_OK) {
        return r;
    }
    if (p->is_root) {
        return edit_merge(e, e->root, object, p->base.overwrites);
    }
    r = p->base.overwrites ? 0 : edit_find(e, &p->target, &spot);
    if (r == 1) {
        return edit_fail(e, "field %.200s is there already", p->target.name.ptr);
    }
    return r < 0 ? r : edit_put(e, &p->target, object);
}

static const struct cxd_option decode_xml_options[] = {
    {.name = "field",
     .type = CXD_OPTION_STRING,
     .default_value = "message",
     .help = "Text that is XML."},
    {.name = "target_field",
     .type = CXD_OPTION_STRING,
     .help = "Where the result goes; \"\": merged into the document; absent: into the field."},
    {.name = "overwrite_keys",
     .type = CXD_OPTION_BOOL,
     .default_value = "true",
     .help = "false: fields that are there already are not replaced."},
    {.name = "to_lower",
     .type = CXD_OPTION_BOOL,
     .default_value = "true",
     .help = "true: names in lower case."},
    {.name = "document_id",
     .type = CXD_OPTION_STRING,
     .help = "Name below the document's element whose text becomes the id, and is taken out."},
    OPTION_IGNORE_MISSING,
    OPTION_IGNORE_FAILURE,
    {.name = NULL},
};

BASE_MODULE(decode_xml, NULL, "decodes XML inside a text", NULL)
