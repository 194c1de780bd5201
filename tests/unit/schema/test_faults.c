/*
 * test_faults.c: the table maker on small YAML files: a good one, and one for each fault, told with file and line.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka needs the four above first */
#include <cmocka.h>

#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define FIELDS                                                                                     \
    "prefix: p\nfields:\n  a: keyword\n  b: {type: long, about: B}\n  o: object\n  o.x: ip\n"
#define ECS                                                                                        \
    "fields:\n  ecs.version: keyword\n  error.message: match_only_text\n  event.kind: keyword\n  " \
    "event.original: "                                                                             \
    "keyword\n"                                                                                    \
    "  host.domain: keyword\n  host.hostname: keyword\n  message: match_only_text\n"               \
    "  related.hosts: keyword\n  tags: keyword\n  user.id: keyword\n  source.ip: ip\n"             \
    "  source.port: long\n  c: constant_keyword\n"
#define HEAD "ecs: 1\nstream: t\nmodule: m\ndataset: m.t\nprefix: p\n"
#define GOOD HEAD "keys:\n  - {key: ka, to: a}\n  - key: kb\n    to: b\n    as: long\n"

#define BOARD "title: T\nabout: B\npanels:\n"

#define WHOLE HEAD "record: whole\nsweep: last\nmoves: keep\nerrors: bare\nworks:\n"

extern char **environ;

struct fault {
    const char *mapping;
    const char *fields;
    const char *ecs;
    const char *expected; /* end of the message, from the file's name on */
};

static char folder[] = "/tmp/cxd-schema-XXXXXX";
static char output[16384];

