/* test_split.c: the pure halves: splits, decodings, JSON paths, trees that share and change, token requests. */
#include "fake.h"

#include "auth.h"
#include "decode.h"
#include "jsonpath.h"
#include "jwk.h"
#include "split.h"

static const struct heap heap = {&fake_host, NULL};
static struct text out;

static int collect(void *owner, struct tree *event, struct cxd_error *err)
{
    struct context *c = owner;

    (void)err;
    text_put(&out, out.len > 0 ? "|" : "");
    tree_write(c->nodes, &c->scratch, event, TREE_WRITE_PLAIN, &out);
    return out.status;
}

/* Splits body as `json` says; the events in one line, and the troubles behind a #. */
static void expect_split(const char *json, const char *body, const char *want)
{
    struct config config = {.heap = heap};
    const struct split *split = NULL;
    struct split_sink sink = {.emit = collect};
    struct context context;
    struct region nodes;
    struct cxd_error err = CXD_ERROR_INIT;
    struct tree *tree = NULL;
    struct cxd_bytes doc = fake_options(NULL, json);

    region_init(&config.region, &config.heap, 1u << 20);
    region_init(&nodes, &heap, 1u << 20);
    context_init(&context, &heap, &config);
    context_enter(&context, &nodes);
    sink.owner = &context;
    if (config_split(&config, optree_read(&config.region, doc), "split", 0, &split, &err) < 0) {
        fail_msg("%s: %s", json, err.text);
    }
    assert_int_equal(tree_parse(&nodes, bytes_of(body), &tree, &err), 0);
    text_init(&out, &heap, 1u << 20);
    assert_int_equal(split_run(&context, split, tree, &sink, &err), 0);
    if (sink.troubles > 0) {
        text_put(&out, "#");
        text_number(&out, (int64_t)sink.troubles);
    }
    if (strcmp(out.len > 0 ? out.ptr : "", want) != 0) {
        fail_msg("%s\n  of %s\n  gives %s\n  not   %s", json, body, out.len > 0 ? out.ptr : "",
                 want);
    }
    /* what was handed out changed nothing in what it came from */
    text_clear(&out);
    tree_write(&nodes, &nodes, tree, TREE_WRITE_PLAIN, &out);
    assert_string_equal(out.ptr, body);
    text_done(&out);
    context_done(&context);
    region_done(&nodes);
    config_done(&config);
    assert_int_equal(fake.held, 0);
}

static void test_arrays(void **state)
{
    (void)state;
    expect_split("{'target': 'body.a'}", "{\"a\":[{\"x\":1},{\"x\":2}],\"b\":3}",
                 "{\"x\":1}|{\"x\":2}");
    expect_split("{'target': 'body.a.b', 'type': 'array'}", "{\"a\":{\"b\":[{\"x\":1}]}}",
                 "{\"x\":1}");
    expect_split("{'target': 'body.a', 'keep_parent': true}",
                 "{\"a\":[{\"x\":1},{\"x\":2}],\"b\":3}",
                 "{\"a\":{\"x\":1},\"b\":3}|{\"a\":{\"x\":2},\"b\":3}");
    expect_split(
        "{'target': 'body.p.a', 'keep_parent': true}",
        "{\"p\":{\"a\":[{\"x\":1},{\"x\":2}],\"q\":0},\"b\":3}",
        "{\"p\":{\"a\":{\"x\":1},\"q\":0},\"b\":3}|{\"p\":{\"a\":{\"x\":2},\"q\":0},\"b\":3}");
    expect_split("{'target': 'body.a'}", "{\"a\":[1,\"t\",[2]]}",
                 "{\"a\":1}|{\"a\":\"t\"}|{\"a\":[2]}");
}

static void test_nested_splits(void **state)
{
    static const char two[] =
        "{'target': 'body.a', 'split': {'target': 'body.e', 'keep_parent': true}}";
    static const char ignoring[] = "{'target': 'body.a', 'ignore_empty_value': true, 'split': "
                                   "{'target': 'body.e', 'keep_parent': true}}";

    (void)state;
    expect_split(
        two, "{\"a\":[{\"i\":1,\"e\":[{\"x\":1},{\"x\":2}]},{\"i\":2,\"e\":[]},{\"i\":3}]}",
        "{\"i\":1,\"e\":{\"x\":1}}|{\"i\":1,\"e\":{\"x\":2}}|{\"i\":2,\"e\":[]}|{\"i\":3}");
    expect_split(ignoring, "{\"a\":[],\"n\":0}", "");
    expect_split(ignoring, "{\"a\":null}", "");
    expect_split(ignoring, "{\"e\":[{\"x\":1}],\"a\":[]}", "{\"e\":{\"x\":1},\"a\":[]}");
    expect_split(ignoring, "{\"n\":0}", "#1");
}

