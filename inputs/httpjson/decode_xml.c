/*
 * decode_xml.c: XML as JSON: {"root": {"attribute": "..", "child": .., "#text": ".."}}; a name that comes again makes a list;
 * an element with text alone is that text. With a schema, what may come again is a list also when it comes once, and numbers
 * are numbers. No entity but the five, no DTD, nothing is fetched. Thread: the instance's.
 */
#include "decode.h"

#include "lib/xml.h"
#include "lib/xsd.h"

#define XML_MAX (256u << 20)

struct xml {
    struct region region;
    xmlNode *schema; /* xs:schema, or NULL */
    struct cxd_error *err;
};

static struct cxd_bytes xml_bytes(const xmlChar *text)
{
    return (struct cxd_bytes){(const char *)text, text != NULL ? strlen((const char *)text) : 0};
}

/* Adds a member; a second one of that name makes a list of both, and a plural one is a list at once. */
static bool xml_member(struct xml *x, struct tree *object, struct cxd_bytes name, struct tree *node,
                       bool is_plural)
{
    struct region *r = &x->region;
    struct tree *old = tree_find(r, object, name);
    struct tree *list;

    if (node == NULL || (old == NULL && !is_plural)) {
        return node != NULL && tree_put(r, object, region_copy(r, name), node);
    }
    if (old != NULL && old->kind == TREE_LIST) {
        return tree_push(r, old, node);
    }
    list = tree_new(r, TREE_LIST);
    return list != NULL && (old == NULL || tree_push(r, list, tree_copy(r, old))) &&
           tree_push(r, list, node) && tree_put(r, object, region_copy(r, name), list);
}

