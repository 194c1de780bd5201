/* fuzz_dissect.c: any dissect pattern against any text: values are pieces of the text, in its order, with what the pattern has between
 * them. Before the first line end the pattern, behind it the text. */
#include "fuzz.h"
#include "pattern.h"

#include <string.h>

static int is_inside(struct cxd_bytes part, struct cxd_bytes whole)
{
    return part.ptr >= whole.ptr && part.ptr + part.len <= whole.ptr + whole.len;
}

static void check_pattern(const struct pattern *p, struct cxd_bytes text)
{
    unsigned seen[PATTERN_KEYS_MAX] = {0};

    FUZZ_CHECK(p->count > 0 && p->count <= PATTERN_KEYS_MAX);
    for (uint32_t i = 0; i < p->count; i++) {
        FUZZ_CHECK(is_inside(p->keys[i].before, text));
        FUZZ_CHECK(p->keys[i].name.len == 0 || is_inside(p->keys[i].name, text));
        FUZZ_CHECK(p->order[i] < p->count);
        FUZZ_CHECK(seen[p->order[i]]++ == 0);
        FUZZ_CHECK(i == 0 || p->keys[p->order[i - 1]].order <= p->keys[p->order[i]].order);
    }
}

static void check_values(const struct pattern *p, struct cxd_bytes text,
                         const struct cxd_bytes *values)
{
    const char *at = text.ptr;

    for (uint32_t i = 0; i < p->count; i++) {
        FUZZ_CHECK(is_inside(values[i], text));
        FUZZ_CHECK((size_t)(values[i].ptr - at) >= p->keys[i].before.len);
        FUZZ_CHECK(memcmp(at, p->keys[i].before.ptr, p->keys[i].before.len) == 0);
        FUZZ_CHECK(p->keys[i].length == 0 || values[i].len == p->keys[i].length);
        if (i > 0 && !p->keys[i - 1].is_greedy) {
            FUZZ_CHECK((size_t)(values[i].ptr - at) == p->keys[i].before.len);
        }
        at = values[i].ptr + values[i].len;
    }
    FUZZ_CHECK(p->has_after || at == text.ptr + text.len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *start = (const char *)data;
    const char *line = size > 0 ? memchr(start, '\n', size) : NULL;
    struct cxd_bytes pattern_text = {start, line != NULL ? (size_t)(line - start) : size};
    struct cxd_bytes text = {line != NULL ? line + 1 : start + size,
                             line != NULL ? size - pattern_text.len - 1 : 0};
    static struct pattern pattern;
    static struct cxd_bytes values[PATTERN_KEYS_MAX];

    if (size == 0 || pattern_read(pattern_text, &pattern) != NULL) {
        return 0;
    }
    check_pattern(&pattern, pattern_text);
    if (pattern_match(&pattern, text, values)) {
        check_values(&pattern, text, values);
    }
    return 0;
}
