/* markup_schema.c: elements, types and occurrences of an XML schema, as far as they change what a document comes to. */
#include "markup.h"

#include "../lang/number.h"

static bool named(const xmlNode *node, const char *name)
{
    return node->type == XML_ELEMENT_NODE && strcmp((const char *)node->name, name) == 0;
}

/* The attribute's text without its prefix, or NULL. Slices the tree. */
static const char *attribute(const xmlNode *node, const char *name)
{
    for (const xmlAttr *a = node->properties; a != NULL; a = a->next) {
        if (strcmp((const char *)a->name, name) == 0 && a->children != NULL &&
            a->children->content != NULL) {
            return (const char *)a->children->content;
        }
    }
    return NULL;
}

static const char *local_name(const char *name)
{
    const char *colon = name != NULL ? strchr(name, ':') : NULL;

    return colon != NULL ? colon + 1 : name;
}

/* The schema's child of that kind and name. */
static xmlNode *top_find(const xmlNode *schema, const char *kind, const char *name)
{
    for (xmlNode *n = schema->children; n != NULL; n = n->next) {
        const char *own = named(n, kind) ? attribute(n, "name") : NULL;
        if (own != NULL && strcmp(own, name) == 0) {
            return n;
        }
    }
    return NULL;
}

/* The xs:element of that name inside a type, through sequence, choice and all. */
static xmlNode *inside_find(xmlNode *type, const char *name, int depth)
{
    for (xmlNode *n = type->children; n != NULL && depth < 32; n = n->next) {
        const char *own = named(n, "element") ? attribute(n, "name") : NULL;
        xmlNode *found = NULL;
        if (own != NULL && strcmp(own, name) == 0) {
            return n;
        }
        if (named(n, "sequence") || named(n, "choice") || named(n, "all") ||
            named(n, "complexContent") || named(n, "extension")) {
            found = inside_find(n, name, depth + 1);
        }
        if (found != NULL) {
            return found;
        }
    }
    return NULL;
}

/* What the schema says of an element inside `parent` (NULL: at the top). NULL: nothing. */
xmlNode *markup_detail(const xmlNode *schema, xmlNode *parent, const char *name)
{
    xmlNode *type = NULL;

    if (schema == NULL) {
        return NULL;
    }
    if (parent == NULL) {
        return top_find(schema, "element", name);
    }
    for (xmlNode *n = parent->children; n != NULL; n = n->next) {
        type = named(n, "complexType") ? n : type;
    }
    if (type == NULL && attribute(parent, "type") != NULL) {
        type = top_find(schema, "complexType", local_name(attribute(parent, "type")));
    }
    return type != NULL ? inside_find(type, name, 0) : NULL;
}

bool markup_is_plural(const xmlNode *detail)
{
    const char *most = detail != NULL ? attribute(detail, "maxOccurs") : NULL;

    return most != NULL && strcmp(most, "1") != 0 && strcmp(most, "0") != 0;
}

static bool one_of(const char *name, const char *const *names)
{
    for (; *names != NULL; names++) {
        if (strcmp(name, *names) == 0) {
            return true;
        }
    }
    return false;
}

/* Text as the schema's type, where it can be one. */
struct value markup_typed(const xmlNode *detail, struct value text)
{
    static const char *const integers[] = {"int",
                                           "integer",
                                           "long",
                                           "nonNegativeInteger",
                                           "nonPositiveInteger",
                                           "positiveInteger",
                                           "short",
                                           "unsignedByte",
                                           "unsignedInt",
                                           "unsignedLong",
                                           "unsignedShort",
                                           NULL};
    static const char *const doubles[] = {"decimal", "double", "float", NULL};
    const char *type = detail != NULL ? local_name(attribute(detail, "type")) : NULL;
    int64_t whole = 0;
    double d = 0;

    if (type == NULL || text.kind != VALUE_STRING) {
        return text;
    }
    if (one_of(type, integers) && number_read_int(value_range(text), &whole)) {
        return value_int(whole);
    }
    if (one_of(type, doubles) && number_read(value_range(text), &d)) {
        return value_double(d);
    }
    if (strcmp(type, "boolean") == 0 &&
        (value_text_is(text, "TRUE") || value_text_is(text, "FALSE"))) {
        return value_bool(text.len == 4);
    }
    return text;
}
