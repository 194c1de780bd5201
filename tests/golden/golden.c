/*
 * golden.c: whole documents. Our own cases from golden/STREAM/, and, where the reference lies beside the source, its fixtures.
 *
 * A file of ours is a list of cases: {"about", "options" {name: bool or text}, "document" (what the collector gives, with or
 * without "message"), "record" (an object that becomes the message), "id" (where it is of interest), "expected"} or, for what is
 * refused, "status" (a negative number; 1: dropped) in the place of expected. Where a record is given, event.original is checked
 * against it and left out of expected. data_stream is the folder's name unless the options say another.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka needs the four above first */
#include <cmocka.h>

#include "harness/mapper.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define OPTIONS_MAX 8
#define CASES_MAX 1000

static int failures;

static struct json_object *member(struct json_object *object, const char *key)
{
    struct json_object *found = NULL;

    (void)json_object_object_get_ex(object, key, &found);
    return found;
}

static void report(const char *about, const char *what, struct json_object *expected,
                   struct json_object *actual)
{
    print_error("%s: %s\nexpected: %s\nactual:   %s\n", about, what,
                json_object_to_json_string(expected), json_object_to_json_string(actual));
    failures++;
}

static void read_options(const char *stream, struct json_object *from,
                         struct harness_option *options)
{
    size_t count = 0;

    options[count++] = (struct harness_option){.name = "data_stream", .text = stream};
    options[count++] = (struct harness_option){.name = "drop_original", .is_true = 0};
    options[count++] = (struct harness_option){.name = "malformed", .text = "document"};
    if (from != NULL) {
        json_object_object_foreach(from, key, value)
        {
            size_t at = 0;
            while (at < count && strcmp(options[at].name, key) != 0) {
                at++;
            }
            assert_true(at < OPTIONS_MAX - 1);
            options[at] = (struct harness_option){
                .name = key,
                .text = json_object_is_type(value, json_type_string) ? json_object_get_string(value)
                                                                     : NULL,
                .is_true = json_object_get_boolean(value),
            };
            count = at == count ? count + 1 : count;
        }
    }
    options[count] = (struct harness_option){0};
}

/* The document that goes in: the collector's, with the record as its message. Owned by the caller. */
static struct json_object *make_input(struct json_object *test)
{
    struct json_object *document = member(test, "document");
    struct json_object *record = member(test, "record");
    struct json_object *input = NULL;

    if (document != NULL) {
        assert_int_equal(json_object_deep_copy(document, &input, NULL), 0);
    } else {
        input = json_object_new_object();
    }
    if (record != NULL) {
        const char *text = json_object_to_json_string_ext(record, JSON_C_TO_STRING_PLAIN);
        assert_int_equal(json_object_object_add(input, "message", json_object_new_string(text)), 0);
    }
    return input;
}

/* Takes event.original out of the document; it must be the message. */
static void take_original(const char *about, struct json_object *input, struct json_object *actual)
{
    struct json_object *event = member(actual, "event");
    struct json_object *original = member(event, "original");
    struct json_object *message = member(input, "message");

    if (original == NULL || !json_object_equal(original, message)) {
        report(about, "event.original is not the message", message, original);
    }
    json_object_object_del(event, "original");
}

static void check_id(struct json_object *test, const char *about, const char *id)
{
    struct json_object *expected = member(test, "id");

    if (expected != NULL && strcmp(json_object_get_string(expected), id) != 0) {
        print_error("%s: id %s, expected %s\n", about, id, json_object_get_string(expected));
        failures++;
    }
}

static void run_case(const char *stream, struct json_object *test)
{
    const char *about = json_object_get_string(member(test, "about"));
    struct harness_option options[OPTIONS_MAX];
    struct json_object *input = make_input(test);
    struct json_object *expected = member(test, "expected");
    struct json_object *actual = NULL;
    struct cxd_error err = CXD_ERROR_INIT;
    struct mapper mapper;
    char id[65];
    int status;

    read_options(stream, member(test, "options"), options);
    assert_int_equal(mapper_open(&mapper, options, &err), CXD_OK);
    status = mapper_run(&mapper, input, &actual, id, &err);
    if (status != json_object_get_int(member(test, "status"))) {
        print_error("%s: status %d: %s\n", about, status, err.text);
        failures++;
    } else if (status == CXD_OK) {
        check_id(test, about, id);
        if (member(test, "record") != NULL && member(member(actual, "event"), "original") != NULL &&
            member(member(expected, "event"), "original") == NULL) {
            take_original(about, input, actual);
        }
        if (!json_object_equal(expected, actual)) {
            report(about, "not the expected document", expected, actual);
        }
    }
    mapper_close(&mapper);
    json_object_put(actual);
    json_object_put(input);
}

