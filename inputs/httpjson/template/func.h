/*
 * func.h: the functions that templates call. Private to this folder.
 */
#pragma once

#include "template/node.h"

struct eval;

struct call {
    struct eval *eval;
    const struct func *func;
    const struct value *args; /* count of them, of the types that the function's row names */
    size_t count;
    struct region *scratch;
    const struct template_run *run;
    const struct heap *heap;
};

/* False: call_fail was called, or memory is short. */
typedef bool (*func_fn)(struct call *c, struct value *ret);

struct func {
    const char *name;
    func_fn fn;
    /* One letter for an argument: s string, i integer, n number, t time, d duration, l list of strings, a anything. */
    const char *types;
    uint8_t min;      /* arguments */
    bool is_variadic; /* the last letter holds for all further arguments */
};

/* NULL: there is no such function. and, or, not and call are functions, too. */
const struct func *func_find(struct cxd_bytes name);

/* eval.c: sets the run's failure (once) and returns false. */
__attribute__((format(printf, 3, 4))) bool call_fail(struct call *c, int status, const char *format,
                                                     ...);
/* A text in the scratch region's limits; what is built in it is copied out by call_text_done. */
void call_text(struct call *c, struct text *out);
/* Takes what was built as *ret, frees the text. */
bool call_text_done(struct call *c, struct text *text, struct value *ret);

/* Where what is made to look into a value lives: nodes of trees as long as the page, all else as long as the run. */
static inline struct region *run_region(const struct template_run *run, const struct value *v)
{
    return v->kind == VALUE_TREE ? run->nodes : run->scratch;
}

/* compare.c: 1, 0, or -1 after call_fail */
int compare_equal(struct call *c, const struct value *a, const struct value *b);
int compare_less(struct call *c, const struct value *a, const struct value *b);

/* format.c: Go's fmt. Problems stick in out->status. */
void format_print(const struct template_run *run, const struct value *args, size_t count,
                  struct text *out);
void format_println(const struct template_run *run, const struct value *args, size_t count,
                    struct text *out);
void format_printf(const struct template_run *run, struct cxd_bytes format,
                   const struct value *args, size_t count, struct text *out);
/* One value with %v. */
void format_value(const struct template_run *run, const struct value *v, struct text *out);

/* gofloat.c: verb e f g (and upper case); precision -1: as many digits as needed to tell it apart */
void float_format(double real, char verb, int precision, struct text *out);

/* digest.c */
void digest_sha1(struct cxd_bytes data, unsigned char out[20]);
/* RFC 2104 over SHA-1 (is_sha1) or the host's SHA-256; returns the length, 20 or 32, or 0 without memory. */
size_t digest_hmac(const struct heap *h, bool is_sha1, struct cxd_bytes key, struct cxd_bytes data,
                   unsigned char out[32]);

/* The rows of each family; they end with a NULL name. */
extern const struct func func_logic[];   /* func_logic.c: comparisons, index, slice, len, print */
extern const struct func func_escape[];  /* func_escape.c: html, js, urlquery, base64, hex */
extern const struct func func_text[];    /* func_text.c */
extern const struct func func_number[];  /* func_number.c */
extern const struct func func_date[];    /* func_date.c */
extern const struct func func_network[]; /* func_network.c: links, digests, agent */
