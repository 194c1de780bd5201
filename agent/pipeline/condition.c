/* condition.c: a small tree, walked. A field that is absent or of another kind makes a test false, never an error. */
#include "pipeline/condition.h"

#include "base/arena.h"
#include "base/text.h"
#include "pipeline/event.h"
#include "pipeline/network.h"

#include <stdlib.h>
#include <string.h>

#define POOL_MAX ((size_t)4 << 20)
#define NUMBER_MAX 64

struct condition_pool {
    struct arena *arena;
    const struct cxd_host *host;
    struct condition *with_regex;
};

int condition_pool_new(const struct cxd_host *host, struct condition_pool **ret_pool)
{
    struct condition_pool *pool = calloc(1, sizeof *pool);

    if (pool == NULL || (pool->arena = arena_new(4096, POOL_MAX)) == NULL) {
        free(pool);
        return CXD_NOMEM;
    }
    pool->host = host;
    *ret_pool = pool;
    return CXD_OK;
}

void *condition_alloc(struct condition_pool *pool, size_t size)
{
    void *block = arena_alloc(pool->arena, size);

    return block != NULL ? memset(block, 0, size) : NULL;
}

struct condition *condition_new(struct condition_pool *pool, enum condition_kind kind)
{
    struct condition *c = condition_alloc(pool, sizeof *c);

    if (c != NULL) {
        c->kind = kind;
    }
    return c;
}

void condition_pool_free(struct condition_pool *pool)
{
    if (pool == NULL) {
        return;
    }
    for (struct condition *c = pool->with_regex; c != NULL; c = c->with_regex) {
        pool->host->regex_free(c->regex);
    }
    arena_free(pool->arena);
    free(pool);
}

/* name as it stands in JSON between the quotes */
static int name_quote(struct condition_pool *pool, const char *name, struct cxd_bytes *ret_name)
{
    struct cxd_bytes text = {name, strlen(name)};
    size_t len = text_quote_len(text);
    char *out = condition_alloc(pool, len);

    if (out == NULL) {
        return CXD_NOMEM;
    }
    (void)text_quote_known(text, out);
    *ret_name = (struct cxd_bytes){out + 1, len - 2};
    return CXD_OK;
}

int condition_field_set(struct condition_pool *pool, struct condition *c, const char *name,
                        struct cxd_error *err)
{
    struct condition_field *field = condition_alloc(pool, sizeof *field);
    struct cxd_bytes rest;

    if (field == NULL || name_quote(pool, name, &rest) != CXD_OK) {
        return cxd_error_set(err, CXD_NOMEM, "out of memory");
    }
    for (;;) {
        const char *dot = memchr(rest.ptr, '.', rest.len);
        size_t len = dot != NULL ? (size_t)(dot - rest.ptr) : rest.len;
        if (len == 0 || field->count == CONDITION_PARTS_MAX) {
            return cxd_error_set(
                err, CXD_CONFIG,
                "\"%.100s\" is no field's name (1 to %d parts, a dot between them)", name,
                CONDITION_PARTS_MAX);
        }
        field->rests[field->count] = rest;
        field->parts[field->count++] = (struct cxd_bytes){rest.ptr, len};
        if (dot == NULL) {
            c->field = field;
            return CXD_OK;
        }
        rest = (struct cxd_bytes){dot + 1, rest.len - len - 1};
    }
}

int condition_regex_set(struct condition_pool *pool, struct condition *c, const char *pattern,
                        struct cxd_error *err)
{
    int r = pool->host->regex_new(NULL, pattern, &c->regex, err);

    if (r == CXD_OK) {
        c->with_regex = pool->with_regex;
        pool->with_regex = c;
    }
    return r;
}

int condition_net_add(struct condition_pool *pool, struct condition *c, const char *text,
                      struct cxd_error *err)
{
    struct condition_net nets[NETWORK_NAMED_MAX];
    size_t count = network_read(text, nets);

    if (count == 0) {
        return cxd_error_set(
            err, CXD_CONFIG,
            "\"%.60s\" is no network: expected ADDRESS/BITS, an address, or one of "
            "loopback, private, public, unicast, global_unicast, link_local_unicast, "
            "multicast, link_local_multicast, interface_local_multicast, unspecified",
            text);
    }
    for (size_t i = 0; i < count; i++) {
        struct condition_net *net = condition_alloc(pool, sizeof *net);
        if (net == NULL) {
            return cxd_error_set(err, CXD_NOMEM, "out of memory");
        }
        *net = nets[i];
        net->next = c->nets;
        c->nets = net;
    }
    return CXD_OK;
}

static bool is_key(const struct cxd_node *node, struct cxd_bytes key)
{
    return node->key_len == key.len && memcmp(node->key, key.ptr, key.len) == 0;
}

/* 1 and the node, 0, or negative. */
static int field_find(const struct condition_field *field, struct cxd_event *ev,
                      struct cxd_node **ret_node)
{
    struct cxd_node *at = event_root(ev);

