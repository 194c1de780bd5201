/* fuzz_letter.c: foreign bytes as a line of the dead-letter store. */
#include "fuzz.h"

#include "pipeline/letter.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cxd_bytes line = {(const char *)data, size};
    struct arena *arena = arena_new(4096, 64u << 20);
    struct scan scan = {0};
    struct letter l;
    struct buf out;
    char text[40];

    FUZZ_CHECK(arena != NULL);
    buf_init(&out, 1 << 24);
    if (letter_read(&scan, arena, line, &l) == CXD_OK) {
        FUZZ_CHECK(l.stage.ptr != NULL && l.stream.ptr != NULL);
        letter_text(&l.reason, text, sizeof text);
        FUZZ_CHECK(strlen(text) < sizeof text);
        (void)letter_message(&l, &out);
        FUZZ_CHECK(out.len <= size);
    }
    buf_done(&out);
    scan_done(&scan);
    arena_free(arena);
    return 0;
}
