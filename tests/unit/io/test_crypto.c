/* test_crypto.c: known answers of the standards, and of OpenSSL's own verifier; CRC-32C as well. */
#include "test.h"

#include "base/crc.h"
#include "cxd/host.h"
#include "io/crypto.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

static void expect_hex(const unsigned char *bytes, size_t len, const char *hex)
{
    char text[129];

    assert_int_equal(crypto_hex(bytes, len, text, sizeof text), 2 * len);
    assert_string_equal(text, hex);
}

/* "abc" by every method; the numbers are those of RFC 1321 and FIPS 180-4. */
static void test_digests_by_method(void **state)
{
    static const struct {
        int method;
        size_t len;
        const char *start; /* first 8 bytes */
    } cases[] = {{CXD_DIGEST_MD5, 16, "900150983cd24fb0"},
                 {CXD_DIGEST_SHA1, 20, "a9993e364706816a"},
                 {CXD_DIGEST_SHA256, 32, "ba7816bf8f01cfea"},
                 {CXD_DIGEST_SHA384, 48, "cb00753f45a35e8b"},
                 {CXD_DIGEST_SHA512, 64, "ddaf35a193617aba"}};
    unsigned char out[64];
    char text[20];

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_int_equal(crypto_digest(cases[i].method, "abc", 3, out), cases[i].len);
        assert_int_equal(crypto_hex(out, 8, text, sizeof text), 16);
        assert_string_equal(text, cases[i].start);
    }
    assert_int_equal(crypto_digest(0, "abc", 3, out), 0);
    assert_int_equal(crypto_digest(7, "abc", 3, out), 0);
}

