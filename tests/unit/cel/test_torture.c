/* test_torture.c: with each allocation failing in turn, a program is refused or ends in "out of memory", and nothing leaks. */
#include "stage.h"
#include "starve.h"
#include "world.h"

#include <string.h>

static const char *const sources[] = {
    "[1, 2, 3].map(x, {'k' + string(x): [x, optional.of(x)]})",
    "'{\"a\":[1,{\"b\":\"x\\\\u00e9\"}]}'.decode_json().with({'c': now}).encode_json()",
    "{'a': {'b': [1, 2]}}.drop('a.b').as(v, v.with({'u': 'https://h/p?q=1'.parse_url()})).keys()",
    "post_request('https://h/', 'text/plain', 'b').basic_authentication('u', 'p').Header",
    "post_request('https://h/p?q=1', 'text/plain', 'b').sign_aws_from_static('k', 's', 't', "
    "{'service':"
    "'a','region':'b','sign_time':timestamp('2015-08-30T12:36:00Z'),'no_hoist':false,'no_escape':"
    "false,'disable_session_token':false}).Header",
    "'a,b'.split(',').map(p, p.sha256().hex().to_upper()).join('-').replace_all('A', 'bb')",
    "'abc'.matches('b+') && 'x1y2'.re_find_all_submatch('n').size() == 2",
    "'<a b=\"1\"><c>2</c><c/></a>'.decode_xml().doc.a.c[0] + sprintf('%v', [[1, {'a': 2}]])",
    "b'a,b\\n1,2\\n'.mime('text/csv')[0].a + timestamp('2024-01-02T03:04:05Z').format('2006')",
    "try(1 / 0, 'e').e + try({}.a) + debug('t', 'x')",
    "cel.bind(x, [3, 1, 2].sort(), x.distinct().flatten().first().orValue(0)) > 0",
};

static const struct services_pattern patterns[] = {{"n", "[a-z]([0-9])"}, {NULL, NULL}};

/* One run with the n-th allocation failing; false: there were not so many. */
static bool starved(const char *source, int n)
{
    struct stage stage;
    struct world world;
    bool happened;

    assert_true(world_init(&world));
    world.services.patterns = patterns;
    starve_at(n);
    stage_play(&stage, source, &world.services, NULL);
    happened = starve_happened() != 0;
    starve_at(0);
    if (happened && stage.program == NULL) {
        assert_int_equal(stage.err.status, CXD_NOMEM);
    } else if (value_is_error(stage.result)) {
        assert_true(happened);
        assert_non_null(stage.result.fault->text);
    } else if (!happened) {
        assert_non_null(stage_json(&stage));
    }
    stage_done(&stage);
    world_done(&world);
    return happened;
}

static void test_every_failing_allocation_is_an_error(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof sources / sizeof sources[0]; i++) {
        int n = 1;
        while (starved(sources[i], n)) {
            n++;
        }
        assert_true(n > 1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_failing_allocation_is_an_error),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
