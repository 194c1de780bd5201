/* test_log.c: what comes out of the log is one line of valid JSON, whatever went in, and holds no secret. */
#include "base/log.h"

#include "base/arena.h"
#include "base/redact.h"
#include "base/scan.h"
#include "base/text.h"

#include "test.h"

#include <fcntl.h>
#include <unistd.h>

static int pipe_fds[2];
static char out[1 << 16]; /* what was written since the last read */

static int setup(void **state)
{
    (void)state;
    if (pipe(pipe_fds) != 0 || fcntl(pipe_fds[0], F_SETFL, O_NONBLOCK) != 0) {
        return -1;
    }
    log_setup(pipe_fds[1], CXD_LOG_INFO);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    log_flush();
    log_setup(STDERR_FILENO, CXD_LOG_INFO);
    redact_clear();
    (void)close(pipe_fds[0]);
    (void)close(pipe_fds[1]);
    return 0;
}

/* The lines written, each checked as an object by itself; the last one's message, decoded. */
static size_t lines_read(char *ret_message, char *ret_level)
{
    ssize_t len = read(pipe_fds[0], out, sizeof out - 1);
    size_t count = 0;
    char *at = out;

    out[len > 0 ? len : 0] = '\0';
    while (*at != '\0') {
        struct arena *arena = arena_new(4096, 1 << 20);
        struct scan scan = {0};
        struct scan_fault fault;
        char *end = strchr(at, '\n');
        const struct cxd_field *field;
        size_t text_len;
        assert_non_null(end);
        assert_int_equal(
            scan_record(&scan, (struct cxd_bytes){at, (size_t)(end - at)}, arena, &fault), CXD_OK);
        assert_non_null(scan_find(scan.fields, scan.count, CXD_LIT("@timestamp")));
        assert_non_null(scan_find(scan.fields, scan.count, CXD_LIT("ecs.version")));
        field = scan_find(scan.fields, scan.count, CXD_LIT("log.level"));
        assert_non_null(field);
        (void)snprintf(ret_level, 16, "%.*s", (int)field->value.len, field->value.ptr);
        field = scan_find(scan.fields, scan.count, CXD_LIT("message"));
        assert_non_null(field);
        assert_int_equal(text_unescape((struct cxd_bytes){field->value.ptr, field->value.len},
                                       ret_message, &text_len),
                         CXD_OK);
        ret_message[text_len] = '\0';
        scan_done(&scan);
        arena_free(arena);
        count++;
        at = end + 1;
    }
    return count;
}

static char message[1 << 16];
static char level[16];

static void log_bytes(const char *text, size_t len)
{
    log_line(CXD_LOG_INFO, "test", text, len);
}

static void test_words_come_through(void **state)
{
    (void)state;
    LOG(CXD_LOG_WARN, "pipeline.test", "%d of %s", 3, "four");
    assert_int_equal(lines_read(message, level), 1);
    assert_string_equal(message, "3 of four");
    assert_string_equal(level, "warn");
    assert_non_null(strstr(out, "\"log.logger\":\"pipeline.test\""));
}

static void test_every_byte_gives_valid_json(void **state)
{
    (void)state;
    for (int c = 1; c < 256; c++) {
        char text[] = {'<', (char)c, '>'};
        log_bytes(text, sizeof text);
        assert_int_equal(lines_read(message, level), 1);
        if (c < 0x80) {
            assert_int_equal(message[1], c);
            assert_int_equal(strlen(message), 3);
        } else {
            assert_string_equal(message, "<\xef\xbf\xbd>");
        }
    }
    log_bytes("a\0b", 3);
    assert_int_equal(lines_read(message, level), 1);
    assert_memory_equal(message, "a\0b", 3);
}

static void test_quotes_and_lines_are_escaped(void **state)
{
    static const char text[] = "say \"hi\"\\\n\ttwice \xc3\xa4\xe2\x82\xac";

    (void)state;
    log_bytes(text, sizeof text - 1);
    assert_int_equal(lines_read(message, level), 1);
    assert_string_equal(message, text);
}

