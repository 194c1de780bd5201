/*
 * xsd.h: what an XML schema says of the elements of a document: which may come more than once, which are numbers. Nothing is
 * validated. Trees are libxml2's and borrowed. Pure.
 */
#pragma once

#include <libxml/tree.h>
#include <stdbool.h>

enum xsd_type { XSD_TEXT, XSD_WHOLE, XSD_REAL, XSD_BOOL };

/*
 * What is said of an element of that name inside the element of `parent`; at the top, parent is the schema itself. NULL: nothing,
 * or there is no schema, or parent is NULL.
 */
xmlNode *xsd_detail(xmlNode *schema, xmlNode *parent, const char *name);
/* The element may come more than once. False for NULL. */
bool xsd_is_plural(const xmlNode *detail);
/* What its text is; XSD_TEXT for NULL and for elements that have elements inside. */
enum xsd_type xsd_type(xmlNode *schema, xmlNode *detail);
