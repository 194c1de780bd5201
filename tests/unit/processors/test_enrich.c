/* test_enrich.c: processors that remember: rates over time, ids that never come twice, values with an end, a store many use at once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka needs the four above first */
#include <cmocka.h>

#include "harness/chain_rig.h"
#include "store.h"

#include <netdb.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define START_MS 1000000000000
#define IDS 50000
#define ID_ROOM 24

static struct chain_rig *open_rig(const char *yaml)
{
    struct chain_rig *rig = NULL;
    struct cxd_error err = CXD_ERROR_INIT;

    chain_rig_set_time(START_MS);
    if (chain_rig_open(yaml, &rig, &err) != CXD_OK) {
        fail_msg("%s", err.text);
    }
    return rig;
}

static char *run(struct chain_rig *rig, const char *in)
{
    struct cxd_error err = CXD_ERROR_INIT;
    char *out = NULL;
    int r = chain_rig_run(rig, in, 0, &out, &err);

    assert_true(r == CXD_KEEP || r == CXD_DISCARD);
    return out;
}

/* 1: it came through. */
static int passes(struct chain_rig *rig, const char *in)
{
    char *out = run(rig, in);
    int is_there = out != NULL;

    free(out);
    return is_there;
}

static void test_a_rate_is_kept_over_time(void **state)
{
    struct chain_rig *rig = open_rig("processors: [{rate_limit: {limit: 2/s}}]");

    (void)state;
    assert_int_equal(passes(rig, "{}") + passes(rig, "{}") + passes(rig, "{}"), 2);
    chain_rig_set_time(START_MS + 499);
    assert_int_equal(passes(rig, "{}"), 0);
    chain_rig_set_time(START_MS + 500);
    assert_int_equal(passes(rig, "{}") + passes(rig, "{}"), 1);
    chain_rig_set_time(START_MS +
                       3600000); /* a long pause saves up no more than the bucket holds */
    assert_int_equal(passes(rig, "{}") + passes(rig, "{}") + passes(rig, "{}"), 2);
    chain_rig_close(rig);
}

static void test_each_value_has_its_own_rate(void **state)
{
    struct chain_rig *rig = open_rig("processors: [{rate_limit: {limit: 1/m, fields: [a.b, c], "
                                     "algorithm.token_bucket.burst_multiplier: 2}}]");
    static const char *const documents[] = {"{\"a\":{\"b\":\"x\"},\"c\":1}",
                                            "{\"a\":{\"b\":\"x\"},\"c\":\"1\"}",
                                            "{\"a\":{\"b\":\"x1\"}}",
                                            "{\"c\":1}",
                                            "{}",
                                            "{\"a\":{\"b\":null},\"c\":1}"};

    (void)state;
    for (size_t i = 0; i < sizeof documents / sizeof documents[0]; i++) {
        assert_int_equal(passes(rig, documents[i]), 1);
        assert_int_equal(passes(rig, documents[i]), 1);
        assert_int_equal(passes(rig, documents[i]), 0);
    }
    chain_rig_close(rig);
}

/* Far more values than are remembered: memory stays as it is, and what is forgotten is let through. */
static void test_too_many_values_are_let_through(void **state)
{
    struct chain_rig *rig = open_rig("processors: [{rate_limit: {limit: 1/h, fields: [n]}}]");
    long held = chain_rig_held();
    int count = 0;
    char text[32];

    (void)state;
    for (int i = 0; i < 200000; i++) {
        (void)snprintf(text, sizeof text, "{\"n\":%d}", i);
        count += passes(rig, text);
    }
    assert_int_equal(count, 200000);
    assert_int_equal(chain_rig_held(), held);
    (void)snprintf(text, sizeof text, "{\"n\":%d}", 199999);
    assert_int_equal(passes(rig, text), 0);
    chain_rig_close(rig);
}

static int compare(const void *a, const void *b)
{
    return strcmp(a, b);
}