static void test_levels_above_the_set_one_are_dropped(void **state)
{
    (void)state;
    LOG(CXD_LOG_DEBUG, "test", "not this");
    log_line(CXD_LOG_DEBUG, "test", "nor this", 8);
    assert_int_equal(lines_read(message, level), 0);
    assert_false(log_is_on(CXD_LOG_DEBUG));
    log_setup(pipe_fds[1], CXD_LOG_DEBUG);
    LOG(CXD_LOG_DEBUG, "test", "but this");
    assert_int_equal(lines_read(message, level), 1);
    assert_string_equal(level, "debug");
    log_setup(pipe_fds[1], CXD_LOG_ERROR);
    LOG(CXD_LOG_WARN, "test", "not this");
    LOG(CXD_LOG_ERROR, "test", "this");
    assert_int_equal(lines_read(message, level), 1);
    assert_string_equal(level, "error");
}

static void test_a_level_of_nobody_is_an_error(void **state)
{
    (void)state;
    log_line(-7, "test", "from a module", 13);
    assert_int_equal(lines_read(message, level), 1);
    assert_string_equal(level, "error");
    log_line(99, "test", "from a module", 13);
    assert_int_equal(lines_read(message, level), 0);
}

static void test_level_words(void **state)
{
    (void)state;
    assert_int_equal(log_level("error"), CXD_LOG_ERROR);
    assert_int_equal(log_level("warn"), CXD_LOG_WARN);
    assert_int_equal(log_level("warning"), CXD_LOG_WARN);
    assert_int_equal(log_level("info"), CXD_LOG_INFO);
    assert_int_equal(log_level("debug"), CXD_LOG_DEBUG);
    assert_int_equal(log_level("loud"), -1);
    assert_int_equal(log_level(""), -1);
}

static void test_repeats_are_counted(void **state)
{
    (void)state;
    for (int i = 0; i < 51; i++) {
        LOG(CXD_LOG_WARN, "test", "again and again");
    }
    assert_int_equal(lines_read(message, level), 1);
    LOG(CXD_LOG_INFO, "test", "something else");
    assert_int_equal(lines_read(message, level), 2);
    assert_string_equal(message, "something else");
    assert_non_null(strstr(out, "\"message\":\"repeated 50 times: again and again\""));
    LOG(CXD_LOG_INFO, "test", "something else");
    assert_int_equal(lines_read(message, level), 0);
    log_flush();
    assert_int_equal(lines_read(message, level), 1);
    assert_string_equal(message, "repeated 1 times: something else");
    log_flush();
    assert_int_equal(lines_read(message, level), 0);
}

static void test_another_level_or_subject_is_no_repeat(void **state)
{
    (void)state;
    LOG(CXD_LOG_WARN, "test", "words");
    LOG(CXD_LOG_ERROR, "test", "words");
    LOG(CXD_LOG_ERROR, "other", "words");
    assert_int_equal(lines_read(message, level), 3);
}

static void test_an_empty_line_behind_a_long_one_is_written(void **state)
{
    char text[400];

    (void)state;
    memset(text, 'x', sizeof text);
    log_bytes(text, sizeof text);
    log_bytes("", 0);
    assert_int_equal(lines_read(message, level), 2);
    log_bytes(text, sizeof text); /* too long to be remembered: written each time */
    log_bytes(text, sizeof text);
    assert_int_equal(lines_read(message, level), 2);
}

/* Euro signs behind `shift` letters, so that the cut falls on every byte of one. */
static size_t euros(char *text, size_t room, size_t shift)
{
    size_t at = shift;

    memset(text, 'x', shift);
    while (at + 3 <= room) {
        memcpy(text + at, "\xe2\x82\xac", 3);
        at += 3;
    }
    return at;
}

static void test_a_long_line_is_cut_between_characters(void **state)
{
    static char text[6000];

    (void)state;
    for (size_t shift = 0; shift < 3; shift++) {
        size_t len = euros(text, sizeof text - 1, shift);
        log_bytes(text, len);
        assert_int_equal(lines_read(message, level), 1);
        assert_in_range(strlen(message), 1498, 1500);
        assert_memory_equal(message, text, strlen(message));
        text[len] = '\0';
        log_format(CXD_LOG_INFO, "test", "%s", text);
        assert_int_equal(lines_read(message, level), 1);
        assert_in_range(strlen(message), 1498, 1500);
        assert_memory_equal(message, text, strlen(message));
    }
}

