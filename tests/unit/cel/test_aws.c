/*
 * test_aws.c: Amazon's signature. The values are those of its published examples (one example with a body was worked out by another
 * program), the requests what the input sends.
 */
#include "rig.h"

#include "keys.h"
#include "stage.h"

#include <openssl/sha.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define OPTIONS                                                                                    \
    "{'service':'service','region':'us-east-1','sign_time':timestamp('2015-08-30T12:36:00Z'),"     \
    "'no_hoist':false,'no_escape':false,'disable_session_token':false}"
#define KEYS "'AKIDEXAMPLE','wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY'"
#define SIGNED ".Header['Authorization'][0].split('SignedHeaders=')[1]"

static void sha256(const void *data, size_t len, unsigned char out[32])
{
    (void)SHA256(data, len, out);
}

static const struct services services = {.sha256 = sha256, .keys = keys_find};

static void expect(const char *program, const char *json)
{
    struct stage stage;
    const char *is;

    stage_play(&stage, program, &services, NULL);
    is = stage_json(&stage);
    if (is == NULL || strcmp(is, json) != 0) {
        fail_msg("%s\nis %s\n%s", program, is != NULL ? is : "an error", stage.text);
    }
    stage_done(&stage);
}

static void test_published_examples(void **state)
{
    (void)state;
    expect("request('GET', 'https://example.amazonaws.com/').sign_aws_from_static(" KEYS
           ", '', " OPTIONS ")" SIGNED,
           "\"host;x-amz-date, "
           "Signature=5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31\"");
    expect("request('GET', 'https://example.amazonaws.com/?Param2=value2&Param1=value1')."
           "sign_aws_from_static(" KEYS ", '', 'from nowhere', " OPTIONS ")" SIGNED,
           "\"host;x-amz-date, "
           "Signature=b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500\"");
    expect("request('GET', 'https://example.amazonaws.com/').sign_aws_from_static(" KEYS
           ", '', " OPTIONS ").Header['X-Amz-Date']",
           "[\"20150830T123600Z\"]");
}

#define LONG_ONE                                                                                   \
    "request('POST', 'https://example.amazonaws.com/a%20b/c?q=x+y&q=a%2Fb', 'hello').with("        \
    "{'Header':{'Content-Type':['text/plain'],'My-Header':[' a  b ','c'],'User-Agent':['x']}})"

static void test_body_query_headers_and_path_count(void **state)
{
    (void)state;
    expect(LONG_ONE ".sign_aws_from_static(" KEYS ", '', " OPTIONS ")" SIGNED,
           "\"content-length;content-type;host;my-header;x-amz-date, "
           "Signature=822a30cdefe184cefff0111408f7912f91be1a65307e76c7d515b2249a88714e\"");
    expect(LONG_ONE ".sign_aws_from_static(" KEYS ", '', " OPTIONS
                    ".with({'no_escape':true}))" SIGNED,
           "\"content-length;content-type;host;my-header;x-amz-date, "
           "Signature=b1d6fa4e8b02b6084a38021aaf2382e93cb2811eeb69995ac47cb38199751402\"");
}

static void test_a_sessions_token_is_sent_and_signed_unless_told(void **state)
{
    (void)state;
    expect("request('GET', 'https://example.amazonaws.com/').sign_aws_from_static(" KEYS
           ", 'the-token', " OPTIONS ").as(r, [r.Header['X-Amz-Security-Token'], "
           "r.Header['Authorization'][0].contains('host;x-amz-date;x-amz-security-token,')])",
           "[[\"the-token\"],true]");
    expect("request('GET', 'https://example.amazonaws.com/').sign_aws_from_static(" KEYS
           ", 'the-token', " OPTIONS ".with({'disable_session_token':true}))"
           ".as(r, [r.Header['X-Amz-Security-Token'], r" SIGNED "])",
           "[[\"the-token\"],\"host;x-amz-date, "
           "Signature=5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31\"]");
}

