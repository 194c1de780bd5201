/*
 * Listing order and paging, field masks, ranges, and a watched folder.
 */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "bucket.h"
#include "buffer.h"
#include "filter.h"
#include "media.h"

static struct bucket *make_bucket(const char *const *names)
{
    struct bucket *bucket = bucket_new("b");
    for (; *names; names++) {
        struct object object = {.name = strdup(*names),
                                .path = strdup("/dev/null"),
                                .content_type = strdup("text/plain"),
                                .generation = 1};
        assert_true(bucket_add(bucket, &object));
    }
    return bucket;
}

/* All pages of a query as one text: names, (prefixes), / between pages. */
static void pages(struct bucket *bucket, struct bucket_query query, struct buffer *out)
{
    char token[BUCKET_NAME_MAX * 2] = "";
    buffer_clear(out);
    for (;;) {
        const char *reason = NULL;
        query.page_token = *token ? token : NULL;
        struct json_object *reply = bucket_list(bucket, &query, "http://h", &reason), *list, *value;
        assert_non_null(reply);
        if (json_object_object_get_ex(reply, "items", &list)) {
            for (size_t i = 0; i < json_object_array_length(list); i++) {
                json_object_object_get_ex(json_object_array_get_idx(list, i), "name", &value);
                buffer_format(out, "%s ", json_object_get_string(value));
            }
        }
        if (json_object_object_get_ex(reply, "prefixes", &list)) {
            for (size_t i = 0; i < json_object_array_length(list); i++) {
                buffer_format(out, "(%s) ",
                              json_object_get_string(json_object_array_get_idx(list, i)));
            }
        }
        bool more = json_object_object_get_ex(reply, "nextPageToken", &value);
        snprintf(token, sizeof token, "%s", more ? json_object_get_string(value) : "");
        json_object_put(reply);
        if (!more) {
            return;
        }
        buffer_text(out, "; ");
    }
}

static void test_lists_are_in_name_order_and_paged(void **state)
{
    (void)state;
    static const char *const NAMES[] = {"b/2", "a", "b/1", "c", "b/1/x", "b", "d/e/f", "B", NULL};
    static const struct {
        struct bucket_query query;
        const char *text;
    } CASES[] = {
        {{.prefix = NULL}, "B a b b/1 b/1/x b/2 c d/e/f "},
        {{.max_results = 3}, "B a b ; b/1 b/1/x b/2 ; c d/e/f "},
        {{.max_results = 8}, "B a b b/1 b/1/x b/2 c d/e/f "},
        {{.prefix = "b/"}, "b/1 b/1/x b/2 "},
        {{.prefix = "b/", .max_results = 1}, "b/1 ; b/1/x ; b/2 "},
        {{.start_offset = "b/1", .end_offset = "c"}, "b/1 b/1/x b/2 "},
        {{.start_offset = "b/11"}, "b/2 c d/e/f "},
        {{.delimiter = "/"}, "B a b c (b/) (d/) "},
        {{.delimiter = "/", .max_results = 1}, "B ; a ; b ; (b/) ; c ; (d/) "},
        {{.delimiter = "/", .prefix = "b/"}, "b/1 b/2 (b/1/) "},
        {{.glob = "b/*"}, "b/1 b/2 "},
        {{.glob = "**"}, "B a b b/1 b/1/x b/2 c d/e/f "},
        {{.glob = "[a-b]"}, "a b "},
        {{.prefix = "zz"}, ""},
    };
    struct bucket *bucket = make_bucket(NAMES);
    struct buffer out;
    buffer_init(&out, 10000);
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        pages(bucket, CASES[i].query, &out);
        assert_string_equal(out.data ? out.data : "", CASES[i].text);
    }
    const char *reason = NULL;
    const struct bucket_query bad = {.page_token = "not base64!"};
    assert_null(bucket_list(bucket, &bad, "", &reason));
    assert_string_equal(reason, "Invalid page token");
    buffer_done(&out);
    bucket_free(bucket);
}

/* A page token names where the list stopped, so an object that comes in between is seen or rightly passed over. */
static void test_objects_that_come_between_pages_repeat_nothing(void **state)
{
    (void)state;
    static const char *const NAMES[] = {"a", "c", "e", NULL};
    struct bucket *bucket = make_bucket(NAMES);
    const char *reason = NULL;
    struct bucket_query query = {.max_results = 2};
    struct json_object *reply = bucket_list(bucket, &query, "", &reason), *token = NULL, *list;
    assert_true(json_object_object_get_ex(reply, "nextPageToken", &token));
    struct object early = {.name = strdup("b"), .path = strdup("x"), .content_type = strdup("t")};
    struct object late = {.name = strdup("d"), .path = strdup("x"), .content_type = strdup("t")};
    assert_true(bucket_add(bucket, &early));
    assert_true(bucket_add(bucket, &late));
    query.page_token = json_object_get_string(token);
    struct json_object *next = bucket_list(bucket, &query, "", &reason);
    assert_true(json_object_object_get_ex(next, "items", &list));
    assert_int_equal(json_object_array_length(list), 2);
    json_object_put(next);
    json_object_put(reply);
    bucket_free(bucket);
}

