/*
 * query.h: URLs, their parts and their query parameters. Pure; nothing is resolved or fetched.
 */
#pragma once

#include "template/value.h"

struct query_url {
    struct cxd_bytes scheme;
    struct cxd_bytes host;     /* with its port, without userinfo */
    struct cxd_bytes path;     /* as written */
    struct cxd_bytes query;    /* without the question mark */
    struct cxd_bytes fragment; /* without the hash */
    struct cxd_bytes base;     /* everything before the query */
};

void query_split(struct cxd_bytes url, struct query_url *ret);
struct cxd_bytes query_hostname(struct cxd_bytes host);
struct cxd_bytes query_port(struct cxd_bytes host);
/* Percent escapes (and, in a query, plus signs) undone; a bad escape stays as it is. */
struct cxd_bytes query_unescape(struct region *r, struct cxd_bytes text, bool is_query);
/* Go's QueryEscape: letters, digits and -_.~ stay, a blank becomes +. */
void query_escape(struct cxd_bytes text, struct text *out);
/* The parameters of a query, in order. False: no memory. */
bool query_decode(struct region *r, struct cxd_bytes query, struct multi *ret);
/* name=value&..., names sorted as Go's Values.Encode does. */
void query_encode(struct region *r, const struct multi *params, struct text *out);
