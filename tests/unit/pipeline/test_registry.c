/* test_registry.c: cursors on disk: they come back, one damaged record takes no other with it, a failing disk is not the end. */
#include "rig.h"

#include "base/crc.h"
#include "base/log.h"
#include "io/doc.h"

#include <fcntl.h>

static char folder[64];

static int setup(void **state)
{
    (void)state;
    folder_make(folder);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    folder_remove(folder);
    return 0;
}

static struct registry *registry_new(int64_t flush_ms)
{
    struct registry *r = NULL;
    struct cxd_error err = CXD_ERROR_INIT;

    if (registry_open(folder, flush_ms, NULL, &r, &err) != CXD_OK) {
        fail_msg("%s", err.text);
    }
    return r;
}

static void put(struct registry *r, const char *id, int64_t number)
{
    assert_int_equal(registry_put(r, id, cursor_make(number)), CXD_OK);
}

static int64_t get(struct registry *r, const char *id)
{
    struct cxd_bytes cursor = {NULL, 0};
    int64_t number;

    assert_int_equal(registry_get(r, id, &cursor, NULL), CXD_OK);
    number = cursor_number(cursor);
    free((void *)cursor.ptr);
    return number;
}

/* A registry file with the cursors one=1, two=2, three=3. */
static void file_make(void)
{
    struct registry *r = registry_new(3600000);

    put(r, "one", 1);
    put(r, "two", 2);
    put(r, "three", 3);
    assert_int_equal(registry_flush(r, NULL), CXD_OK);
    registry_close(r);
}

static void file_write(const char *bytes, size_t len)
{
    char path[128];
    FILE *file;

    (void)snprintf(path, sizeof path, "%s/registry.bson", folder);
    file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, len, file), len);
    assert_int_equal(fclose(file), 0);
}

static void test_cursors_come_back(void **state)
{
    struct registry *r = registry_new(3600000);
    char id[201];

    (void)state;
    assert_int_equal(get(r, "one"), -1);
    memset(id, 'i', 200);
    id[200] = '\0';
    put(r, "one", 1);
    put(r, "two", 2);
    put(r, "one", 11);
    put(r, id, 200);
    assert_int_equal(get(r, "one"), 11);
    assert_int_equal(registry_flush(r, NULL), CXD_OK);
    registry_close(r);
    r = registry_new(3600000);
    assert_int_equal(get(r, "one"), 11);
    assert_int_equal(get(r, "two"), 2);
    assert_int_equal(get(r, id), 200);
    assert_int_equal(get(r, "three"), -1);
    registry_close(r);
    registry_close(NULL);
}

static void test_the_keeper_writes_by_itself(void **state)
{
    struct registry *r = registry_new(1);
    char *text = NULL;

    (void)state;
    put(r, "one", 1);
    WAIT_FOR((text = file_slurp(folder, "registry.bson", NULL)) != NULL);
    free(text);
    put(r, "one", 2);
    registry_close(r); /* with or without the second */
    r = registry_new(1);
    assert_in_range(get(r, "one"), 1, 2);
    registry_close(r);
}

static void test_close_alone_does_not_write(void **state)
{
    struct registry *r;

    (void)state;
    file_make();
    r = registry_new(3600000);
    put(r, "one", 5);
    WAIT_FOR(get(r, "one") == 5);
    registry_close(r);
    r = registry_new(3600000);
    assert_in_range(get(r, "one"), 1,
                    5); /* the keeper may have been quicker; never anything else */
    assert_int_equal(get(r, "three"), 3);
    registry_close(r);
}

static void test_every_torn_length_keeps_the_whole_records(void **state)
{
    size_t len;
    char *image;
    int before = 0;

    (void)state;
    file_make();
    image = file_slurp(folder, "registry.bson", &len);
    for (size_t cut = 0; cut <= len; cut++) {
        struct registry *r = NULL;
        struct cxd_error err = CXD_ERROR_INIT;
        int good;
        file_write(image, cut);
        if (registry_open(folder, 3600000, NULL, &r, &err) != CXD_OK) {
            assert_true(cut < 16); /* not even the head */
            assert_non_null(strstr(err.text, "registry.bson"));
            continue;
        }
        good = (get(r, "one") == 1) + (get(r, "two") == 2) + (get(r, "three") == 3);
        assert_true(good >= before);
        before = good;
        registry_close(r);
    }
    assert_int_equal(before, 3);
    free(image);
}

static void test_a_damaged_byte_costs_one_record_at_most(void **state)
{
    size_t len;
    char *image;

    (void)state;
    file_make();
    image = file_slurp(folder, "registry.bson", &len);
    for (size_t at = 16; at < len; at++) {
        struct registry *r;
        int good;
        image[at] ^= 0x15;
        file_write(image, len);
        image[at] ^= 0x15;
        r = registry_new(3600000);
        good = (get(r, "one") == 1) + (get(r, "two") == 2) + (get(r, "three") == 3);
        assert_int_equal(good, 2);
        registry_close(r);
    }
    free(image);
}

static void test_a_newer_format_is_refused_and_left_alone(void **state)
{
    struct registry *r = NULL;
    struct cxd_error err = CXD_ERROR_INIT;
    size_t len;
    size_t now_len;
    char *image;
    char *now;
    uint32_t crc;

    (void)state;
    file_make();
    image = file_slurp(folder, "registry.bson", &len);
    image[8] = 2;
    crc = crc32c(0, image, 12);
    memcpy(image + 12, &crc, 4);
    file_write(image, len);
    assert_int_equal(registry_open(folder, 10, NULL, &r, &err), CXD_UNSUPPORTED);
    assert_null(r);
    assert_non_null(strstr(err.text, "registry.bson"));
    now = file_slurp(folder, "registry.bson", &now_len);
    assert_int_equal(now_len, len);
    assert_memory_equal(now, image, len);
    free(now);
    free(image);
}