static size_t run_folder(const char *stream)
{
    char folder[1024];
    struct dirent **names;
    size_t cases = 0;
    int count;

    (void)snprintf(folder, sizeof folder, "%s/tests/golden/%s", getenv("CXD_SOURCE_DIR"), stream);
    count = scandir(folder, &names, NULL, alphasort);
    assert_true(count > 2);
    for (int i = 0; i < count; i++) {
        char path[2048];
        struct json_object *list;
        (void)snprintf(path, sizeof path, "%s/%s", folder, names[i]->d_name);
        if (strstr(names[i]->d_name, ".json") != NULL) {
            list = json_object_from_file(path);
            if (list == NULL) {
                fail_msg("%s: %s", path, json_util_get_last_err());
            }
            for (size_t at = 0; at < json_object_array_length(list); at++) {
                run_case(stream, json_object_array_get_idx(list, at));
                cases++;
            }
            json_object_put(list);
        }
        free(names[i]);
    }
    free(names);
    print_message("%s: %zu cases\n", stream, cases);
    return cases;
}

static void test_own_cases(void **state)
{
    static const char *const streams[] = {"event", "incidents", "alerts"};

    (void)state;
    failures = 0;
    for (size_t i = 0; i < sizeof streams / sizeof streams[0]; i++) {
        assert_true(run_folder(streams[i]) > 0);
    }
    assert_int_equal(failures, 0);
}

/* Documents of null are those that are dropped. */
struct fixture {
    const char *folder;
    const char *name; /* NAME.ndjson and NAME.expected.json */
    const char *stream;
    const char *front; /* what the collector gives beside the record, as JSON */
    size_t count;
    const char *ids[8]; /* where they are known; "": none is made */
};

static const struct fixture fixtures[] = {
    {"event", "test-event", "event", "{\"tags\":[\"preserve_duplicate_custom_fields\"]}", 2, {0}},
    {"event",
     "derived/unparseable-map",
     "event",
     "{\"tags\":[\"preserve_duplicate_custom_fields\"]}",
     1,
     {0}},
    {"event", "derived/no-duplicate-tag", "event", "{\"tags\":[\"forwarded\"]}", 3, {0}},
    {"incidents",
     "test-incident",
     "incidents",
     "{\"tags\":[\"preserve_original_event\"]}",
     6,
     {NULL, "Lngq78ddXeGDsEFpRx44HOL3L5I=", "k40HYZGFxxV9FkMqju0+No70q0o=",
      "ug7i+6nDMRc9Tb6NoyYFRE5DaMg=", "JphiwRBYl/hJW1gswYHtV02YwWk=",
      "SwXdeon2yXC07r9GFPgwM7lzank="}},
    {"alerts",
     "test-panw-xdr",
     "alerts",
     "{\"tags\":[\"preserve_original_event\"]}",
     7,
     {"dfN32moUO1ltVCzKeSjYfaUQiK8=", "YxmNaAREpwWMyOzdPkmmFZ8wgwY=",
      "KZBEdnOkrMUa3a+n8OVVdHA35Eo=", "KZBEdnOkrMUa3a+n8OVVdHA35Eo=",
      "FA5+PdDGpb423OwYojAHoLIPiUA=", "1cjEGrvJIGBlSGe1SpGeFt51mSc="}},
    {"alerts",
     "test-panw-xdr-v2",
     "alerts",
     "{\"_conf\":{\"api\":\"v2\"},\"tags\":[\"preserve_original_event\","
     "\"preserve_duplicate_custom_fields\"]}",
     3,
     {"NnmC0DQWtn+GEvZ8Ir53rYnQZ98=", "amfqzVLUbpu+p37E1AbKDC4OqOI=",
      "kOq6FepT0KWzK+BHXfxQ7qr0CjE="}},
};

static const char *fixture_path(const struct fixture *fixture, const char *end, char *path,
                                size_t room)
{
    const char *folder = getenv("CXD_REFERENCE");
    char base[512];
    FILE *file;

    (void)snprintf(base, sizeof base, "%s%s", folder != NULL ? folder : getenv("CXD_SOURCE_DIR"),
                   folder != NULL ? "" : "/../shared");
    (void)snprintf(path, room, "%s/%s/fixtures/%s%s", base, fixture->folder, fixture->name, end);
    file = fopen(path, "r");
    if (file == NULL) {
        (void)snprintf(path, room, "%s/reference/%s/fixtures/%s%s", base, fixture->folder,
                       fixture->name, end);
        file = fopen(path, "r");
    }
    if (file == NULL) {
        return NULL;
    }
    (void)fclose(file);
    return path;
}

