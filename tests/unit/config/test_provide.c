/* test_provide.c: providers of variables: what the policy itself says, files, folders and names of this machine. */
#include "base/redact.h"
#include "config/eql.h"
#include "config/provide.h"

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

struct fixture {
    struct arena *arena;
    struct providers *providers;
    struct conf *root;
    struct cxd_error err;
    char folder[64];
};

static int setup(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);

    f->arena = arena_new(4096, 64u << 20);
    (void)snprintf(f->folder, sizeof f->folder, "%s/provide.XXXXXX", "/tmp");
    *state = f;
    return mkdtemp(f->folder) == NULL;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    char command[160];

    providers_set(NULL);
    conf_vault_set(NULL);
    redact_clear();
    arena_free(f->arena);
    (void)snprintf(command, sizeof command, "rm -r %s", f->folder);
    assert_int_equal(system(command), 0);
    free(f);
    return 0;
}

static int no_look(void *arg, const char *name, struct cxd_bytes *ret_value)
{
    (void)arg;
    (void)name;
    (void)ret_value;
    return 0;
}

/* As a policy is read: once for its providers, once with them. */
static int read_text(struct fixture *f, const char *text)
{
    const struct provide_paths paths = {.home = "/opt/x", .data = "/var/x", .config = "/etc/x"};
    struct conf *first = NULL;
    int r;

    f->err = (struct cxd_error)CXD_ERROR_INIT;
    providers_set(NULL);
    conf_vault_set(&(struct conf_vault){.look = no_look, .is_probe = true});
    r = conf_read_text("p.yml", text, strlen(text), f->arena, &first, &f->err);
    conf_vault_set(NULL);
    r = r != CXD_OK ? r : providers_read(first, &paths, f->arena, &f->providers, &f->err);
    if (r != CXD_OK) {
        return r;
    }
    providers_set(f->providers);
    return conf_read_text("p.yml", text, strlen(text), f->arena, &f->root, &f->err);
}

static void refused(struct fixture *f, const char *text, const char *says)
{
    assert_true(read_text(f, text) < 0);
    if (strstr(f->err.text, says) == NULL) {
        fail_msg("expected \"%s\" in \"%s\"", says, f->err.text);
    }
}

static void put(const struct fixture *f, const char *name, const char *text)
{
    char path[160];
    char fresh[160];
    FILE *file;

    (void)snprintf(path, sizeof path, "%s/%s", f->folder, name);
    (void)snprintf(fresh, sizeof fresh, "%s/.new", f->folder);
    file = fopen(fresh, "we");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(rename(fresh, path), 0);
}

static void test_local_values_keep_their_kind(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(read_text(f,
                               "a: '${local.site}'\nb: x-${local.site}-y\nc: ${local.hosts}\n"
                               "d: '${local.port}'\ne: ${local.deep.er}\n"
                               "f: ${local.no|local.site}\ng: ${local.no:other}\n"
                               "providers: {local.vars: {site: berlin, hosts: [one, two], port: 9,"
                               " deep: {er: {x: 1}}}}\n"),
                     CXD_OK);
    assert_string_equal(conf_text(f->root, "a", ""), "berlin");
    assert_string_equal(conf_text(f->root, "b", ""), "x-berlin-y");
    assert_int_equal(conf_find(f->root, "c")->kind, CONF_LIST);
    assert_string_equal(conf_find(f->root, "c")->first->next->text, "two");
    assert_false(conf_find(f->root, "d")->quoted); /* a number there, a number here */
    assert_string_equal(conf_text(f->root, "e.x", ""), "1");
    assert_string_equal(conf_text(f->root, "f", ""), "berlin");
    assert_string_equal(conf_text(f->root, "g", ""), "other");
}