static void test_a_line_that_escapes_grow_is_cut_and_valid(void **state)
{
    static char text[1500];

    (void)state;
    for (size_t shift = 0; shift < 6; shift++) {
        memset(text, 1, sizeof text);
        (void)euros(text + 600, sizeof text - 600, shift);
        log_bytes(text, sizeof text);
        assert_int_equal(lines_read(message, level), 1);
        assert_true(strlen(message) > 600);
        assert_true(strlen(out) <= 4096);
    }
}

static void test_secrets_are_masked_before_they_are_escaped(void **state)
{
    static const char secret[] = "pass\"word\\\n!";

    (void)state;
    assert_int_equal(redact_add(secret, sizeof secret - 1), CXD_OK);
    LOG(CXD_LOG_INFO, "test", "it is %s", secret);
    assert_int_equal(lines_read(message, level), 1);
    assert_string_equal(message, "it is ************");
}

static void test_a_secret_across_the_cut_leaves_no_head(void **state)
{
    static char text[3000];

    (void)state;
    assert_int_equal(redact_add("s3cret-of-the-house", 19), CXD_OK);
    for (size_t at = 1481; at <= 1497; at++) { /* less than three bytes tell nothing */
        memset(text, '.', sizeof text - 1);
        memcpy(text + at, "s3cret-of-the-house", 19);
        log_bytes(text, sizeof text - 1);
        assert_int_equal(lines_read(message, level), 1);
        assert_null(strstr(message, "s3"));
        log_format(CXD_LOG_INFO, "test", "%s", text);
        (void)lines_read(message, level); /* a repeat or not */
        assert_null(strstr(out, "s3"));
    }
}

struct kept {
    char text[2000];
    size_t count;
};

static void kept_note(void *owner, const struct log_recent *line)
{
    struct kept *kept = owner;

    kept->count++;
    assert_true(line->wall_ms > 0 && line->level <= CXD_LOG_WARN);
    if (kept->count <= 2) {
        (void)snprintf(kept->text + strlen(kept->text), 400, "%s: %s\n", line->subject, line->text);
    }
}

static void test_the_last_warnings_are_kept(void **state)
{
    struct kept kept = {.count = 0};
    char long_text[600];

    (void)state;
    for (int i = 0; i < LOG_RECENT_MAX + 5; i++) {
        LOG(CXD_LOG_WARN, "a", "warning %d", i);
        LOG(CXD_LOG_INFO, "a", "nothing to keep %d", i);
    }
    LOG(CXD_LOG_ERROR, "b", "an error");
    log_recent_each(kept_note, &kept);
    assert_int_equal(kept.count, LOG_RECENT_MAX);
    (void)snprintf(long_text, sizeof long_text, "b: an error\na: warning %d\n", LOG_RECENT_MAX + 4);
    assert_string_equal(kept.text, long_text);
    for (size_t i = 0; i + 3 <= sizeof long_text; i += 3) {
        memcpy(long_text + i, "\xe2\x82\xac", 3);
    }
    log_line(CXD_LOG_WARN, "c", long_text, sizeof long_text); /* cut between two characters */
    kept = (struct kept){.count = 0};
    log_recent_each(kept_note, &kept);
    assert_memory_equal(kept.text, "c: \xe2\x82\xac", 6);
    assert_int_equal((strchr(kept.text, '\n') - kept.text - 3) % 3, 0);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        CASE(test_words_come_through),
        CASE(test_the_last_warnings_are_kept),
        CASE(test_every_byte_gives_valid_json),
        CASE(test_quotes_and_lines_are_escaped),
        CASE(test_levels_above_the_set_one_are_dropped),
        CASE(test_a_level_of_nobody_is_an_error),
        CASE(test_level_words),
        CASE(test_repeats_are_counted),
        CASE(test_another_level_or_subject_is_no_repeat),
        CASE(test_an_empty_line_behind_a_long_one_is_written),
        CASE(test_a_long_line_is_cut_between_characters),
        CASE(test_a_line_that_escapes_grow_is_cut_and_valid),
        CASE(test_secrets_are_masked_before_they_are_escaped),
        CASE(test_a_secret_across_the_cut_leaves_no_head),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
