/* test_dead.c: what can never be delivered is kept whole, as lines of JSON, up to a limit; a crash or a full disk tears nothing. */
#include "rig.h"

#include "base/arena.h"
#include "base/redact.h"
#include "base/scan.h"
#include "base/text.h"
#include "io/crypto.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>

static char folder[64];
static struct dead *dead;

static int setup(void **state)
{
    (void)state;
    folder_make(folder);
    dead = NULL;
    return dead_open(folder, 1 << 20, &dead, NULL);
}

static int teardown(void **state)
{
    (void)state;
    dead_close(dead);
    redact_clear();
    folder_remove(folder);
    return 0;
}

static const struct dead_letter plain = {.stage = "output",
                                         .stream = "stream-1",
                                         .data_stream = CXD_LIT("logs-test.thing-default"),
                                         .id = CXD_LIT("id-1"),
                                         .status = CXD_REJECTED,
                                         .reason = CXD_LIT("said \"no\"\n"),
                                         .document = CXD_LIT("{\"a\":1}")};

static char *content(size_t *ret_len)
{
    return file_slurp(folder, "dead_letter/dead.ndjson", ret_len);
}

/* A member of the last line, a string decoded; an owned text, or NULL. */
static char *member(const char *name)
{
    size_t len;
    char *text = content(&len);
    struct arena *arena = arena_new(4096, 1 << 20);
    struct scan scan = {0};
    struct scan_fault fault;
    const struct cxd_field *field;
    const char *start = text + len - 1;
    char *value = NULL;

    assert_true(len > 0 && text[len - 1] == '\n');
    while (start > text && start[-1] != '\n') {
        start--;
    }
    assert_int_equal(
        scan_record(&scan, (struct cxd_bytes){start, (size_t)(text + len - start)}, arena, &fault),
        CXD_OK);
    field = scan_find(scan.fields, scan.count, (struct cxd_bytes){name, strlen(name)});
    if (field != NULL) {
        size_t value_len = field->value.len;
        value = calloc(1, value_len + 1);
        assert_non_null(value);
        memcpy(value, field->value.ptr, value_len);
        if (field->value.kind == CXD_KIND_STRING) {
            assert_int_equal(
                text_unescape((struct cxd_bytes){field->value.ptr, value_len}, value, &value_len),
                CXD_OK);
            value[value_len] = '\0';
        }
    }
    scan_done(&scan);
    arena_free(arena);
    free(text);
    return value;
}

static void member_is(const char *name, const char *wanted)
{
    char *value = member(name);

    if (wanted == NULL) {
        assert_null(value);
    } else {
        assert_non_null(value);
        assert_string_equal(value, wanted);
    }
    free(value);
}

static void test_a_refused_document(void **state)
{
    (void)state;
    assert_int_equal(dead_put(dead, &plain, NULL), CXD_OK);
    member_is("stage", "output");
    member_is("status", "REJECTED");
    member_is("reason", "said \"no\"\n");
    member_is("stream", "stream-1");
    member_is("data_stream", "logs-test.thing-default");
    member_is("id", "id-1");
    member_is("document", "{\"a\":1}");
    member_is("message", NULL);
    member_is("fields", NULL);
}

static void test_a_raw_record(void **state)
{
    struct dead_letter l = plain;

    (void)state;
    l.id = (struct cxd_bytes){NULL, 0};
    l.document = (struct cxd_bytes){NULL, 0};
    l.message = CXD_LIT("{\"broken\": \t \"\xc3\xa4");
    l.fields = CXD_LIT("{\"object\":\"x.gz\",\"line\":3}");
    assert_int_equal(dead_put(dead, &l, NULL), CXD_OK);
    member_is("id", NULL);
    member_is("document", NULL);
    member_is("message", "{\"broken\": \t \"\xc3\xa4");
    member_is("fields", "{\"object\":\"x.gz\",\"line\":3}");
    l.message = CXD_LIT("");
    assert_int_equal(dead_put(dead, &l, NULL), CXD_OK);
    member_is("message", "");
}

static void test_bytes_that_are_no_text_come_back_exactly(void **state)
{
    struct dead_letter l = plain;
    char raw[256];
    char back[256];
    char *text;
    size_t len;

    (void)state;
    for (int i = 0; i < 256; i++) {
        raw[i] = (char)(255 - i);
    }
    l.message = (struct cxd_bytes){raw, sizeof raw};
    assert_int_equal(dead_put(dead, &l, NULL), CXD_OK);
    member_is("message", NULL);
    text = member("message_base64");
    assert_non_null(text);
    assert_int_equal(
        crypto_base64_decode((struct cxd_bytes){text, strlen(text)}, 0, back, sizeof back, &len),
        CXD_OK);
    assert_int_equal(len, sizeof raw);
    assert_memory_equal(back, raw, sizeof raw);
    free(text);
}

