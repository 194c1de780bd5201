/*
 * test_xml.c: XML replies with a schema: lists, numbers and truths; schemas that refer to themselves; memory that runs out.
 */
#include "poll_bench.h"

#include "decode.h"
#include "lib/xml.h"
#include "lib/xsd.h"

#define HEAD "<xs:schema xmlns:xs='http://www.w3.org/2001/XMLSchema'>"
#define TAIL "</xs:schema>"

/* Types given in place, by name, by restriction and by reference; a type that stands on another. */
static const char orders[] =
    HEAD "<xs:element name='order'><xs:complexType><xs:sequence>"
         "<xs:element name='buyer' type='xs:string'/>"
         "<xs:element name='size' type='size'/>"
         "<xs:element ref='note' minOccurs='0' maxOccurs='5'/>"
         "<xs:element name='item' type='item' maxOccurs='unbounded'/>"
         "</xs:sequence><xs:attribute name='id' type='xs:int'/></xs:complexType></xs:element>"
         "<xs:element name='note' type='xs:string'/>"
         "<xs:simpleType name='size'><xs:restriction base='small'/></xs:simpleType>"
         "<xs:simpleType name='small'><xs:restriction base='xs:short'/></xs:simpleType>"
         "<xs:complexType name='priced'><xs:all><xs:element name='cost' type='xs:decimal'/>"
         "<xs:element name='paid' type='xs:boolean'/></xs:all></xs:complexType>"
         "<xs:complexType name='item'><xs:complexContent><xs:extension base='priced'><xs:sequence>"
         "<xs:choice><xs:element name='number'><xs:simpleType><xs:restriction base='xs:long'/>"
         "</xs:simpleType></xs:element></xs:choice></xs:sequence></xs:extension>"
         "</xs:complexContent></xs:complexType>" TAIL;

static struct heap heap = {&fake_host, NULL};

/* What a document comes to, with a schema or (NULL) without. */
static void expect_xml(const char *xsd, const char *in, const char *want, int status)
{
    struct xml_fault fault;
    xmlDoc *schema = xsd != NULL ? xml_read(bytes_of(xsd), &fault) : NULL;
    struct cxd_error err = CXD_ERROR_INIT;
    struct text body;
    int got;

    assert_true(xsd == NULL || schema != NULL);
    text_init(&body, &heap, 1u << 20);
    text_add(&body, in, strlen(in));
    got = decode_body(DECODE_XML, schema, &body, &err);
    if (got != status || (status == 0 && strcmp(body.ptr, want) != 0) ||
        (status != 0 && strstr(err.text, want) == NULL)) {
        fail_msg("%s\n  gives %d %s %s\n  not   %s", in, got, body.ptr, err.text, want);
    }
    text_done(&body);
    xmlFreeDoc(schema);
    assert_int_equal(fake.held, 0);
}

static void test_a_schema_tells_lists_numbers_and_truths(void **state)
{
    (void)state;
    expect_xml(orders,
               "<order id='7'><buyer>12</buyer><size>007</size><note>n</note>"
               "<item><cost>1.50</cost><paid>TRUE</paid><number>9007199254740993</number></item>"
               "</order>",
               "{\"order\":{\"id\":\"7\",\"buyer\":\"12\",\"size\":7,\"note\":[\"n\"],\"item\":[{"
               "\"cost\":1.50,\"paid\":true,\"number\":9007199254740993}]}}",
               0);
    expect_xml(orders, "<order><item><number>1</number></item><item/><item>2</item></order>",
               "{\"order\":{\"item\":[{\"number\":1},\"\",\"2\"]}}", 0);
    expect_xml(NULL, "<order><size>7</size><note>n</note></order>",
               "{\"order\":{\"size\":\"7\",\"note\":\"n\"}}", 0);
    /* what the schema does not know, also by a name that it knows elsewhere */
    expect_xml(orders, "<other><note>n</note><order><size>7</size></order></other>",
               "{\"other\":{\"note\":\"n\",\"order\":{\"size\":\"7\"}}}", 0);
}

static void test_what_is_no_number_stays_text(void **state)
{
    static const char *const pairs[][2] = {
        {"1", "1"},           {"-0", "-0"},
        {"+5", "5"},          {"00.10", "0.10"},
        {".5", "0.5"},        {"-.5e-3", "-0.5e-3"},
        {"5.", "5"},          {"1E400", "1E400"},
        {"007", "7"},         {"123456789012345678901234567890", "123456789012345678901234567890"},
        {"", "\"\""},         {"-", "\"-\""},
        {".", "\".\""},       {"1e", "\"1e\""},
        {"1e+", "\"1e+\""},   {"e5", "\"e5\""},
        {"0x10", "\"0x10\""}, {"1 2", "\"1 2\""},
        {"NaN", "\"NaN\""},   {"1.2.3", "\"1.2.3\""},
        {"--1", "\"--1\""},   {"1,5", "\"1,5\""},
    };
    static const char real[] = HEAD "<xs:element name='r' type='xs:double'/>" TAIL;
    static const char whole[] = HEAD "<xs:element name='r' type='xs:unsignedLong'/>" TAIL;
    static const char truth[] = HEAD "<xs:element name='r' type='xs:boolean'/>" TAIL;
    char in[100];
    char want[100];

    (void)state;
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        (void)snprintf(in, sizeof in, "<r>%s</r>", pairs[i][0]);
        (void)snprintf(want, sizeof want, "{\"r\":%s}", pairs[i][1]);
        expect_xml(real, in, want, 0);
    }
    expect_xml(whole, "<r>+05</r>", "{\"r\":5}", 0);
    expect_xml(whole, "<r>1.0</r>", "{\"r\":\"1.0\"}", 0);
    expect_xml(whole, "<r>1e3</r>", "{\"r\":\"1e3\"}", 0);
    expect_xml(whole, "<r>9223372036854775808</r>", "{\"r\":\"9223372036854775808\"}", 0);
    expect_xml(whole, "<r a='1'>5</r>", "{\"r\":{\"a\":\"1\",\"#text\":\"5\"}}", 0);
    expect_xml(truth, "<r>FALSE</r>", "{\"r\":false}", 0);
    expect_xml(truth, "<r>true</r>", "{\"r\":\"true\"}", 0); /* as Filebeat has it */
}

