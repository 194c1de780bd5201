/*
 * scan_core.h: what scan.c and the cores share. A core is base/scan_walk.h compiled with one way of finding the next byte that
 * means something inside a string. Private to base; tests run every core that the processor can.
 */
#pragma once

#include "base/scan.h"

struct scan_state {
    const char *start;
    const char *end;
    struct scan *table;
    struct arena *arena;
    struct scan_fault *fault;
};

struct scan_core {
    const char *name;
    /* st->start to st->end holds one object or list; fills st->table. */
    int (*members)(struct scan_state *st);
    int (*value)(struct scan_state *st, struct cxd_value *ret_value);
    /* First byte that is `"`, `\`, a control character or not ASCII, or end. start <= p <= end; may look at all of them. */
    const char *(*stop)(const char *start, const char *p, const char *end);
};

extern const struct scan_core scan_core_scalar;
#if defined(__SSE2__)
extern const struct scan_core scan_core_sse2;
#endif
#if defined(CXD_AVX2)
extern const struct scan_core scan_core_avx2;
#endif

/* The fastest that this processor runs. */
const struct scan_core *scan_core_best(void);
/* scan_members with a core of one's choice. */
int scan_members_with(const struct scan_core *core, struct scan *s, struct cxd_bytes text,
                      struct arena *arena, struct scan_fault *fault);

/* 1 for a byte that stands for itself in a string. */
extern const unsigned char scan_plain[256];

/* 1 for a byte that makes a whole escape behind a backslash. */
extern const unsigned char scan_letter[256];

/* Notes the fault at p; always NULL. */
const char *scan_refuse(struct scan_state *st, const char *p, int status, const char *text);
/* p is at a byte that scan_plain refuses and that is no quote: the byte behind the escape or the run of UTF-8, or NULL. */
const char *scan_special(struct scan_state *st, const char *p, uint8_t *flags);
/* Behind the number at p, or NULL. */
const char *scan_number(struct scan_state *st, const char *p);
/* Room for one more field: 0, or the status, with the fault noted at p. */
int scan_grow(struct scan_state *st, const char *p);
/* Gives the field its name in shortest form. */
int scan_key(struct scan_state *st, struct cxd_field *field);
