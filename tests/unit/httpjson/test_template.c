/*
 * test_template.c: what Go makes of two hundred templates (template.cases, made by gotemplate/), and what Go cannot tell:
 * numbers by their text, functions of the input's own, limits, positions of errors, every allocation failing in turn.
 */
#include "fake.h"

#include "template/lex.h"
#include "template/template.h"

/* That of gotemplate/main.go. */
static const char data[] =
    "{\"name\":\"caf\\u00e9 "
    "<b>&'\\\"\",\"n\":42,\"big\":1569159363318,\"neg\":-7,\"f\":2.5,\"zero\":0,"
    "\"yes\":true,\"no\":false,\n\"null\":null,\"empty\":\"\",\"list\":[1,2,3],\"words\":[\"a\","
    "\"b c\","
    "\"d\"],\"none\":[],\"map\":{\"z\":1,\"a\":{\"deep\":\"x\"},\"m\":[true,null]},\n\"nomap\":{},"
    "\"objs\":[{\"id\":1,\"v\":\"one\"},{\"id\":2,\"v\":\"two\"}],\"ts\":\"2024-02-29T13:04:05."
    "678Z\",\"html\":\"<a href=\\\"x\\\">&amp;</a>\"}";

static const char numbers[] =
    "{\"n\":42,\"big\":1569159363318,\"f\":2.5,\"null\":null,\"huge\":"
    "123456789012345678901234567890,"
    "\"price\":1.10,\"exp\":1E+2,\"over\":9007199254740993,\"s\":\"<a>\\u2028\",\"l\":[true,{}]}";

static const struct heap heap = {&fake_host, NULL};

struct outcome {
    struct text out;
    struct cxd_error err;
    int status;
};

static struct outcome run_limited(const char *source, const char *json,
                                  const struct template_limits *limits)
{
    struct outcome o = {.err = CXD_ERROR_INIT};
    struct region scratch;
    struct region nodes;
    struct tmpl *t = NULL;
    struct tree *tree = NULL;

    text_init(&o.out, &heap, 64u << 20);
    region_init(&scratch, &heap, limits != NULL ? 60000 : TEMPLATE_SCRATCH);
    region_init(&nodes, &heap, 64u << 20);
    o.status = template_compile(&heap, bytes_of(source), &t, &o.err);
    if (o.status == 0) {
        o.status = tree_parse(&nodes, bytes_of(json), &tree, &o.err);
    }
    if (o.status == 0) {
        struct template_run run = {.dot = value_of_tree(&nodes, tree),
                                   .scratch = &scratch,
                                   .nodes = &nodes,
                                   .limits = limits,
                                   .user_agent = CXD_LIT("cortexd/0.1"),
                                   .version = CXD_LIT("0.1")};

        o.status = template_execute(t, &run, &o.out, &o.err);
    }
    template_free(t);
    region_done(&scratch);
    region_done(&nodes);
    return o;
}

static struct outcome run_on(const char *source, const char *json)
{
    return run_limited(source, json, NULL);
}

static void expect_on(const char *json, const char *source, const char *want)
{
    struct outcome o = run_on(source, json);

    if (o.status != 0) {
        fail_msg("%s\n  failed: %s", source, o.err.text);
    }
    if (o.out.len != strlen(want) ||
        memcmp(o.out.ptr != NULL ? o.out.ptr : "", want, o.out.len) != 0) {
        fail_msg("%s\n  gives \"%.*s\"\n  not   \"%s\"", source, (int)o.out.len, o.out.ptr, want);
    }
    text_done(&o.out);
}

static void expect(const char *source, const char *want)
{
    expect_on(data, source, want);
}

static void expect_failure(const char *source, int status, const char *part)
{
    struct outcome o = run_on(source, data);

    if (o.status != status || strstr(o.err.text, part) == NULL) {
        fail_msg("%s\n  gives %d \"%s\"\n  not   %d \"%s\"", source, o.status, o.err.text, status,
                 part);
    }
    text_done(&o.out);
}

/* One line of the case file: "template"<TAB>"result" or ERROR. Gives 1 when Go and we differ. */
static int case_run(char *line, int number)
{
    char *tab = strchr(line, '\t');
    struct region r;
    struct cxd_bytes source;
    struct cxd_bytes want = {NULL, 0};
    struct outcome o;
    char *text;
    int bad;

    assert_non_null(tab);
    region_init(&r, &heap, 1u << 20);
    assert_true(lex_unquote(&r, (struct cxd_bytes){line, (size_t)(tab - line)}, &source));
    text = (char *)region_copy(&r, source).ptr;
    if (tab[1] == '"') {
        assert_true(lex_unquote(&r, bytes_of(tab + 1), &want));
    }
    o = run_on(text, data);
    bad = want.ptr == NULL ? o.status == 0
                           : o.status != 0 || o.out.len != want.len ||
                                 (want.len > 0 && memcmp(o.out.ptr, want.ptr, want.len) != 0);
    if (bad) {
        print_message("line %d: %s\n  gives %d \"%.*s\" %s\n  not   %s\n", number, text, o.status,
                      (int)o.out.len, o.out.ptr != NULL ? o.out.ptr : "", o.err.text, tab + 1);
    }
    text_done(&o.out);
    region_done(&r);
    return bad;
}

