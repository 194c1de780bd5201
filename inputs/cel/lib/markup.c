/*
 * markup.c: decode_xml: elements as members, attributes beside them, text as "#text" where there is more than text. With a
 * schema, elements that may come more than once are lists and numbers are numbers. libxml2 reads; it loads nothing from
 * outside and expands no entities of a document's own.
 */
#include "../lang/dict.h"
#include "../lang/number.h"
#include "../lang/services.h"
#include "catalog.h"
#include "lib/xml.h"
#include "lib/xsd.h"

#include <libxml/xmlerror.h>

struct walk {
    struct run *run;
    xmlNode *schema; /* xs:schema, or NULL */
};

/* Text as the type of the detail, where it can be one. */
static struct value typed(xmlNode *schema, xmlNode *detail, struct value text)
{
    enum xsd_type type = text.kind == VALUE_STRING ? xsd_type(schema, detail) : XSD_TEXT;
    int64_t whole = 0;
    double d = 0;

    if (type == XSD_WHOLE && number_read_int(value_range(text), &whole)) {
        return value_int(whole);
    }
    if (type == XSD_REAL && number_read(value_range(text), &d)) {
        return value_double(d);
    }
    if (type == XSD_BOOL && (value_text_is(text, "TRUE") || value_text_is(text, "FALSE"))) {
        return value_bool(text.len == 4);
    }
    return text;
}

static struct value trimmed_text(struct run *run, const xmlNode *node)
{
    const char *text = node->content != NULL ? (const char *)node->content : "";
    size_t len = strlen(text);
    char *copy;

    while (len > 0 && strchr(" \t\r\n", text[0]) != NULL) {
        text++;
        len--;
    }
    while (len > 0 && strchr(" \t\r\n", text[len - 1]) != NULL) {
        len--;
    }
    copy = pool_copy(run->pool, text, len);
    return copy != NULL ? value_string(copy, len) : run_out_of_memory(run);
}

static struct value name_value(struct run *run, const xmlChar *name)
{
    size_t len = strlen((const char *)name);
    char *copy = pool_copy(run->pool, name, len);

    return copy != NULL ? value_string(copy, len) : run_out_of_memory(run);
}

/* A further element of one name makes a list. Null or an error. */
static struct value member_add(struct run *run, struct dict *dict, struct value key, struct value v,
                               bool plural)
{
    const struct value *known = dict_find(dict, key);
    bool is_list = known != NULL && known->kind == VALUE_LIST;
    size_t count = is_list ? known->len : known != NULL ? 1 : 0;
    struct value *items;

    if (known == NULL && !plural) {
        (void)dict_put(dict, key, v);
        return value_null();
    }
    items = run_items(run, count + 1);
    if (items == NULL) {
        return run_fatal(run);
    }
    if (count > 0) {
        memcpy(items, is_list ? known->items : known, count * sizeof *items);
    }
    items[count] = v;
    (void)dict_put(dict, key, value_list(items, count + 1));
    return value_null();
}

static size_t members_count(const xmlNode *node)
{
    size_t count = 1; /* #text */

    for (const xmlNode *n = node->children; n != NULL; n = n->next) {
        count += n->type == XML_ELEMENT_NODE ? 1 : 0;
    }
    for (const xmlAttr *a = node->properties; a != NULL; a = a->next) {
        count++;
    }
    for (const xmlNs *ns = node->nsDef; ns != NULL; ns = ns->next) {
        count++;
    }
    return count;
}

/* Attributes and declarations of name spaces, by local name. */
static struct value attributes_add(struct run *run, const xmlNode *node, struct dict *dict)
{
    for (const xmlNs *ns = node->nsDef; ns != NULL; ns = ns->next) {
        struct value key =
            name_value(run, ns->prefix != NULL ? ns->prefix : (const xmlChar *)"xmlns");
        struct value v = name_value(run, ns->href != NULL ? ns->href : (const xmlChar *)"");
        if (value_is_error(key) || value_is_error(v)) {
            return run_fatal(run);
        }
        (void)dict_put(dict, key, v);
    }
    for (const xmlAttr *a = node->properties; a != NULL; a = a->next) {
        struct value key = name_value(run, a->name);
        struct value v = a->children != NULL && a->children->content != NULL
                             ? name_value(run, a->children->content)
                             : VALUE_TEXT("");
        if (value_is_error(key) || value_is_error(v)) {
            return run_fatal(run);
        }
        (void)dict_put(dict, key, v);
    }
    return value_null();
}

static struct value element(struct walk *w, const xmlNode *node, xmlNode *detail);

