/*
 * test_logbook.c: files of lines: full ones get their time, are gzipped, and go when they are too many or too old; what is not
 * theirs stays.
 */
#include "poll_bench.h"

#include "lib/logbook.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static struct heap heap = {&fake_host, NULL};
static char folder[64];
static char path[100];

static int folder_make(void **state)
{
    (void)snprintf(folder, sizeof folder, "/tmp/cxd-logbook-XXXXXX");
    assert_non_null(mkdtemp(folder));
    (void)snprintf(path, sizeof path, "%s/a.b/t.ndjson", folder);
    return setup(state);
}

/* Names in the folder in their order, each with a blank behind it. */
static const char *names(bool is_removed)
{
    static char all[2000];
    char base[100];
    struct dirent **list;
    int count;

    (void)snprintf(base, sizeof base, "%s/a.b", folder);
    count = scandir(base, &list, NULL, alphasort);
    all[0] = '\0';
    for (int i = 0; i < count; i++) {
        if (list[i]->d_name[0] != '.') {
            char one[400];

            (void)snprintf(all + strlen(all), sizeof all - strlen(all), "%s ", list[i]->d_name);
            (void)snprintf(one, sizeof one, "%s/%s", base, list[i]->d_name);
            if (is_removed) {
                (void)unlink(one);
            }
        }
        free(list[i]);
    }
    if (count >= 0) {
        free(list);
    }
    if (is_removed) {
        (void)rmdir(base);
    }
    return all;
}

static int folder_remove(void **state)
{
    (void)state;
    (void)names(true);
    assert_int_equal(rmdir(folder), 0);
    assert_int_equal(fake.held, 0);
    return 0;
}

/* A line of that many bytes, written at that time. */
static void line_put(struct logbook *book, char letter, size_t len, int64_t wall_ms)
{
    struct text line;

    fake.wall_ms = wall_ms;
    text_init(&line, &heap, 1u << 20);
    for (size_t i = 0; i + 2 < len; i++) {
        text_add(&line, &letter, 1);
    }
    logbook_write(book, &line);
    text_done(&line);
}

static void file_put(const char *name, int64_t age_days)
{
    struct timespec times[2] = {{.tv_sec = (time_t)(fake.wall_ms / 1000 - age_days * 86400)}};
    char full[300];
    int fd;

    (void)snprintf(full, sizeof full, "%s/a.b", folder);
    (void)mkdir(full, 0700);
    (void)snprintf(full, sizeof full, "%s/a.b/%s", folder, name);
    fd = open(full, O_WRONLY | O_CREAT, 0600);
    times[1] = times[0];
    assert_int_equal(futimens(fd, times), 0);
    assert_int_equal(close(fd), 0);
}

static struct logbook_rule rule_of(int64_t backups)
{
    return (struct logbook_rule){.file = bytes_of(path), .size = 100, .backups = backups};
}

static void test_full_files_get_their_time_and_the_oldest_goes(void **state)
{
    struct logbook_rule rule = rule_of(2);
    struct logbook book;

    (void)state;
    logbook_open(&book, &heap, &rule, "x");
    line_put(&book, 'a', 60, 1700000000000);
    line_put(&book, 'b', 40, 1700000000000);
    assert_string_equal(names(false), "t.ndjson ");
    line_put(&book, 'c', 60, 1700000000007);
    line_put(&book, 'd', 60, 1700000000007); /* within the same millisecond */
    line_put(&book, 'e', 60, 1700086400000);
    assert_string_equal(names(false),
                        "t-2023-11-14T22-13-20.008.ndjson t-2023-11-15T22-13-20.000.ndjson "
                        "t.ndjson ");
    logbook_close(&book);
    /* goes on where it was, a line that fits no file is a file of its own, and nothing is kept */
    rule.backups = 0;
    logbook_open(&book, &heap, &rule, "x");
    line_put(&book, 'f', 500, 1700086400001);
    assert_string_equal(names(false), "t.ndjson ");
    logbook_close(&book);
    logbook_close(&(struct logbook){0});
}

