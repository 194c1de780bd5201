/* fuzz_text.c: any bytes quoted are a JSON string that the scanner accepts and that decodes to the same bytes, but for what was
 * no UTF-8. Exactly as long as foretold. */
#include "base/scan.h"
#include "base/text.h"
#include "fuzz.h"

#include <string.h>

/* What the quoted text must decode to: every byte that begins no sequence replaced. */
static size_t sanitize(const char *in, size_t len, char *out)
{
    size_t at = 0;

    for (size_t i = 0; i < len;) {
        size_t step = text_sequence(in + i, in + len);
        memcpy(out + at, step > 0 ? in + i : "\xef\xbf\xbd", step > 0 ? step : 3);
        at += step > 0 ? step : 3;
        i += step > 0 ? step : 1;
    }
    return at;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cxd_bytes text = {(const char *)data, size};
    size_t len = text_quote_len(text);
    char *quoted = malloc(len);
    char *plain = malloc(len);
    char *want = malloc(size * 3 + 1);
    size_t want_len = sanitize(text.ptr, size, want);
    size_t plain_len = 0;
    struct cxd_value value;
    struct scan_fault fault;

    FUZZ_CHECK(text_quote(text, quoted, len - 1) == 0);
    FUZZ_CHECK(text_quote(text, quoted, len) == len);
    FUZZ_CHECK(scan_value((struct cxd_bytes){quoted, len}, &value, &fault) == CXD_OK);
    FUZZ_CHECK(value.kind == CXD_KIND_STRING && value.len == len - 2);
    FUZZ_CHECK(text_unescape((struct cxd_bytes){value.ptr, value.len}, plain, &plain_len) ==
               CXD_OK);
    FUZZ_CHECK(plain_len == want_len && memcmp(plain, want, want_len) == 0);
    FUZZ_CHECK(text_is_utf8(text) == (want_len == size && memcmp(want, data, size) == 0));
    FUZZ_CHECK(text_shorten((struct cxd_bytes){value.ptr, value.len}, plain, &plain_len) == CXD_OK);
    FUZZ_CHECK(plain_len == value.len && memcmp(plain, value.ptr, plain_len) == 0);
    free(want);
    free(plain);
    free(quoted);
    return 0;
}