static void test_empty_targets(void **state)
{
    (void)state;
    expect_split("{'target': 'body.a'}", "{\"a\":[],\"b\":1}", "{\"a\":[],\"b\":1}");
    expect_split("{'target': 'body.a'}", "{\"b\":1}", "#1");
    expect_split("{'target': 'body.a', 'ignore_empty_value': true}", "{\"a\":[],\"b\":1}", "");
    expect_split("{'target': 'body.a', 'ignore_empty_value': true, 'keep_parent': true}",
                 "{\"a\":[],\"b\":1}", "{\"a\":[],\"b\":1}");
    expect_split("{'target': 'body.a'}", "{\"a\":7}", "#1");
    expect_split("{'target': 'body.a'}", "{\"a\":{\"b\":1}}", "#1");
}

static void test_maps_and_strings(void **state)
{
    (void)state;
    expect_split("{'target': 'body.a', 'type': 'map'}", "{\"a\":{\"k\":{\"x\":1},\"l\":{\"x\":2}}}",
                 "{\"x\":1}|{\"x\":2}");
    expect_split("{'target': 'body.a', 'type': 'map', 'key_field': 'id'}",
                 "{\"a\":{\"k\":{\"x\":1},\"l\":{\"x\":2}}}",
                 "{\"x\":1,\"id\":\"k\"}|{\"x\":2,\"id\":\"l\"}");
    expect_split("{'target': 'body.a', 'type': 'string', 'delimiter': '\\n'}",
                 "{\"a\":\"one\\ntwo\\n\",\"b\":1}",
                 "{\"a\":\"one\",\"b\":1}|{\"a\":\"two\",\"b\":1}|{\"a\":\"\",\"b\":1}");
    expect_split("{'target': 'body.a', 'type': 'string', 'delimiter': ', '}", "{\"a\":\"x\"}",
                 "{\"a\":\"x\"}");
}

static void test_transforms_of_elements(void **state)
{
    (void)state;
    expect_split(
        "{'target': 'body.a', 'keep_parent': true, 'transforms': [{'set': {'target': 'body.n.m', "
        "'value': '[[.body.b]]', 'value_type': 'int'}}, {'delete': {'target': 'body.b'}}]}",
        "{\"a\":[{\"x\":1},{\"x\":2}],\"b\":3,\"n\":{\"o\":0}}",
        "{\"a\":{\"x\":1},\"n\":{\"o\":0,\"m\":3}}|{\"a\":{\"x\":2},\"n\":{\"o\":0,\"m\":3}}");
    expect_split(
        "{'target': 'body.a', 'transforms': [{'append': {'target': 'body.l', 'value': 'v'}}]}",
        "{\"a\":[{\"l\":[1]},{\"l\":\"s\"},{}]}",
        "{\"l\":[1,\"v\"]}|{\"l\":[\"s\",\"v\"]}|{\"l\":[\"v\"]}");
    expect_split("{'target': 'body.a', 'transforms': [{'set': {'target': 'body.y', 'value': "
                 "'[[.body.x]]', 'fail_on_template_error': true}}]}",
                 "{\"a\":[{\"z\":1},{\"x\":2}]}", "{\"x\":2,\"y\":\"2\"}#1");
}

static void expect_decoded(enum decode_type type, const char *in, size_t len, const char *want,
                           int status)
{
    struct cxd_error err = CXD_ERROR_INIT;
    struct text body;
    int got;

    text_init(&body, &heap, 1u << 20);
    text_add(&body, in, len > 0 ? len : strlen(in));
    got = decode_body(type, NULL, &body, &err);
    if (got != status || (status == 0 && strcmp(body.ptr != NULL ? body.ptr : "", want) != 0) ||
        (status != 0 && strstr(err.text, want) == NULL)) {
        fail_msg("%s\n  gives %d %s %s\n  not   %s", in, got, body.ptr, err.text, want);
    }
    text_done(&body);
    assert_int_equal(fake.held, 0);
}

