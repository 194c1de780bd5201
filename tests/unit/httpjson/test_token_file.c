/*
 * test_token_file.c: a header from a file: read anew at its interval and when refused; files that are none, or not ours alone.
 */
#include "poll_bench.h"

#include "lib/token_file.h"

#include <sys/stat.h>
#include <unistd.h>

static char folder[] = "/tmp/cxd-token-XXXXXX";
static char path[100];

static int folder_make(void **state)
{
    (void)state;
    (void)snprintf(path, sizeof path, "%s/token", mkdtemp(folder));
    return 0;
}

static int folder_remove(void **state)
{
    (void)state;
    (void)unlink(path);
    return rmdir(folder);
}

static void file_put(const char *text, size_t len, mode_t mode)
{
    FILE *file;

    (void)unlink(path);
    file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(fwrite(text, 1, len, file), len);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(chmod(path, mode), 0);
}

/* Opens an instance whose token stands in the file. */
static void begin_with(const char *more)
{
    char json[600];

    (void)snprintf(json, sizeof json,
                   "{'request': {'url': 'http://h/x'}, 'auth': {'file': {'path': '%s'%s}}}", path,
                   more);
    begin(json);
}

static void expect_header(size_t request, const char *line)
{
    if (strstr(fake.requests[request].headers, line) == NULL) {
        fail_msg("request %zu has no \"%s\":\n%s", request, line, fake.requests[request].headers);
    }
}

static void test_the_file_is_read_anew_when_its_time_is_over(void **state)
{
    const struct fake_reply replies[] = {{.body = "[]"}, {.body = "[]"}, {.body = "[]"}};

    (void)state;
    fake_script(replies, 3);
    file_put(" first one\r\n\n", 13, 0600);
    begin_with(", 'header': 'X-Pass', 'prefix': 'Key ', 'refresh_interval': 90000");
    assert_int_equal(interval(), CXD_POLL_IDLE);
    expect_header(0, "*X-Pass: Key first one\n");
    file_put("second", 6, 0600);
    next_interval(60000);
    assert_int_equal(interval(), CXD_POLL_IDLE);
    expect_header(1, "*X-Pass: Key first one\n");
    next_interval(60000);
    assert_int_equal(interval(), CXD_POLL_IDLE);
    expect_header(2, "*X-Pass: Key second\n");
    finish();
}

static void test_a_refused_token_is_read_again_once(void **state)
{
    const struct fake_reply replies[] = {
        {.body = "[]"}, {.status = 401}, {.body = "[{\"a\":1}]"}, {.status = 401}, {.status = 401}};

    (void)state;
    fake_script(replies, 5);
    file_put("one", 3, 0600);
    begin_with(", 'refresh_interval': 3600000");
    assert_int_equal(interval(), CXD_POLL_IDLE);
    expect_header(0, "*Authorization: one\n");
    file_put("two", 3, 0600);
    next_interval(60000);
    assert_int_equal(interval(), CXD_POLL_IDLE);
    expect_header(1, "*Authorization: one\n");
    expect_header(2, "*Authorization: two\n");
    assert_int_equal(fake.event_count, 1);
    next_interval(60000);
    assert_int_equal(interval(), CXD_POLL_IDLE);
    assert_int_equal(fake.request_count, 5);
    assert_int_equal(fake.health, CXD_FAILED);
    finish();
}

static void expect_refused(const char *part)
{
    begin_with("");
    assert_int_equal(interval(), CXD_POLL_IDLE);
    assert_int_equal(fake.request_count, 0);
    assert_int_equal(fake.health, CXD_FAILED);
    if (strstr(fake.reason, part) == NULL) {
        fail_msg("\"%s\" has no \"%s\"", fake.reason, part);
    }
    finish();
}

