/*
 * test_sha1.c: digests against those of another program, and in pieces of every size.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka needs the four above first */
#include <cmocka.h>

#include "sha1.h"

#include <openssl/sha.h>
#include <string.h>

static void test_known_digests(void **state)
{
    static const unsigned char of_abc[SHA1_LEN] = {0xa9, 0x99, 0x3e, 0x36, 0x47, 0x06, 0x81,
                                                   0x6a, 0xba, 0x3e, 0x25, 0x71, 0x78, 0x50,
                                                   0xc2, 0x6c, 0x9c, 0xd0, 0xd8, 0x9d};
    unsigned char digest[SHA1_LEN];
    struct sha1 sha1;

    (void)state;
    sha1_init(&sha1);
    sha1_add(&sha1, "abc", 3);
    sha1_end(&sha1, digest);
    assert_memory_equal(digest, of_abc, SHA1_LEN);
}

static void test_every_length_in_pieces(void **state)
{
    unsigned char data[300];

    (void)state;
    for (size_t i = 0; i < sizeof data; i++) {
        data[i] = (unsigned char)(i * 7 + 3);
    }
    for (size_t len = 0; len <= sizeof data; len++) {
        unsigned char expected[SHA1_LEN];
        unsigned char digest[SHA1_LEN];
        size_t piece = len % 70 + 1;
        struct sha1 sha1;
        (void)SHA1(data, len, expected);
        sha1_init(&sha1);
        for (size_t at = 0; at < len; at += piece) {
            sha1_add(&sha1, data + at, len - at < piece ? len - at : piece);
        }
        sha1_end(&sha1, digest);
        assert_memory_equal(digest, expected, SHA1_LEN);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_known_digests),
        cmocka_unit_test(test_every_length_in_pieces),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