static void test_decodings(void **state)
{
    (void)state;
    assert_int_equal(decode_type_of("text/csv; charset=utf-8"), DECODE_CSV);
    assert_int_equal(decode_type_of("Application/X-NDJSON"), DECODE_NDJSON);
    assert_int_equal(decode_type_of(NULL), DECODE_JSON);
    expect_decoded(DECODE_JSON, "\xef\xbb\xbf{\"a\":1e400}", 0, "   {\"a\":1e400}", 0);
    expect_decoded(DECODE_JSON, "{\"a\":\"\xff\"}", 0, "{\"a\":\"\xef\xbf\xbd\"}", 0);
    expect_decoded(DECODE_JSON, " \n ", 0, "", 0);
    expect_decoded(DECODE_JSON, "{\"a\":1} x", 0, "follows the value", CXD_MALFORMED);
    expect_decoded(DECODE_JSON, "{\"a\":01}", 0, "byte 6", CXD_MALFORMED);
    expect_decoded(DECODE_JSON, "{\"a\":\"\\ud800\"}", 0, "{\"a\":\"\\ud800\"}", 0);
    expect_decoded(DECODE_NDJSON, "{\"a\":1}\n\n{\"a\":2}\r\n7", 0,
                   "[{\"a\":1}\n\n,{\"a\":2}\r\n,7]", 0);
    expect_decoded(DECODE_NDJSON, "{\"a\":1}\n{\"a\":", 0, "value 2", CXD_TRUNCATED);
    expect_decoded(DECODE_CSV, "a,\"b \"\"q\"\"\"\r\n1,\"x\ny\"\n\n\"\",z\r\n", 0,
                   "[{\"a\":\"1\",\"b \\\"q\\\"\":\"x\\ny\"},{\"a\":\"\",\"b \\\"q\\\"\":\"z\"}]",
                   0);
    expect_decoded(DECODE_CSV, "a,b\n1\n", 0, "fewer cells", CXD_MALFORMED);
    expect_decoded(DECODE_CSV, "a\n1,2\n", 0, "more cells", CXD_MALFORMED);
    expect_decoded(DECODE_CSV, "a\n\"1", 0, "does not end", CXD_MALFORMED);
    expect_decoded(
        DECODE_XML, "<r v=\"1\"><i>x</i><i k='2'>y &amp; z</i><e/></r>", 0,
        "{\"r\":{\"v\":\"1\",\"i\":[\"x\",{\"k\":\"2\",\"#text\":\"y & z\"}],\"e\":\"\"}}", 0);
    expect_decoded(DECODE_XML, "<r>", 0, "not XML", CXD_MALFORMED);
    expect_decoded(DECODE_XML, "<!DOCTYPE r [<!ENTITY a \"b\">]><r>&a;</r>", 0, "DTD",
                   CXD_MALFORMED);
}

/* Made by Python's zipfile: a.json {"a": 1} deflated, b.ndjson {"b":2}\n{"b":3} stored. */
static void test_zip(void **state)
{
    static const unsigned char zip[] = {
#include "zip.inc"
    };
    unsigned char bad[sizeof zip];

    (void)state;
    expect_decoded(DECODE_ZIP, (const char *)zip, sizeof zip, "[{\"a\": 1},{\"b\":2}\n,{\"b\":3}]",
                   0);
    expect_decoded(DECODE_ZIP, "no archive, but long enough to be one", 0, "no directory",
                   CXD_MALFORMED);
    for (size_t cut = 1; cut < sizeof zip; cut++) {
        struct cxd_error err = CXD_ERROR_INIT;
        struct text body;

        memcpy(bad, zip, sizeof zip);
        bad[cut] ^=
            0x55; /* any damage is an error or changes nothing that matters; never a crash */
        text_init(&body, &heap, 1u << 20);
        text_add(&body, (const char *)bad, sizeof bad);
        (void)decode_body(DECODE_ZIP, NULL, &body, &err);
        text_done(&body);
        assert_int_equal(fake.held, 0);
    }
}

static void expect_path(const char *path, const char *want)
{
    static const char json[] = "{\"a\":[{\"id\":1,\"t\":\"x\"},{\"id\":\"two\"},{\"no\":0}],\"b\":{"
                               "\"c\":true,\"d e\":5},\"n\":null}";
    struct cxd_error err = CXD_ERROR_INIT;
    struct tree *list = NULL;
    struct tree *root = NULL;
    struct region r;
    int status;

    region_init(&r, &heap, 1u << 20);
    text_init(&out, &heap, 65536);
    assert_int_equal(tree_parse(&r, bytes_of(json), &root, &err), 0);
    status = jsonpath_values(&r, root, bytes_of(path), 100, &list, &err);
    for (struct tree *c = status == 0 ? list->first : NULL; c != NULL; c = c->next) {
        text_add(&out, c->text.ptr, c->text.len);
        text_put(&out, ";");
    }
    assert_string_equal(status < 0 ? err.text : out.len > 0 ? out.ptr : "", want);
    text_done(&out);
    region_done(&r);
}

