/* fuzz_processors.c: any policy of processors, and any document through what it makes: refused with words, or a document that is JSON,
 * with nothing left behind. Before a NUL the policy, behind it the document. */
#include "base/scan.h"
#include "fuzz.h"
#include "harness/chain_rig.h"

#include <string.h>

#define MODULES(X)                                                                                 \
    X(add_fields)                                                                                  \
    X(add_host_metadata) X(add_id) X(add_labels) X(add_locale) X(add_observer_metadata)            \
        X(add_tags) X(append) X(cache) X(community_id) X(convert) X(copy_fields)                   \
            X(decode_base64_field) X(decode_csv_fields) X(decode_duration) X(decode_json_fields)   \
                X(decode_xml) X(detect_mime_type) X(dissect) X(drop_event) X(drop_fields)          \
                    X(extract_array) X(fingerprint) X(include_fields) X(lowercase) X(move_fields)  \
                        X(now) X(rate_limit) X(registered_domain) X(rename) X(replace)             \
                            X(timestamp) X(truncate_fields) X(uppercase) X(urldecode)

#define DECLARE(id) extern const struct cxd_module module_##id;
MODULES(DECLARE)

#define LIST(id) &module_##id,
static const struct cxd_module *const modules[] = {MODULES(LIST)};

/* The same chain twice, as the host does: what one document left behind must not hurt the next. */
static void run_twice(struct chain_rig *rig, const char *in)
{
    for (int i = 0; i < 2; i++) {
        struct cxd_error err = CXD_ERROR_INIT;
        struct scan_fault fault;
        struct cxd_value value;
        char *out = NULL;
        int r = chain_rig_run(rig, in, 0, &out, &err);
        FUZZ_CHECK(r == CXD_KEEP || r == CXD_DISCARD || (r < 0 && err.text[0] != '\0'));
        FUZZ_CHECK((r == CXD_KEEP) == (out != NULL));
        if (out != NULL) {
            FUZZ_CHECK(scan_value((struct cxd_bytes){out, strlen(out)}, &value, &fault) == CXD_OK);
            FUZZ_CHECK(value.kind == CXD_KIND_OBJECT);
        }
        free(out);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static int is_ready;
    struct cxd_error err = CXD_ERROR_INIT;
    struct chain_rig *rig = NULL;
    char *text = malloc(size + 2);
    int r;

    if (!is_ready) {
        chain_rig_use(modules, sizeof modules / sizeof modules[0]);
        is_ready = 1;
    }
    FUZZ_CHECK(text != NULL);
    if (size > 0) {
        memcpy(text, data, size);
    }
    text[size] = '\0';
    text[size + 1] = '\0';
    r = chain_rig_open(text, &rig, &err);
    FUZZ_CHECK(r == CXD_OK || (r < 0 && err.text[0] != '\0'));
    if (r == CXD_OK) {
        run_twice(rig, text + strlen(text) + (strlen(text) < size));
    }
    chain_rig_close(rig);
    free(text);
    FUZZ_CHECK(chain_rig_held() == 0);
    return 0;
}