static void test_a_reason_holds_no_secret(void **state)
{
    static const char secret[] = "p\"ss\\word";
    struct dead_letter l = plain;
    char *long_reason = malloc(8000);

    (void)state;
    assert_non_null(long_reason);
    assert_int_equal(redact_add(secret, sizeof secret - 1), CXD_OK);
    l.reason = CXD_LIT("denied for p\"ss\\word");
    assert_int_equal(dead_put(dead, &l, NULL), CXD_OK);
    member_is("reason", "denied for *********");
    memset(long_reason, 'r', 8000);
    l.reason = (struct cxd_bytes){long_reason, 8000};
    assert_int_equal(dead_put(dead, &l, NULL), CXD_OK);
    free(long_reason);
    long_reason = member("reason");
    assert_int_equal(strlen(long_reason), 4096);
    free(long_reason);
}

static void test_a_torn_tail_is_cut_at_open(void **state)
{
    size_t len;
    size_t whole;
    char *text;

    (void)state;
    assert_int_equal(dead_put(dead, &plain, NULL), CXD_OK);
    free(content(&whole));
    assert_int_equal(dead_put(dead, &plain, NULL), CXD_OK);
    free(content(&len));
    for (size_t cut = len - 1; cut > whole; cut -= cut - whole > 9 ? 9 : 1) {
        assert_int_equal(truncate(dead_path(dead), (off_t)cut), 0);
        dead_close(dead);
        dead = NULL;
        assert_int_equal(dead_open(folder, 1 << 20, &dead, NULL), CXD_OK);
        free(content(&len));
        assert_int_equal(len, whole);
        assert_int_equal(dead_put(dead, &plain, NULL), CXD_OK);
        text = content(&len);
        json_lines_check(text, len);
        assert_int_equal(lines_count(text), 2);
        free(text);
    }
}

static void test_a_file_without_a_whole_line_is_emptied(void **state)
{
    static char junk[10000];
    FILE *file = fopen(dead_path(dead), "wb");
    size_t len;

    (void)state;
    memset(junk, 'j', sizeof junk);
    assert_non_null(file);
    assert_int_equal(fwrite(junk, 1, sizeof junk, file), sizeof junk);
    assert_int_equal(fclose(file), 0);
    dead_close(dead);
    dead = NULL;
    assert_int_equal(dead_open(folder, 1 << 20, &dead, NULL), CXD_OK);
    free(content(&len));
    assert_int_equal(len, 0);
}

static void test_full_says_so_and_changes_nothing(void **state)
{
    struct cxd_error err = CXD_ERROR_INIT;
    size_t len;
    size_t before;
    int r;

    (void)state;
    dead_close(dead);
    dead = NULL;
    assert_int_equal(dead_open(folder, 1000, &dead, NULL), CXD_OK);
    do {
        free(content(&before));
        r = dead_put(dead, &plain, &err);
    } while (r == CXD_OK);
    assert_int_equal(r, CXD_FULL);
    assert_non_null(strstr(err.text, "dead.ndjson is full (1000 bytes)"));
    free(content(&len));
    assert_int_equal(len, before);
    assert_true(len > 600 && len <= 1000);
    dead_close(dead); /* and it is as full after a restart */
    dead = NULL;
    assert_int_equal(dead_open(folder, 1000, &dead, NULL), CXD_OK);
    assert_int_equal(dead_put(dead, &plain, &err), CXD_FULL);
}

static void test_a_disk_that_fills_in_the_middle_of_a_line(void **state)
{
    struct rlimit unlimited;
    struct rlimit small;
    struct cxd_error err = CXD_ERROR_INIT;
    size_t before;
    size_t len;
    char *text;

    (void)state;
    (void)signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(dead_put(dead, &plain, NULL), CXD_OK);
    free(content(&before));
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &unlimited), 0);
    small = unlimited;
    small.rlim_cur = before + 50; /* half of the next line fits */
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    assert_true(dead_put(dead, &plain, &err) < 0);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &unlimited), 0);
    assert_non_null(strstr(err.text, "dead.ndjson: cannot be written: "));
    free(content(&len));
    assert_int_equal(len, before);
    assert_int_equal(dead_put(dead, &plain, NULL), CXD_OK);
    text = content(&len);
    json_lines_check(text, len);
    assert_int_equal(lines_count(text), 2);
    free(text);
}

