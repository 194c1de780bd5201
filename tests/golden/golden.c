/*
 * golden.c: whole documents. Our own cases from golden/event/, and, where the reference lies beside the source, its fixtures.
 *
 * A file of ours is a list of cases: {"about", "options" {name: bool or text}, "document" (what the collector gives, with or
 * without "message"), "record" (an object that becomes the message), "expected"} or, for what is refused, "status" (a negative
 * number) in the place of expected. Where a record is given, event.original is checked against it and left out of expected.
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

static void read_options(struct json_object *from, struct harness_option *options)
{
    size_t count = 0;

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

static void run_case(struct json_object *test)
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

    read_options(member(test, "options"), options);
    assert_int_equal(mapper_open(&mapper, options, &err), CXD_OK);
    status = mapper_run(&mapper, input, &actual, id, &err);
    if (status != json_object_get_int(member(test, "status"))) {
        print_error("%s: status %d: %s\n", about, status, err.text);
        failures++;
    } else if (status == CXD_OK) {
        if (member(test, "record") != NULL && member(test, "options") == NULL) {
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

static void test_own_cases(void **state)
{
    char folder[1024];
    struct dirent **names;
    size_t cases = 0;
    int count;

    (void)state;
    failures = 0;
    (void)snprintf(folder, sizeof folder, "%s/tests/golden/event", getenv("CXD_SOURCE_DIR"));
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
                run_case(json_object_array_get_idx(list, at));
                cases++;
            }
            json_object_put(list);
        }
        free(names[i]);
    }
    free(names);
    print_message("%zu cases\n", cases);
    assert_true(cases > 0);
    assert_int_equal(failures, 0);
}

struct fixture {
    const char *records;
    const char *expected;
    const char *tag;
    size_t count;
};

static const struct fixture fixtures[] = {
    {"test-event.ndjson", "test-event.expected.json", "preserve_duplicate_custom_fields", 2},
    {"derived/unparseable-map.ndjson", "derived/unparseable-map.expected.json",
     "preserve_duplicate_custom_fields", 1},
    {"derived/no-duplicate-tag.ndjson", "derived/no-duplicate-tag.expected.json", "forwarded", 3},
};

static const char *fixture_path(const char *name, char *path, size_t room)
{
    const char *folder = getenv("CXD_REFERENCE");
    char base[512];
    FILE *file;

    (void)snprintf(base, sizeof base, "%s%s", folder != NULL ? folder : getenv("CXD_SOURCE_DIR"),
                   folder != NULL ? "" : "/../shared");
    (void)snprintf(path, room, "%s/event/fixtures/%s", base, name);
    file = fopen(path, "r");
    if (file == NULL) {
        (void)snprintf(path, room, "%s/reference/event/fixtures/%s", base, name);
        file = fopen(path, "r");
    }
    if (file == NULL) {
        return NULL;
    }
    (void)fclose(file);
    return path;
}

static void run_line(struct mapper *mapper, const struct fixture *fixture, const char *line,
                     size_t len, struct json_object *expected)
{
    struct json_object *input = json_object_new_object();
    struct json_object *tags = json_object_new_array();
    struct json_object *actual = NULL;
    struct cxd_error err = CXD_ERROR_INIT;

    assert_int_equal(json_object_array_add(tags, json_object_new_string(fixture->tag)), 0);
    assert_int_equal(json_object_object_add(input, "tags", tags), 0);
    assert_int_equal(
        json_object_object_add(input, "message", json_object_new_string_len(line, (int)len)), 0);
    assert_int_equal(mapper_run(mapper, input, &actual, NULL, &err), CXD_OK);
    if (!json_object_equal(expected, actual)) {
        report(fixture->records, "not the expected document", expected, actual);
    }
    json_object_put(actual);
    json_object_put(input);
}

static void run_fixture(struct mapper *mapper, const struct fixture *fixture)
{
    char path[1024];
    struct json_object *expected;
    char *line = NULL;
    size_t room = 0;
    size_t count = 0;
    ssize_t len;
    FILE *file;

    assert_non_null(fixture_path(fixture->expected, path, sizeof path));
    expected = json_object_from_file(path);
    assert_non_null(expected);
    assert_int_equal(json_object_array_length(expected), fixture->count);
    assert_non_null(fixture_path(fixture->records, path, sizeof path));
    file = fopen(path, "r");
    assert_non_null(file);
    while ((len = getline(&line, &room, file)) > 0) {
        len -= line[len - 1] == '\n';
        assert_true(count < fixture->count);
        run_line(mapper, fixture, line, (size_t)len, json_object_array_get_idx(expected, count++));
    }
    assert_int_equal(count, fixture->count);
    free(line);
    (void)fclose(file);
    json_object_put(expected);
}

static void test_fixtures(void **state)
{
    struct harness_option options[OPTIONS_MAX];
    struct cxd_error err = CXD_ERROR_INIT;
    struct mapper mapper;
    char path[1024];

    (void)state;
    failures = 0;
    if (fixture_path(fixtures[0].records, path, sizeof path) == NULL) {
        print_message("skipped: %s is not there\n", path);
        skip();
    }
    read_options(NULL, options);
    assert_int_equal(mapper_open(&mapper, options, &err), CXD_OK);
    for (size_t i = 0; i < sizeof fixtures / sizeof fixtures[0]; i++) {
        run_fixture(&mapper, &fixtures[i]);
    }
    mapper_close(&mapper);
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