static void test_wrong_arguments_are_errors(void **state)
{
    (void)state;
    expect("has(try(request('GET', 'https://a.b/').sign_aws_from_static(" KEYS
           ", '', {'service':'s'}), 'e').e)",
           "true");
    expect("has(try(request('GET', 'https://a.b/').sign_aws_from_static(1, 'b', '', " OPTIONS
           "), 'e').e)",
           "true");
    expect("has(try({'Method':'GET'}.sign_aws_from_static(" KEYS ", '', " OPTIONS "), 'e').e)",
           "true");
}

static void test_keys_of_the_environment_and_of_a_file(void **state)
{
    char path[] = "/tmp/cortexd-keys.XXXXXX";
    static const char file[] = "# ours\n[default]\naws_access_key_id = other\n"
                               "aws_secret_access_key=other\n\n[ mine ]\n"
                               "AWS_ACCESS_KEY_ID=AKIDEXAMPLE\r\n"
                               "aws_secret_access_key = wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY\n"
                               "region = x\n";
    int fd = mkstemp(path);

    (void)state;
    assert_int_equal(write(fd, file, sizeof file - 1), (ssize_t)sizeof file - 1);
    (void)close(fd);
    unsetenv("AWS_ACCESS_KEY_ID");
    expect("try(request('GET', 'https://a.b/').sign_aws_from_env(" OPTIONS "), 'e').e"
           ".contains('AWS_ACCESS_KEY_ID')",
           "true");
    expect("try(request('GET', 'https://a.b/').sign_aws_from_shared('', '', " OPTIONS "), 'e').e"
           ".contains('AWS_SHARED_CREDENTIALS_FILE')",
           "true");
    setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE", 1);
    setenv("AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", 1);
    expect("request('GET', 'https://example.amazonaws.com/').sign_aws_from_env(" OPTIONS ")" SIGNED,
           "\"host;x-amz-date, "
           "Signature=5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31\"");
    unsetenv("AWS_ACCESS_KEY_ID");
    setenv("AWS_SHARED_CREDENTIALS_FILE", path, 1);
    expect(
        "request('GET', 'https://example.amazonaws.com/').sign_aws_from_shared('', 'mine', " OPTIONS
        ")" SIGNED,
        "\"host;x-amz-date, "
        "Signature=5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31\"");
    expect("try(request('GET', 'https://a.b/').sign_aws_from_shared('', 'absent', " OPTIONS
           "), 'e').e.contains('[absent]')",
           "true");
    unsetenv("AWS_SHARED_CREDENTIALS_FILE");
    unsetenv("AWS_SECRET_ACCESS_KEY");
    (void)unlink(path);
}

/* --- auth.aws --- */

static bool has(size_t request, const char *part)
{
    const struct fake_request *r = &fake.requests[request];

    return strstr(r->url, part) != NULL || strstr(r->headers, part) != NULL ||
           (r->body != NULL && strstr(r->body, part) != NULL);
}

static int reset(void **state)
{
    (void)state;
    fake_reset();
    rig_headers = NULL;
    return 0;
}

#define PROGRAM                                                                                    \
    ",'program':\"get(state.url).as(r, {'events':[{'message':string(r.StatusCode)}]})\"}"
#define OPEN(auth) open_with("{'auth':{'aws':{" auth "}},'resource':{'url':'" URL "'}" PROGRAM)

static int try_with(const char *json, struct cxd_error *err)
{
    return rig_try_as(settings_options, json, NULL, err);
}

static void open_with(const char *json)
{
    struct cxd_error err = CXD_ERROR_INIT;

    if (try_with(json, &err) < 0) {
        fail_msg("open: %s", err.text);
    }
}

#define SCRIPT(replies) fake_script(replies, sizeof(replies) / sizeof(replies)[0])
#define URL "https://guardduty.eu-west-1.amazonaws.com/x"