static void test_no_id_comes_twice(void **state)
{
    struct chain_rig *rigs[2] = {open_rig("processors: [{add_id: {target_field: i}}]"),
                                 open_rig("processors: [{add_id: {target_field: i}}]")};
    char(*ids)[ID_ROOM] = calloc(2 * IDS, ID_ROOM);

    (void)state;
    assert_non_null(ids);
    for (int i = 0; i < 2 * IDS; i++) {
        char *out;
        chain_rig_set_time(START_MS +
                           (i % 1000 < 500 ? i / 100 : -i)); /* stands still, goes back */
        out = run(rigs[i % 2], "{}");
        assert_int_equal(sscanf(out, "{\"i\":\"%20[A-Za-z0-9_-]\"}", ids[i]), 1);
        assert_int_equal(strlen(ids[i]), 20);
        free(out);
    }
    qsort(ids, 2 * IDS, ID_ROOM, compare);
    for (int i = 1; i < 2 * IDS; i++) {
        assert_string_not_equal(ids[i - 1], ids[i]);
    }
    free(ids);
    chain_rig_close(rigs[0]);
    chain_rig_close(rigs[1]);
}

static void test_a_kept_value_has_an_end(void **state)
{
    struct chain_rig *put = open_rig("processors: [{cache: {backend: {memory.id: t, capacity: 2}, "
                                     "put: {key_field: k, value_field: v, ttl: 10s}}}]");
    struct chain_rig *get =
        open_rig("processors: [{cache: {backend.memory.id: t, get: {key_field: k, "
                 "target_field: v}}}, {drop_event: {when.not.has_fields: [v]}}]");

    (void)state;
    assert_int_equal(passes(put, "{\"k\":1,\"v\":\"one\"}"), 1);
    assert_int_equal(passes(get, "{\"k\":1}"), 1);
    chain_rig_set_time(START_MS + 9999);
    assert_int_equal(passes(get, "{\"k\":1}"), 1);
    assert_int_equal(passes(put, "{\"k\":2,\"v\":2}"), 1);
    chain_rig_set_time(START_MS + 10000);
    assert_int_equal(passes(get, "{\"k\":1}"), 0);
    assert_int_equal(passes(get, "{\"k\":2}"), 1);
    chain_rig_close(put);
    assert_int_equal(passes(get, "{\"k\":2}"), 1); /* the store is there while anybody uses it */
    chain_rig_close(get);
    get = open_rig("processors: [{cache: {backend.memory.id: t, get: {key_field: k, target_field: "
                   "v}, ignore_missing: false}}]");
    assert_int_equal(passes(get, "{\"k\":2}"), 1);
    chain_rig_close(get);
}

static struct cxd_bytes bytes_of(const char *text)
{
    return (struct cxd_bytes){text, strlen(text)};
}

static int has(struct store *store, const char *key, const char *value)
{
    struct cxd_bytes found = {"", 0};
    const struct store_item *item = store_take(store, bytes_of(key), 5, &found);
    int is_same =
        item != NULL && found.len == strlen(value) && memcmp(found.ptr, value, found.len) == 0;

    if (item != NULL) {
        store_give(store, item);
    }
    return is_same;
}

static void test_the_oldest_make_room(void **state)
{
    struct store *store = store_open(bytes_of("room"), 3);
    struct cxd_bytes value;
    const struct store_item *taken;
    char *large = calloc(1, STORE_BYTES_MAX);
    char key[16];

    (void)state;
    assert_non_null(large);
    for (int i = 0; i < 5; i++) {
        (void)snprintf(key, sizeof key, "%d", i);
        assert_true(store_put(store, bytes_of(key), bytes_of("v"), 10, 0));
    }
    assert_false(has(store, "1", "v"));
    assert_true(has(store, "2", "v") && has(store, "3", "v") && has(store, "4", "v"));
    assert_true(store_put(store, bytes_of("2"), bytes_of("new"), 10, 0)); /* young again */
    assert_true(store_put(store, bytes_of("5"), bytes_of("v"), 10, 0));
    assert_true(has(store, "2", "new") && !has(store, "3", "v"));
    taken = store_take(store, bytes_of("2"), 5, &value);
    store_remove(store, bytes_of("2"));
    assert_memory_equal(value.ptr, "new", 3); /* whoever took it keeps it */
    store_give(store, taken);
    assert_false(has(store, "2", "new"));
    assert_false(
        store_put(store, bytes_of("x"), (struct cxd_bytes){large, STORE_BYTES_MAX}, 10, 0));
    assert_true(
        store_put(store, bytes_of("x"), (struct cxd_bytes){large, STORE_BYTES_MAX - 100}, 10, 0));
    assert_false(has(store, "5", "v")); /* nothing else fits beside that */
    store_close(store);
    free(large);
}

