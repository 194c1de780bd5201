/*
 * xml.h: XML text as libxml2's tree. Nothing is loaded from outside and no entity of a document's own is put in. One thread.
 */
#pragma once

#include <cxd/module.h>

#include <libxml/tree.h>
#include <stddef.h>

/* Why there is no tree. */
struct xml_fault {
    int status; /* CXD_MALFORMED or CXD_NOMEM */
    int code;   /* libxml2's */
    int line;
    char why[200]; /* its words, one line; may hold a piece of the document */
};

/* The document, for xmlFreeDoc; NULL with *ret_fault. */
xmlDoc *xml_read(struct cxd_bytes text, struct xml_fault *ret_fault);