static bool xml_attributes(struct xml *x, xmlNode *element, struct tree *object)
{
    for (xmlAttr *a = element->properties; a != NULL; a = a->next) {
        struct cxd_bytes value = xml_bytes(a->children != NULL ? a->children->content : NULL);
        struct tree *node = tree_new_string(&x->region, region_copy(&x->region, value));

        if (node == NULL || !xml_member(x, object, xml_bytes(a->name), node, false)) {
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

static size_t digits_at(struct cxd_bytes text, size_t at)
{
    size_t len = 0;

    while (at + len < text.len && text.ptr[at + len] >= '0' && text.ptr[at + len] <= '9') {
        len++;
    }
    return len;
}

/* A decimal number as JSON writes it, digit for digit: no sign in front but -, a digit on both sides of the point. {NULL,0}: it
 * is none. *ret_whole: 64 bits hold it and it has neither point nor exponent. */
static struct cxd_bytes xml_number(struct region *r, struct cxd_bytes text, bool *ret_whole)
{
    size_t at = text.len > 0 && (text.ptr[0] == '-' || text.ptr[0] == '+') ? 1 : 0;
    size_t whole_at = at;
    size_t whole_len = digits_at(text, at);
    bool has_point = (at += whole_len) < text.len && text.ptr[at] == '.';
    size_t part_at = at + has_point;
    size_t part_len = has_point ? digits_at(text, part_at) : 0;
    size_t power_at = at = part_at + part_len;
    int64_t number;
    char *out = NULL;

    *ret_whole = false;
    if (at < text.len && (text.ptr[at] == 'e' || text.ptr[at] == 'E')) {
        at++;
        at += at < text.len && (text.ptr[at] == '-' || text.ptr[at] == '+') ? 1 : 0;
        whole_len += digits_at(text, at) == 0 ? text.len + 1 : 0; /* an exponent without digits */
        at += digits_at(text, at);
    }
    if (whole_len + part_len == 0 || whole_len > text.len || at != text.len ||
        (out = region_alloc(r, text.len + 3)) == NULL) {
        return (struct cxd_bytes){NULL, 0};
    }
    for (; whole_len > 1 && text.ptr[whole_at] == '0'; whole_len--) {
        whole_at++;
    }
    (void)snprintf(out, text.len + 3, "%s%.*s%s%.*s%.*s", text.ptr[0] == '-' ? "-" : "",
                   (int)(whole_len > 0 ? whole_len : 1), whole_len > 0 ? text.ptr + whole_at : "0",
                   part_len > 0 ? "." : "", (int)part_len, text.ptr + part_at,
                   (int)(text.len - power_at), text.ptr + power_at);
    *ret_whole = !has_point && power_at == text.len && number_parse(out, strlen(out), &number);
    return bytes_of(out);
}

/* The node as the schema's type, where its text can be one. Numbers keep their digits. */
static struct tree *xml_typed(struct xml *x, xmlNode *detail, struct tree *node)
{
    enum xsd_type type = xsd_type(x->schema, detail);
    struct cxd_bytes text;
    bool is_whole;

    if (type == XSD_TEXT || node == NULL || node->kind != TREE_STRING) {
        return node;
    }
    text = tree_string(&x->region, node);
    if (type == XSD_BOOL) {
        return bytes_are(text, "TRUE")    ? tree_new(&x->region, TREE_TRUE)
               : bytes_are(text, "FALSE") ? tree_new(&x->region, TREE_FALSE)
                                          : node;
    }
    text = xml_number(&x->region, text, &is_whole);
    return text.ptr != NULL && (is_whole || type == XSD_REAL) ? tree_new_number(&x->region, text)
                                                              : node;
}

static struct tree *xml_element(struct xml *x, xmlNode *element, xmlNode *detail, int depth);

/* Elements inside, and text into *text. */
static bool xml_children(struct xml *x, xmlNode *element, xmlNode *detail, int depth,
                         struct tree *object, struct text *text)
{
    for (xmlNode *n = element->children; n != NULL; n = n->next) {
        if (n->type == XML_TEXT_NODE || n->type == XML_CDATA_SECTION_NODE) {
            struct cxd_bytes piece = xml_bytes(n->content);

            text_add(text, piece.ptr, piece.len);
        } else if (n->type == XML_ELEMENT_NODE) {
            xmlNode *own = xsd_detail(x->schema, detail, (const char *)n->name);
            struct tree *node = xml_typed(x, own, xml_element(x, n, own, depth + 1));

            if (!xml_member(x, object, xml_bytes(n->name), node, xsd_is_plural(own))) {
                return false;
            }
        }
    }
    return true;
}

static struct tree *xml_element(struct xml *x, xmlNode *element, xmlNode *detail, int depth)
{
    struct tree *object = tree_new(&x->region, TREE_OBJECT);
    struct cxd_bytes own = {NULL, 0};
    struct text text;

    if (object == NULL || depth > TREE_DEPTH || !xml_attributes(x, element, object)) {
        return NULL;
    }
    text_init(&text, x->region.heap, XML_MAX);
    if (xml_children(x, element, detail, depth, object, &text) && text.status == 0) {
        own = region_copy(&x->region,
                          xml_trim((struct cxd_bytes){text.len > 0 ? text.ptr : "", text.len}));
    }
    text_done(&text);
    if (own.ptr == NULL) {
        return NULL;
    }
    if (object->count == 0) {
        return tree_new_string(&x->region, own);
    }
    return own.len == 0 ||
                   xml_member(x, object, CXD_LIT("#text"), tree_new_string(&x->region, own), false)
               ? object
               : NULL;
}

static int xml_write(struct xml *x, xmlDoc *doc, struct text *out)
{
    xmlNode *root = xmlDocGetRootElement(doc);
    struct tree *object = tree_new(&x->region, TREE_OBJECT);
    xmlNode *detail;
    struct tree *node;

    if (root == NULL) {
        return cxd_error_set(x->err, CXD_MALFORMED, "XML without an element");
    }
    detail = xsd_detail(x->schema, x->schema, (const char *)root->name);
    node = object != NULL ? xml_typed(x, detail, xml_element(x, root, detail, 0)) : NULL;
    if (node == NULL || !xml_member(x, object, xml_bytes(root->name), node, false)) {
        return x->region.status == 0
                   ? cxd_error_set(x->err, CXD_TOO_DEEP, "XML nested deeper than %d", TREE_DEPTH)
                   : cxd_error_set(x->err, x->region.status, "XML: no room for its tree");
    }
    tree_write(&x->region, &x->region, object, TREE_WRITE_PLAIN, out);
    return 0;
}

int decode_xml(struct cxd_bytes in, const xmlDoc *schema, struct text *out, struct cxd_error *err)
{
    struct xml x = {.schema = xmlDocGetRootElement(schema), .err = err};
    struct xml_fault fault;
    xmlDoc *doc = xml_read(in, &fault);
    int status;

    region_init(&x.region, out->heap, out->max);
    if (doc == NULL) {
        status = fault.status == CXD_NOMEM
                     ? cxd_error_set(err, CXD_NOMEM, "XML: out of memory")
                     : cxd_error_set(err, CXD_MALFORMED, "reply is not XML: line %d", fault.line);
    } else if (doc->intSubset != NULL) {
        status = cxd_error_set(err, CXD_MALFORMED, "XML with a DTD is not read");
    } else {
        status = xml_write(&x, doc, out);
    }
    region_done(&x.region);
    xmlFreeDoc(doc);
    return status;
}
