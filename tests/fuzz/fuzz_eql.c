/* fuzz_eql.c: foreign text as a condition: true, false, or a refusal that says where; never more memory than the limit. */
#include "fuzz.h"

#include "config/eql.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *arena = arena_new(4096, 32u << 20);
    struct cxd_error err = CXD_ERROR_INIT;
    bool is_true = false;
    int r;

    FUZZ_CHECK(arena != NULL);
    r = eql_test((const char *)data, size, arena, &is_true, &err);
    FUZZ_CHECK(r == CXD_OK || (r < 0 && err.status == r && strstr(err.text, "condition") != NULL));
    arena_free(arena);
    return 0;
}
