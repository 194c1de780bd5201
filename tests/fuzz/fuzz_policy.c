/* fuzz_policy.c: foreign text as a policy: a plan, or a refusal that says where; never more memory than the limit. */
#include "fuzz.h"

#include "config/plan.h"

#include <string.h>

static void warn(const char *text)
{
    FUZZ_CHECK(strlen(text) > 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *arena = arena_new(4096, 64u << 20);
    struct cxd_error err = CXD_ERROR_INIT;
    struct conf *root = NULL;
    struct plan *plan = NULL;
    int r;

    FUZZ_CHECK(arena != NULL);
    r = conf_read_text("policy.yml", (const char *)data, size, arena, &root, &err);
    if (r == CXD_OK) {
        r = plan_read(root, arena, warn, &plan, &err);
    }
    if (r == CXD_OK) {
        FUZZ_CHECK(plan->outputs != NULL);
        for (const struct plan_stream *s = plan->streams; s != NULL; s = s->next) {
            FUZZ_CHECK(s->output != NULL && s->output->is_used && strlen(s->id) <= 200);
        }
        for (const struct plan_output *o = plan->outputs; o != NULL; o = o->next) {
            FUZZ_CHECK(o->queue.mem_bytes > 0 && o->queue.batch_bytes > 0);
            FUZZ_CHECK(o->queue.disk_bytes == 0 ||
                       o->queue.segment_bytes <= o->queue.disk_bytes / 4);
        }
    } else {
        FUZZ_CHECK(err.status == r && err.text[0] != '\0');
    }
    arena_free(arena);
    return 0;
}