static void test_what_is_not_there_is_told(void **state)
{
    struct fixture *f = *state;

    refused(f, "a: ${local.no}\n", "p.yml:1: variable ${local.no} has no value");
    refused(f, "a: x${local.l}\nproviders.local.vars: {l: [1]}\n",
            "is a list: it can only be the whole");
    refused(f, "providers.local.vars: [1]\n", "p.yml:1: providers.local.vars: expected names");
    refused(f, "providers.local: {enabled: false, vars: {a: 1}}\nb: ${local.a}\n",
            "p.yml:2: variable");
    refused(f, "providers.filesource.sources: {a: {path: /x, type: base64}}\n",
            "type: expected raw");
    refused(f, "providers.filesource.sources: {a: {}}\n", "expected {path: FILE}");
    refused(f, "providers.filesource: {max_size: 2MiB}\n", "max_size: expected 1 to 1MiB");
    refused(f, "a: ${filesource.a}\nproviders.filesource.sources: {a: {path: /no/such}}\n",
            "p.yml:1: variable ${filesource.a} has no value: /no/such: cannot read: No such file");
    refused(f, "a: ${filesource.a}\nproviders.filesource.sources: {a: {path: /tmp}}\n",
            "expected a regular file");
}

static void test_files_are_secrets_with_a_limit(void **state)
{
    struct fixture *f = *state;
    char text[400];
    char line[] = "say geheimnis, please";

    put(f, "key", "geheimnis\r\n\n");
    put(f, "pin", "42\n");
    put(f, "empty", "\n");
    (void)snprintf(text, sizeof text,
                   "a: Bearer ${filesource.key}\nb: ${filesource.pin}\n"
                   "providers.filesource.sources: {key: {path: %s/key}, pin: {type: raw, path: "
                   "%s/pin}}\n",
                   f->folder, f->folder);
    assert_int_equal(read_text(f, text), CXD_OK);
    assert_string_equal(conf_text(f->root, "a", ""), "Bearer geheimnis");
    assert_string_equal(conf_text(f->root, "b", ""), "42");
    assert_true(conf_find(f->root, "a")->is_secret);
    assert_true(conf_find(f->root, "b")->is_secret); /* too short for the redactor */
    redact_text(line, strlen(line));
    assert_string_equal(line, "say *********, please");
    (void)snprintf(
        text, sizeof text,
        "a: ${filesource.key}\nproviders.filesource: {max_size: 8, sources: {key: {path: "
        "%s/key}}}\n",
        f->folder);
    refused(f, text, "larger than 8 bytes (providers.filesource.max_size)");
    (void)snprintf(text, sizeof text,
                   "a: ${filesource.e}\nproviders.filesource.sources.e.path: %s/empty\n",
                   f->folder);
    refused(f, text, "is empty");
}

/* providers_look: the second look at the same other content tells. */
static int look(struct fixture *f, const char **ret_gone)
{
    return providers_look(f->providers, ret_gone);
}

static void test_a_changed_file_is_told_once(void **state)
{
    struct fixture *f = *state;
    const char *gone;
    char text[200];
    char path[100];

    put(f, "key", "first-value");
    (void)snprintf(path, sizeof path, "%s/key", f->folder);
    (void)snprintf(text, sizeof text, "providers.filesource.sources.k.path: %s\n", path);
    assert_int_equal(read_text(f, text), CXD_OK);
    assert_int_equal(look(f, &gone), 0);
    put(f, "key", "other-value");
    assert_int_equal(look(f, &gone), 0); /* may be being written */
    assert_int_equal(look(f, &gone), 1);
    assert_int_equal(look(f, &gone), 0);
    assert_null(gone);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(look(f, &gone), 0);
    assert_string_equal(gone, path);
    assert_int_equal(look(f, &gone), 0);
    assert_null(gone);
    put(f, "key", "third-value");
    assert_int_equal(look(f, &gone), 0);
    assert_int_equal(look(f, &gone), 1);
}

