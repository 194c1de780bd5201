/*
 * prop_scan.c: documents made at random, whose members are known while they are made: the scanner must find just these.
 * The seed is printed; PROP_SEED=n repeats a run.
 */
#include "../unit/base/cores.h"
#include "base/arena.h"
#include "base/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <time.h>

#include <cmocka.h>

#define TEXT_MAX ((size_t)1 << 16)
#define MEMBERS 40
#define ROUNDS 4000

struct want {
    char key[128]; /* plain UTF-8 */
    size_t key_len;
    size_t value_at;
    size_t value_len;
    enum cxd_kind kind;
    int is_dirty;
    int is_escaped;
};

struct maker {
    char text[TEXT_MAX];
    size_t len;
    struct want wants[MEMBERS];
    size_t count;
    int is_dirty;   /* of the container being made */
    int is_escaped; /* of the string made last */
};

static struct maker maker;
static uint64_t random_state;

static unsigned below(unsigned limit)
{
    random_state = random_state * 6364136223846793005ull + 1442695040888963407ull;
    return (unsigned)(random_state >> 33) % limit;
}

static void put(const char *text)
{
    size_t len = strlen(text);

    assert_true(maker.len + len < TEXT_MAX);
    memcpy(maker.text + maker.len, text, len);
    maker.len += len;
}

static void put_white(void)
{
    static const char *const whites[] = {" ", "\t", "\n", "\r\n", "  "};

    if (below(6) == 0) {
        put(whites[below(5)]);
    }
}

/* Ways to write a character, and what it means. */
static const char *const characters[][2] = {
    {"a", "a"},
    {"Z", "Z"},
    {"0", "0"},
    {" ", " "},
    {"/", "/"},
    {"\\/", "/"},
    {"\\\\", "\\"},
    {"\\\"", "\""},
    {"\\n", "\n"},
    {"\\u000A", "\n"},
    {"\\t", "\t"},
    {"\\u0041", "A"},
    {"\\u001f", "\x1f"},
    {"\x7f", "\x7f"},
    {"\xc3\xa9", "\xc3\xa9"},
    {"\\u00E9", "\xc3\xa9"},
    {"\xe2\x82\xac", "\xe2\x82\xac"},
    {"\xf0\x9f\x98\x80", "\xf0\x9f\x98\x80"},
    {"\\uD83D\\ude00", "\xf0\x9f\x98\x80"},
    {"[", "["},
    {"}", "}"},
    {":", ":"},
    {",", ","},
};

/* A string of up to 20 characters, mostly plain ones; its meaning goes to plain, which has 128 bytes. */
static size_t put_string(char *plain)
{
    size_t len = 0;
    unsigned count = below(4) == 0 ? 0 : below(20);

    maker.is_escaped = 0;
    put("\"");
    for (unsigned i = 0; i < count; i++) {
        unsigned which = below(3) == 0 ? below(sizeof characters / sizeof characters[0]) : below(4);
        put(characters[which][0]);
        maker.is_escaped |= characters[which][0][0] == '\\';
        memcpy(plain + len, characters[which][1], strlen(characters[which][1]));
        len += strlen(characters[which][1]);
    }
    put("\"");
    return len;
}

static enum cxd_kind put_value(unsigned depth);

static void put_members(unsigned depth, char open, char close)
{
    char plain[128];
    char mark[2] = {open, '\0'};
    unsigned count = below(4);

    maker.is_dirty |= count == 0;
    put(mark);
    put_white();
    for (unsigned i = 0; i < count; i++) {
        enum cxd_kind kind;
        size_t before;
        if (i > 0) {
            put(",");
            put_white();
        }
        if (open == '{') {
            (void)put_string(plain); /* names inside are checked by the fuzzer */
            put_white();
            put(":");
            put_white();
        }
        before = maker.len;
        kind = put_value(depth + 1);
        maker.is_dirty |=
            kind == CXD_KIND_NULL || (kind == CXD_KIND_STRING && maker.len == before + 2);
        put_white();
    }
    mark[0] = close;
    put(mark);
}

static enum cxd_kind put_value(unsigned depth)
{
    static const char *const numbers[] = {"0",   "-0",       "17",   "-3.25",
                                          "1e9", "6.02E+23", "1E-7", "12345678901234567890"};
    char plain[128];

