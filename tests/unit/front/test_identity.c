/* test_identity.c: the agent's id stays with its folder. */
#include "../pipeline/rig.h"

#include "front/run/identity.h"

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

static void id_file(const char *text)
{
    char path[128];
    FILE *file;

    (void)snprintf(path, sizeof path, "%s/agent.id", folder);
    file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(text, 1, strlen(text), file), strlen(text));
    assert_int_equal(fclose(file), 0);
}

static void is_uuid(const char *text)
{
    assert_int_equal(strlen(text), 36);
    assert_int_equal(strspn(text, "0123456789abcdef-"), 36);
    assert_int_equal(text[14], '4');
    assert_non_null(strchr("89ab", text[19]));
}

static void test_one_id_for_the_folder_another_for_each_start(void **state)
{
    struct identity one;
    struct identity two;

    (void)state;
    assert_int_equal(identity_read(&one, folder, NULL), CXD_OK);
    assert_int_equal(identity_read(&two, folder, NULL), CXD_OK);
    is_uuid(one.id);
    is_uuid(one.ephemeral_id);
    assert_string_equal(one.id, two.id);
    assert_string_not_equal(one.ephemeral_id, two.ephemeral_id);
    assert_string_not_equal(one.id, one.ephemeral_id);
    assert_true(strlen(one.host_name) > 0);
}

static void test_a_check_touches_nothing(void **state)
{
    struct identity id;

    (void)state;
    assert_int_equal(identity_read(&id, NULL, NULL), CXD_OK);
    is_uuid(id.id);
    assert_null(file_slurp(folder, "agent.id", NULL));
}

static void test_a_file_that_people_touched(void **state)
{
    static const char uuid[] = "01234567-89ab-4cde-8f01-23456789abcd";
    static const char *const bad[] = {
        "", "no id", "01234567-89ab-4cde-8f01-23456789abcdabcdabcdabcdabcdabcdabcd",
        "01234567-89ab-4cde-8f01-23456789abc", "01234567-89AB-4cde-8f01-23456789abcd"};
    struct identity id;
    char *text;

    (void)state;
    id_file(uuid);
    assert_int_equal(identity_read(&id, folder, NULL), CXD_OK);
    assert_string_equal(id.id, uuid);
    id_file("01234567-89ab-4cde-8f01-23456789abcd\r\n");
    assert_int_equal(identity_read(&id, folder, NULL), CXD_OK);
    assert_string_equal(id.id, uuid);
    for (size_t i = 0; i < COUNT(bad); i++) {
        id_file(bad[i]);
        assert_int_equal(identity_read(&id, folder, NULL), CXD_OK);
        is_uuid(id.id);
        text = file_slurp(folder, "agent.id", NULL);
        assert_string_equal(text, id.id);
        free(text);
    }
}

static void test_a_folder_that_is_not_there(void **state)
{
    struct cxd_error err = CXD_ERROR_INIT;
    struct identity id;

    (void)state;
    assert_true(identity_read(&id, "/proc/none", &err) < 0);
    assert_non_null(strstr(err.text, "/proc/none/agent.id"));
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        CASE(test_one_id_for_the_folder_another_for_each_start),
        CASE(test_a_check_touches_nothing),
        CASE(test_a_file_that_people_touched),
        CASE(test_a_folder_that_is_not_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
