/* fuzz_envelope.c: a signature file of any bytes: refused, or written again to what reads back the same. */
#include "fuzz.h"

#include "front/fleet/envelope.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cxd_error err = CXD_ERROR_INIT;
    struct envelope e;
    struct envelope back;
    struct buf out;

    if (envelope_read((struct cxd_bytes){(const char *)data, size}, &e, &err) != CXD_OK) {
        FUZZ_CHECK(err.text[0] != '\0');
        return 0;
    }
    FUZZ_CHECK(e.signed_len < size && e.revision > 0);
    buf_init(&out, ENVELOPE_MAX);
    FUZZ_CHECK(envelope_write(&e, &out) == CXD_OK);
    FUZZ_CHECK(buf_add(&out, (const char *)data + e.signed_len, size - e.signed_len) == CXD_OK);
    FUZZ_CHECK(envelope_read((struct cxd_bytes){out.ptr, out.len}, &back, &err) == CXD_OK);
    FUZZ_CHECK(back.revision == e.revision && strcmp(back.policy_id, e.policy_id) == 0 &&
               strcmp(back.targets, e.targets) == 0 && back.not_after_ms == e.not_after_ms &&
               back.not_before_ms == e.not_before_ms);
    buf_done(&out);
    return 0;
}