static void test_what_is_too_old_or_too_many_goes_at_the_first_line(void **state)
{
    struct logbook_rule rule = rule_of(3);
    struct logbook book;

    (void)state;
    rule.age_days = 10;
    fake.wall_ms = 1700000000000;
    file_put("t-2023-11-01T00-00-00.000.ndjson", 11);
    file_put("t-2023-11-02T00-00-00.000.ndjson.gz", 11);
    file_put("t-2023-11-10T00-00-00.000.ndjson", 9);
    file_put("t-2023-11-11T00-00-00.000.ndjson.gz", 9);
    file_put("t-2023-11-12T00-00-00.000.ndjson", 9);
    file_put("t-2023-11-13T00-00-00.000.ndjson", 9);
    /* not ours */
    file_put("t-2023-11-01T00-00-00.000.ndjson.gz.bak", 99);
    file_put("t-2023-11-01T00-00-00.ndjson", 99);
    file_put("t-2023-11-01T00-00-00.0000.ndjson", 99);
    file_put("u-2023-11-01T00-00-00.000.ndjson", 99);
    file_put("t-2023-11-01T00-00-00.000", 99);
    file_put("t.ndjson.1", 99);
    logbook_open(&book, &heap, &rule, "x");
    line_put(&book, 'a', 10, 1700000000000);
    logbook_close(&book);
    assert_string_equal(
        names(false),
        "t-2023-11-01T00-00-00.000 t-2023-11-01T00-00-00.000.ndjson.gz.bak "
        "t-2023-11-01T00-00-00.0000.ndjson t-2023-11-01T00-00-00.ndjson "
        "t-2023-11-11T00-00-00.000.ndjson.gz t-2023-11-12T00-00-00.000.ndjson "
        "t-2023-11-13T00-00-00.000.ndjson t.ndjson t.ndjson.1 u-2023-11-01T00-00-00.000.ndjson ");
}

/* What gzip makes of the file, read by the command. */
static void expect_packed(const char *name, const char *want)
{
    char command[400];
    char got[300] = "";
    FILE *out;

    (void)snprintf(command, sizeof command, "gzip -dc %s/a.b/%s", folder, name);
    out = popen(command, "r"); /* NOLINT: a test's own path */
    assert_non_null(out);
    assert_non_null(fgets(got, sizeof got, out));
    assert_int_equal(pclose(out), 0);
    assert_string_equal(got, want);
}

static void test_full_files_are_gzipped(void **state)
{
    struct logbook_rule rule = rule_of(5);
    struct logbook book;

    (void)state;
    rule.is_gzipped = true;
    rule.is_local_time = true;
    assert_int_equal(setenv("TZ", "XST-5:30", 1), 0);
    tzset();
    logbook_open(&book, &heap, &rule, "x");
    line_put(&book, 'a', 8, 1700000000000);
    line_put(&book, 'b', 98, 1700000000000);
    assert_string_equal(names(false), "t-2023-11-15T03-43-20.000.ndjson.gz t.ndjson ");
    expect_packed("t-2023-11-15T03-43-20.000.ndjson.gz", "aaaaaa}\n");
    logbook_close(&book);
    (void)unsetenv("TZ");
    tzset();
}

static void test_files_larger_than_a_piece_are_gzipped_whole(void **state)
{
    struct logbook_rule rule = rule_of(5);
    char command[400];
    struct logbook book;
    FILE *out;
    int count = 0;

    (void)state;
    rule.is_gzipped = true;
    rule.size = 500000;
    logbook_open(&book, &heap, &rule, "x");
    for (int i = 0; i < 10; i++) {
        line_put(&book, (char)('a' + i), 50000, 1700000000000);
    }
    line_put(&book, 'z', 1000, 1700000000000);
    logbook_close(&book);
    (void)snprintf(command, sizeof command, "gzip -dc %s/a.b/t-*.gz | tr -d 'a-z' | wc -c", folder);
    out = popen(command, "r"); /* NOLINT: a test's own path */
    assert_non_null(out);
    assert_int_equal(fscanf(out, "%d", &count), 1); /* NOLINT: the count alone */
    assert_int_equal(pclose(out), 0);
    assert_int_equal(count, 20);
}