static void test_same_as_go(void **state)
{
    char path[512];
    char line[8192];
    FILE *file;
    int number = 0;
    int bad = 0;

    (void)state;
    (void)snprintf(path, sizeof path, "%s/tests/unit/httpjson/template.cases",
                   getenv("CXD_SOURCE_DIR"));
    file = fopen(path, "r");
    assert_non_null(file);
    while (fgets(line, sizeof line, file) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        bad += case_run(line, ++number);
    }
    (void)fclose(file);
    assert_true(number > 150);
    assert_int_equal(bad, 0);
}

static void test_json_numbers_keep_their_text(void **state)
{
    (void)state;
    expect_on(numbers, "[[.huge]] [[.price]] [[.exp]] [[.over]]",
              "123456789012345678901234567890 1.10 1E+2 9007199254740993");
    expect_on(
        numbers, "[[toJSON .]]",
        "{\"big\":1569159363318,\"exp\":1E+2,\"f\":2.5,\"huge\":123456789012345678901234567890,"
        "\"l\":[true,{}],\"n\":42,\"null\":null,\"over\":9007199254740993,\"price\":1.10,"
        "\"s\":\"\\u003ca\\u003e\\u2028\"}");
    expect_on(
        numbers,
        "[[eq .over 9007199254740992]] [[eq .over 9007199254740993]] [[lt 9007199254740992 .over]]",
        "false true true");
    expect_on(numbers, "[[eq .n 42]] [[eq .n 42.0]] [[eq .f 2.5]] [[gt .huge .n]] [[eq .exp 100]]",
              "true true true true true");
    expect_on(numbers,
              "[[toInt .exp]] [[toInt .f]] [[toInt \"17\"]] [[toInt \"x\"]] [[toInt .null]] "
              "[[toInt 2.9]] [[toInt .big]]",
              "100 2 17 0 0 2 1569159363318");
    expect_on(numbers,
              "[[add .exp 1]] [[mul .n 2 3]] [[div 7 2]] [[div -7 2]] [[min 3 .n]] [[max 3 .n]] "
              "[[max 1.5 .f]]",
              "101 252 3 -3 3 42 2.5");
    expect_on(numbers, "[[printf \"%d %s %v %.1f %x\" .big .huge .price .f .n]]",
              "1569159363318 123456789012345678901234567890 1.10 2.5 2a");
    expect_failure("[[div 1 0]]", CXD_MALFORMED, "divide by zero");
}

