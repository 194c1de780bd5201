/* test_envelope.c: the signature file of a policy: what is written is read back; each kind of damage is told; times and targets. */
#include "../pipeline/test.h"

#include "front/fleet/envelope.h"

#include <stdio.h>
#include <string.h>

#define GOOD_HEAD "cortexd-policy 1\npolicy_id: edge\nrevision: 12\nkey_id: 0123456789abcdef\n"
#define TEN "AAAAAAAAAA"
#define GOOD_SIGNATURE "\nsignature: " TEN TEN TEN TEN TEN TEN TEN TEN "AAAAAA==\n"

static int read_text(const char *text, struct envelope *e)
{
    struct cxd_error err = CXD_ERROR_INIT;
    int r = envelope_read((struct cxd_bytes){text, strlen(text)}, e, &err);

    assert_true(r == CXD_OK || err.text[0] != '\0');
    return r;
}

static void test_what_is_written_is_read(void **state)
{
    struct envelope e = {.policy_id = "edge.berlin-1",
                         .targets = "web, 0a1b2c3d",
                         .key_id = "0123456789abcdef",
                         .revision = 999999999999999999u,
                         .not_before_ms = 1769817600000,
                         .not_after_ms = 4102444799000};
    struct envelope back;
    struct buf out;

    (void)state;
    buf_init(&out, ENVELOPE_MAX);
    assert_int_equal(envelope_write(&e, &out), CXD_OK);
    e.signed_len = out.len;
    assert_int_equal(buf_add_text(&out, GOOD_SIGNATURE + 1), CXD_OK);
    assert_int_equal(buf_add(&out, "", 1), CXD_OK);
    assert_int_equal(read_text(out.ptr, &back), CXD_OK);
    assert_string_equal(back.policy_id, e.policy_id);
    assert_string_equal(back.targets, e.targets);
    assert_string_equal(back.key_id, e.key_id);
    assert_true(back.revision == 999999999999999999u);
    assert_int_equal(back.not_before_ms, e.not_before_ms);
    assert_int_equal(back.not_after_ms, e.not_after_ms);
    assert_int_equal(back.signed_len, e.signed_len);
    assert_true(envelope_is_for(&back, "web"));
    assert_true(envelope_is_for(&back, "0a1b2c3d"));
    assert_false(envelope_is_for(&back, "we"));
    assert_false(envelope_is_for(&back, NULL));
    buf_done(&out);
}

static void test_damage_is_told(void **state)
{
    static const char *const cases[] = {
        "",
        "cortexd-policy 2\npolicy_id: edge\nrevision: 12\nkey_id: "
        "0123456789abcdef\n" GOOD_SIGNATURE,
        GOOD_HEAD,
        GOOD_HEAD "\n",
        GOOD_HEAD "\nsignature: AAAA\n",
        GOOD_HEAD "\nsignature: !\n",
        GOOD_HEAD GOOD_SIGNATURE "more: x\n",
        GOOD_HEAD "revision: 13\n" GOOD_SIGNATURE,
        GOOD_HEAD "colour: red\n" GOOD_SIGNATURE,
        GOOD_HEAD "not_after: 1970-01-01T00:00:00Z\n" GOOD_SIGNATURE,
        GOOD_HEAD "not_after: tomorrow\n" GOOD_SIGNATURE,
        GOOD_HEAD "not_after: 2026-13-01T00:00:00Z\n" GOOD_SIGNATURE,
        "cortexd-policy 1\npolicy_id: edge\nkey_id: 0123456789abcdef\n" GOOD_SIGNATURE,
        "cortexd-policy 1\npolicy_id: edge\nrevision: 0\nkey_id: 0123456789abcdef\n" GOOD_SIGNATURE,
        "cortexd-policy 1\npolicy_id: edge\nrevision: -1\nkey_id: "
        "0123456789abcdef\n" GOOD_SIGNATURE,
        "cortexd-policy 1\npolicy_id: edge\nrevision: 18446744073709551616\nkey_id: "
        "0123456789abcdef\n" GOOD_SIGNATURE,
        "cortexd-policy 1\npolicy_id: edge\nrevision: 12\nkey_id: 0123\n" GOOD_SIGNATURE,
    };
    struct envelope e;

    (void)state;
    assert_int_equal(read_text(GOOD_HEAD GOOD_SIGNATURE, &e), CXD_OK);
    assert_int_equal(e.revision, 12);
    assert_true(envelope_is_for(&e, NULL)); /* no targets: all */
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        if (read_text(cases[i], &e) != CXD_MALFORMED) {
            fail_msg("taken: %s", cases[i]);
        }
    }
}

/* Each byte of head and policy counts, and so does each of the signature. */
static void test_a_signature_is_for_these_bytes(void **state)
{
    unsigned char key[SIGN_KEY_LEN];
    unsigned char again[SIGN_KEY_LEN];
    unsigned char signature[SIGN_LEN];
    struct cxd_error err = CXD_ERROR_INIT;
    char pem[SIGN_PEM_MAX];
    char text[] = "some bytes that are signed";
    const struct cxd_bytes bytes = {text, sizeof text - 1};

    (void)state;
    assert_int_equal(sign_new(pem, key, &err), CXD_OK);
    assert_int_equal(sign_make((struct cxd_bytes){pem, strlen(pem)}, bytes, signature, again, &err),
                     CXD_OK);
    assert_memory_equal(key, again, sizeof key);
    assert_int_equal(sign_check(key, bytes, signature), 1);
    for (size_t i = 0; i < bytes.len; i++) {
        text[i] ^= 1;
        assert_int_equal(sign_check(key, bytes, signature), 0);
        text[i] ^= 1;
    }
    for (size_t i = 0; i < sizeof signature; i++) {
        signature[i] ^= 1;
        assert_int_equal(sign_check(key, bytes, signature), 0);
        signature[i] ^= 1;
    }
    key[0] ^= 1;
    assert_int_equal(sign_check(key, bytes, signature), 0);
    assert_true(sign_make((struct cxd_bytes){"no key", 6}, bytes, signature, again, &err) < 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_written_is_read),
        cmocka_unit_test(test_damage_is_told),
        cmocka_unit_test(test_a_signature_is_for_these_bytes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
