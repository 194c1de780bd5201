/*
 * format_verb.h: one value by one of Printf's verbs. Private to this folder.
 */
#pragma once

#include "template/func.h"

#define VERB_WIDTH_MAX 1000000 /* as in Go */

struct verb {
    const struct template_run *run;
    struct text *out;
    int width;
    int precision;
    bool has_width, has_precision;
    bool plus, minus, sharp, space, zero;
    char letter;
};

void verb_print(const struct verb *v, const struct value *value);
/* format_quote.c: Go's %q of a text: a string constant, or a raw one with # where that is possible. */
void verb_quote(const struct verb *v, struct cxd_bytes text, struct text *out);