static void test_auth_aws_signs_for_the_place_that_the_host_tells(void **state)
{
    static const struct fake_reply replies[] = {{.body = "good"}};

    (void)state;
    SCRIPT(replies);
    OPEN("'access_key_id':'AKID','secret_access_key':'the-secret-key','session_token':'the-token'");
    assert_int_equal(rig_period(), CXD_POLL_IDLE);
    assert_true(has(0, "AWS4-HMAC-SHA256 Credential=AKID/"));
    assert_true(has(0, "/eu-west-1/guardduty/aws4_request"));
    assert_true(has(0, "X-Amz-Security-Token: the-token"));
    assert_false(has(0, "the-secret-key"));
    rig_close();
}

static void test_a_role_is_taken_first_and_again_before_its_end(void **state)
{
#define ROLE(id)                                                                                   \
    "<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>" id                          \
    "</AccessKeyId><SecretAccessKey>role-secret</SecretAccessKey><SessionToken>role-token"         \
    "</SessionToken></Credentials></AssumeRoleResult></AssumeRoleResponse>"
    static const struct fake_reply replies[] = {
        {.body = ROLE("ROLE1")}, {.body = "good"}, {.body = ROLE("ROLE2")}, {.body = "good"}};

    (void)state;
    SCRIPT(replies);
    OPEN("'access_key_id':'AKID','secret_access_key':'the-secret-key','default_region':'eu-west-1',"
         "'role_arn':'arn:aws:iam::1:role/r s','external_id':'e'");
    assert_int_equal(rig_period(), CXD_POLL_IDLE);
    assert_int_equal(fake.request_count, 2);
    assert_true(has(0, "https://sts.eu-west-1.amazonaws.com/"));
    assert_true(has(0, "RoleArn=arn%3Aaws%3Aiam%3A%3A1%3Arole%2Fr%20s"));
    assert_true(has(0, "Credential=AKID/"));
    assert_true(has(1, "Credential=ROLE1/"));
    assert_true(has(1, "X-Amz-Security-Token: role-token"));
    rig_later(900000);
    assert_int_equal(rig_period(), CXD_POLL_IDLE);
    assert_true(has(3, "Credential=ROLE2/"));
    rig_close();
}

static void test_a_role_that_is_refused_is_said(void **state)
{
    static const struct fake_reply replies[] = {
        {.status = 403,
         .body = "<ErrorResponse><Error><Code>AccessDenied</Code></Error></ErrorResponse>"}};

    (void)state;
    SCRIPT(replies);
    OPEN("'access_key_id':'AKID','secret_access_key':'the-secret-key','default_region':'eu-west-1',"
         "'role_arn':'arn'");
    (void)rig_period();
    assert_non_null(strstr(fake.reason, "403 AccessDenied"));
    rig_close();
}

static void test_half_a_key_is_refused(void **state)
{
    struct cxd_error err = CXD_ERROR_INIT;

    (void)state;
    assert_int_equal(try_with("{'auth':{'aws':{'access_key_id':'A'}},'resource':{'url':'" URL
                              "'}" PROGRAM,
                              &err),
                     CXD_CONFIG);
    assert_non_null(strstr(err.text, "go together"));
    assert_int_equal(try_with("{'auth':{'aws':{'access_key_id':'A','secret_access_key':'b'},"
                              "'basic':{'user':'u','password':'p'}},'resource':{'url':'" URL
                              "'}" PROGRAM,
                              &err),
                     CXD_CONFIG);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_published_examples),
        cmocka_unit_test(test_body_query_headers_and_path_count),
        cmocka_unit_test(test_a_sessions_token_is_sent_and_signed_unless_told),
        cmocka_unit_test(test_wrong_arguments_are_errors),
        cmocka_unit_test(test_keys_of_the_environment_and_of_a_file),
        cmocka_unit_test_setup(test_auth_aws_signs_for_the_place_that_the_host_tells, reset),
        cmocka_unit_test_setup(test_a_role_is_taken_first_and_again_before_its_end, reset),
        cmocka_unit_test_setup(test_a_role_that_is_refused_is_said, reset),
        cmocka_unit_test_setup(test_half_a_key_is_refused, reset),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
