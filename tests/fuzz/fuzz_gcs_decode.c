/* fuzz_gcs_decode.c: a stream cut at any places gives the same records as in one piece, each within its limit, in order, and
 * the places to go on from lead to the same rest. */
#include "decode.h"
#include "fuzz.h"

#include <string.h>

#define LIMIT 64u

struct seen {
    int64_t offset;
    int64_t line;
    size_t len;
    int result;
};

struct run {
    struct seen *records;
    size_t count;
    int64_t end_line;
};

static struct run run_all(const char *text, size_t len, const uint8_t *cuts, size_t cut_count)
{
    struct run run = {.records = calloc(len + 1, sizeof(struct seen))};
    struct decode d;
    enum decode_result result = DECODE_MORE;
    size_t given = 0; /* bytes before `given` are there; those before d.offset are consumed */

    FUZZ_CHECK(run.records != NULL);
    decode_init(&d, LIMIT, 0, 1, DECODE_UNKNOWN);
    for (size_t turn = 0; result != DECODE_END; turn++) {
        size_t want = cut_count > 0 ? cuts[turn % cut_count] + 1u : len;
        struct cxd_bytes in;
        struct decode_record record;

        given += want < len - given ? want : len - given;
        in = (struct cxd_bytes){text + d.offset, given - (size_t)d.offset};
        while ((result = decode_next(&d, &in, given == len, &record)) <= DECODE_TOO_LARGE) {
            FUZZ_CHECK(record.text.ptr == text + record.offset);
            FUZZ_CHECK(record.offset + (int64_t)record.text.len <= d.offset);
            FUZZ_CHECK(result == DECODE_TOO_LARGE || record.text.len <= LIMIT);
            FUZZ_CHECK(run.count <= len);
            run.records[run.count++] =
                (struct seen){record.offset, record.line,
                              result == DECODE_RECORD ? record.text.len : 0, (int)result};
        }
        FUZZ_CHECK(in.ptr + in.len == text + given && in.ptr == text + d.offset);
    }
    FUZZ_CHECK(d.offset == (int64_t)len);
    run.end_line = d.line;
    return run;
}

/* Going on from the place after record number `from` gives the same records. */
static void check_resume(const char *text, size_t len, const struct run *whole, size_t from)
{
    struct cxd_bytes in = {text, len};
    struct decode d;
    struct decode_record record;
    enum decode_form form;

    decode_init(&d, LIMIT, 0, 1, DECODE_UNKNOWN);
    for (size_t i = 0; i <= from; i++) {
        FUZZ_CHECK((int)decode_next(&d, &in, true, &record) == whole->records[i].result);
    }
    FUZZ_CHECK(decode_place(&d, &form)); /* all is there, so nothing is being skipped */
    decode_init(&d, LIMIT, d.offset, d.line, form);
    for (size_t i = from + 1; i < whole->count; i++) {
        FUZZ_CHECK((int)decode_next(&d, &in, true, &record) == whole->records[i].result);
        FUZZ_CHECK(record.offset == whole->records[i].offset);
        FUZZ_CHECK(record.line == whole->records[i].line);
    }
    FUZZ_CHECK(decode_next(&d, &in, true, &record) == DECODE_END);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t cut_count = size > 0 ? data[0] % 8 : 0;
    const char *text;
    struct run whole;
    struct run cut;

    if (size < 1 + cut_count) {
        return 0;
    }
    text = (const char *)data + 1 + cut_count;
    size -= 1 + cut_count;
    whole = run_all(text, size, NULL, 0);
    cut = run_all(text, size, data + 1, cut_count);
    FUZZ_CHECK(whole.count == cut.count && whole.end_line == cut.end_line);
    FUZZ_CHECK(memcmp(whole.records, cut.records, whole.count * sizeof *whole.records) == 0);
    if (whole.count > 0) {
        check_resume(text, size, &whole, data[0] % whole.count);
    }
    free(whole.records);
    free(cut.records);
    return 0;
}
