/*
 * fuzz_template.c: input is a template, a NUL, and JSON. Whatever they are, the run ends within its limits, gives one of the
 * known ends, and gives the same end and the same text again; nothing is left allocated.
 */
#include "fuzz.h"

#include "../unit/httpjson/fake.h"

#include "template/template.h"

static const struct heap heap = {&fake_host, NULL};

static int run_once(const char *source, size_t source_len, const char *json, struct text *out)
{
    static const struct template_limits limits = {
        .output = 65536, .steps = 20000, .time_ms = 60000};
    struct cxd_error err = CXD_ERROR_INIT;
    struct tmpl *t = NULL;
    struct tree *tree = NULL;
    struct region scratch;
    struct region nodes;
    int status = template_compile(&heap, (struct cxd_bytes){source, source_len}, &t, &err);

    if (status < 0) {
        FUZZ_CHECK(status == CXD_CONFIG || status == CXD_TOO_DEEP || status == CXD_TOO_LARGE);
        FUZZ_CHECK(err.text[0] != '\0');
        return status;
    }
    region_init(&scratch, &heap, 8u << 20);
    region_init(&nodes, &heap, 8u << 20);
    if (tree_parse(&nodes, bytes_of(json), &tree, &err) == 0) {
        struct template_run run = {.dot = value_of_tree(&nodes, tree),
                                   .scratch = &scratch,
                                   .nodes = &nodes,
                                   .limits = &limits,
                                   .user_agent = CXD_LIT("agent"),
                                   .version = CXD_LIT("1")};

        fake.random = 1;
        status = template_execute(t, &run, out, &err);
        FUZZ_CHECK(status == 0 || status == CXD_MALFORMED || status == CXD_END ||
                   status == CXD_TOO_LARGE || status == CXD_TOO_DEEP || status == CXD_TIMEOUT);
        FUZZ_CHECK(out->len <= limits.output + 65536u * 17);
    }
    region_done(&scratch);
    region_done(&nodes);
    template_free(t);
    return status;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *copy = malloc(size + 2);
    const char *json;
    size_t source_len;
    struct text first;
    struct text second;
    int status;

    memcpy(copy, data, size);
    copy[size] = '\0';
    copy[size + 1] = '\0';
    source_len = strlen(copy);
    json = source_len < size ? copy + source_len + 1 : "{}";
    text_init(&first, &heap, 1u << 22);
    text_init(&second, &heap, 1u << 22);
    status = run_once(copy, source_len, json, &first);
    FUZZ_CHECK(run_once(copy, source_len, json, &second) == status);
    FUZZ_CHECK(first.len == second.len &&
               (first.len == 0 || memcmp(first.ptr, second.ptr, first.len) == 0));
    text_done(&first);
    text_done(&second);
    FUZZ_CHECK(fake.held == 0);
    free(copy);
    return 0;
}
