/* fuzz_gcs_token.c: service-account keys and token replies of any bytes. */
#include "fake.h"
#include "fuzz.h"
#include "token.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cxd_bytes text = {(const char *)data, size};
    struct cxd_error err = CXD_ERROR_INIT;
    struct token_key key;
    struct text out;
    int64_t life;

    text_init(&out, &fake_heap, TOKEN_KEY_MAX * 64u);
    if (token_key_parse(&fake_heap, text, &key, &err) == 0) {
        FUZZ_CHECK(key.email.len > 0 && key.private_key.len > 0 && key.token_uri.len > 7);
        FUZZ_CHECK(token_claims(&key, 1, &out, &err) == 0 || err.status != 0);
        token_key_done(&key);
    }
    if (token_reply(text, &out, &life, &err) == 0) {
        FUZZ_CHECK(out.len > 0 && life > 0);
    }
    text_done(&out);
    FUZZ_CHECK(fake.live == 0);
    return 0;
}