static void test_a_cursor_that_is_no_document_is_refused(void **state)
{
    struct registry *r = registry_new(3600000);

    (void)state;
    put(r, "one", 1);
    assert_true(registry_put(r, "one", CXD_LIT("no document")) < 0);
    assert_true(registry_put(r, "two", CXD_LIT("")) < 0);
    assert_int_equal(get(r, "one"), 1);
    assert_int_equal(registry_flush(r, NULL), CXD_OK); /* the others are written all the same */
    registry_close(r);
    r = registry_new(3600000);
    assert_int_equal(get(r, "one"), 1);
    assert_int_equal(get(r, "two"), -1);
    registry_close(r);
}

/* The log's lines so far, in a file of the folder's. */
static int log_said(const char *words)
{
    char *text = file_slurp("/tmp", strrchr(folder, '/') + 1, NULL);
    int is_there;

    assert_non_null(text);
    is_there = strstr(text, words) != NULL;
    free(text);
    return is_there;
}

static void test_a_failing_disk_is_said_and_tried_again(void **state)
{
    struct registry *r = registry_new(1);
    char away[80];
    char log[80];
    int fd;

    (void)state;
    (void)snprintf(away, sizeof away, "%s.away", folder);
    put(r, "one", 1);
    assert_int_equal(registry_flush(r, NULL), CXD_OK);
    (void)snprintf(log, sizeof log, "%s", folder);
    assert_int_equal(rename(folder, away), 0); /* root, too, cannot write where nothing is */
    fd = open(log, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    log_setup(fd, CXD_LOG_INFO);
    put(r, "one", 2);
    WAIT_FOR(log_said("cursors are not saved, trying again: "));
    log_setup(STDERR_FILENO, CXD_LOG_INFO);
    assert_true(registry_flush(r, NULL) < 0);
    assert_int_equal(remove(log), 0);
    assert_int_equal(rename(away, folder), 0);
    for (int64_t saved = 1; saved != 2;) { /* the keeper comes back by itself */
        struct registry *copy = registry_new(3600000);
        saved = get(copy, "one");
        registry_close(copy);
        (void)usleep(2000);
    }
    registry_close(r);
    (void)close(fd);
}

static void test_dead_letters_are_safe_before_the_cursor(void **state)
{
    struct registry *r = NULL;
    struct dead *dead = NULL;
    const struct dead_letter letter = {.stage = "input",
                                       .stream = "one",
                                       .data_stream = CXD_LIT("logs-a-b"),
                                       .status = CXD_MALFORMED,
                                       .reason = CXD_LIT("because"),
                                       .message = CXD_LIT("x")};

    (void)state;
    assert_int_equal(dead_open(folder, 1 << 20, &dead, NULL), CXD_OK);
    assert_int_equal(registry_open(folder, 3600000, dead, &r, NULL), CXD_OK);
    assert_int_equal(dead_put(dead, &letter, NULL), CXD_OK);
    put(r, "one", 1);
    assert_int_equal(registry_flush(r, NULL), CXD_OK);
    assert_int_equal(dead_sync(dead, NULL), CXD_OK);
    registry_close(r);
    dead_close(dead);
}

static int note_id(void *owner, const char *id, struct cxd_bytes cursor, int64_t updated_ms)
{
    char *text = owner;

    assert_true(updated_ms > 0);
    (void)snprintf(text + strlen(text), 40, "%s=%d ", id, (int)cursor_number(cursor));
    return strcmp(id, "stop") == 0 ? CXD_STOPPED : CXD_OK;
}

static void test_cursors_are_listed_by_id_and_can_be_dropped(void **state)
{
    struct registry *r = registry_new(3600000);
    char text[200] = "";

    (void)state;
    put(r, "two", 2);
    put(r, "one", 1);
    put(r, "three", 3);
    assert_int_equal(registry_each(r, note_id, text), CXD_OK);
    assert_string_equal(text, "one=1 three=3 two=2 ");
    assert_int_equal(registry_drop(r, "three"), CXD_OK);
    assert_int_equal(registry_drop(r, "three"), CXD_NOT_FOUND);
    assert_int_equal(registry_drop(r, "four"), CXD_NOT_FOUND);
    put(r, "stop", 4);
    text[0] = '\0';
    assert_int_equal(registry_each(r, note_id, text), CXD_STOPPED);
    assert_string_equal(text, "one=1 stop=4 ");
    assert_int_equal(registry_flush(r, NULL), CXD_OK);
    registry_close(r);
    r = registry_new(3600000); /* what was dropped is not on the disk either */
    text[0] = '\0';
    assert_int_equal(registry_drop(r, "stop"), CXD_OK);
    assert_int_equal(registry_each(r, note_id, text), CXD_OK);
    assert_string_equal(text, "one=1 two=2 ");
    registry_close(r);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        CASE(test_cursors_come_back),
        CASE(test_the_keeper_writes_by_itself),
        CASE(test_close_alone_does_not_write),
        CASE(test_every_torn_length_keeps_the_whole_records),
        CASE(test_a_damaged_byte_costs_one_record_at_most),
        CASE(test_a_newer_format_is_refused_and_left_alone),
        CASE(test_a_cursor_that_is_no_document_is_refused),
        CASE(test_a_failing_disk_is_said_and_tried_again),
        CASE(test_dead_letters_are_safe_before_the_cursor),
        CASE(test_cursors_are_listed_by_id_and_can_be_dropped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
