/* fuzz_gcs_list.c: list replies and error replies of any bytes: refused or read, never beyond their ends. */
#include "fuzz.h"
#include "list.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cxd_bytes reply = {(const char *)data, size};
    struct cxd_error err = CXD_ERROR_INIT;
    struct list_page page = {0};
    char reason[32];

    if (list_parse(reply, &page, &err) == 0) {
        for (size_t i = 0; i < page.count; i++) {
            struct object o;

            if (list_object(&page, i, &o, &err) == 0) {
                FUZZ_CHECK(o.name.len > 0 && o.name.len <= LIST_NAME_MAX);
                FUZZ_CHECK(o.generation >= 0 && o.size >= -1);
                for (size_t j = 0; j < o.name.len; j++) { /* every byte is there */
                    reason[0] = o.name.ptr[j];
                }
            }
        }
        list_page_done(&page);
    }
    list_error_reason(reply, reason, sizeof reason);
    FUZZ_CHECK(strlen(reason) < sizeof reason);
    return 0;
}