static void test_sync_and_permissions(void **state)
{
    struct cxd_error err = CXD_ERROR_INIT;
    struct dead *other = NULL;
    struct stat st;

    (void)state;
    assert_int_equal(dead_sync(dead, NULL), CXD_OK);
    assert_int_equal(dead_put(dead, &plain, NULL), CXD_OK);
    assert_int_equal(dead_sync(dead, NULL), CXD_OK);
    assert_int_equal(stat(dead_path(dead), &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    assert_true(dead_open("/proc/none", 1000, &other, &err) < 0);
    assert_null(other);
    assert_non_null(strstr(err.text, "/proc/none"));
    dead_close(NULL);
}

/* Whoever takes letters: how many lines it got, and whether it takes them now. */
struct taker {
    size_t lines;
    size_t calls;
    int status;
};

static int lines_take(void *owner, struct cxd_bytes lines, struct cxd_error *err)
{
    struct taker *t = owner;

    t->calls++;
    if (t->status != CXD_OK) {
        return cxd_error_set(err, t->status, "not now");
    }
    assert_true(lines.len > 0 && lines.ptr[lines.len - 1] == '\n');
    for (size_t i = 0; i < lines.len; i++) {
        t->lines += lines.ptr[i] == '\n';
    }
    return CXD_OK;
}

static void test_letters_are_handed_over_before_a_sync_is_good(void **state)
{
    struct taker t = {.status = CXD_CONNECT};
    struct cxd_error err = CXD_ERROR_INIT;
    struct stat st;

    (void)state;
    dead_ship_to(dead, &(struct dead_shipper){.take = lines_take, .owner = &t, .is_bound = true});
    assert_int_equal(dead_sync(dead, &err), CXD_OK); /* there is nothing */
    assert_int_equal(t.calls, 0);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(dead_put(dead, &plain, NULL), CXD_OK);
    }
    assert_int_equal(dead_sync(dead, &err), CXD_CONNECT);
    assert_string_equal(err.text, "not now");
    t.status = CXD_OK;
    assert_int_equal(dead_sync(dead, &err), CXD_OK);
    assert_int_equal(t.lines, 3);
    assert_int_equal(stat(dead_path(dead), &st), 0);
    assert_int_equal(st.st_size, 0); /* nothing is left to be handed over */
    assert_int_equal(dead_put(dead, &plain, NULL), CXD_OK);
    assert_int_equal(dead_sync(dead, &err), CXD_OK);
    assert_int_equal(t.lines, 4);
}

static void test_letters_that_only_wait_hold_nothing_up(void **state)
{
    struct taker t = {.status = CXD_CONNECT};
    struct cxd_error err = CXD_ERROR_INIT;

    (void)state;
    dead_ship_to(dead, &(struct dead_shipper){.take = lines_take, .owner = &t});
    assert_int_equal(dead_put(dead, &plain, NULL), CXD_OK);
    assert_int_equal(dead_sync(dead, &err), CXD_OK);
    assert_int_equal(t.calls, 1);
    dead_close(dead); /* what waits is there for the next start */
    dead = NULL;
    assert_int_equal(dead_open(folder, 1 << 20, &dead, NULL), CXD_OK);
    t.status = CXD_OK;
    dead_ship_to(dead, &(struct dead_shipper){.take = lines_take, .owner = &t});
    assert_int_equal(dead_sync(dead, &err), CXD_OK);
    assert_int_equal(t.lines, 1);
}

/* More than one block, and a line that is larger than one. */
static void test_all_lines_are_handed_over_whole(void **state)
{
    struct taker t = {.status = CXD_OK};
    char *text = malloc(3u << 20);
    struct dead_letter large = plain;

    (void)state;
    assert_non_null(text);
    memset(text, 'x', 3u << 20);
    large.document = (struct cxd_bytes){NULL, 0};
    large.message = (struct cxd_bytes){text, 3u << 20};
    dead_close(dead);
    dead = NULL;
    assert_int_equal(dead_open(folder, 64u << 20, &dead, NULL), CXD_OK);
    dead_ship_to(dead, &(struct dead_shipper){.take = lines_take, .owner = &t, .is_bound = true});
    for (int i = 0; i < 8000; i++) {
        assert_int_equal(dead_put(dead, i % 4000 == 7 ? &large : &plain, NULL), CXD_OK);
    }
    assert_int_equal(dead_sync(dead, NULL), CXD_OK);
    assert_int_equal(t.lines, 8000);
    assert_true(t.calls > 1);
    free(text);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        CASE(test_a_refused_document),
        CASE(test_a_raw_record),
        CASE(test_bytes_that_are_no_text_come_back_exactly),
        CASE(test_a_reason_holds_no_secret),
        CASE(test_a_torn_tail_is_cut_at_open),
        CASE(test_a_file_without_a_whole_line_is_emptied),
        CASE(test_full_says_so_and_changes_nothing),
        CASE(test_a_disk_that_fills_in_the_middle_of_a_line),
        CASE(test_sync_and_permissions),
        CASE(test_letters_are_handed_over_before_a_sync_is_good),
        CASE(test_letters_that_only_wait_hold_nothing_up),
        CASE(test_all_lines_are_handed_over_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
