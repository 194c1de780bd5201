/* test_option.c: a piece of policy against an option table. */
#include "config/option.h"
#include "io/doc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const struct cxd_option children[] = {
    {"name", CXD_OPTION_STRING, CXD_OPTION_REQUIRED, NULL, "Name of the bucket", NULL},
    {"max_workers", CXD_OPTION_INT, 0, "3", "Downloads at a time", NULL},
    {0},
};
static const struct cxd_option table[] = {
    {"project_id", CXD_OPTION_STRING, CXD_OPTION_REQUIRED, NULL, "The project", NULL},
    {"auth.file.path", CXD_OPTION_STRING, 0, NULL, "Key file", NULL},
    {"poll_interval", CXD_OPTION_DURATION, 0, "15s", "Pause", NULL},
    {"auth.inline", CXD_OPTION_STRING, CXD_OPTION_SECRET, NULL, "Key", NULL},
    {"max_size", CXD_OPTION_SIZE, 0, NULL, "Size", NULL},
    {"poll", CXD_OPTION_BOOL, 0, "true", "Go on", NULL},
    {"hosts", CXD_OPTION_STRING_LIST, 0, NULL, "Hosts", NULL},
    {"buckets", CXD_OPTION_GROUP_LIST, 0, NULL, "Buckets", children},
    {"extra", CXD_OPTION_ANY, 0, NULL, "Anything", NULL},
    {0},
};

struct fixture {
    struct arena *arena;
    struct cxd_builder *doc;
    struct cxd_error err;
};

static int setup(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);

    f->arena = arena_new(4096, 1u << 20);
    *state = f;
    return f->arena == NULL;
}

static int teardown(void **state)
{
    struct fixture *f = *state;

    doc_free(f->doc);
    arena_free(f->arena);
    free(f);
    return 0;
}

static int skip_id(const char *path)
{
    return strcmp(path, "id") == 0;
}

static int build(struct fixture *f, const char *stream, const char *input)
{
    struct conf *layers[2] = {NULL, NULL};
    struct option_source source = {.skip = skip_id, .owner = "input x"};

    assert_int_equal(conf_read_text("p.yml", stream, strlen(stream), f->arena, &layers[0], &f->err),
                     CXD_OK);
    if (input != NULL) {
        assert_int_equal(
            conf_read_text("p.yml", input, strlen(input), f->arena, &layers[1], &f->err), CXD_OK);
    }
    source.layers[0] = layers[0];
    source.layers[1] = layers[1];
    source.at = layers[0];
    doc_free(f->doc);
    f->doc = NULL;
    return option_build(table, &source, &f->doc, &f->err);
}

static struct cxd_scalar get(struct fixture *f, const char *path)
{
    return doc_get(doc_bytes(f->doc), path);
}

static void text_is(struct cxd_scalar s, const char *text)
{
    assert_int_equal(s.type, CXD_TEXT);
    assert_int_equal(s.bytes.len, strlen(text));
    assert_memory_equal(s.bytes.ptr, text, s.bytes.len);
}

static void test_values_defaults_and_groups(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(build(f,
                           "id: a\nproject_id: 12\nauth: {inline: geheim1, file.path: "
                           "/k}\nmax_size: 1KiB\nhosts: one\n"
                           "buckets:\n- name: b\n- {name: c, max_workers: 9}\nextra: {n: 1, s: "
                           "'1', l: [true, ~, 1.5]}\n",
                           NULL),
                     CXD_OK);
    text_is(get(f, "project_id"), "12");
    text_is(get(f, "auth.inline"), "geheim1");
    text_is(get(f, "auth.file.path"), "/k");
    assert_int_equal(get(f, "poll_interval").number, 15000);
    assert_int_equal(get(f, "max_size").number, 1024);
    assert_int_equal(get(f, "poll").type, CXD_BOOL);
    assert_int_equal(get(f, "poll").number, 1);
    text_is(get(f, "hosts.0"), "one");
    text_is(get(f, "buckets.1.name"), "c");
    assert_int_equal(get(f, "buckets.0.max_workers").number, 3);
    assert_int_equal(get(f, "buckets.1.max_workers").number, 9);
    assert_int_equal(get(f, "extra.n").type, CXD_INT);
    text_is(get(f, "extra.s"), "1");
    assert_int_equal(get(f, "extra.l.0").type, CXD_BOOL);
    assert_int_equal(get(f, "extra.l.1").type, CXD_NIL);
    assert_int_equal(get(f, "extra.l.2").type, CXD_FLOAT);
    assert_int_equal(get(f, "id").type, CXD_NONE);
}

static void test_the_stream_wins_over_the_input(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(build(f, "poll_interval: 1s\n", "project_id: p\npoll_interval: 9s\n"), CXD_OK);
    text_is(get(f, "project_id"), "p");
    assert_int_equal(get(f, "poll_interval").number, 1000);
}

static void refused(struct fixture *f, const char *text, const char *says)
{
    assert_int_equal(build(f, text, NULL), CXD_CONFIG);
    if (strstr(f->err.text, says) == NULL) {
        fail_msg("expected \"%s\" in \"%s\"", says, f->err.text);
    }
}

static void test_refusals_say_what_was_expected(void **state)
{
    struct fixture *f = *state;

    refused(f, "project_id: p\npol_interval: 1s\n",
            "p.yml:2: unknown option \"pol_interval\" of input x, did you mean \"poll_interval\"?");
    refused(f, "project_id: p\nauth: {nope: 1}\n", "unknown option \"auth.nope\"");
    refused(f, "poll: true\n", "needs the option \"project_id\": The project");
    refused(f, "project_id: p\npoll: perhaps\n",
            "p.yml:2: option \"poll\" of input x: expected true or false");
    refused(f, "project_id: p\npoll_interval: soon\n", "expected a duration");
    refused(f, "project_id: p\nmax_size: big\n", "expected a size");
    refused(f, "project_id: {a: 1}\n", "expected a text");
    refused(f, "project_id: p\nbuckets: b\n", "expected a list");
    refused(f, "project_id: p\nbuckets:\n- max_workers: 1\n", "needs the option \"name\"");
    refused(f, "project_id: p\nbuckets:\n- {name: b, nme: c}\n", "unknown option \"nme\"");
    refused(f, "project_id: p\nhosts: {a: b}\n", "expected text or a list of texts");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_values_defaults_and_groups, setup, teardown),
        cmocka_unit_test_setup_teardown(test_the_stream_wins_over_the_input, setup, teardown),
        cmocka_unit_test_setup_teardown(test_refusals_say_what_was_expected, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
