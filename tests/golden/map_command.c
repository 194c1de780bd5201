/*
 * map_command.c: `cortexd map` as a user runs it: a record of our own on every run, and the reference's fixtures where
 * they lie beside the source. Compares JSON values.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka needs the four above first */
#include <cmocka.h>

#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static char program[1024];

/* Standard output of the command, one JSON value a line, as a list; the exit code beside it. */
static struct json_object *map_file(const char *stream, const char *path, const char *tags,
                                    int *ret_code)
{
    const char *argv[] = {program, "map", stream, path, tags != NULL ? "--tags" : NULL, tags, NULL};
    struct json_object *list = json_object_new_array();
    char *line = NULL;
    size_t room = 0;
    int ends[2];
    FILE *out;
    pid_t pid;

    assert_int_equal(pipe(ends), 0);
    pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        (void)dup2(ends[1], STDOUT_FILENO);
        (void)close(ends[0]);
        (void)close(ends[1]);
        (void)execv(program, (char *const *)argv); /* execv changes none of them */
        _exit(127);
    }
    (void)close(ends[1]);
    out = fdopen(ends[0], "r");
    assert_non_null(out);
    while (getline(&line, &room, out) > 0) {
        struct json_object *value = json_tokener_parse(line);
        assert_non_null(value);
        assert_int_equal(json_object_array_add(list, value), 0);
    }
    free(line);
    (void)fclose(out);
    assert_int_equal(waitpid(pid, ret_code, 0), pid);
    *ret_code = WIFEXITED(*ret_code) ? WEXITSTATUS(*ret_code) : -1;
    return list;
}

static struct json_object *source_of(struct json_object *list, size_t index)
{
    struct json_object *source = NULL;

    (void)json_object_object_get_ex(json_object_array_get_idx(list, index), "_source", &source);
    return source;
}

static const char *id_of(struct json_object *list, size_t index)
{
    struct json_object *id = NULL;

    (void)json_object_object_get_ex(json_object_array_get_idx(list, index), "_id", &id);
    return json_object_get_string(id);
}

static void records_write(char *path, const char *text)
{
    int fd = mkstemp(path);

    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    (void)close(fd);
}

static void test_records_of_our_own(void **state)
{
    static const char record[] =
        "{\"event_id\":\"e-1\",\"action_process_os_pid\":\"42\",\"agent_hostname\":\"H\"}";
    static const char document[] =
        "{\"tags\":[\"a\",\"b\"],\"ecs\":{\"version\":\"8.11.0\"},\"event\":{\"original\":\"{"
        "\\\"event_id\\\":\\\"e-1\\\","
        "\\\"action_process_os_pid\\\":\\\"42\\\",\\\"agent_hostname\\\":\\\"H\\\"}\",\"kind\":"
        "\"event\",\"id\":\"e-1\"},"
        "\"observer\":{\"vendor\":\"Palo Alto Networks\",\"product\":\"Cortex "
        "XDR\"},\"process\":{\"pid\":42},"
        "\"related\":{\"hosts\":[\"H\"]},\"panw_cortex\":{\"xdr\":{\"event\":{\"agent\":{"
        "\"hostname\":\"H\"}}}}}";
    char path[] = "/tmp/cortexd-map.XXXXXX";
    char text[512];
    struct json_object *expected = json_tokener_parse(document);
    struct json_object *list;
    int code;

    (void)state;
    (void)snprintf(text, sizeof text, "%s\n\n%s\r\nno json", record, record);
    records_write(path, text);
    list = map_file("event", path, "a,b", &code);
    assert_int_equal(code, 0);
    assert_int_equal(json_object_array_length(list), 3);
    assert_string_equal(json_object_to_json_string(source_of(list, 0)),
                        json_object_to_json_string(source_of(list, 1)));
    if (!json_object_equal(expected, source_of(list, 0))) {
        fail_msg("got %s", json_object_to_json_string(source_of(list, 0)));
    }
    assert_string_equal(id_of(list, 0), id_of(list, 1));
    assert_int_equal(strlen(id_of(list, 0)), 27);
    assert_non_null(strstr(json_object_to_json_string(source_of(list, 2)), "pipeline_error"));
    json_object_put(expected);
    json_object_put(list);
    (void)unlink(path);
}

