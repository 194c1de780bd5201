/*
 * fuzz_reply.c: a reply of any bytes, decoded in each form and split in several ways. What is decoded is JSON, what is split
 * off is JSON, the reply itself is unchanged afterwards; and for JSON both of our readers say the same.
 */
#include "fuzz.h"

#include "../unit/httpjson/fake.h"

#include "base/scan.h"
#include "decode.h"
#include "lib/xml.h"
#include "split.h"

static const struct heap heap = {&fake_host, NULL};

static int check_event(void *owner, struct tree *event, struct cxd_error *err)
{
    struct context *c = owner;
    struct tree_fault fault;
    struct text text;

    (void)err;
    text_init(&text, &heap, 1u << 24);
    tree_write(c->nodes, &c->scratch, event, TREE_WRITE_PLAIN, &text);
    FUZZ_CHECK(text.status == 0 || text.status == CXD_TOO_DEEP);
    FUZZ_CHECK(text.status != 0 || tree_check(text_bytes(&text), NULL, &fault) == 0 ||
               fault.status == CXD_TOO_DEEP);
    text_done(&text);
    return 0;
}

static void split_all(const struct text *body)
{
    static const struct split inner = {.target = CXD_LIT("b"), .keep_parent = true};
    static const struct split ways[] = {
        {.target = CXD_LIT("a"), .child = &inner},
        {.target = CXD_LIT("a"), .child = &inner, .ignore_empty = true, .keep_parent = true},
        {.target = CXD_LIT("a.b"),
         .type = SPLIT_MAP,
         .key_field = CXD_LIT("k.j"),
         .keep_parent = true},
        {.target = CXD_LIT("a"), .type = SPLIT_STRING, .delimiter = CXD_LIT("\n")},
    };
    struct config config = {.heap = heap};
    struct cxd_error err = CXD_ERROR_INIT;
    struct context context;
    struct region nodes;
    struct text text;
    struct tree *tree = NULL;

    region_init(&nodes, &heap, 64u << 20);
    context_init(&context, &heap, &config);
    context_enter(&context, &nodes);
    FUZZ_CHECK(tree_parse(&nodes, text_bytes(body), &tree, &err) == 0);
    for (size_t i = 0; tree->kind == TREE_OBJECT && i < sizeof ways / sizeof ways[0]; i++) {
        struct split_sink sink = {.owner = &context, .emit = check_event};
        struct tree *copy = tree_copy(&nodes, tree);

        FUZZ_CHECK(copy != NULL && split_run(&context, &ways[i], copy, &sink, &err) == 0);
    }
    text_init(&text, &heap, 1u << 24);
    tree_write(&nodes, &context.scratch, tree, TREE_WRITE_PLAIN, &text);
    FUZZ_CHECK(text.status == 0 && text.len <= body->len &&
               memmem(body->ptr, body->len, text.ptr, text.len) != NULL);
    text_clear(&text);
    tree_write(&nodes, &context.scratch, tree, TREE_WRITE_SORTED | TREE_WRITE_HTML_SAFE, &text);
    FUZZ_CHECK(text.status == 0 &&
               tree_check(text_bytes(&text), NULL, &(struct tree_fault){0}) == 0);
    text_done(&text);
    context_done(&context);
    region_done(&nodes);
}

/* What a schema may say of short names, which documents find by chance. */
static xmlDoc *schema(void)
{
    static xmlDoc *doc;
    struct xml_fault fault;

    if (doc == NULL) {
        doc = xml_read(CXD_LIT("<schema><element name='r' type='t'/><element name='a' "
                               "type='double'/><complexType name='t'><sequence><element name='i' "
                               "type='long'/><element name='a' maxOccurs='9' type='double'/>"
                               "<element name='r' type='t' maxOccurs='2'/><element name='b' "
                               "type='boolean'/></sequence></complexType></schema>"),
                       &fault);
        FUZZ_CHECK(doc != NULL);
    }
    return doc;
}

static void decode_as(enum decode_type type, const uint8_t *data, size_t size)
{
    struct cxd_error err = CXD_ERROR_INIT;
    struct text body;

    text_init(&body, &heap, 1u << 22);
    text_add(&body, (const char *)data, size);
    if (decode_body(type, size % 2 == 0 ? schema() : NULL, &body, &err) == 0) {
        if (body.len > 0) {
            split_all(&body);
        }
    } else {
        FUZZ_CHECK(err.status < 0 && err.status != CXD_NOMEM && err.text[0] != '\0');
    }
    text_done(&body);
}

/* Both readers agree, but for what only one of them refuses: bytes that are no UTF-8, and depth. */
static void compare(const uint8_t *data, size_t size)
{
    struct cxd_bytes text = {(const char *)data, size};
    struct tree_fault ours;
    struct scan_fault theirs;
    struct cxd_value value;
    bool accepts = tree_check(text, NULL, &ours) == 0;
    bool scanner = scan_value(text, &value, &theirs) == 0;

    if (scanner) {
        FUZZ_CHECK(accepts);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t type = size > 0 ? data[0] : 0;

    compare(data + (size > 0), size - (size > 0));
    decode_as((enum decode_type)(DECODE_JSON + type % 5), data + (size > 0), size - (size > 0));
    FUZZ_CHECK(fake.held == 0);
    return 0;
}
