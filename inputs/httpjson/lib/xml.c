/* xml.c: see the header. */
#include "lib/xml.h"

#include <libxml/parser.h>
#include <string.h>

/* The library writes what it finds to standard error otherwise. */
__attribute__((format(printf, 2, 3))) static void xml_quiet(void *context, const char *format, ...)
{
    (void)context;
    (void)format; /* the reason is asked for afterwards */
}

static void fault_fill(const xmlParserCtxt *parser, struct xml_fault *fault)
{
    const char *message = parser->lastError.message;
    size_t len = message != NULL ? strcspn(message, "\r\n") : 0;

    fault->code = parser->lastError.code;
    fault->line = parser->lastError.line;
    fault->status = fault->code == XML_ERR_NO_MEMORY ? CXD_NOMEM : CXD_MALFORMED;
    len = len < sizeof fault->why ? len : sizeof fault->why - 1;
    if (len > 0) {
        memcpy(fault->why, message, len);
    }
    fault->why[len] = '\0';
}

xmlDoc *xml_read(struct cxd_bytes text, struct xml_fault *ret_fault)
{
    xmlParserCtxt *parser = text.len <= INT32_MAX ? xmlNewParserCtxt() : NULL;
    xmlDoc *doc;

    *ret_fault = (struct xml_fault){.status = CXD_NOMEM, .code = XML_ERR_NO_MEMORY};
    if (parser == NULL) {
        return NULL;
    }
    xmlSetGenericErrorFunc(NULL, xml_quiet); /* of this thread */
    doc = xmlCtxtReadMemory(parser, text.ptr != NULL ? text.ptr : "", (int)text.len, NULL, NULL,
                            XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING |
                                XML_PARSE_NOCDATA | XML_PARSE_COMPACT);
    fault_fill(parser, ret_fault);
    xmlFreeParserCtxt(parser);
    return doc;
}
