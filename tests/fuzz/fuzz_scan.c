/*
 * fuzz_scan.c: the scanner against json-c. Same verdict, same values; all cores alike; and what was scanned, expanded and
 * written again is the same document.
 */
#include "../unit/base/cores.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/scan_core.h"
#include "base/write.h"
#include "fuzz.h"
#include "oracle.h"

#include <json-c/json.h>
#include <string.h>

#define SIZE_LIMIT ((size_t)1 << 16)

static void values_same(const struct cxd_value *a, const struct cxd_value *b)
{
    FUZZ_CHECK(a->ptr == b->ptr && a->len == b->len && a->kind == b->kind && a->flags == b->flags);
}

static void tables_same(const struct scan *a, const struct scan *b)
{
    FUZZ_CHECK(a->count == b->count);
    for (uint32_t i = 0; i < a->count; i++) {
        const struct cxd_field *x = &a->fields[i];
        const struct cxd_field *y = &b->fields[i];
        FUZZ_CHECK(x->key_len == y->key_len && (x->key == NULL) == (y->key == NULL));
        FUZZ_CHECK(x->key == NULL || memcmp(x->key, y->key, x->key_len) == 0);
        values_same(&x->value, &y->value);
    }
}

/* Every core says the same as the first. Returns its status; first is filled. */
static int cores_agree(struct cxd_bytes text, struct scan *first, struct arena *arena)
{
    const struct scan_core *cores[CORES_MAX];
    size_t count = cores_list(cores);
    struct scan_fault want = {0};
    int status = scan_members_with(cores[0], first, text, arena, &want);

    for (size_t i = 1; i < count; i++) {
        struct scan other = {0};
        struct scan_fault fault = {0};
        FUZZ_CHECK(scan_members_with(cores[i], &other, text, arena, &fault) == status);
        FUZZ_CHECK(fault.offset == want.offset && fault.offset <= text.len);
        FUZZ_CHECK(status == CXD_OK || strcmp(fault.text, want.text) == 0);
        tables_same(first, &other);
        scan_done(&other);
    }
    return status;
}

/* Nodes for everything, all the way down, as expansion would make them. */
static struct cxd_node *tree_make(struct arena *arena, struct cxd_value value)
{
    struct cxd_node *node = arena_alloc(arena, sizeof *node);
    struct scan scan = {0};
    struct scan_fault fault;

    FUZZ_CHECK(node != NULL);
    *node = (struct cxd_node){.value = value};
    if (value.kind != CXD_KIND_LIST && value.kind != CXD_KIND_OBJECT) {
        return node;
    }
    FUZZ_CHECK(scan_members(&scan, (struct cxd_bytes){value.ptr, value.len}, arena, &fault) ==
               CXD_OK);
    node->value.flags = CXD_VALUE_TREE;
    for (uint32_t i = 0; i < scan.count; i++) {
        struct cxd_node *child = tree_make(arena, scan.fields[i].value);
        child->key = scan.fields[i].key;
        child->key_len = scan.fields[i].key_len;
        *(node->last != NULL ? &node->last->next : &node->first) = child;
        node->last = child;
    }
    scan_done(&scan);
    return node;
}

static void written_same(const struct cxd_node *node, struct json_object *want)
{
    struct json_object *again;
    struct buf out;
    int is_json = 0;

    buf_init(&out, 8 * SIZE_LIMIT);
    FUZZ_CHECK(write_node(node, &out) == CXD_OK);
    FUZZ_CHECK(memchr(out.ptr, '\n', out.len) == NULL);
    again = oracle_parse((struct cxd_bytes){out.ptr, out.len}, &is_json);
    FUZZ_CHECK(is_json);
    FUZZ_CHECK(json_object_equal(again, want));
    json_object_put(again);
    buf_done(&out);
}

static void accepted(struct cxd_bytes text, const struct cxd_value *value, struct json_object *want)
{
    struct arena *arena = arena_new(1 << 16, 1 << 28);
    struct cxd_node slice = {.value = *value};

    FUZZ_CHECK(arena != NULL);
    oracle_compare(text, want);
    written_same(&slice, want);
    if (!oracle_misreads(
            text)) { /* names are written in their shortest form, which json-c reads rightly */
        written_same(tree_make(arena, *value), want);
    }
    arena_free(arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cxd_bytes text = {(const char *)data, size};
    struct arena *arena = arena_new(1 << 12, 1 << 26);
    struct scan scan = {0};
    struct cxd_value value;
    struct scan_fault fault = {0};
    struct json_object *tree;
    int is_json = 0;
    int status;

    if (size > SIZE_LIMIT) {
        arena_free(arena);
        return 0;
    }
    FUZZ_CHECK(arena != NULL);
    status = scan_value(text, &value, &fault);
    tree = oracle_parse(text, &is_json);
    if (status == CXD_OK) {
        FUZZ_CHECK(is_json); /* json-c is nowhere stricter than the RFC */
        accepted(text, &value, tree);
    } else {
        FUZZ_CHECK(!is_json || oracle_is_lenient(text, &fault));
    }
    if (cores_agree(text, &scan, arena) == CXD_OK) {
        FUZZ_CHECK(status == CXD_OK);
    } else {
        FUZZ_CHECK(status != CXD_OK || value.kind < CXD_KIND_LIST);
    }
    json_object_put(tree);
    scan_done(&scan);
    arena_free(arena);
    return 0;
}
