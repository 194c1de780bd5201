/*
 * fuzz_bulk_reply.c: any bytes as the reply to a bulk request. The first byte says how many documents were sent. Holds: a
 * failure touches no outcome, a success decides each document or names why it is pending.
 */
#include "fuzz.h"
#include "reply.h"

#define DOCS_MAX 255

static void *plain_alloc(struct cxd_self *self, size_t size)
{
    (void)self;
    return calloc(1, size);
}

static void plain_free(struct cxd_self *self, void *ptr)
{
    (void)self;
    free(ptr);
}

static const struct cxd_host host = {.size = sizeof host, .alloc = plain_alloc, .free = plain_free};

static void check(int status, const struct cxd_outcome *outcomes, uint32_t count,
                  const struct reply_sum *sum)
{
    int are_all_decided = 1;

    for (uint32_t i = 0; i < count; i++) {
        int is_pending = outcomes[i].result == CXD_RESULT_PENDING;

        FUZZ_CHECK(outcomes[i].result <= CXD_RESULT_REJECTED);
        FUZZ_CHECK(outcomes[i].reason.len <= NOTES_TEXT_MAX);
        FUZZ_CHECK(status == CXD_OK || (is_pending && outcomes[i].reason.len == 0));
        FUZZ_CHECK(outcomes[i].result != CXD_RESULT_REJECTED || outcomes[i].reason.len > 0);
        are_all_decided = are_all_decided && !is_pending;
    }
    FUZZ_CHECK(status != CXD_OK || (sum->status == CXD_OK) == are_all_decided);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cxd_outcome outcomes[DOCS_MAX] = {0};
    struct reply_sum sum = {0};
    struct cxd_error err;
    struct notes notes;
    uint32_t count;
    char *copy;

    if (size < 1) {
        return 0;
    }
    count = data[0];
    copy = malloc(size > 1 ? size - 1 : 1); /* exactly as long: reading beyond it is seen */
    FUZZ_CHECK(copy != NULL);
    memcpy(copy, data + 1, size - 1);
    notes_init(&notes, &host, NULL);
    check(reply_read((struct cxd_bytes){copy, size - 1}, outcomes, count, &notes, &sum, &err),
          outcomes, count, &sum);
    notes_clear(&notes);
    free(copy);
    return 0;
}
