/*
 * test_catalog.c: modules found, checked, loaded or refused: each refusal has its own text, and the scan goes on with the rest.
 * The modules are those of tests/modules, copied into a folder of the test's.
 */
#include "gate/catalog.h"
#include "gate/load.h"
#include "pipeline/bind.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Files stay until all tests are through: the loader knows a library by its inode, which must not come again. */
static char parent[64];
static char folder[96];
static char path[256];

static int parent_make(void **state)
{
    (void)state;
    (void)snprintf(parent, sizeof parent, "/tmp/cortexd-gate.XXXXXX");
    (void)umask(022);
    return mkdtemp(parent) != NULL ? 0 : -1;
}

static int setup(void **state)
{
    static int number;

    (void)state;
    (void)snprintf(folder, sizeof folder, "%s/%d", parent, number++);
    return mkdir(folder, 0755);
}

static int entry_remove(const char *name, const struct stat *st, int flag, struct FTW *ftw)
{
    (void)st;
    (void)flag;
    (void)ftw;
    return remove(name);
}

static int parent_remove(void **state)
{
    (void)state;
    return nftw(parent, entry_remove, 8, FTW_DEPTH | FTW_PHYS);
}

/* The file of that name in the folder, in a static buffer. */
static const char *in_folder(const char *name)
{
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

static const char *file_put(const char *name, const char *bytes, size_t len)
{
    FILE *file = fopen(in_folder(name), "wb");

    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, len, file), len);
    assert_int_equal(fclose(file), 0);
    return path;
}

/* A copy of tests/modules/GROUP/NAME.so under the same or another name. */
static const char *module_put_as(const char *group, const char *name, const char *as)
{
    static char bytes[1 << 20];
    char from[512];
    FILE *file;
    size_t len;

    (void)snprintf(from, sizeof from, "%s/tests/modules/%s/%s.so", getenv("CXD_BUILD_DIR"), group,
                   name);
    file = fopen(from, "rb");
    assert_non_null(file);
    len = fread(bytes, 1, sizeof bytes, file);
    assert_in_range(len, 1000, sizeof bytes - 1);
    assert_int_equal(fclose(file), 0);
    return file_put(as, bytes, len);
}

static const char *module_put(const char *name)
{
    char as[64];

    (void)snprintf(as, sizeof as, "%s.so", name);
    return module_put_as("broken", name, as);
}

/* Loading it fails with this status and these words, which begin with the path. */
static void refused(const char *file, int status, const char *words)
{
    const struct cxd_module *module = NULL;
    struct cxd_error err = CXD_ERROR_INIT;
    int r = module_load(file, bind_host(), &module, &err);

    if (r != status || strncmp(err.text, file, strlen(file)) != 0 ||
        strstr(err.text, words) == NULL) {
        fail_msg("got %d \"%s\", wanted %d \"%s\"", r, err.text, status, words);
    }
    assert_int_equal(err.status, status);
}