static void test_functions_of_the_input(void **state)
{
    (void)state;
    expect("[[hash \"sha256\" \"a\" \"bc\"]]",
           "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    expect("[[hash \"sha1\" \"abc\"]] [[hash \"md9\" \"abc\"]]",
           "a9993e364706816aba3e25717850c26c9cd0d89d ");
    expect("[[hashBase64 \"sha1\" \"abc\"]]", "qZk+NkcGgWq6PiVxeFDCbJzQ2J0=");
    expect("[[hmac \"sha256\" \"key\" \"The quick brown fox \" \"jumps over the lazy dog\"]]",
           "f7bc83f430538424b13298e6aa6fb143ef4d59a14946175997479dbc2d1a3cd8");
    expect("[[hmac \"sha1\" \"key\" \"The quick brown fox jumps over the lazy dog\"]]",
           "de7c9b85b8b78aa6bc8a7a36f70a90701c9db4d9");
    expect("[[hmacBase64 \"sha256\" \"\" \"\"]]", "thNnmggU2ex3L5XXeMNfxf8Wl8STcVZTxscSFEKSxa0=");
    expect("[[hmac \"sha1\" "
           "\"0123456789012345678901234567890123456789012345678901234567890123456789\" \"x\"]]",
           "0059b1414cd3341e349a58e6064b4fcf559deb68");
    expect("[[base64Encode \"a\" \"b\"]] [[base64EncodeNoPad \"ab\"]] [[base64Decode \"YWI=\"]] "
           "[[base64DecodeNoPad \"YWI\"]]|[[base64Decode \"YW\"]]|[[base64Decode \"!\"]]|",
           "YWI= YWI ab ab|||");
    expect("[[hexDecode \"6869\"]]|[[hexDecode \"6\"]]|[[hexDecode \"zz\"]]|", "hi|||");
    expect("[[replaceAll \"a\" \"xx\" \"banana\"]] [[replaceAll \"\" \"-\" \"ab\"]] [[join .words "
           "\"+\"]] [[join .list \",\"]] [[join \"one\" \",\"]]",
           "bxxnxxnxx -a-b- a+b c+d 1,2,3 one");
    expect("[[urlEncode \"a b/c\"]] [[sprintf \"%s-%d\" \"x\" 3]]", "a+b%2Fc x-3");
    expect("[[userAgent]] [[userAgent \"a\" \"b\"]] [[(beatInfo).goos]] [[(beatInfo).version]]",
           "cortexd/0.1 cortexd/0.1 (a; b) linux 0.1");
    expect("[[len (uuid)]] [[slice (uuid) 14 15]] [[ne (uuid) (uuid)]]", "36 4 true");
    expect("[[parseDateInTZ \"2024-07-01 12:00:00\" \"+0200\" \"2006-01-02 15:04:05\"]]",
           "2024-07-01 10:00:00 +0000 UTC");
    expect("[[parseDateInTZ \"2024-07-01 12:00:00\" \"Nowhere/../etc\" \"2006-01-02 15:04:05\"]]",
           "0001-01-01 00:00:00 +0000 UTC");
    expect_failure("[[terminate \"enough\"]]", CXD_END, "enough");
}

static void test_zones_by_name(void **state)
{
    FILE *file = fopen("/usr/share/zoneinfo/Europe/Berlin", "r");

    (void)state;
    if (file == NULL) {
        print_message("skipped: no zone files here\n");
        skip();
    }
    (void)fclose(file);
    expect("[[parseDateInTZ \"2024-07-01 12:00:00\" \"Europe/Berlin\" \"2006-01-02 15:04:05\"]]|"
           "[[parseDateInTZ \"2024-01-01 12:00:00\" \"Europe/Berlin\" \"2006-01-02 15:04:05\"]]",
           "2024-07-01 10:00:00 +0000 UTC|2024-01-01 11:00:00 +0000 UTC");
}

/* The record that the input gives to its templates. */
static void test_headers_urls_and_records(void **state)
{
    struct region r;
    struct multi headers = {.is_header = true};
    struct value_record *record;
    struct tmpl *t = NULL;
    struct text out;
    struct template_run run = {0};
    static const char source[] = "[[.header.Get \"link\"]]|[[.header.Link]]|[[index .header "
                                 "\"X-A\" 1]]|[[.header.Get \"none\"]]|"
                                 "[[getRFC5988Link \"next\" .header.Link]]|[[.url.Host]] "
                                 "[[.url.Path]] [[.url.RawQuery]] [[.url.params.Get \"b\"]] "
                                 "[[.url.value]] [[(.url.Query).Encode]]|[[range $k, $v := "
                                 ".header]][[$k]]=[[len $v]] [[end]]|[[.page]]";

    (void)state;
    region_init(&r, &heap, 1u << 20);
    (void)multi_add(&r, &headers, CXD_LIT("link"),
                    CXD_LIT("<https://h/1>; rel=\"prev\", <https://h/2?x=1>; rel=\"next\""));
    (void)multi_add(&r, &headers, CXD_LIT("x-a"), CXD_LIT("1"));
    (void)multi_add(&r, &headers, CXD_LIT("X-A"), CXD_LIT("2"));
    record = region_alloc(&r, sizeof *record + 3 * sizeof record->fields[0]);
    record->count = 3;
    record->fields[0] =
        (struct value_field){CXD_LIT("header"), {.kind = VALUE_MULTI, .multi = &headers}};
    record->fields[1] = (struct value_field){
        CXD_LIT("url"),
        {.kind = VALUE_URL, .bytes = CXD_LIT("https://u:p@host:8080/a%20b?b=x+y&a=1#f")}};
    record->fields[2] = (struct value_field){CXD_LIT("page"), value_int64(3)};
    text_init(&out, &heap, 1u << 20);
    assert_int_equal(template_compile(&heap, bytes_of(source), &t, NULL), 0);
    run.dot = (struct value){.kind = VALUE_RECORD, .record = record};
    run.scratch = &r;
    run.nodes = &r;
    assert_int_equal(template_execute(t, &run, &out, NULL), 0);
    assert_string_equal(
        out.ptr, "<https://h/1>; rel=\"prev\", <https://h/2?x=1>; rel=\"next\"|[<https://h/1>; "
                 "rel=\"prev\", "
                 "<https://h/2?x=1>; rel=\"next\"]|2||https://h/2?x=1|host:8080 /a b b=x+y&a=1 x y "
                 "https://u:p@host:8080/a%20b?b=x+y&a=1#f a=1&b=x+y|Link=1 X-A=2 |3");
    template_free(t);
    text_done(&out);
    region_done(&r);
}

static void test_errors_name_line_and_column(void **state)
{
    (void)state;
    expect_failure("ab\n  [[.missing]]", CXD_MALFORMED,
                   "template: 2:5: map has no entry for key \"missing\"");
    expect_failure("x[[nosuch 1]]", CXD_CONFIG, "template: 1:4: function \"nosuch\" not defined");
    expect_failure("[[ .n | nosuch ]]", CXD_CONFIG, "template: 1:9:");
    expect_failure("[[if .yes]]", CXD_CONFIG, "expected [[end]]");
}

static void test_hostile_templates_meet_their_limits(void **state)
{
    static const struct template_limits small = {.output = 1000, .steps = 10000, .time_ms = 5000};
    static const struct {
        const char *source;
        int status;
    } cases[] = {
        {"[[range 1000000000]][[end]]", CXD_TIMEOUT},
        {"[[range 100000]]xxxxxxxxxxxxxxxxxxxxx[[end]]", CXD_TOO_LARGE},
        {"[[define \"a\"]][[template \"a\" .]][[end]][[template \"a\" .]]", CXD_TOO_DEEP},
        {"[[define \"a\"]][[template \"b\" .]][[end]][[define \"b\"]][[template \"a\" "
         ".]][[template \"a\" .]][[end]][[template \"a\" .]]",
         CXD_TOO_DEEP},
        {"[[printf \"%900000d\" 1]]", CXD_TOO_LARGE},
        {"[[$x := \"aaaaaaaaaa\"]][[range 100]][[$x = print $x $x]][[end]]", CXD_TOO_LARGE},
        {"[[$x := \"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"]][[range 900]][[$y := print $x $x "
         "$x]][[end]]",
         CXD_TOO_LARGE},
        {"[[replaceAll \"\" \"bbbbbbbbbbbbbbbbbbbbbbbbbbbbb\" "
         "\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"]]",
         CXD_TOO_LARGE},
    };
    char deep[2000] = "";

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct outcome o = run_limited(cases[i].source, data, &small);

        if (o.status != cases[i].status) {
            fail_msg("%s: %d %s", cases[i].source, o.status, o.err.text);
        }
        text_done(&o.out);
    }
    (void)snprintf(deep, sizeof deep, "[[%s1",
                   "((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((");
    expect_failure(deep, CXD_TOO_DEEP, "deeper");
}