    for (uint32_t i = 0; i < field->count; i++) {
        struct cxd_node *part = NULL;
        struct cxd_node *whole = NULL;
        int r = at->value.kind == CXD_KIND_OBJECT ? node_expand(ev, at) : CXD_OK;
        if (r != CXD_OK || at->value.kind != CXD_KIND_OBJECT) {
            return r;
        }
        for (struct cxd_node *node = at->first; node != NULL; node = node->next) {
            if (is_key(node, field->rests[i])) {
                whole = node;
            } else if (is_key(node, field->parts[i])) {
                part = node;
            }
        }
        if (whole != NULL) {
            *ret_node = whole;
            return 1;
        }
        if (part == NULL) {
            return 0;
        }
        at = part;
    }
    return 0;
}

static bool number_read(const struct cxd_value *value, double *ret_number)
{
    char text[NUMBER_MAX + 1];

    if (value->kind != CXD_KIND_NUMBER || value->len > NUMBER_MAX) {
        return false;
    }
    memcpy(text, value->ptr, value->len);
    text[value->len] = '\0';
    *ret_number = strtod(text, NULL); /* the scanner saw that it is a number */
    return true;
}

static int text_test(const struct condition *c, struct cxd_bytes text, struct condition_pool *pool)
{
    switch (c->kind) {
    case CONDITION_EQUALS:
        return text.len == c->text.len && memcmp(text.ptr, c->text.ptr, text.len) == 0;
    case CONDITION_CONTAINS:
        return c->text.len == 0 || memmem(text.ptr, text.len, c->text.ptr, c->text.len) != NULL;
    case CONDITION_REGEXP:
        return pool->host->regex_match(c->regex, text);
    default:
        return network_holds(c->nets, text);
    }
}

static int string_test(const struct condition_pool *pool, const struct condition *c,
                       const struct cxd_value *value, struct cxd_event *ev)
{
    struct cxd_bytes text;
    int r;

    if (value->kind != CXD_KIND_STRING) {
        return 0;
    }
    r = value_text(ev, value, &text);
    if (r == CXD_MALFORMED) {
        return 0; /* half a surrogate: no text that a policy could name */
    }
    return r != CXD_OK ? r : text_test(c, text, (struct condition_pool *)pool);
}

/* A text, or one of a list of texts. */
static int strings_test(const struct condition_pool *pool, const struct condition *c,
                        struct cxd_node *node, struct cxd_event *ev)
{
    int r;

    if (node->value.kind != CXD_KIND_LIST) {
        return string_test(pool, c, &node->value, ev);
    }
    r = node_expand(ev, node);
    for (struct cxd_node *at = r == CXD_OK ? node->first : NULL; at != NULL && r == 0;
         at = at->next) {
        r = string_test(pool, c, &at->value, ev);
    }
    return r;
}

static int equals_test(const struct condition_pool *pool, const struct condition *c,
                       const struct cxd_value *value, struct cxd_event *ev)
{
    double number;

    if (c->value_kind == CXD_KIND_STRING) {
        return string_test(pool, c, value, ev);
    }
    if (c->value_kind == CXD_KIND_NUMBER) {
        return (value->kind == CXD_KIND_NUMBER && value->len == c->text.len &&
                memcmp(value->ptr, c->text.ptr, value->len) == 0) ||
               (number_read(value, &number) && number == c->low);
    }
    return value->kind == c->value_kind;
}

static int range_test(const struct condition *c, const struct cxd_value *value)
{
    double number;

    if (!number_read(value, &number)) {
        return 0;
    }
    return !((c->bounds & BOUND_GTE && !(number >= c->low)) ||
             (c->bounds & BOUND_GT && !(number > c->low)) ||
             (c->bounds & BOUND_LTE && !(number <= c->high)) ||
             (c->bounds & BOUND_LT && !(number < c->high)));
}

static int field_test(const struct condition_pool *pool, const struct condition *c,
                      struct cxd_event *ev)
{
    struct cxd_node *node = NULL;
    int r = field_find(c->field, ev, &node);

    if (r <= 0) {
        return r;
    }
    switch (c->kind) {
    case CONDITION_HAS_FIELD:
        return 1;
    case CONDITION_EQUALS:
        return equals_test(pool, c, &node->value, ev);
    case CONDITION_RANGE:
        return range_test(c, &node->value);
    default:
        return strings_test(pool, c, node, ev);
    }
}

int condition_test(const struct condition_pool *pool, const struct condition *c,
                   struct cxd_event *ev)
{
    int wanted = c->kind != CONDITION_AND; /* the answer of a member that ends the walk */

    if (c->kind > CONDITION_NOT) {
        return field_test(pool, c, ev);
    }
    for (const struct condition *member = c->first; member != NULL; member = member->next) {
        int r = condition_test(pool, member, ev);
        if (r < 0) {
            return r;
        }
        if (r == wanted) {
            return c->kind == CONDITION_OR;
        }
    }
    return c->kind != CONDITION_OR;
}