/* Values are their key again and again: whoever finds another has read what somebody else was writing. */
static void *store_user(void *arg)
{
    struct store *store = store_open(bytes_of("many"), 500);
    unsigned number = *(unsigned *)arg;

    for (int i = 0; i < 100000; i++) {
        struct cxd_bytes value;
        const struct store_item *item;
        char key[16];
        char text[64];
        number = number * 1103515245 + 12345;
        (void)snprintf(key, sizeof key, "%u", number >> 16 & 1023);
        (void)snprintf(text, sizeof text, "%s,%s,%s", key, key, key);
        if (number >> 28 == 0) {
            store_remove(store, bytes_of(key));
        } else if (number >> 28 < 6) {
            (void)store_put(store, bytes_of(key), bytes_of(text), 1000, 0);
        } else if ((item = store_take(store, bytes_of(key), 5, &value)) != NULL) {
            if (value.len != strlen(text) || memcmp(value.ptr, text, value.len) != 0) {
                abort();
            }
            store_give(store, item);
        }
    }
    store_close(store);
    return NULL;
}

static void test_many_use_a_store_at_once(void **state)
{
    pthread_t threads[4];
    unsigned seeds[4] = {1, 2, 3, 4};

    (void)state;
    for (int i = 0; i < 4; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, store_user, &seeds[i]), 0);
    }
    for (int i = 0; i < 4; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    }
}

/* The answer is asked for anew only when it is old; the text that an event holds is not touched before that. */
static void test_the_machine_is_asked_again_in_time(void **state)
{
    struct chain_rig *rig = open_rig("processors: [{add_host_metadata: {cache.ttl: 1m}}]");
    char *first = run(rig, "{}");
    char *again;

    (void)state;
    chain_rig_set_time(START_MS + 60000);
    again = run(rig, "{}");
    assert_string_equal(first, again);
    assert_non_null(strstr(first, "\"hostname\":\""));
    free(first);
    free(again);
    chain_rig_close(rig);
}

/* The system's look-up of a name, as a machine with a name server would have it. */
int getaddrinfo(const char *node, const char *service, const struct addrinfo *hints,
                struct addrinfo **found)
{
    static char name[] = "Machine.Example.ORG.";
    static struct addrinfo answer = {.ai_canonname = name};

    (void)node;
    (void)service;
    assert_true((hints->ai_flags & AI_CANONNAME) != 0);
    *found = &answer;
    return 0;
}

void freeaddrinfo(struct addrinfo *found)
{
    (void)found;
}

static void name_is(const char *yaml, const char *name)
{
    struct chain_rig *rig = open_rig(yaml);
    char *text = run(rig, "{}");
    char wanted[100];

    (void)snprintf(wanted, sizeof wanted, "\"name\":\"%s\"", name);
    if (strstr(text, wanted) == NULL) {
        fail_msg("no %s in %s", wanted, text);
    }
    free(text);
    chain_rig_close(rig);
}

static void test_the_machines_name_is_full_when_the_agent_wants_it(void **state)
{
    (void)state;
    name_is("agent: {features.fqdn.enabled: true}\n"
            "processors: [{add_host_metadata: {netinfo.enabled: false}}]",
            "machine.example.org");
    name_is("agent: {features.fqdn.enabled: true}\n"
            "processors: [{add_host_metadata: {name: mine, netinfo.enabled: false}}]",
            "mine");
    name_is("agent: {features.fqdn.enabled: true}\nprocessors: [{add_host_metadata: }]",
            "machine.example.org");
    name_is("processors: [{add_host_metadata: {fqdn: given.example.org}}]", "given.example.org");
}

static int settle(void **state)
{
    (void)state;
    return chain_rig_held() == 0 ? 0 : -1;
}

int main(void)
{
#define CASE(name) cmocka_unit_test_teardown(name, settle)
    static const struct CMUnitTest tests[] = {
        CASE(test_a_rate_is_kept_over_time),
        CASE(test_each_value_has_its_own_rate),
        CASE(test_too_many_values_are_let_through),
        CASE(test_no_id_comes_twice),
        CASE(test_a_kept_value_has_an_end),
        CASE(test_the_oldest_make_room),
        CASE(test_many_use_a_store_at_once),
        CASE(test_the_machine_is_asked_again_in_time),
        CASE(test_the_machines_name_is_full_when_the_agent_wants_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
