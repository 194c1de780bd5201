/* fuzz_split.c: an array cut at any places gives the same elements as in one piece; and where the scanner accepts the whole,
 * these are its elements. */
#include "base/arena.h"
#include "base/scan.h"
#include "base/split.h"
#include "fuzz.h"

#include <string.h>

struct joined {
    char *text; /* elements, each with a newline behind it */
    size_t len;
    size_t elements;
    int step;
};

/* Chunks of the lengths that the cuts' bytes say, again and again. */
static struct joined split_all(const char *text, size_t len, const uint8_t *cuts, size_t cut_count)
{
    struct joined joined = {.text = malloc(2 * len + 1), .step = SPLIT_MORE};
    struct split s = {0};
    size_t at = 0;

    FUZZ_CHECK(joined.text != NULL);
    for (size_t i = 0; at < len && joined.step == SPLIT_MORE; i++) {
        size_t want = cut_count > 0 ? cuts[i % cut_count] : len;
        struct cxd_bytes in = {text + at, want < len - at ? want : len - at};
        struct cxd_bytes part = {0};
        at += in.len;
        while ((joined.step = split_next(&s, &in, &part)) == SPLIT_ELEMENT ||
               joined.step == SPLIT_MORE) {
            memcpy(joined.text + joined.len, part.ptr, part.len);
            joined.len += part.len;
            if (joined.step == SPLIT_MORE) {
                break;
            }
            joined.text[joined.len++] = '\n';
            joined.elements++;
        }
    }
    return joined;
}

static void compare_with_scan(const char *text, size_t len, const struct joined *whole)
{
    struct scan scan = {0};
    struct scan_fault fault;
    struct arena *arena = arena_new(1 << 16, 1 << 26);

    FUZZ_CHECK(arena != NULL);
    if (scan_members(&scan, (struct cxd_bytes){text, len}, arena, &fault) == CXD_OK &&
        whole->step != CXD_MALFORMED) { /* malformed: the scanner took an object */
        FUZZ_CHECK(whole->step == SPLIT_END);
        FUZZ_CHECK(whole->elements == scan.count);
    }
    scan_done(&scan);
    arena_free(arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t cut_count = size > 0 ? data[0] % 8 : 0;
    const char *text;
    struct joined whole;
    struct joined cut;

    if (size < 1 + cut_count) {
        return 0;
    }
    text = (const char *)data + 1 + cut_count;
    size -= 1 + cut_count;
    for (size_t i = 0; i < cut_count; i++) {
        if (data[1 + i] == 0) {
            return 0; /* the unit test has empty chunks; here they would not end */
        }
    }
    whole = split_all(text, size, NULL, 0);
    cut = split_all(text, size, data + 1, cut_count);
    FUZZ_CHECK(whole.step == cut.step && whole.elements == cut.elements);
    FUZZ_CHECK(whole.len == cut.len && memcmp(whole.text, cut.text, cut.len) == 0);
    compare_with_scan(text, size, &whole);
    free(whole.text);
    free(cut.text);
    return 0;
}
