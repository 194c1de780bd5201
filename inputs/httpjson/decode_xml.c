/*
 * decode_xml.c: XML as JSON: {"root": {"attribute": "..", "child": .., "#text": ".."}}; a name that comes again makes a list;
 * an element with text alone is that text. No entity but the five, no DTD, nothing is fetched. Thread: the instance's.
 */
#include "decode.h"

#include <libxml/parser.h>
#include <libxml/tree.h>

#define XML_MAX (256u << 20)

struct xml {
    struct region region;
    struct cxd_error *err;
};

static struct cxd_bytes xml_bytes(const xmlChar *text)
{
    return (struct cxd_bytes){(const char *)text, text != NULL ? strlen((const char *)text) : 0};
}

/* Adds a member; a second one of that name makes a list of both. */
static bool xml_member(struct xml *x, struct tree *object, struct cxd_bytes name, struct tree *node)
{
    struct region *r = &x->region;
    struct tree *old = tree_find(r, object, name);
    struct tree *list;

    if (old == NULL) {
        return node != NULL && tree_put(r, object, region_copy(r, name), node);
    }
    if (old->kind == TREE_LIST) {
        return tree_push(r, old, node);
    }
    list = tree_new(r, TREE_LIST);
    return list != NULL && tree_push(r, list, tree_copy(r, old)) && tree_push(r, list, node) &&
           tree_put(r, object, region_copy(r, name), list);
}

static bool xml_attributes(struct xml *x, xmlNode *element, struct tree *object)
{
    for (xmlAttr *a = element->properties; a != NULL; a = a->next) {
        struct cxd_bytes value = xml_bytes(a->children != NULL ? a->children->content : NULL);
        struct tree *node = tree_new_string(&x->region, region_copy(&x->region, value));

        if (node == NULL || !xml_member(x, object, xml_bytes(a->name), node)) {
            return false;
        }
    }
    return true;
}

static struct cxd_bytes xml_trim(struct cxd_bytes text)
{
    while (text.len > 0 && strchr(" \t\r\n", text.ptr[0]) != NULL) {
        text = (struct cxd_bytes){text.ptr + 1, text.len - 1};
    }
    while (text.len > 0 && strchr(" \t\r\n", text.ptr[text.len - 1]) != NULL) {
        text.len--;
    }
    return text;
}

static struct tree *xml_element(struct xml *x, xmlNode *element, int depth)
{
    struct tree *object = tree_new(&x->region, TREE_OBJECT);
    struct text text;
    struct cxd_bytes own;

    if (object == NULL || depth > TREE_DEPTH || !xml_attributes(x, element, object)) {
        return NULL;
    }
    text_init(&text, x->region.heap, XML_MAX);
    for (xmlNode *n = element->children; n != NULL; n = n->next) {
        if (n->type == XML_TEXT_NODE || n->type == XML_CDATA_SECTION_NODE) {
            struct cxd_bytes piece = xml_bytes(n->content);

            text_add(&text, piece.ptr, piece.len);
        } else if (n->type == XML_ELEMENT_NODE &&
                   !xml_member(x, object, xml_bytes(n->name), xml_element(x, n, depth + 1))) {
            text_done(&text);
            return NULL;
        }
    }
    own = text.status == 0
              ? region_copy(&x->region,
                            xml_trim((struct cxd_bytes){text.len > 0 ? text.ptr : "", text.len}))
              : (struct cxd_bytes){NULL, 0};
    text_done(&text);
    if (own.ptr == NULL) {
        return NULL;
    }
    if (object->count == 0) {
        return tree_new_string(&x->region, own);
    }
    return own.len == 0 || xml_member(x, object, CXD_LIT("#text"), tree_new_string(&x->region, own))
               ? object
               : NULL;
}

static int xml_write(struct xml *x, xmlDoc *doc, struct text *out)
{
    xmlNode *root = xmlDocGetRootElement(doc);
    struct tree *object = tree_new(&x->region, TREE_OBJECT);

    if (root == NULL) {
        return cxd_error_set(x->err, CXD_MALFORMED, "XML without an element");
    }
    if (object == NULL || !xml_member(x, object, xml_bytes(root->name), xml_element(x, root, 0))) {
        return x->region.status == 0
                   ? cxd_error_set(x->err, CXD_TOO_DEEP, "XML nested deeper than %d", TREE_DEPTH)
                   : cxd_error_set(x->err, x->region.status, "XML: no room for its tree");
    }
    tree_write(&x->region, &x->region, object, TREE_WRITE_PLAIN, out);
    return 0;
}

/* The library writes what it finds to standard error otherwise. */
__attribute__((format(printf, 2, 3))) static void xml_quiet(void *context, const char *format, ...)
{
    (void)context;
    (void)format;
}

int decode_xml(struct cxd_bytes in, struct text *out, struct cxd_error *err)
{
    struct xml x = {.err = err};
    xmlParserCtxt *parser = xmlNewParserCtxt();
    xmlDoc *doc;
    int status;

    if (parser == NULL || in.len > INT32_MAX) {
        xmlFreeParserCtxt(parser);
        return cxd_error_set(err, CXD_NOMEM, "XML: out of memory");
    }
    xmlSetGenericErrorFunc(NULL, xml_quiet); /* of this thread */
    doc = xmlCtxtReadMemory(parser, in.ptr, (int)in.len, NULL, NULL,
                            XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING |
                                XML_PARSE_NOCDATA);
    region_init(&x.region, out->heap, out->max);
    if (doc == NULL) {
        status =
            cxd_error_set(err, CXD_MALFORMED, "reply is not XML: line %d", parser->lastError.line);
    } else if (doc->intSubset != NULL) {
        status = cxd_error_set(err, CXD_MALFORMED, "XML with a DTD is not read");
    } else {
        status = xml_write(&x, doc, out);
    }
    region_done(&x.region);
    xmlFreeDoc(doc);
    xmlFreeParserCtxt(parser);
    return status;
}