    switch (below(depth < 6 ? 8 : 5)) {
    case 0:
        put("null");
        return CXD_KIND_NULL;
    case 1:
        put("true");
        return CXD_KIND_TRUE;
    case 2:
        put("false");
        return CXD_KIND_FALSE;
    case 3:
        put(numbers[below(8)]);
        return CXD_KIND_NUMBER;
    case 4:
    case 5:
        (void)put_string(plain); /* only its place is wanted */
        return CXD_KIND_STRING;
    case 6:
        put_members(depth, '[', ']');
        return CXD_KIND_LIST;
    default:
        put_members(depth, '{', '}');
        return CXD_KIND_OBJECT;
    }
}

static void make_document(void)
{
    maker.len = 0;
    maker.count = below(MEMBERS);
    put_white();
    put("{");
    for (size_t i = 0; i < maker.count; i++) {
        struct want *want = &maker.wants[i];
        put_white();
        want->key_len = put_string(want->key);
        put_white();
        put(":");
        put_white();
        want->value_at = maker.len;
        maker.is_dirty = 0;
        maker.is_escaped = 0;
        want->kind = put_value(1);
        want->value_len = maker.len - want->value_at;
        want->is_dirty = want->kind >= CXD_KIND_LIST && maker.is_dirty;
        want->is_escaped = want->kind == CXD_KIND_STRING && maker.is_escaped;
        put_white();
        if (i + 1 < maker.count) {
            put(",");
        }
    }
    put_white();
    put("}");
    put_white();
}

static void assert_found(const struct cxd_field *field, const struct want *want, const char *text)
{
    int is_string = want->kind == CXD_KIND_STRING;
    int flags = (want->is_dirty ? CXD_VALUE_DIRTY : 0) | (want->is_escaped ? CXD_VALUE_ESCAPED : 0);
    char quoted[sizeof want->key * 6 + 2];
    size_t len = text_quote((struct cxd_bytes){want->key, want->key_len}, quoted, sizeof quoted);

    assert_int_equal(field->key_len, len - 2);
    assert_memory_equal(field->key, quoted + 1, len - 2);
    assert_int_equal(field->value.kind, want->kind);
    assert_int_equal(field->value.flags, flags);
    assert_ptr_equal(field->value.ptr, text + want->value_at + is_string);
    assert_int_equal(field->value.len, want->value_len - 2 * (size_t)is_string);
}

static void test_the_members_made_are_the_members_found(void **state)
{
    const char *chosen = getenv("PROP_SEED");
    uint64_t seed = chosen != NULL ? strtoull(chosen, NULL, 10) : (uint64_t)time(NULL);
    const struct scan_core *cores[CORES_MAX];
    size_t count = cores_list(cores);
    struct arena *arena = arena_new(1 << 16, 1 << 26);
    struct scan scan = {0};

    (void)state;
    print_message("PROP_SEED=%llu\n", (unsigned long long)seed);
    random_state = seed;
    for (int round = 0; round < ROUNDS; round++) {
        char *text;
        make_document();
        text = exact_copy(maker.text, maker.len);
        for (size_t i = 0; i < count; i++) {
            struct scan_fault fault = {0};
            assert_int_equal(scan_members_with(cores[i], &scan, (struct cxd_bytes){text, maker.len},
                                               arena, &fault),
                             CXD_OK);
            assert_int_equal(scan.count, maker.count);
            for (size_t k = 0; k < maker.count; k++) {
                assert_found(&scan.fields[k], &maker.wants[k], text);
            }
        }
        arena_reset(arena);
        free(text);
    }
    scan_done(&scan);
    arena_free(arena);
}

/* No piece of a document from its first byte is a document, and no byte more is allowed behind it. */
static void test_no_beginning_of_a_document_is_a_document(void **state)
{
    struct arena *arena = arena_new(1 << 16, 1 << 26);
    struct scan scan = {0};

    (void)state;
    random_state = 11;
    for (int round = 0; round < 30; round++) {
        size_t end;
        make_document();
        for (end = maker.len; maker.text[end - 1] != '}'; end--) {
        }
        for (size_t len = 0; len < end; len++) {
            struct scan_fault fault = {0};
            char *text = exact_copy(maker.text, len);
            assert_int_equal(scan_record(&scan, (struct cxd_bytes){text, len}, arena, &fault),
                             CXD_MALFORMED);
            assert_true(fault.offset <= len);
            free(text);
        }
        arena_reset(arena);
    }
    scan_done(&scan);
    arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_members_made_are_the_members_found),
        cmocka_unit_test(test_no_beginning_of_a_document_is_a_document),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
