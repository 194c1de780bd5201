/* markup.h: what an XML schema says of elements. Trees are libxml2's and borrowed. */
#pragma once

#include "../lang/function.h"

#include <libxml/tree.h>

/* The schema's element of that name inside `parent` (one of its own; NULL: at the top). NULL: it says nothing, or there is no
 * schema. */
xmlNode *markup_detail(const xmlNode *schema, xmlNode *parent, const char *name);
bool markup_is_plural(const xmlNode *detail); /* it may come more than once */
/* Text as the type of the detail, where it can be one. */
struct value markup_typed(const xmlNode *detail, struct value text);
