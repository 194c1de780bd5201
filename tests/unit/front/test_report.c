/* test_report.c: whatever a policy or a module calls things, the report is JSON. */
#include "../pipeline/rig.h"

#include "base/scan.h"
#include "front/watch/report.h"

static void is_json(const struct buf *out)
{
    struct cxd_value value;
    struct scan_fault fault;

    assert_int_equal(scan_value((struct cxd_bytes){out->ptr, out->len}, &value, &fault), CXD_OK);
}

static void test_words_of_any_kind(void **state)
{
    struct unit u;
    struct buf out;

    (void)state;
    unit_init(&u, "we\"ird\\id\n", "inputs.fake");
    buf_init(&out, 1 << 16);
    unit_count(&u, "a_\"total\"", 5);
    unit_count(&u, "b_total", -7);
    unit_health(&u, CXD_DEGRADED, "said \"no\"\x01\xff");
    assert_int_equal(buf_add_text(&out, "["), CXD_OK);
    assert_int_equal(report_unit(&out, &u, "input"), CXD_OK);
    assert_int_equal(report_unit(&out, &u, "output"), CXD_OK);
    assert_int_equal(buf_add(&out, "]", 2), CXD_OK);
    out.len--;
    is_json(&out);
    assert_non_null(strstr(out.ptr, "{\"id\":\"we\\\"ird\\\\id\\n\",\"kind\":\"input\","
                                    "\"state\":\"DEGRADED\",\"message\":\"said \\\"no\\\""));
    assert_non_null(strstr(out.ptr, "\"metrics\":{\"a_\\\"total\\\"\":5,\"b_total\":-7}}"));
    buf_done(&out);
    unit_done(&u);
}

static void test_no_room_is_an_error(void **state)
{
    struct unit u;

    (void)state;
    unit_init(&u, "id", "inputs.fake");
    unit_count(&u, "a_total", 1);
    for (size_t limit = 0; limit < 80; limit++) {
        struct buf out;
        buf_init(&out, limit);
        assert_int_equal(report_unit(&out, &u, "input"), CXD_TOO_LARGE);
        buf_done(&out);
    }
    unit_done(&u);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_words_of_any_kind),
        cmocka_unit_test(test_no_room_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