/* Kubernetes: key -> ..data/key, ..data -> ..one; a new ..data is renamed over the old one. */
static void test_a_turned_link_is_a_change(void **state)
{
    struct fixture *f = *state;
    const char *gone;
    char text[200];
    char command[600];

    (void)snprintf(command, sizeof command,
                   "cd %s && mkdir ..one ..two && echo first-value >..one/key && echo other-value "
                   ">..two/key && ln -s ..one ..data && ln -s ..data/key key",
                   f->folder);
    assert_int_equal(system(command), 0);
    (void)snprintf(text, sizeof text,
                   "a: ${filesource.k}\nproviders.filesource.sources.k.path: %s/key\n", f->folder);
    assert_int_equal(read_text(f, text), CXD_OK);
    assert_string_equal(conf_text(f->root, "a", ""), "first-value");
    (void)snprintf(command, sizeof command, "cd %s && ln -s ..two ..tmp && mv -T ..tmp ..data",
                   f->folder);
    assert_int_equal(system(command), 0);
    assert_int_equal(look(f, &gone), 0);
    assert_int_equal(look(f, &gone), 1);
    assert_int_equal(read_text(f, text), CXD_OK);
    assert_string_equal(conf_text(f->root, "a", ""), "other-value");
}

static void test_folders_agent_and_host(void **state)
{
    struct fixture *f = *state;
    const struct conf *ip;

    assert_int_equal(read_text(f,
                               "a: ${path.home} ${path.data} ${path.config}\nb: ${path.logs:none}\n"
                               "c: ${agent.version.version}\nd: ${host.ip}\ne: "
                               "${host.os_platform:none}\nf: ${host.name}\ng: ${host.mac}\n"),
                     CXD_OK);
    assert_string_equal(conf_text(f->root, "a", ""), "/opt/x /var/x /etc/x");
    assert_string_equal(conf_text(f->root, "b", ""), "none");
    assert_non_null(strchr(conf_text(f->root, "c", ""), '.'));
    ip = conf_find(f->root, "d");
    assert_int_equal(ip->kind, CONF_LIST);
    for (ip = ip->first; ip != NULL && strcmp(ip->text, "127.0.0.1") != 0; ip = ip->next) {
    }
    assert_non_null(ip);
    assert_int_equal(conf_find(f->root, "g")->kind, CONF_LIST);
    for (const char *at = conf_text(f->root, "f", ""); *at != '\0'; at++) {
        assert_false(*at >= 'A' && *at <= 'Z');
    }
}

static void test_conditions_see_kinds(void **state)
{
    struct fixture *f = *state;
    static const struct {
        const char *text;
        bool is_true;
    } rows[] = {{"${local.site} == 'berlin'", true},
                {"${local.n} > 2", true},
                {"arrayContains(${local.list}, 'b')", true},
                {"arrayContains(${host.ip}, '127.0.0.1')", true},
                {"${local.on}", true},
                {"hasKey(${local.map}, 'x')", true},
                {"${local.no} == null", true},
                {"length(${local.list}) == 3", false}};

    assert_int_equal(read_text(f,
                               "providers.local.vars: {site: berlin, n: 3, list: [a, b], on: true,"
                               " map: {x: 1}}\n"),
                     CXD_OK);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        bool is_true = !rows[i].is_true;
        if (eql_test(rows[i].text, strlen(rows[i].text), f->arena, &is_true, &f->err) != CXD_OK) {
            fail_msg("%s: %s", rows[i].text, f->err.text);
        }
        assert_int_equal(is_true, rows[i].is_true);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_local_values_keep_their_kind, setup, teardown),
        cmocka_unit_test_setup_teardown(test_what_is_not_there_is_told, setup, teardown),
        cmocka_unit_test_setup_teardown(test_files_are_secrets_with_a_limit, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_changed_file_is_told_once, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_turned_link_is_a_change, setup, teardown),
        cmocka_unit_test_setup_teardown(test_folders_agent_and_host, setup, teardown),
        cmocka_unit_test_setup_teardown(test_conditions_see_kinds, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
