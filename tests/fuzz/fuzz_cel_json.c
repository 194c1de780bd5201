/* fuzz_cel_json.c: text that is read is written, read again and written the same; json-c reads what was written. */
#include "fuzz.h"
#include "lib/json_text.h"

#include <json-c/json.h>
#include <string.h>

static struct cxd_bytes written(struct run *run, struct value v)
{
    struct sink out = sink_on(run->pool);
    struct value problem;

    FUZZ_CHECK(json_text_put(run, &out, v, &problem));
    FUZZ_CHECK(!out.failed);
    return (struct cxd_bytes){out.text, out.len};
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct pool pool;
    struct run run = {.pool = &pool, .cost_left = 10000000};
    struct value v;

    pool_init(&pool, (size_t)64 << 20);
    v = json_text_read_all(&run, (struct cxd_bytes){(const char *)data, size}, 0);
    if (value_is_error(v)) {
        FUZZ_CHECK(v.fault->text[0] != '\0');
    } else {
        struct cxd_bytes once = written(&run, v);
        struct value again = json_text_read_all(&run, once, 0);
        struct json_tokener *tokener = json_tokener_new_ex(300);
        struct json_object *object;
        struct cxd_bytes twice;
        FUZZ_CHECK(!value_is_error(again));
        twice = written(&run, again);
        FUZZ_CHECK(once.len == twice.len && memcmp(once.ptr, twice.ptr, once.len) == 0);
        object = json_tokener_parse_ex(tokener, once.ptr, (int)once.len);
        FUZZ_CHECK(json_tokener_get_error(tokener) == json_tokener_success ||
                   json_tokener_get_error(tokener) == json_tokener_continue);
        json_object_put(object);
        json_tokener_free(tokener);
    }
    pool_done(&pool);
    return 0;
}
