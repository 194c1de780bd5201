/* link_inner.h: shared by link.c, which settles names and nodes, and link_call.c, which settles calls. */
#pragma once

#include "link.h"

#define LINK_NAME_MAX 512 /* bytes of a name with its dots */

struct linker {
    struct pool *pool;
    const struct env *env;
    struct link_result *result;
    struct node_name *scope; /* innermost last */
    uint32_t depth;
    uint32_t room;
};

typedef bool (*link_name_fn)(struct linker *l, const char *name, size_t len, void *ctx);

bool link_settle(struct linker *l, struct node *node);
bool link_settle_call(struct linker *l, struct node *node);

/* Remember the first problem; false. */
bool link_fail(struct linker *l, uint32_t at, int status, const char *text);
bool link_fail_memory(struct linker *l);
/* "what 'name'" as the problem. */
bool link_fail_name(struct linker *l, uint32_t at, const char *what, const char *name, size_t len);

/* The dotted name that a chain of plain selections spells. 0: it is none, or begins with a variable of a macro. */
size_t link_chain_name(const struct linker *l, const struct node *node, char *out, bool *absolute);
/* Offers name with each prefix of the container, the longest first, until one is taken. */
bool link_name_each(struct linker *l, const char *name, size_t len, bool absolute,
                    link_name_fn take, void *ctx);
