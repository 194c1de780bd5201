/* printf.h: one value by one verb of Go's fmt. */
#pragma once

#include "../lang/function.h"

struct printf_spec {
    char verb;
    bool minus;
    bool plus;
    bool sharp;
    bool space;
    bool zero;
    int width;     /* -1: none */
    int precision; /* -1: none */
};

void printf_put(struct run *run, struct sink *out, struct value v, const struct printf_spec *s);
/* "%!d(string=a)": the verb is not for this kind. */
void printf_put_bad(struct run *run, struct sink *out, struct value v, const struct printf_spec *s);
const char *printf_type(struct value v); /* as Go calls it */