static void write_file(const char *name, const char *text)
{
    char path[256];
    FILE *file;

    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static void read_output(const char *path)
{
    FILE *file = fopen(path, "r");
    size_t len;

    assert_non_null(file);
    len = fread(output, 1, sizeof output - 1, file);
    output[len] = '\0';
    (void)fclose(file);
}

/* Exit code of the table maker; what it says is in output. */
static int run_tabulate(void)
{
    static char words[][10] = {"--mapping", "m.yml", "--fields", "f.yml",   "--ecs",
                               "e.yml",     "--out", "made",     "--board", "b.yml"};
    char *argv[] = {getenv("CXD_TABULATE"),
                    words[0],
                    words[1],
                    words[2],
                    words[3],
                    words[4],
                    words[5],
                    words[6],
                    words[7],
                    words[8],
                    words[9],
                    NULL};
    posix_spawn_file_actions_t actions;
    int status;
    pid_t pid;

    assert_non_null(argv[0]);
    assert_int_equal(posix_spawn_file_actions_init(&actions), 0);
    assert_int_equal(posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "says",
                                                      O_WRONLY | O_CREAT | O_TRUNC, 0600),
                     0);
    assert_int_equal(posix_spawn(&pid, argv[0], &actions, NULL, argv, environ), 0);
    (void)posix_spawn_file_actions_destroy(&actions);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    read_output("says");
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static int run_on(const char *mapping, const char *fields, const char *ecs)
{
    write_file("m.yml", mapping);
    write_file("f.yml", fields);
    write_file("e.yml", ecs);
    write_file("b.yml", BOARD "  - {title: A, kind: metric}\n");
    return run_tabulate();
}

static const struct fault faults[] = {
    {HEAD "keys:\n  - {key: k, to: a}\n  - {key: k, to: b}\n", FIELDS, ECS,
     "m.yml:8: key 'k' stands here and in line 7"},
    {HEAD "keys:\n  - {key: k, to: a}\n  - {key: l, to: a}\n", FIELDS, ECS,
     "m.yml:8: 'p.a' is the target here and in line 7"},
    {HEAD "keys:\n  - key: k\n    to: a\n    key: l\n", FIELDS, ECS,
     "m.yml:9: key 'key' stands here and in line 7"},
    {HEAD "keys:\n  - key: k\n    to: a\n    sa: date\n", FIELDS, ECS, "m.yml:9: unknown key 'sa'"},
    {HEAD "keys:\n  - key: k\n    to: a\n    as: number\n", FIELDS, ECS,
     "m.yml:9: unknown conversion 'number'"},
    {HEAD "keys:\n  - key: k\n    to: a\n    as: long\n", FIELDS, ECS,
     "m.yml:9: 'long' makes long, but 'p.a' is keyword"},
    {HEAD "keys:\n  - key: k\n    to: z\n", FIELDS, ECS, "m.yml:8: 'p.z' is in no field list"},
    {HEAD "keys:\n  - key: k\n    to: a\n    then:\n      - copy: user.name\n", FIELDS, ECS,
     "m.yml:10: 'user.name' is in no field list"},
    {HEAD "keys:\n  - key: k\n    to: a\n    then:\n      - copy: c\n", FIELDS, ECS,
     "m.yml:10: 'c' is a constant of the index"},
    {HEAD "keys:\n  - key: k\n    to: a\n    then:\n      - copy: p.o\n", FIELDS, ECS,
     "m.yml:10: 'p.o' is an object, nothing can be copied there"},
    {HEAD "keys:\n  - key: k\n    to: a\n    then:\n      - append: user.id\n", FIELDS, ECS,
     "m.yml:10: an append needs 'when': not_null or not_empty"},
    {HEAD "keys:\n  - key: k\n    to: a\n    then:\n      - {append: user.id, when: unset}\n",
     FIELDS, ECS, "m.yml:10: unknown guard 'unset' for append"},
    {HEAD "keys:\n  - key: k\n    to: a\n    then:\n      - {append: user.id, when: has x.y}\n",
     FIELDS, ECS, "m.yml:10: 'x.y' is in no field list"},
    {HEAD "keys:\n  - key: k\n    to: a\n    then:\n      - {copy: user.id, lower: tags}\n", FIELDS,
     ECS, "m.yml:10: one verb a step: 'lower' stands beside 'copy'"},
    {HEAD "keys:\n  - key: k\n    to: a\n    then:\n      - {clone: user.id}\n", FIELDS, ECS,
     "m.yml:10: unknown key 'clone'"},
    {HEAD "keys:\n  - key: k\n    to: a\n    then: {copy: user.id}\n", FIELDS, ECS,
     "m.yml:9: 'then' must be a list of steps"},
    {HEAD "keys:\n  - key: k\n    to: a\n    wrap: true\n", FIELDS, ECS,
     "m.yml:9: 'wrap' is for lists"},
    {HEAD "keys:\n  - key: k\n    to: a\n    duplicate: yes\n", FIELDS, ECS,
     "m.yml:9: 'duplicate' must be true or false"},
    {HEAD "keys: {k: a}\n", FIELDS, ECS, "m.yml:6: 'keys' must be a list"},
    {HEAD "finally:\n  - {to: source.port, as: date}\nkeys: []\n", FIELDS, ECS,
     "m.yml:7: 'date' makes date, but 'source.port' is long"},
    {HEAD "set:\n  nowhere: x\nkeys: []\n", FIELDS, ECS, "m.yml:7: 'nowhere' is in no field list"},
    {"ecs: 1\nstream: t\nmodule: m\nprefix: p\nkeys: []\n", FIELDS, ECS,
     "m.yml:1: 'dataset' is missing"},
    {HEAD "keys:\n  - key: k\n   to: a\n", FIELDS, ECS, "m.yml:8: did not find"},
    {HEAD "keys: &x []\n", FIELDS, ECS, "m.yml:6: anchors and tags are not used here"},
    {HEAD "keys: *x\n", FIELDS, ECS, "m.yml:6: aliases are not used here: write the value out"},
    {HEAD "keys: []\n---\nkeys: []\n", FIELDS, ECS, "m.yml:7: one document a file"},
    {"", FIELDS, ECS, "m.yml:1: the file is empty"},
    {HEAD "keys: [[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]\n", FIELDS, ECS,
     "m.yml:6: nested deeper than 16 levels"},
    {GOOD, "prefix: p\nfields:\n  a: keyword\n  b: number\n", ECS,
     "f.yml:4: 'p.b': unknown type 'number'"},
    {GOOD, "prefix: p\nfields:\n  a: keyword\n  b: {about: text}\n", ECS,
     "f.yml:4: 'p.b' has no type"},
    {GOOD, "prefix: p\nfields:\n  a: keyword\n  b: long\n  b.c: ip\n", ECS,
     "f.yml:5: 'p.b.c' lies below 'p.b', which is long and no object"},
    {GOOD, "prefix: p\nfields:\n  a: keyword\n  b: long\n  b..c: ip\n", ECS,
     "f.yml:5: 'b..c' is no field name"},
    {GOOD, "prefix: p\nfields:\n  a: {type: keyword, size: 3}\n", ECS,
     "f.yml:3: unknown key 'size'"},
    {GOOD, "prefix: p\nfields:\n  a: keyword\n  b: long\n  a: ip\n", ECS,
     "f.yml:5: key 'a' stands here and in line 3"},
    {GOOD, "fields:\n  p.a: keyword\n  p.b: long\n  tags: keyword\n", ECS,
     "f.yml:4: field 'tags' stands here and in e.yml:10"},
    {WHOLE "  - {shift: a, to: .tags}\n", FIELDS, ECS,
     "m.yml:11: a step begins with its verb, as in 'move: name'"},
    {WHOLE "  - {to: .tags, move: a}\n", FIELDS, ECS,
     "m.yml:11: a step begins with its verb, as in 'move: name'"},
    {WHOLE "  - {move: z, to: .tags}\n", FIELDS, ECS, "m.yml:11: 'p.z' is in no field list"},
    {WHOLE "  - {move: a, to: .z}\n", FIELDS, ECS, "m.yml:11: 'z' is in no field list"},
    {WHOLE "  - {move: a, to: .c}\n", FIELDS, ECS, "m.yml:11: 'c' is a constant of the index"},
    {WHOLE "  - {move: a}\n", FIELDS, ECS, "m.yml:11: 'move' needs 'to'"},
    {WHOLE "  - {remove: a, to: .tags}\n", FIELDS, ECS, "m.yml:11: 'remove' has no 'to'"},
    {WHOLE "  - {say: x}\n", FIELDS, ECS, "m.yml:11: 'say' needs 'to'"},
    {WHOLE "  - {pairs: a, to: .tags}\n", FIELDS, ECS, "m.yml:11: 'pairs' needs 'and'"},
    {WHOLE "  - {move: a, to: .tags, and: b}\n", FIELDS, ECS, "m.yml:11: 'move' has no 'and'"},
    {WHOLE "  - {move: a, to: .tags, when: soon}\n", FIELDS, ECS, "m.yml:11: unknown guard 'soon'"},
    {WHOLE "  - {move: a, to: .tags, when: unset b}\n", FIELDS, ECS,
     "m.yml:11: unknown guard 'unset b'"},
    {WHOLE "  - {move: a, to: .tags, when: [unset, has]}\n", FIELDS, ECS,
     "m.yml:11: unknown guard 'has'"},
    {WHOLE "  - {move: a, to: .tags, when: [has b, lacks b]}\n", FIELDS, ECS,
     "m.yml:11: one other field a step"},
    {WHOLE "  - {move: a, to: .tags, fail: never}\n", FIELDS, ECS,
     "m.yml:11: unknown outcome of a failure"},
    {WHOLE "  - {move: a, to: .tags, text: x}\n", FIELDS, ECS, "m.yml:11: 'move' has no 'text'"},
    {WHOLE "  - {move: a, onto: .tags}\n", FIELDS, ECS, "m.yml:11: unknown key 'onto'"},
    {WHOLE "  - {move: a, to: .tags}\nid: [b, a]\n", FIELDS, ECS,
     "m.yml:12: 'id' must be in the order of names"},
    {WHOLE "  - {move: a, to: .tags}\n  - {move: o.a, to: .tags}\n", FIELDS "  o.a: long\n", ECS,
     "m.yml:12: 'p.o.a' and 'p.a' end in the same key"},
    {WHOLE "  - {move: a, to: .tags}\nkeys: []\n", FIELDS, ECS, "m.yml:12: unknown key 'keys'"},
    {HEAD "record: part\nworks: []\n", FIELDS, ECS,
     "m.yml:1: 'record: whole' and 'works' go together"},
    {HEAD "record: whole\nsweep: never\nmoves: keep\nerrors: bare\nworks: []\n", FIELDS, ECS,
     "m.yml:7: 'sweep' must be last or first"},
    {GOOD, "prefix: p\nfields:\n  a: {type: keyword, value: v}\n", ECS,
     "f.yml:3: 'p.a': only a constant_keyword has a value"},
};

static void test_every_fault_is_told_with_file_and_line(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++) {
        const struct fault *fault = &faults[i];
        int code = run_on(fault->mapping, fault->fields, fault->ecs);
        if (code != 1 || strncmp(output, fault->expected, strlen(fault->expected)) != 0) {
            fail_msg("case %zu: exit %d, said: %sexpected: %s", i, code, output, fault->expected);
        }
        assert_int_not_equal(access("made/t_table.c", F_OK), 0);
    }
}