static void test_field_masks_cut_what_was_not_asked_for(void **state)
{
    (void)state;
    static const char TREE[] =
        "{\"kind\":\"k\",\"items\":[{\"name\":\"n\",\"size\":\"1\",\"m\":{\"a\":1,"
        "\"b\":2}},{\"name\":\"o\"}],\"nextPageToken\":\"t\"}";
    static const struct {
        const char *fields, *text;
    } CASES[] = {
        {"items(name,size),nextPageToken",
         "{\"items\":[{\"name\":\"n\",\"size\":\"1\"},{\"name\":\"o\"}],\"nextPageToken\":\"t\"}"},
        {"items/name", "{\"items\":[{\"name\":\"n\"},{\"name\":\"o\"}]}"},
        {"items(m(b))", "{\"items\":[{\"m\":{\"b\":2}}]}"},
        {"kind", "{\"kind\":\"k\"}"},
        {"*", NULL},
        {NULL, NULL},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        struct filter filter;
        struct json_object *tree = json_tokener_parse(TREE);
        assert_true(filter_parse_fields(&filter, CASES[i].fields));
        filter_apply(&filter, tree);
        assert_string_equal(json_object_to_json_string_ext(tree, JSON_C_TO_STRING_PLAIN),
                            CASES[i].text ? CASES[i].text : TREE);
        json_object_put(tree);
    }
    struct filter filter;
    assert_false(filter_parse_fields(&filter, "items(name"));
    assert_false(filter_parse_fields(&filter, "items)"));
    assert_false(filter_parse_fields(&filter, "a,,b"));
}

static void test_ranges(void **state)
{
    (void)state;
    static const struct {
        const char *header;
        unsigned status;
        uint64_t offset, length;
    } CASES[] = {
        {NULL, 0, 0, 0},
        {"bytes=0-", 206, 0, 100},
        {"bytes=10-19", 206, 10, 10},
        {"bytes=90-500", 206, 90, 10},
        {"bytes=99-", 206, 99, 1},
        {"bytes=100-", 416, 0, 0},
        {"bytes=-5", 206, 95, 5},
        {"bytes=-500", 206, 0, 100},
        {"bytes=-0", 416, 0, 0},
        {"bytes=5-4", 0, 0, 0},
        {"bytes=a-b", 0, 0, 0},
        {"bytes=0-1,3-4", 0, 0, 0},
        {"items=0-1", 0, 0, 0},
        {"bytes=99999999999999999999-", 0, 0, 0},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        uint64_t offset = 0, length = 0;
        assert_int_equal(media_range(CASES[i].header, 100, &offset, &length), CASES[i].status);
        assert_int_equal(offset, CASES[i].offset);
        assert_int_equal(length, CASES[i].length);
    }
}

static void write_file(const char *folder, const char *name, const char *text, time_t when)
{
    char path[256];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
    const struct timespec times[2] = {{.tv_sec = when}, {.tv_sec = when}};
    assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
}

static void test_a_watched_folder_shows_files_as_they_come_change_and_go(void **state)
{
    (void)state;
    char folder[] = "/tmp/cxd-bucket-XXXXXX", path[256];
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/sub", folder);
    assert_int_equal(mkdir(path, 0700), 0);
    write_file(folder, "sub/a.ndjson", "one", 1000);
    struct bucket *bucket = bucket_new("b");
    assert_true(bucket_watch(bucket, folder));
    struct object object;
    assert_true(bucket_find(bucket, "sub/a.ndjson", &object));
    assert_string_equal(object.content_type, "application/x-ndjson");
    assert_int_equal(object.updated_ms, 1000000);
    int64_t generation = object.generation;
    uint32_t crc = object.sum.crc32c;
    object_done(&object);
    write_file(folder, "sub/a.ndjson", "two", 1001);
    write_file(folder, "sub/a.ndjson.meta.json", "{\"contentType\":\"x/y\",\"updatedMs\":5}", 1001);
    write_file(folder, "b", "", 1);
    assert_true(bucket_find(bucket, "sub/a.ndjson", &object));
    assert_true(object.generation > generation);
    assert_true(object.sum.crc32c != crc);
    assert_string_equal(object.content_type, "x/y");
    assert_int_equal(object.updated_ms, 5);
    object_done(&object);
    assert_int_equal(bucket_count(bucket), 2);
    snprintf(path, sizeof path, "%s/b", folder);
    assert_int_equal(unlink(path), 0);
    assert_false(bucket_find(bucket, "b", &object));
    bucket_free(bucket);
    snprintf(path, sizeof path, "%s/sub/a.ndjson", folder);
    unlink(path);
    snprintf(path, sizeof path, "%s/sub/a.ndjson.meta.json", folder);
    unlink(path);
    snprintf(path, sizeof path, "%s/sub", folder);
    rmdir(path);
    assert_int_equal(rmdir(folder), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lists_are_in_name_order_and_paged),
        cmocka_unit_test(test_objects_that_come_between_pages_repeat_nothing),
        cmocka_unit_test(test_field_masks_cut_what_was_not_asked_for),
        cmocka_unit_test(test_ranges),
        cmocka_unit_test(test_a_watched_folder_shows_files_as_they_come_change_and_go),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
