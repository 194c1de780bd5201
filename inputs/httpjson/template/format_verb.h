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