static void test_a_run_ends_in_time(void **state)
{
    static const struct template_limits hasty = {
        .output = 1000, .steps = UINT64_MAX, .time_ms = -1};
    struct outcome o;

    (void)state;
    o = run_limited("[[range 1000000]][[end]]", data, &hasty);
    assert_int_equal(o.status, CXD_TIMEOUT);
    text_done(&o.out);
}

static void test_every_allocation_may_fail(void **state)
{
    static const char source[] = "[[define \"x\"]][[.]][[end]][[$m := .map]][[range $k, $v := "
                                 "$m]][[$k]][[toJSON $v]][[end]][[template \"x\" .name]]"
                                 "[[printf \"%5s%q\" .name .words]][[join .list \",\"]][[hmac "
                                 "\"sha1\" \"k\" .name]][[base64Encode .name \"x\"]]"
                                 "[[formatDate (now)]][[replaceAll \"a\" \"b\" .html]][[html "
                                 ".html]][[(slice .words 1)]][[uuid]][[userAgent \"x\"]]";
    uint64_t count;

    (void)state;
    expect("[[1]]", "1");
    fake.asked = 0;
    {
        struct outcome o = run_on(source, data);

        assert_int_equal(o.status, 0);
        text_done(&o.out);
    }
    count = fake.asked;
    assert_true(count > 10);
    for (uint64_t n = 1; n <= count; n++) {
        struct outcome o;

        fake.asked = 0;
        fake.fail_at = n;
        o = run_on(source, data);
        assert_int_equal(o.status, CXD_NOMEM);
        text_done(&o.out);
        assert_int_equal(fake.held, 0);
    }
    fake.fail_at = 0;
}

static int setup(void **state)
{
    (void)state;
    fake_reset();
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    assert_int_equal(fake.held, 0);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_same_as_go, setup, teardown),
        cmocka_unit_test_setup_teardown(test_json_numbers_keep_their_text, setup, teardown),
        cmocka_unit_test_setup_teardown(test_functions_of_the_input, setup, teardown),
        cmocka_unit_test_setup_teardown(test_zones_by_name, setup, teardown),
        cmocka_unit_test_setup_teardown(test_headers_urls_and_records, setup, teardown),
        cmocka_unit_test_setup_teardown(test_errors_name_line_and_column, setup, teardown),
        cmocka_unit_test_setup_teardown(test_hostile_templates_meet_their_limits, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_run_ends_in_time, setup, teardown),
        cmocka_unit_test_setup_teardown(test_every_allocation_may_fail, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