static void test_a_good_file_makes_all_four(void **state)
{
    (void)state;
    assert_int_equal(run_on(GOOD, FIELDS, ECS), 0);
    assert_string_equal(output, "");
    read_output("made/t_table.c");
    assert_non_null(strstr(output, "{\"kb\", 2, ECS_AS_LONG,"));
    read_output("made/template/logs-m.t.json");
    assert_non_null(strstr(output, "\"index_patterns\": [\"logs-m.t-*\"]"));
    assert_non_null(strstr(output, "\"type\": \"constant_keyword\""));
    assert_non_null(strstr(output, "          \"p.a\"")); /* searched by default: texts */
    assert_null(strstr(output, "          \"p.b\""));     /* and no numbers */
    read_output("made/template/logs-m.t.opensearch.json");
    assert_null(strstr(output, "constant_keyword"));
    assert_null(strstr(output, "match_only_text"));
    read_output("made/fields/t.md");
    assert_non_null(strstr(output, "| p.b | B | long |"));
}

static void test_an_edit_changes_all_of_them(void **state)
{
    (void)state;
    assert_int_equal(run_on(GOOD "  - {key: kx, to: n, as: double}\n",
                            FIELDS "  n: {type: double, about: New}\n", ECS),
                     0);
    read_output("made/t_table.c");
    assert_non_null(strstr(output, "{\"kx\", 2, ECS_AS_DOUBLE,"));
    read_output("made/template/logs-m.t.json");
    assert_non_null(strstr(output, "\"n\": {\"type\": \"double\"}"));
    read_output("made/fields/t.md");
    assert_non_null(strstr(output, "| p.n | New | double |"));
}