static void test_each_misfit_has_its_own_words(void **state)
{
    static const struct {
        const char *name;
        const char *words;
    } cases[] = {
        {"abi_major", "made for ABI 2.0, this host speaks 1.1: build it again"},
        {"short", "descriptor of 72 bytes is shorter than ABI 1.0's"},
        {"build", "built as \"cxd1-lp32-me\", this host is \"cxd1-lp64-le\""},
        {"build_none", "built as \"\", this host is \"cxd1-lp64-le\""},
        {"kind", "kind 9 is none of input, processor, output"},
        {"name", "name (a-z 0-9 - _ /), version, summary or options missing or wrong"},
        {"name_long", "name (a-z 0-9 - _ /), version, summary or options missing or wrong"},
        {"lacks_op", "processor \"lacks-op\" lacks an operation that its kind needs"},
        {"short_ops", "processor \"short-ops\" lacks an operation that its kind needs"},
        {"needs", "processor \"needs\" needs capabilities 0x10000000000 that this host lacks"},
        {"option_group", "option \"buckets\": a group without children"},
        {"option_type", "option \"size\": name, type or help missing or wrong"},
        {"no_entry", "has no cxd_module_entry, so it is no module of cortexd"},
        {"null_entry", "its entry gave no module"},
        {"says_why", "its entry refused: this kernel has no such device"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        refused(module_put(cases[i].name), CXD_MISFIT, cases[i].words);
    }
}

static void test_a_newer_minor_version_is_welcome(void **state)
{
    const struct cxd_module *module = NULL;
    struct cxd_error err = CXD_ERROR_INIT;

    (void)state;
    if (module_load(module_put("abi_minor"), bind_host(), &module, &err) != CXD_OK) {
        fail_msg("%s", err.text);
    }
    assert_string_equal(module->name, "abi-minor");
}

static void test_what_is_no_library(void **state)
{
    (void)state;
    refused(file_put("text.so", "#!/bin/sh\n", 10), CXD_MISFIT, "cannot be loaded: ");
    refused(file_put("empty.so", "", 0), CXD_MISFIT, "cannot be loaded: ");
    refused(in_folder("none.so"), CXD_NOT_FOUND, "No such file");
    assert_int_equal(mkdir(in_folder("folder.so"), 0755), 0);
    refused(in_folder("folder.so"), CXD_MISFIT, "not a regular file");
    assert_int_equal(mkfifo(in_folder("pipe.so"), 0600), 0);
    refused(in_folder("pipe.so"), CXD_MISFIT, "not a regular file");
}

static void test_a_file_that_others_may_write(void **state)
{
    const char *file = module_put_as("good", "sieve", "sieve.so");

    (void)state;
    assert_int_equal(chmod(file, 0646), 0);
    refused(file, CXD_FORBIDDEN, "the file is writable by others; run: chmod go-w on it");
}

static void test_a_folder_that_others_may_write(void **state)
{
    const char *file = module_put_as("good", "sieve", "sieve.so");

    (void)state;
    assert_int_equal(chmod(folder, 0757), 0);
    refused(file, CXD_FORBIDDEN, "its folder is writable by others; run: chmod go-w on it");
}

static void test_another_group_counts_as_others(void **state)
{
    const char *file = module_put_as("good", "sieve", "sieve.so");

    (void)state;
    if (geteuid() != 0) {
        skip(); /* only root gives files away */
    }
    assert_int_equal(chown(file, 0, 12345), 0);
    assert_int_equal(chmod(file, 0664), 0);
    refused(file, CXD_FORBIDDEN, "the file is writable by others");
}

static void test_a_file_of_somebody_else(void **state)
{
    const char *file = module_put_as("good", "sieve", "sieve.so");

    (void)state;
    if (geteuid() != 0) {
        skip();
    }
    assert_int_equal(chown(file, 12345, 0), 0);
    refused(file, CXD_FORBIDDEN, "the file belongs to uid 12345; it must be root's or this user's");
    assert_int_equal(chown(file, 0, 0), 0);
    assert_int_equal(chown(folder, 12345, 0), 0);
    refused(file, CXD_FORBIDDEN,
            "its folder belongs to uid 12345; it must be root's or this user's");
}

static void test_a_link_does_not_lead_around_the_rules(void **state)
{
    char target[256];
    char link[256];

    (void)state;
    assert_int_equal(mkdir(in_folder("open"), 0755), 0);
    assert_int_equal(chmod(path, 0777), 0);
    (void)snprintf(target, sizeof target, "%s", module_put_as("good", "sieve", "open/sieve.so"));
    (void)snprintf(link, sizeof link, "%s", in_folder("sieve.so"));
    assert_int_equal(symlink(target, link), 0);
    refused(link, CXD_FORBIDDEN, "the folder that it links to is writable by others");
    assert_int_equal(chmod(in_folder("open"), 0755), 0);
    {
        const struct cxd_module *module = NULL;
        assert_int_equal(module_load(link, bind_host(), &module, NULL), CXD_OK);
    }
}

static const struct catalog_entry *entry_of(const struct catalog *c, const char *name)
{
    for (const struct catalog_entry *e = c->first; e != NULL; e = e->next) {
        if (strcmp(strrchr(e->path, '/') + 1, name) == 0) {
            return e;
        }
    }
    fail_msg("%s is not in the catalog", name);
    return NULL;
}

static void test_a_scan_goes_on_with_the_rest(void **state)
{
    struct catalog c;
    unsigned loaded = 0;
    unsigned count = 0;

    (void)state;
    (void)module_put("abi_major");
    (void)file_put("broken.so", "no", 2);
    (void)module_put_as("good", "lines", "lines.so");
    (void)module_put_as("good", "sieve", "sieve.so");
    (void)module_put_as("good", "ticker", "zz.so");
    (void)file_put("README", "no module", 9);
    (void)file_put(".hidden.so", "no module", 9);
    catalog_init(&c, bind_host());
    assert_int_equal(catalog_scan(&c, folder, NULL), CXD_OK);
    for (const struct catalog_entry *e = c.first; e != NULL; e = e->next) {
        count++;
        loaded += e->module != NULL;
    }
    assert_int_equal(count, 5);
    assert_int_equal(loaded, 3);
    assert_non_null(strstr(entry_of(&c, "abi_major.so")->why.text, "ABI 2.0"));
    assert_non_null(strstr(entry_of(&c, "broken.so")->why.text, "cannot be loaded"));
    assert_non_null(catalog_find(&c, CXD_INPUT, "ticker"));
    assert_null(catalog_find(&c, CXD_OUTPUT, "ticker"));
    assert_ptr_equal(catalog_find(&c, CXD_OUTPUT, "plain-lines"),
                     catalog_find(&c, CXD_OUTPUT, "lines"));
    assert_null(catalog_find(&c, CXD_OUTPUT, "plain"));
    assert_null(catalog_find(&c, CXD_OUTPUT, ""));
    catalog_done(&c);
}

static void test_a_second_module_of_the_same_name_is_refused(void **state)
{
    struct catalog c;
    char words[400];
    char first[256];

    (void)state;
    (void)snprintf(first, sizeof first, "%s", module_put_as("broken", "twin_a", "a.so"));
    (void)module_put_as("broken", "twin_b", "b.so");
    catalog_init(&c, bind_host());
    assert_int_equal(catalog_scan(&c, folder, NULL), CXD_OK);
    assert_non_null(entry_of(&c, "a.so")->module);
    assert_null(entry_of(&c, "b.so")->module);
    assert_int_equal(entry_of(&c, "b.so")->why.status, CXD_EXISTS);
    (void)snprintf(words, sizeof words, "processor \"twin\" is loaded already, from %s", first);
    assert_non_null(strstr(entry_of(&c, "b.so")->why.text, words));
    assert_ptr_equal(catalog_find(&c, CXD_PROCESSOR, "other-alias"), entry_of(&c, "a.so")->module);
    catalog_done(&c);
}

/* Three good ones, and between them one that is not: each stands for itself, in the order of the file. */
static void test_a_file_may_bring_several(void **state)
{
    static const char *const names[] = {"first", NULL, "second", "third"};
    struct catalog c;
    int at = 0;

    (void)state;
    (void)module_put_as("good", "trio", "trio.so");
    catalog_init(&c, bind_host());
    for (int round = 0; round < 2; round++) { /* found twice, kept once but for the refusal */
        assert_int_equal(catalog_scan(&c, folder, NULL), CXD_OK);
    }
    for (const struct catalog_entry *e = c.first; e != NULL && at < 4; e = e->next, at++) {
        if (names[at] == NULL) {
            assert_null(e->module);
            assert_non_null(strstr(e->why.text, "trio.so: name (a-z 0-9 - _ /)"));
        } else {
            assert_string_equal(e->module->name, names[at]);
            assert_ptr_equal(catalog_find(&c, CXD_PROCESSOR, names[at]), e->module);
        }
    }
    assert_int_equal(at, 4);
    assert_non_null(catalog_find(&c, CXD_PROCESSOR, "troisieme")); /* an alias of the third */
    catalog_done(&c);
}

/* A chain that bites its tail, and one that an older header made: what lies behind it is not read. */
static void test_a_chain_has_an_end(void **state)
{
    struct catalog c;
    int count = 0;
    const char *last = "";

    (void)state;
    (void)module_put_as("broken", "ring", "ring.so");
    (void)module_put_as("broken", "short_next", "short_next.so");
    catalog_init(&c, bind_host());
    assert_int_equal(catalog_scan(&c, folder, NULL), CXD_OK);
    for (const struct catalog_entry *e = c.first; e != NULL; e = e->next, count++) {
        if (e->module == NULL) {
            last = e->why.text;
        }
    }
    assert_int_equal(count, 3);
    assert_non_null(strstr(last, "ring.so: more than 128 modules"));
    assert_non_null(catalog_find(&c, CXD_PROCESSOR, "ring"));
    assert_non_null(catalog_find(&c, CXD_PROCESSOR, "short-next"));
    catalog_done(&c);
}

static void test_the_same_folder_twice_is_no_fault(void **state)
{
    struct catalog c;
    unsigned count = 0;

    (void)state;
    (void)module_put_as("good", "sieve", "sieve.so");
    (void)file_put("broken.so", "no", 2);
    catalog_init(&c, bind_host());
    assert_int_equal(catalog_scan(&c, folder, NULL), CXD_OK);
    assert_int_equal(catalog_scan(&c, folder, NULL), CXD_OK);
    for (const struct catalog_entry *e = c.first; e != NULL; e = e->next) {
        count += e->module != NULL;
        assert_true(e->module != NULL || strstr(e->path, "broken.so") != NULL);
    }
    assert_int_equal(count, 1);
    catalog_done(&c);
}

static void test_a_folder_that_is_not_there(void **state)
{
    struct cxd_error err = CXD_ERROR_INIT;
    struct catalog c;

    (void)state;
    catalog_init(&c, bind_host());
    assert_int_equal(catalog_scan(&c, in_folder("none"), &err), CXD_NOT_FOUND);
    assert_non_null(strstr(err.text, "/none: No such file"));
    catalog_done(&c);
}

static void test_kind_words(void **state)
{
    (void)state;
    assert_string_equal(catalog_kind_word(CXD_INPUT), "input");
    assert_string_equal(catalog_kind_word(CXD_PROCESSOR), "processor");
    assert_string_equal(catalog_kind_word(CXD_OUTPUT), "output");
    assert_string_equal(catalog_kind_word(0), "unknown");
    assert_string_equal(catalog_kind_word(4000000000u), "unknown");
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup(name, setup)
    const struct CMUnitTest tests[] = {
        CASE(test_each_misfit_has_its_own_words),
        CASE(test_a_newer_minor_version_is_welcome),
        CASE(test_what_is_no_library),
        CASE(test_a_file_that_others_may_write),
        CASE(test_a_folder_that_others_may_write),
        CASE(test_another_group_counts_as_others),
        CASE(test_a_file_of_somebody_else),
        CASE(test_a_link_does_not_lead_around_the_rules),
        CASE(test_a_scan_goes_on_with_the_rest),
        CASE(test_a_second_module_of_the_same_name_is_refused),
        CASE(test_a_file_may_bring_several),
        CASE(test_a_chain_has_an_end),
        CASE(test_the_same_folder_twice_is_no_fault),
        CASE(test_a_folder_that_is_not_there),
        CASE(test_kind_words),
    };
    return cmocka_run_group_tests(tests, parent_make, parent_remove);
}