static void test_sha256_known_answers(void **state)
{
    unsigned char out[32];
    char *million = malloc(1000000);

    (void)state;
    crypto_sha256("", 0, out);
    expect_hex(out, 32, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    crypto_sha256("abc", 3, out);
    expect_hex(out, 32, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    crypto_sha256("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 56, out);
    expect_hex(out, 32, "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
    memset(million, 'a', 1000000);
    crypto_sha256(million, 1000000, out);
    expect_hex(out, 32, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
    free(million);
}

/* What the header says, step by step, at every length near the ends of blocks. */
static void test_halves_are_what_the_header_says(void **state)
{
    unsigned char data[1100];
    unsigned char out[64];
    unsigned char want[32];
    unsigned char ends[64];

    (void)state;
    for (size_t i = 0; i < sizeof data; i++) {
        data[i] = (unsigned char)(i * 7 + i / 251);
    }
    for (size_t len = 0; len <= sizeof data; len++) {
        size_t first = (len / 64 + 1) / 2 * 64;
        crypto_sha256(data, first, ends);
        crypto_sha256(data + first, len - first, ends + 20);
        crypto_sha256(ends, 40, want);
        assert_int_equal(crypto_digest(CXD_DIGEST_SHA256_HALVES, data, len, out), 32);
        assert_memory_equal(out, want, 32);
    }
    /* by sha256sum: $(sha256sum </dev/null), its first 20 bytes twice */
    assert_int_equal(crypto_digest(CXD_DIGEST_SHA256_HALVES, "", 0, out), 32);
    expect_hex(out, 32, "41cc88a611d7ccf098cb17ca892d167913309264d4ad6bd72202c905c1afe08a");
}

static void test_hmac_known_answers(void **state)
{
    unsigned char out[32];
    char key[131];

    (void)state; /* RFC 4231, cases 2 and 6 */
    assert_int_equal(
        crypto_hmac_sha256(CXD_LIT("Jefe"), CXD_LIT("what do ya want for nothing?"), out, NULL), 0);
    expect_hex(out, 32, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    memset(key, 0xaa, sizeof key);
    assert_int_equal(crypto_hmac_sha256((struct cxd_bytes){key, sizeof key},
                                        CXD_LIT("Test Using Larger Than Block-Size Key - "
                                                "Hash Key First"),
                                        out, NULL),
                     0);
    expect_hex(out, 32, "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
    assert_int_equal(crypto_hmac_sha256((struct cxd_bytes){0}, (struct cxd_bytes){0}, out, NULL),
                     0);
    expect_hex(out, 32, "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
}

static void test_base64_known_answers(void **state)
{
    static const char *const plain[] = {"",         "Zg==",     "Zm8=",    "Zm9v",
                                        "Zm9vYg==", "Zm9vYmE=", "Zm9vYmFy"};
    static const char *const urls[] = {"", "Zg", "Zm8", "Zm9v", "Zm9vYg", "Zm9vYmE", "Zm9vYmFy"};
    char out[16];

    (void)state; /* RFC 4648 */
    for (size_t len = 0; len <= 6; len++) {
        size_t want = strlen(plain[len]);

        assert_int_equal(crypto_base64("foobar", len, 0, out, want), want);
        assert_memory_equal(out, plain[len], want);
        assert_int_equal(crypto_base64("foobar", len, 1, out, sizeof out), strlen(urls[len]));
        assert_memory_equal(out, urls[len], strlen(urls[len]));
        if (want > 0) {
            assert_int_equal(crypto_base64("foobar", len, 0, out, want - 1), 0);
        }
    }
    assert_int_equal(crypto_base64("\xfb\xff", 2, 1, out, sizeof out), 3);
    assert_memory_equal(out, "-_8", 3);
}

static void test_base64_comes_back(void **state)
{
    unsigned char bytes[100];
    unsigned char back[100];
    char text[140];

    (void)state;
    assert_int_equal(crypto_random(bytes, sizeof bytes), 0);
    for (size_t len = 0; len <= sizeof bytes; len++) {
        for (int url = 0; url <= 1; url++) {
            size_t text_len = crypto_base64(bytes, len, url, text, sizeof text);
            size_t back_len = 999;

            assert_int_equal(
                crypto_base64_decode((struct cxd_bytes){text, text_len}, url, back, len, &back_len),
                0);
            assert_int_equal(back_len, len);
            assert_memory_equal(back, bytes, len);
            if (len > 0) {
                assert_int_equal(crypto_base64_decode((struct cxd_bytes){text, text_len}, url, back,
                                                      len - 1, &back_len),
                                 CXD_FULL);
            }
        }
    }
}

static void test_base64_that_is_none_is_refused(void **state)
{
    static const char *const bad[] = {
        "Z",      "Zg",   "Zg=",  "Zh==",     "Zm9=", "Zm 9v",
        "Zm9v\n", "====", "Z===", "Zg==Zg==", "Zm9-", "\xff\xff\xff\xff"};
    static const char *const bad_url[] = {"Z", "Zg=", "Zh", "Zm9+", "Zm9/", "Zg.."};
    char out[16];
    size_t len = 0;

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_int_equal(
            crypto_base64_decode((struct cxd_bytes){bad[i], strlen(bad[i])}, 0, out, 16, &len),
            CXD_MALFORMED);
    }
    for (size_t i = 0; i < sizeof bad_url / sizeof bad_url[0]; i++) {
        assert_int_equal(crypto_base64_decode((struct cxd_bytes){bad_url[i], strlen(bad_url[i])}, 1,
                                              out, 16, &len),
                         CXD_MALFORMED);
    }
    assert_int_equal(crypto_base64_decode(CXD_LIT("Zg=="), 1, out, 16, &len), 0);
    assert_int_equal(len, 1);
}

static void test_hex(void **state)
{
    unsigned char out[3];
    char text[7];

    (void)state;
    assert_int_equal(crypto_hex_decode(CXD_LIT("00aBff"), out, 3), 0);
    assert_memory_equal(out, "\x00\xab\xff", 3);
    assert_int_equal(crypto_hex_decode(CXD_LIT("00:AB:ff"), out, 3), 0);
    assert_int_equal(crypto_hex_decode(CXD_LIT("00aBf"), out, 3), CXD_MALFORMED);
    assert_int_equal(crypto_hex_decode(CXD_LIT("00aBff0"), out, 3), CXD_MALFORMED);
    assert_int_equal(crypto_hex_decode(CXD_LIT("00aBfg"), out, 3), CXD_MALFORMED);
    assert_int_equal(crypto_hex_decode(CXD_LIT("0:0aBff"), out, 3), CXD_MALFORMED);
    assert_int_equal(crypto_hex_decode(CXD_LIT(":00aBff"), out, 3), CXD_MALFORMED);
    assert_int_equal(crypto_hex_decode(CXD_LIT("00aBff:"), out, 3), CXD_MALFORMED);
    assert_int_equal(crypto_hex(out, 3, text, 6), 0);
    assert_int_equal(crypto_hex("\x01\xfe\x80", 3, text, 7), 6);
    assert_string_equal(text, "01fe80");
}

static char *pem_of(EVP_PKEY *key, int is_traditional, const char *passphrase)
{
    BIO *out = BIO_new(BIO_s_mem());
    const EVP_CIPHER *cipher = passphrase != NULL ? EVP_aes_128_cbc() : NULL;
    unsigned char *word = (unsigned char *)(uintptr_t)passphrase;
    int word_len = passphrase != NULL ? (int)strlen(passphrase) : 0;
    char *text = NULL;
    char *ptr = NULL;
    long len;

    if (is_traditional) {
        assert_int_equal(
            PEM_write_bio_PrivateKey_traditional(out, key, cipher, word, word_len, NULL, NULL), 1);
    } else {
        assert_int_equal(PEM_write_bio_PrivateKey(out, key, cipher, word, word_len, NULL, NULL), 1);
    }
    len = BIO_get_mem_data(out, &ptr);
    text = strndup(ptr, (size_t)len);
    BIO_free(out);
    return text;
}

static struct cxd_bytes bytes_of(const char *text)
{
    return (struct cxd_bytes){text, strlen(text)};
}

static void test_signatures_verify(void **state)
{
    EVP_PKEY *key = EVP_RSA_gen(2048);

    (void)state;
    for (int is_traditional = 0; is_traditional <= 1; is_traditional++) {
        char *pem = pem_of(key, is_traditional, NULL);
        unsigned char sig[256];
        size_t len = sizeof sig;
        EVP_MD_CTX *ctx = EVP_MD_CTX_new();

        assert_non_null(strstr(pem, is_traditional ? "BEGIN RSA PRIVATE" : "BEGIN PRIVATE"));
        assert_int_equal(
            crypto_sign_rs256(bytes_of(pem), CXD_LIT("header.claims"), sig, &len, NULL), 0);
        assert_int_equal(len, 256);
        assert_int_equal(EVP_DigestVerifyInit(ctx, NULL, EVP_sha256(), NULL, key), 1);
        assert_int_equal(
            EVP_DigestVerify(ctx, sig, len, (const unsigned char *)"header.claims", 13), 1);
        EVP_MD_CTX_free(ctx);
        len = 255;
        assert_int_equal(crypto_sign_rs256(bytes_of(pem), CXD_LIT("x"), sig, &len, NULL), CXD_FULL);
        assert_int_equal(len, 256);
        free(pem);
    }
    EVP_PKEY_free(key);
}

static void expect_no_key(char *pem)
{
    struct cxd_error err = CXD_ERROR_INIT;
    unsigned char sig[1024];
    size_t len = sizeof sig;

    assert_int_equal(crypto_sign_rs256(bytes_of(pem), CXD_LIT("x"), sig, &len, &err), CXD_CONFIG);
    assert_int_equal(strncmp(err.text, "private key: not an ", 20), 0);
    free(pem);
}

static void test_unfit_keys_are_refused(void **state)
{
    EVP_PKEY *elliptic = EVP_EC_gen("P-256");
    EVP_PKEY *weak = EVP_RSA_gen(1024);
    EVP_PKEY *good = EVP_RSA_gen(2048);
    char *cut = pem_of(good, 0, NULL);

    (void)state;
    cut[strlen(cut) / 2] = '\0';
    expect_no_key(cut);
    expect_no_key(pem_of(elliptic, 0, NULL));
    expect_no_key(pem_of(weak, 0, NULL));
    expect_no_key(pem_of(good, 0, "locked"));
    expect_no_key(strdup(""));
    expect_no_key(strdup("no key at all"));
    EVP_PKEY_free(elliptic);
    EVP_PKEY_free(weak);
    EVP_PKEY_free(good);
}

static void test_random_and_wipe(void **state)
{
    unsigned char a[64];
    unsigned char b[64];
    static const unsigned char zero[64];

    (void)state;
    assert_int_equal(crypto_random(a, sizeof a), 0);
    assert_int_equal(crypto_random(b, sizeof b), 0);
    assert_memory_not_equal(a, b, sizeof a);
    crypto_wipe(a, sizeof a);
    assert_memory_equal(a, zero, sizeof a);
    crypto_wipe(NULL, 0);
}

static void test_crc32c(void **state)
{
    unsigned char bytes[300];
    uint32_t whole;

    (void)state;
    assert_int_equal(crc32c(0, "123456789", 9), 0xe3069283);
    assert_int_equal(crc32c(0, "", 0), 0);
    memset(bytes, 0, 32);
    assert_int_equal(crc32c(0, bytes, 32), 0x8a9136aa); /* RFC 3720 */
    memset(bytes, 0xff, 32);
    assert_int_equal(crc32c(0, bytes, 32), 0x62a8ab43);
    assert_int_equal(crypto_random(bytes, sizeof bytes), 0);
    for (size_t len = 0; len < sizeof bytes; len++) {
        whole = crc32c_table(0, bytes, len);
        assert_int_equal(crc32c(0, bytes, len), whole);
        assert_int_equal(crc32c(crc32c(0, bytes, len / 3), bytes + len / 3, len - len / 3), whole);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_digests_by_method),
        cmocka_unit_test(test_sha256_known_answers),
        cmocka_unit_test(test_halves_are_what_the_header_says),
        cmocka_unit_test(test_hmac_known_answers),
        cmocka_unit_test(test_base64_known_answers),
        cmocka_unit_test(test_base64_comes_back),
        cmocka_unit_test(test_base64_that_is_none_is_refused),
        cmocka_unit_test(test_hex),
        cmocka_unit_test(test_signatures_verify),
        cmocka_unit_test(test_unfit_keys_are_refused),
        cmocka_unit_test(test_random_and_wipe),
        cmocka_unit_test(test_crc32c),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