static void test_schemas_that_stand_on_themselves_end(void **state)
{
    static const char circle[] =
        HEAD "<xs:element name='r' type='a'/><xs:complexType name='a'><xs:sequence>"
             "<xs:extension base='a'/><xs:extension base='b'/><xs:extension base='a'/>"
             "</xs:sequence></xs:complexType><xs:complexType name='b'><xs:choice>"
             "<xs:extension base='a'/><xs:extension base='a'/></xs:choice></xs:complexType>"
             "<xs:simpleType name='s'><xs:restriction base='s'/></xs:simpleType>"
             "<xs:element name='t' type='s'/><xs:element name='u' ref='u'/>" TAIL;
    char deep[2000] = "";

    (void)state;
    expect_xml(circle, "<r><x><y>1</y></x></r>", "{\"r\":{\"x\":{\"y\":\"1\"}}}", 0);
    expect_xml(circle, "<t>1</t>", "{\"t\":\"1\"}", 0);
    expect_xml(circle, "<u>1</u>", "{\"u\":\"1\"}", 0);
    for (size_t i = 0; i < 100; i++) {
        memcpy(deep + strlen(deep), "<r>", 4);
    }
    for (size_t i = 0; i < 100; i++) {
        memcpy(deep + strlen(deep), "</r>", 5);
    }
    expect_xml(orders, deep, "nested deeper", CXD_TOO_DEEP);
}

static void test_schemas_that_are_none_are_named(void **state)
{
    (void)state;
    expect_open_error("{'request': {'url': 'http://h'}, 'response': {'xsd': '<xs:schema>'}}",
                      "response.xsd: line 1");
    expect_open_error("{'request': {'url': 'http://h'}, 'response': {'xsd': '<a/>'}}",
                      "response.xsd: expected an XML schema");
    expect_open_error("{'request': {'url': 'http://h'}, 'chain': [{'step': {'request': {'url': "
                      "'http://h'}, 'response': {'xsd': 'x'}}}]}",
                      "chain.0.step.response.xsd");
}

/* The same document from a server, once with each allocation failing in turn. */
static void test_pages_of_xml_and_memory_that_runs_out(void **state)
{
    static const char options[] =
        "{'request': {'url': 'http://h/'}, 'response': {'split': {'target': 'body.l.i'}, 'xsd': "
        "'<schema><element name=\\\"l\\\"><complexType><sequence><element name=\\\"i\\\" "
        "maxOccurs=\\\"9\\\" type=\\\"i\\\"/></sequence></complexType></element><complexType "
        "name=\\\"i\\\"><all><element name=\\\"n\\\" type=\\\"int\\\"/></all></complexType>"
        "</schema>'}}";
    const struct fake_reply reply = {.body = "<l><i><n>5</n></i></l>",
                                     .headers = "Content-Type: application/xml\n"};
    uint64_t fail_at = 0;
    int ended = 0;

    (void)state;
    while (ended == 0) {
        struct cxd_error err = CXD_ERROR_INIT;
        int64_t wait_ms;

        fake_reset();
        fake.fail_at = fail_at++;
        fake_script(&reply, 1);
        instance = NULL;
        if (input_open(&fake_host, NULL, fake_options(config_options, options), &instance, &err) ==
            0) {
            int result;

            do {
                result = input_poll(instance, &wait_ms, &err);
            } while (result == CXD_POLL_MORE);
            ended = fail_at > 1 && fake.asked < fake.fail_at;
            if (fail_at == 1 || ended) {
                assert_int_equal(result, CXD_POLL_IDLE);
                assert_string_equal(fake.events[0], "{\"n\":5}");
            }
        } else {
            assert_int_equal(err.status, CXD_NOMEM);
        }
        input_close(instance);
        assert_int_equal(fake.held, 0);
    }
    assert_in_range(fail_at, 20, 100000); /* each was reached */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_a_schema_tells_lists_numbers_and_truths),
        CASE(test_what_is_no_number_stays_text),
        CASE(test_schemas_that_stand_on_themselves_end),
        CASE(test_schemas_that_are_none_are_named),
        CASE(test_pages_of_xml_and_memory_that_runs_out),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