static void test_what_cannot_be_written_is_a_warning_once(void **state)
{
    struct logbook_rule rule = rule_of(1);
    struct logbook book;

    (void)state;
    rule.file = CXD_LIT("/dev/null/x/t");
    logbook_open(&book, &heap, &rule, "request.tracer");
    line_put(&book, 'a', 10, 1700000000000);
    line_put(&book, 'a', 10, 1700000000000);
    logbook_close(&book);
    assert_int_equal(fake.log_count, 1);
    assert_non_null(strstr(fake.logs[0], "request.tracer: /dev/null/x/t can't be written"));
    rule.file = CXD_LIT("a/../../../etc/x");
    logbook_open(&book, &heap, &rule, "request.tracer");
    assert_false(logbook_is_on(&book));
    assert_non_null(strstr(fake.logs[1], "leaves the log folder"));
}

/* A server that says back a token that the policy does not hold. */
static void test_a_trace_masks_what_its_own_headers_hold(void **state)
{
    const struct fake_reply replies[] = {
        {.body = "{\"access_token\":\"token-of-the-server\",\"expires_in\":3600}"},
        {.body = "{\"you\":\"Bearer token-of-the-server\"}"}};
    char json[600];
    char text[4000];
    FILE *file;

    (void)state;
    fake_script(replies, 2);
    (void)snprintf(json, sizeof json,
                   "{'request': {'url': 'http://h/x', 'tracer': {'enable': true, 'filename': "
                   "'%s'}}, 'auth': {'oauth2': {'client': {'id': 'me', 'secret': 's'}, "
                   "'token_url': 'http://h/token'}}}",
                   path);
    begin(json);
    assert_int_equal(interval(), CXD_POLL_IDLE);
    finish();
    file = fopen(path, "r");
    assert_non_null(file);
    text[fread(text, 1, sizeof text - 1, file)] = '\0';
    (void)fclose(file);
    assert_null(strstr(text, "token-of"));
    assert_non_null(strstr(text, "{\\\"you\\\":\\\"****"));
}

static void test_options_that_do_not_fit_are_named(void **state)
{
    (void)state;
    expect_open_error("{'request': {'url': 'http://h', 'tracer': {'enabled': true}}}",
                      "request.tracer.filename is needed");
    expect_open_error(
        "{'request': {'url': 'http://h', 'tracer': {'filename': 'x', 'maxsize': 2000}}}",
        "request.tracer: maxsize");
    expect_open_error("{'request': {'url': 'http://h', 'tracer': {'filename': 'x', 'maxage': -1}}}",
                      "maxage");
    expect_open_error(
        "{'request': {'url': 'http://h', 'tracer': {'filename': 'x', 'compress': 'maybe'}}}",
        "request.tracer");
}

#define BOOK(name) cmocka_unit_test_setup_teardown(name, folder_make, folder_remove)

int main(void)
{
    const struct CMUnitTest tests[] = {
        BOOK(test_full_files_get_their_time_and_the_oldest_goes),
        BOOK(test_what_is_too_old_or_too_many_goes_at_the_first_line),
        BOOK(test_full_files_are_gzipped),
        BOOK(test_files_larger_than_a_piece_are_gzipped_whole),
        BOOK(test_what_cannot_be_written_is_a_warning_once),
        BOOK(test_a_trace_masks_what_its_own_headers_hold),
        BOOK(test_options_that_do_not_fit_are_named),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