static void test_boards(void **state)
{
    static const struct {
        const char *panels;
        const char *expected;
    } cases[] = {
        {"  - {title: A, kind: pie, field: p.z}\n", "b.yml:4: 'p.z' is no field that is exported"},
        {"  - {title: A, kind: pie, field: message}\n",
         "b.yml:4: values of 'message' (match_only_text) cannot be counted"},
        {"  - {title: A, kind: pie, field: p.o}\n",
         "b.yml:4: values of 'p.o' (object) cannot be counted"},
        {"  - {title: A, kind: pie}\n", "b.yml:4: 'A' needs a 'field'"},
        {"  - {title: A, kind: cake}\n", "b.yml:4: unknown kind 'cake'"},
        {"  - {title: A, kind: list}\n", "b.yml:4: a list needs 'fields'"},
        {"  - {title: A, kind: list, fields: [p.a, x]}\n",
         "b.yml:4: 'x' is no field that is exported"},
        {"  - {title: A, kind: metric, width: 49}\n", "b.yml:4: 'width' must be a number, 1 to 48"},
        {"  - {title: A, kind: metric, colour: red}\n", "b.yml:4: unknown key 'colour'"},
        {"  - {title: A, kind: metric}\n  - {title: a, kind: metric}\n",
         "b.yml:5: a second panel of the name 'a'"},
        {"  - {kind: metric}\n", "b.yml:4: expected 'title'"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char text[512];
        assert_int_equal(run_on(GOOD, FIELDS, ECS), 0);
        (void)snprintf(text, sizeof text, BOARD "%s", cases[i].panels);
        write_file("b.yml", text);
        assert_int_equal(run_tabulate(), 1);
        assert_non_null(strstr(output, cases[i].expected));
    }
    write_file("b.yml", BOARD "  - {title: Over time, kind: timeline, field: p.a}\n"
                              "  - {title: Newest, kind: list, fields: [p.a, message]}\n");
    assert_int_equal(run_tabulate(), 0);
    read_output("made/dashboard/t.ndjson");
    assert_non_null(strstr(output, "\"id\":\"cortexd-t-over-time\""));
    assert_non_null(strstr(output, "\\\"type\\\":\\\"date_histogram\\\""));
    assert_non_null(strstr(output, "\"columns\":[\"p.a\",\"message\"]"));
}

static int enter_folder(void **state)
{
    (void)state;
    return mkdtemp(folder) != NULL && chdir(folder) == 0 ? 0 : -1;
}

static int remove_folder(void **state)
{
    static const char *const files[] = {"made/t_table.c",
                                        "made/template/logs-m.t.json",
                                        "made/template/logs-m.t.opensearch.json",
                                        "made/fields/t.md",
                                        "made/dashboard/t.ndjson",
                                        "b.yml",
                                        "m.yml",
                                        "f.yml",
                                        "e.yml",
                                        "says"};

    (void)state;
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        (void)unlink(files[i]);
    }
    (void)rmdir("made/template");
    (void)rmdir("made/fields");
    (void)rmdir("made/dashboard");
    (void)rmdir("made");
    return chdir("/") == 0 && rmdir(folder) == 0 ? 0 : -1;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_fault_is_told_with_file_and_line),
        cmocka_unit_test(test_a_good_file_makes_all_four),
        cmocka_unit_test(test_an_edit_changes_all_of_them),
        cmocka_unit_test(test_boards),
    };

    return cmocka_run_group_tests(tests, enter_folder, remove_folder);
}