/* Where addresses are is known only with the databases that the fixtures were made with. */
static void drop_places(struct json_object *document)
{
    static const char *const ends[] = {"source", "destination"};

    for (size_t i = 0; document != NULL && i < 2; i++) {
        struct json_object *end = member(document, ends[i]);
        if (end != NULL) {
            json_object_object_del(end, "geo");
            json_object_object_del(end, "as");
        }
    }
}

static struct json_object *run_line(struct mapper *mapper, const struct fixture *fixture,
                                    struct json_object *message, size_t index,
                                    struct json_object *expected)
{
    struct json_object *input = json_tokener_parse(fixture->front);
    struct json_object *actual = NULL;
    struct cxd_error err = CXD_ERROR_INIT;
    char id[65];

    assert_int_equal(json_object_object_add(input, "message", message), 0);
    assert_int_equal(mapper_run(mapper, input, &actual, id, &err),
                     expected != NULL ? CXD_OK : CXD_DISCARD);
    drop_places(expected);
    if (!json_object_equal(expected, actual)) {
        report(fixture->name, "not the expected document", expected, actual);
    }
    if (expected != NULL && index < 8 && fixture->ids[index] != NULL &&
        strcmp(fixture->ids[index], id) != 0) {
        print_error("%s %zu: id %s, expected %s\n", fixture->name, index, id, fixture->ids[index]);
        failures++;
    }
    json_object_put(input);
    return actual;
}

/* A document that comes again with its original and no message is made the same once more. */
static void run_again(struct mapper *mapper, const struct fixture *fixture,
                      struct json_object *document)
{
    struct json_object *actual = NULL;
    struct json_object *input = NULL;
    struct cxd_error err = CXD_ERROR_INIT;

    assert_int_equal(json_object_deep_copy(document, &input, NULL), 0);
    assert_int_equal(mapper_run(mapper, input, &actual, NULL, &err), CXD_OK);
    if (!json_object_equal(document, actual)) {
        report(fixture->name, "not the same document again", document, actual);
    }
    json_object_put(actual);
    json_object_put(input);
}

static void run_fixture(const struct fixture *fixture)
{
    struct harness_option options[OPTIONS_MAX];
    struct cxd_error err = CXD_ERROR_INIT;
    struct json_object *expected;
    struct mapper mapper;
    char path[1024];
    char *line = NULL;
    size_t room = 0;
    size_t count = 0;
    ssize_t len;
    FILE *file;

    read_options(fixture->stream, NULL, options);
    assert_int_equal(mapper_open(&mapper, options, &err), CXD_OK);
    assert_non_null(fixture_path(fixture, ".expected.json", path, sizeof path));
    expected = json_object_from_file(path);
    assert_non_null(expected);
    assert_int_equal(json_object_array_length(expected), fixture->count);
    assert_non_null(fixture_path(fixture, ".ndjson", path, sizeof path));
    file = fopen(path, "r");
    assert_non_null(file);
    while ((len = getline(&line, &room, file)) > 0) {
        struct json_object *actual;
        len -= line[len - 1] == '\n';
        assert_true(count < fixture->count);
        actual = run_line(&mapper, fixture, json_object_new_string_len(line, (int)len), count,
                          json_object_array_get_idx(expected, count));
        count++;
        if (actual != NULL && strcmp(fixture->folder, "incidents") == 0) {
            run_again(&mapper, fixture, actual);
        }
        json_object_put(actual);
    }
    assert_int_equal(count, fixture->count);
    free(line);
    (void)fclose(file);
    json_object_put(expected);
    mapper_close(&mapper);
}

static void test_fixtures(void **state)
{
    char path[1024];

    (void)state;
    failures = 0;
    if (fixture_path(&fixtures[0], ".ndjson", path, sizeof path) == NULL) {
        print_message("skipped: %s is not there\n", path);
        skip();
    }
    for (size_t i = 0; i < sizeof fixtures / sizeof fixtures[0]; i++) {
        run_fixture(&fixtures[i]);
    }
    assert_int_equal(failures, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_own_cases),
        cmocka_unit_test(test_fixtures),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
