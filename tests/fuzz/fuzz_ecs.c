/* fuzz_ecs.c: any bytes as a record of any data stream, under any options: a document or a clear refusal. A document is one JSON
 * object, the same when made again; that of an event has nothing empty in it unless its mapping stopped half-way. */
#include "fuzz.h"
#include "harness/mapper.h"

#include <string.h>

static const char *const tag_lists[] = {"[\"forwarded\"]", "[\"preserve_duplicate_custom_fields\"]",
                                        "\"one\"", "[null,\"\"]"};

/* No null, "", {} or [] anywhere below. */
static void check_swept(struct json_object *value)
{
    switch (json_object_get_type(value)) {
    case json_type_null:
        FUZZ_CHECK(value != NULL);
        break;
    case json_type_string:
        FUZZ_CHECK(json_object_get_string_len(value) > 0);
        break;
    case json_type_array:
        FUZZ_CHECK(json_object_array_length(value) > 0);
        for (size_t i = 0; i < json_object_array_length(value); i++) {
            check_swept(json_object_array_get_idx(value, i));
        }
        break;
    case json_type_object:
        FUZZ_CHECK(json_object_object_length(value) > 0);
        json_object_object_foreach(value, key, member)
        {
            (void)key;
            check_swept(member);
        }
        break;
    default:
        break;
    }
}

static int is_error(struct json_object *document)
{
    struct json_object *error = NULL;

    return json_object_object_get_ex(document, "error", &error);
}

static void map_twice(struct mapper *mapper, struct json_object *input, int is_document_asked,
                      int is_event)
{
    struct json_object *first = NULL;
    struct json_object *second = NULL;
    struct cxd_error err = CXD_ERROR_INIT;
    char first_id[65];
    char second_id[65];
    int status = mapper_run(mapper, input, &first, first_id, &err);

    FUZZ_CHECK(status == mapper_run(mapper, input, &second, second_id, &err));
    if (status == CXD_DISCARD) {
        FUZZ_CHECK(!is_event);
        return;
    }
    if (status != CXD_OK) {
        FUZZ_CHECK(status == CXD_MALFORMED || status == CXD_TOO_DEEP || status == CXD_TOO_LARGE);
        FUZZ_CHECK(!is_document_asked || status != CXD_MALFORMED);
        FUZZ_CHECK(err.text[0] != '\0');
        return;
    }
    FUZZ_CHECK(strcmp(first_id, second_id) == 0);
    FUZZ_CHECK(json_object_is_type(first, json_type_object));
    FUZZ_CHECK(json_object_equal(first, second));
    if (is_event && !is_error(first)) {
        check_swept(first);
    }
    json_object_put(first);
    json_object_put(second);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const streams[] = {"event", "incidents", "alerts-v1", "alerts-v2"};
    unsigned choice = size > 0 ? data[0] : 0;
    unsigned stream = choice >> 5 & 3;
    const struct harness_option options[] = {
        {.name = "data_stream", .text = streams[stream]},
        {.name = "malformed", .text = (choice & 1) != 0 ? "document" : "dead_letter"},
        {.name = "drop_original", .is_true = (choice & 2) != 0},
        {.name = "preserve_duplicate_custom_fields", .is_true = (choice & 4) != 0},
        {0},
    };
    struct json_object *input = json_object_new_object();
    struct cxd_error err = CXD_ERROR_INIT;
    struct mapper mapper;

    if (size > 0) {
        const char *text = (const char *)data + 1;
        (void)json_object_object_add(input, "message",
                                     json_object_new_string_len(text, (int)size - 1));
    }
    (void)json_object_object_add(input, "tags", json_tokener_parse(tag_lists[choice >> 3 & 3]));
    FUZZ_CHECK(mapper_open(&mapper, options, &err) == CXD_OK);
    map_twice(&mapper, input, choice & 1, stream == 0);
    mapper_close(&mapper);
    FUZZ_CHECK(harness_held() == 0);
    json_object_put(input);
    return 0;
}