/* Elements into dict, the last text that is more than blanks into *text. Null or an error. */
static struct value children_add(struct walk *w, const xmlNode *first, xmlNode *detail,
                                 struct dict *dict, struct value *text)
{
    for (const xmlNode *n = first; n != NULL; n = n->next) {
        xmlNode *own;
        struct value v;
        struct value key;
        if (n->type == XML_TEXT_NODE || n->type == XML_CDATA_SECTION_NODE) {
            v = trimmed_text(w->run, n);
            if (value_is_error(v)) {
                return v;
            }
            *text = v;
        }
        if (n->type != XML_ELEMENT_NODE) {
            continue;
        }
        own = xsd_detail(w->schema, detail, (const char *)n->name);
        v = element(w, n, own);
        key = value_is_error(v) ? v : name_value(w->run, n->name);
        if (!value_is_error(key)) {
            key = member_add(w->run, dict, key, typed(w->schema, own, v), xsd_is_plural(own));
        }
        if (value_is_error(key)) {
            return key;
        }
    }
    return value_null();
}

static struct value element(struct walk *w, const xmlNode *node, xmlNode *detail)
{
    struct value text = VALUE_TEXT("");
    struct dict *dict;
    struct value problem;

    if (!run_spend(w->run, 2) || !run_down(w->run)) {
        return run_fatal(w->run);
    }
    dict = dict_new(w->run->pool, members_count(node));
    if (dict == NULL) {
        return run_out_of_memory(w->run);
    }
    problem = children_add(w, node->children, detail, dict, &text);
    problem = value_is_error(problem) ? problem : attributes_add(w->run, node, dict);
    run_up(w->run);
    if (value_is_error(problem) || dict->count == 0) {
        return value_is_error(problem) ? problem : text;
    }
    if (text.len > 0) {
        DICT_SET(dict, "#text", text);
    }
    return value_map(dict);
}

static struct value no_document(struct run *run, const struct xml_fault *fault)
{
    if (fault->status == CXD_NOMEM) {
        run->pool->status = CXD_NOMEM;
        return run_out_of_memory(run);
    }
    if (fault->code == XML_ERR_DOCUMENT_EMPTY || fault->code == XML_ERR_DOCUMENT_START) {
        return run_fail(run, "failed to unmarshal XML document: unexpected EOF");
    }
    return run_fail(run, "failed to unmarshal XML document: XML syntax error on line %d: %s",
                    fault->line, fault->why);
}

static struct value document_value(struct run *run, const xmlDoc *doc, xmlNode *schema)
{
    struct walk w = {.run = run, .schema = schema};
    struct dict *elements = dict_new(run->pool, 2);
    struct dict *dict = dict_new(run->pool, 1);
    struct value text = VALUE_TEXT("");
    struct value problem;

    if (elements == NULL || dict == NULL) {
        return run_out_of_memory(run);
    }
    problem = children_add(&w, doc->children, schema, elements, &text);
    if (value_is_error(problem)) {
        return problem;
    }
    DICT_SET(dict, "doc", value_map(elements));
    return value_map(dict);
}

/* The schema of that name: NULL and *ret_problem, or NULL there when the name is empty. */
static xmlDoc *schema_read(struct run *run, struct value name, struct value *ret_problem)
{
    const struct services_schema *s = run->services != NULL ? run->services->schemas : NULL;
    struct xml_fault fault;
    xmlDoc *doc;

    *ret_problem = value_null();
    if (name.kind != VALUE_STRING) {
        *ret_problem = run_no_overload(run);
        return NULL;
    }
    for (; s != NULL && s->name != NULL && !value_text_is(name, s->name); s++) {
    }
    if (s == NULL || s->name == NULL) {
        *ret_problem =
            name.len == 0 ? value_null() : run_fail(run, "no xsd %.*s", (int)name.len, name.text);
        return NULL;
    }
    doc = xml_read(s->text, &fault);
    if (doc == NULL) {
        *ret_problem = run_fail(run, "xsd %s: %s", s->name, fault.why);
    }
    return doc;
}

static struct value decode_xml(struct run *run, const struct value *args, uint32_t count)
{
    struct value problem = value_null();
    xmlDoc *schema = count == 2 ? schema_read(run, args[1], &problem) : NULL;
    struct xml_fault fault = {0};
    struct value v = problem;
    xmlDoc *doc = NULL;

    if (!value_is_error(problem)) {
        doc = run_spend(run, 10 + args[0].len / 16) ? xml_read(value_range(args[0]), &fault) : NULL;
        v = run->fatal != NULL ? run_fatal(run)
            : doc == NULL
                ? no_document(run, &fault)
                : document_value(run, doc, schema != NULL ? xmlDocGetRootElement(schema) : NULL);
    }
    xmlFreeDoc(doc);
    xmlFreeDoc(schema);
    return v;
}

#define TEXTUAL (VALUE_MASK(VALUE_STRING) | VALUE_MASK(VALUE_BYTES))

const struct function markup_functions[] = {
    {"decode_xml", FUNCTION_BOTH, 1, 2, TEXTUAL, decode_xml}, {NULL}};