static void test_json_paths(void **state)
{
    (void)state;
    expect_path("$.a[:].id", "1;two;");
    expect_path("$.a[*].id", "1;two;");
    expect_path("$.a[1].id", "two;");
    expect_path("$.a[0:1].id", "1;");
    expect_path("$.b.c", "true;");
    expect_path("$['b']['d e']", "5;");
    expect_path("$.b.*", "true;5;");
    expect_path("$.n", "");
    expect_path("$.x.y", "");
    expect_path("$.a", "");
    expect_path("a.b", "JSONPath is not understood");
    expect_path("$..id", "JSONPath is not understood");
    expect_path("$.a[x]", "JSONPath is not understood");
}

static void test_token_bodies_and_replies(void **state)
{
    struct config_auth auth = {.type = AUTH_PASSWORD,
                               .user = CXD_LIT("u&"),
                               .password = CXD_LIT("p="),
                               .client_id = CXD_LIT("id"),
                               .client_secret = CXD_LIT("s")};
    struct cxd_error err = CXD_ERROR_INIT;
    struct text body;
    int64_t life = 0;

    (void)state;
    text_init(&body, &heap, 65536);
    assert_int_equal(token_body(&auth, true, 0, &body, &err), 0);
    assert_string_equal(
        body.ptr, "grant_type=password&username=u%26&password=p%3D&client_id=id&client_secret=s");
    assert_int_equal(token_reply(&heap, CXD_LIT("{\"access_token\":\"abc\",\"expires_in\":\"60\"}"),
                                 &body, &life, &err),
                     0);
    assert_string_equal(body.ptr, "abc");
    assert_int_equal(life, 60);
    assert_int_equal(
        token_reply(&heap, CXD_LIT("{\"access_token\":\"a\\nb\"}"), &body, &life, &err),
        CXD_PROTOCOL);
    assert_int_equal(token_reply(&heap, CXD_LIT("{}"), &body, &life, &err), CXD_PROTOCOL);
    assert_int_equal(token_reply(&heap, CXD_LIT("<html>"), &body, &life, &err), CXD_PROTOCOL);
    text_done(&body);
    assert_int_equal(fake.held, 0);
}

/* A key made for this test alone, as JWK and as PEM: both sign alike. */
static void test_a_jwk_signs_as_its_pem_does(void **state)
{
    static const char jwk[] =
#include "jwk.inc"
        ;
    static const char pem[] =
#include "pem.inc"
        ;
    struct cxd_bytes made = {NULL, 0};
    struct cxd_bytes key_id = {NULL, 0};
    struct cxd_error err = CXD_ERROR_INIT;
    unsigned char a[512];
    unsigned char b[512];
    size_t a_len = sizeof a;
    size_t b_len = sizeof b;
    struct region r;

    (void)state;
    region_init(&r, &heap, 1u << 20);
    assert_int_equal(jwk_to_pem(&r, bytes_of(jwk), &made, &key_id, &err), 0);
    assert_int_equal(key_id.len, 2);
    if (fake_host.sign_rs256(NULL, made, CXD_LIT("data"), a, &a_len, &err) < 0) {
        fail_msg("%s\n%s", err.text, made.ptr);
    }
    assert_int_equal(fake_host.sign_rs256(NULL, bytes_of(pem), CXD_LIT("data"), b, &b_len, &err),
                     0);
    assert_int_equal(a_len, b_len);
    assert_memory_equal(a, b, a_len);
    assert_int_equal(
        jwk_to_pem(&r, CXD_LIT("{\"kty\":\"RSA\",\"n\":\"AQAB\"}"), &made, &key_id, &err),
        CXD_CONFIG);
    region_done(&r);
}

static int setup(void **state)
{
    (void)state;
    fake_reset();
    return 0;
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, setup)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_arrays),
        CASE(test_nested_splits),
        CASE(test_empty_targets),
        CASE(test_maps_and_strings),
        CASE(test_transforms_of_elements),
        CASE(test_decodings),
        CASE(test_zip),
        CASE(test_json_paths),
        CASE(test_token_bodies_and_replies),
        CASE(test_a_jwk_signs_as_its_pem_does),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