struct fixture {
    const char *stream;
    const char *folder;
    const char *name;
    const char *tags;
    const char *first_id; /* NULL: not known from elsewhere */
};

static const struct fixture fixtures[] = {
    {"event", "event", "test-event", "preserve_duplicate_custom_fields", NULL},
    {"event", "event", "derived/unparseable-map", "preserve_duplicate_custom_fields", NULL},
    {"event", "event", "derived/no-duplicate-tag", "forwarded", NULL},
    {"incidents", "incidents", "test-incident", "preserve_original_event",
     "Lngq78ddXeGDsEFpRx44HOL3L5I="},
    {"alerts", "alerts", "test-panw-xdr", "preserve_original_event",
     "dfN32moUO1ltVCzKeSjYfaUQiK8="},
    {"alerts-v1", "alerts", "test-panw-xdr", "preserve_original_event",
     "dfN32moUO1ltVCzKeSjYfaUQiK8="},
    {"alerts-v2", "alerts", "test-panw-xdr-v2",
     "preserve_original_event,preserve_duplicate_custom_fields", "NnmC0DQWtn+GEvZ8Ir53rYnQZ98="},
};

/* The reference's folder of fixtures, or false. */
static int find_folder(const struct fixture *fixture, char *folder, size_t room)
{
    const char *reference = getenv("CXD_REFERENCE");

    (void)snprintf(folder, room, "%s%s/%s/fixtures",
                   reference != NULL ? reference : getenv("CXD_SOURCE_DIR"),
                   reference != NULL ? "" : "/../shared/reference", fixture->folder);
    if (reference != NULL && access(folder, R_OK) != 0) { /* the folder above it was named */
        (void)snprintf(folder, room, "%s/reference/%s/fixtures", reference, fixture->folder);
    }
    return access(folder, R_OK) == 0;
}

/* Where addresses are is known only with the databases that the fixtures were made with. */
static void drop_places(struct json_object *document)
{
    static const char *const ends[] = {"source", "destination"};

    for (size_t i = 0; i < 2; i++) {
        struct json_object *end = NULL;
        if (json_object_object_get_ex(document, ends[i], &end)) {
            json_object_object_del(end, "geo");
            json_object_object_del(end, "as");
        }
    }
}

/* Dropped documents are null in the fixture and no line at all in what the command says. */
static void compare(struct json_object *expected, struct json_object *list)
{
    size_t at = 0;

    for (size_t i = 0; i < json_object_array_length(expected); i++) {
        struct json_object *document = json_object_array_get_idx(expected, i);
        if (document == NULL) {
            continue;
        }
        drop_places(document);
        assert_true(json_object_equal(document, source_of(list, at++)));
    }
    assert_int_equal(json_object_array_length(list), at);
}

static void test_fixtures(void **state)
{
    char folder[1024];

    (void)state;
    for (size_t i = 0; i < sizeof fixtures / sizeof fixtures[0]; i++) {
        const struct fixture *fixture = &fixtures[i];
        struct json_object *expected;
        struct json_object *list;
        char path[1200];
        int code;
        if (!find_folder(fixture, folder, sizeof folder)) {
            print_message("skipped: fixtures: no %s (CXD_REFERENCE names it)\n", folder);
            skip();
        }
        (void)snprintf(path, sizeof path, "%s/%s.expected.json", folder, fixture->name);
        expected = json_object_from_file(path);
        assert_non_null(expected);
        (void)snprintf(path, sizeof path, "%s/%s.ndjson", folder, fixture->name);
        list = map_file(fixture->stream, path, fixture->tags, &code);
        assert_int_equal(code, 0);
        compare(expected, list);
        if (fixture->first_id != NULL) {
            assert_string_equal(id_of(list, 0), fixture->first_id);
        }
        json_object_put(expected);
        json_object_put(list);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_records_of_our_own),
                                       cmocka_unit_test(test_fixtures)};

    (void)snprintf(program, sizeof program, "%s/bin/cortexd", getenv("CXD_BUILD_DIR"));
    return cmocka_run_group_tests(tests, NULL, NULL);
}
