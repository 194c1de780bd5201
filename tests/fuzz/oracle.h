/*
 * oracle.h: json-c as the judge of the scanner. Every place where json-c 0.16 is not RFC 8259, though asked to be strict, is
 * one row of the list in oracle.c, as narrow as it can be said; anything else that differs is a failure.
 */
#pragma once

#include "cxd/abi.h"

struct json_object;
struct scan_fault;

/* json-c's tree of the text; *ret_is_json: whether it accepted (the tree of `null` is NULL). */
struct json_object *oracle_parse(struct cxd_bytes text, int *ret_is_json);
/* True when the text holds an escaped pair of surrogates that json-c joins and then takes for a single one. */
int oracle_misreads(struct cxd_bytes text);
/* True when json-c accepts wrongly what was refused with that fault. */
int oracle_is_lenient(struct cxd_bytes text, const struct scan_fault *fault);
/* Fails the process when the value (one the scanner accepted) is not the same as json-c's. */
void oracle_compare(struct cxd_bytes text, struct json_object *want);
