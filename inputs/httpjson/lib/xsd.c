/* xsd.c: see the header. Types by name, references and bases are followed within the one document. */
#include "lib/xsd.h"

#include <string.h>

#define XSD_DEPTH 32     /* of groups inside groups, and of types that stand on types */
#define XSD_NODES 10000u /* looked at for one element */

static bool is_kind(const xmlNode *node, const char *name)
{
    return node->type == XML_ELEMENT_NODE && strcmp((const char *)node->name, name) == 0;
}

/* The attribute's text, or NULL. */
static const char *attribute(const xmlNode *node, const char *name)
{
    for (const xmlAttr *a = node->properties; a != NULL; a = a->next) {
        if (strcmp((const char *)a->name, name) == 0 && a->children != NULL) {
            return (const char *)a->children->content;
        }
    }
    return NULL;
}

/* Without the prefix of its name space. */
static const char *local_name(const char *name)
{
    const char *colon = name != NULL ? strchr(name, ':') : NULL;

    return colon != NULL ? colon + 1 : name;
}

/* The schema's own child of that kind and name. */
static xmlNode *top_find(xmlNode *schema, const char *kind, const char *name)
{
    for (xmlNode *n = name != NULL ? schema->children : NULL; n != NULL; n = n->next) {
        const char *own = is_kind(n, kind) ? attribute(n, "name") : NULL;

        if (own != NULL && strcmp(own, name) == 0) {
            return n;
        }
    }
    return NULL;
}

static xmlNode *child_find(const xmlNode *parent, const char *kind)
{
    for (xmlNode *n = parent->children; n != NULL; n = n->next) {
        if (is_kind(n, kind)) {
            return n;
        }
    }
    return NULL;
}

/* A reference stands for the element of that name at the top; how often it comes is said at the reference. */
static xmlNode *element_of(xmlNode *schema, xmlNode *detail)
{
    const char *ref = attribute(detail, "ref");
    xmlNode *top = ref != NULL ? top_find(schema, "element", local_name(ref)) : NULL;

    return top != NULL ? top : detail;
}

/* A search, and how much of the schema it may still look at: types may stand on themselves. */
struct search {
    xmlNode *schema;
    const char *name;
    unsigned left;
};

static bool is_group(const xmlNode *node)
{
    static const char *const groups[] = {"sequence", "choice", "all", "complexContent",
                                         "extension"};

    for (size_t i = 0; i < sizeof groups / sizeof groups[0]; i++) {
        if (is_kind(node, groups[i])) {
            return true;
        }
    }
    return false;
}

static bool is_named(const xmlNode *element, const char *name)
{
    const char *own = attribute(element, "name");

    own = own != NULL ? own : local_name(attribute(element, "ref"));
    return own != NULL && strcmp(own, name) == 0;
}

/* The element of that name inside a type, through its groups and the type it stands on. */
static xmlNode *inside_find(struct search *s, const xmlNode *type, int depth)
{
    xmlNode *found = NULL;

    for (xmlNode *n = type->children; n != NULL && found == NULL; n = n->next) {
        xmlNode *base = NULL;

        if (depth == XSD_DEPTH || s->left == 0) {
            return NULL;
        }
        s->left--;
        if (is_kind(n, "element")) {
            found = is_named(n, s->name) ? n : NULL;
        } else if (is_group(n)) {
            found = inside_find(s, n, depth + 1);
            base = is_kind(n, "extension")
                       ? top_find(s->schema, "complexType", local_name(attribute(n, "base")))
                       : NULL;
        }
        if (found == NULL && base != NULL) {
            found = inside_find(s, base, depth + 1);
        }
    }
    return found;
}

xmlNode *xsd_detail(xmlNode *schema, xmlNode *parent, const char *name)
{
    xmlNode *type;

    if (schema == NULL || parent == NULL) {
        return NULL;
    }
    if (parent == schema) {
        return top_find(schema, "element", name);
    }
    parent = element_of(schema, parent);
    type = child_find(parent, "complexType");
    if (type == NULL) {
        type = top_find(schema, "complexType", local_name(attribute(parent, "type")));
    }
    return type != NULL ? inside_find(&(struct search){schema, name, XSD_NODES}, type, 0) : NULL;
}

bool xsd_is_plural(const xmlNode *detail)
{
    const char *most = detail != NULL ? attribute(detail, "maxOccurs") : NULL;

    return most != NULL && strcmp(most, "1") != 0 && strcmp(most, "0") != 0;
}

static enum xsd_type type_of_name(const char *name)
{
    static const struct {
        const char *name;
        enum xsd_type type;
    } names[] = {
        {"boolean", XSD_BOOL},
        {"decimal", XSD_REAL},
        {"double", XSD_REAL},
        {"float", XSD_REAL},
        {"int", XSD_WHOLE},
        {"integer", XSD_WHOLE},
        {"long", XSD_WHOLE},
        {"nonNegativeInteger", XSD_WHOLE},
        {"nonPositiveInteger", XSD_WHOLE},
        {"positiveInteger", XSD_WHOLE},
        {"short", XSD_WHOLE},
        {"unsignedByte", XSD_WHOLE},
        {"unsignedInt", XSD_WHOLE},
        {"unsignedLong", XSD_WHOLE},
        {"unsignedShort", XSD_WHOLE},
    };

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (strcmp(name, names[i].name) == 0) {
            return names[i].type;
        }
    }
    return XSD_TEXT;
}

enum xsd_type xsd_type(xmlNode *schema, xmlNode *detail)
{
    xmlNode *simple;
    const char *name;

    if (schema == NULL || detail == NULL) {
        return XSD_TEXT;
    }
    detail = element_of(schema, detail);
    name = local_name(attribute(detail, "type"));
    simple = name != NULL ? top_find(schema, "simpleType", name) : child_find(detail, "simpleType");
    for (int depth = 0; simple != NULL && depth < XSD_DEPTH; depth++) {
        const xmlNode *limits = child_find(simple, "restriction");

        name = limits != NULL ? local_name(attribute(limits, "base")) : NULL;
        simple = top_find(schema, "simpleType", name);
    }
    return name != NULL && simple == NULL ? type_of_name(name) : XSD_TEXT;
}