static void test_files_that_will_not_do_are_named(void **state)
{
    static char large[65538];

    (void)state;
    (void)unlink(path);
    expect_refused("can't be opened");
    file_put("t", 1, 0640);
    expect_refused("mode 0600");
    file_put(" \n\n", 3, 0600);
    expect_refused("holds nothing");
    file_put("one\ntwo\n", 8, 0600);
    expect_refused("more than one line");
    file_put("nul\0here", 8, 0600);
    expect_refused("more than one line");
    memset(large, 'x', sizeof large);
    file_put(large, sizeof large, 0600);
    expect_refused("over 65536 bytes");
    assert_null(strstr(fake.reason, "xxx")); /* never what is in it */
    (void)unlink(path);
    assert_int_equal(mkfifo(path, 0600), 0); /* nobody writes: must not be waited for */
    expect_refused("is not a file");
}

static void test_others_may_read_it_when_that_is_said(void **state)
{
    const struct fake_reply reply = {.body = "[]"};

    (void)state;
    fake_script(&reply, 1);
    file_put("t", 1, 0644);
    begin_with(", 'relaxed_permissions': true");
    assert_int_equal(interval(), CXD_POLL_IDLE);
    expect_header(0, "*Authorization: t\n");
    finish();
}

static void test_the_header_goes_to_no_other_host_and_gives_way_to_none(void **state)
{
    const struct fake_reply replies[] = {
        {.status = 302, .headers = "Location: https://other.example/w\n"}, {.body = "[]"}};
    char json[600];

    (void)state;
    fake_script(replies, 2);
    file_put("t", 1, 0600);
    (void)snprintf(json, sizeof json,
                   "{'request': {'url': 'http://h/x', 'transforms': [{'set': {'target': "
                   "'header.X-Pass', 'value': 'mine'}}]}, 'auth': {'file': {'path': '%s', "
                   "'header': 'X-Pass'}}}",
                   path);
    begin(json);
    assert_int_equal(interval(), CXD_POLL_IDLE);
    expect_header(0, "*X-Pass: t\n");
    assert_null(strstr(fake.requests[0].headers, "mine"));
    assert_null(strstr(fake.requests[1].headers, "X-Pass"));
    finish();
}

static void test_options_that_do_not_fit_are_named(void **state)
{
    (void)state;
    expect_open_error("{'request': {'url': 'http://h'}, 'auth': {'file': {'enabled': true}}}",
                      "auth.file.path is needed");
    expect_open_error("{'request': {'url': 'http://h'}, 'auth': {'file': {'path': '/x'}, 'basic': "
                      "{'user': 'u', 'password': 'p'}}}",
                      "only one of basic, file and oauth2");
}

static void test_memory_that_runs_out_leaves_nothing(void **state)
{
    const struct heap heap = {&fake_host, NULL};
    const struct token_file_rule rule = {
        .path = bytes_of(path), .prefix = CXD_LIT("Bearer "), .refresh_ms = 1000};
    struct cxd_error err = CXD_ERROR_INIT;
    struct token_file file;

    (void)state;
    file_put("t", 1, 0600);
    token_file_init(&file, &heap, &rule);
    fake.fail_at = fake.asked + 1;
    assert_int_equal(token_file_step(&file, &err), CXD_NOMEM);
    assert_int_equal(file.value.len, 0);
    assert_int_equal(token_file_step(&file, &err), 0);
    assert_string_equal(file.value.ptr, "Bearer t");
    token_file_done(&file);
    token_file_done(&(struct token_file){0});
    assert_int_equal(fake.held, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_the_file_is_read_anew_when_its_time_is_over),
        CASE(test_a_refused_token_is_read_again_once),
        CASE(test_files_that_will_not_do_are_named),
        CASE(test_others_may_read_it_when_that_is_said),
        CASE(test_the_header_goes_to_no_other_host_and_gives_way_to_none),
        CASE(test_options_that_do_not_fit_are_named),
        CASE(test_memory_that_runs_out_leaves_nothing),
    };

    return cmocka_run_group_tests(tests, folder_make, folder_remove);
}
