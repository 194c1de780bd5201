/*
 * The invented tenant: rows appear in order and stay, change as they should, and are the same for the same seed.
 */
#include <json-c/json.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cortex_event.h"
#include "cortex_set.h"
#include "idset.h"

#define START_MS 1760000000000LL
#define SPAN_MS 86400000LL

static const struct cortex_shape SHAPE = {
    .seed = 7,
    .rows = {4000, 900, 300, 300, 40},
    .start_ms = START_MS,
    .span_ms = SPAN_MS,
    .burst = 8,
    .late = 50,
    .changes = 4,
};

static void test_rows_appear_in_the_order_of_their_numbers(void **state)
{
    (void)state;
    for (unsigned kind = 0; kind < CORTEX_KINDS; kind++) {
        enum cortex_kind it = (enum cortex_kind)kind;
        int64_t last_ms = START_MS;
        for (uint64_t i = 0; i < SHAPE.rows[kind]; i++) {
            int64_t time_ms = cortex_insert_ms(&SHAPE, it, i);
            assert_true(time_ms >= last_ms && time_ms < START_MS + SPAN_MS);
            last_ms = time_ms;
        }
        assert_int_equal(cortex_visible(&SHAPE, it, START_MS - 1), 0);
        assert_int_equal(cortex_visible(&SHAPE, it, START_MS + SPAN_MS), SHAPE.rows[kind]);
    }
}

static void test_a_row_is_visible_from_its_time_and_lag_on(void **state)
{
    (void)state;
    struct cortex_shape lagging = SHAPE;
    lagging.lag_ms = 5000;
    for (uint64_t i = 0; i < SHAPE.rows[CORTEX_ALERTS]; i += 17) {
        int64_t time_ms = cortex_insert_ms(&SHAPE, CORTEX_ALERTS, i);
        assert_true(cortex_visible(&SHAPE, CORTEX_ALERTS, time_ms) > i);
        assert_true(cortex_visible(&SHAPE, CORTEX_ALERTS, time_ms - 1) <= i);
        assert_true(cortex_visible(&lagging, CORTEX_ALERTS, time_ms + 4999) <= i);
        assert_true(cortex_visible(&lagging, CORTEX_ALERTS, time_ms + 5000) > i);
    }
}

static void test_bursts_share_a_millisecond_and_some_alerts_are_late(void **state)
{
    (void)state;
    unsigned together = 0, late = 0;
    for (uint64_t i = 1; i < SHAPE.rows[CORTEX_ALERTS]; i++) {
        together += cortex_insert_ms(&SHAPE, CORTEX_ALERTS, i) ==
                    cortex_insert_ms(&SHAPE, CORTEX_ALERTS, i - 1);
        int64_t delay_ms = cortex_delay_ms(&SHAPE, CORTEX_ALERTS, i);
        assert_true(delay_ms >= 7000 && delay_ms <= 72 * 3600000LL);
        late += delay_ms >= 3600000;
    }
    /* A quarter of the groups of 8: 7 of 32 rows; 5 of a hundred are late. */
    assert_in_range(together, 4000 * 7 / 32 / 2, 4000 * 7 / 32 * 2);
    assert_in_range(late, 120, 300);
    struct cortex_shape page = SHAPE;
    page.burst = 250;
    unsigned run = 1, longest = 1;
    for (uint64_t i = 1; i < page.rows[CORTEX_ALERTS]; i++) {
        bool same = cortex_insert_ms(&page, CORTEX_ALERTS, i) ==
                    cortex_insert_ms(&page, CORTEX_ALERTS, i - 1);
        run = same ? run + 1 : 1;
        longest = run > longest ? run : longest;
    }
    assert_in_range(longest, 250, 4000);
}

static void test_incidents_change_and_their_time_moves_on(void **state)
{
    (void)state;
    unsigned untouched = 0, most = 0, changes = 0, shared = 0;
    int64_t beat = SPAN_MS / 100 + 1;
    for (uint64_t i = 0; i < SHAPE.rows[CORTEX_INCIDENTS]; i++) {
        unsigned versions = cortex_versions(&SHAPE, i);
        untouched += versions == 1;
        most = versions > most ? versions : most;
        assert_int_equal(cortex_version_ms(&SHAPE, i, 0),
                         cortex_insert_ms(&SHAPE, CORTEX_INCIDENTS, i));
        for (unsigned version = 1; version < versions; version++) {
            int64_t time_ms = cortex_version_ms(&SHAPE, i, version);
            assert_true(time_ms > cortex_version_ms(&SHAPE, i, version - 1));
            assert_int_equal(cortex_version_at(&SHAPE, i, time_ms), version);
            assert_int_equal(cortex_version_at(&SHAPE, i, time_ms - 1), version - 1);
            shared += (time_ms - START_MS) % beat == 0;
            changes++;
        }
        assert_int_equal(cortex_version_at(&SHAPE, i, INT64_MAX / 2), versions - 1);
    }
    assert_int_equal(most, 5);
    assert_in_range(untouched, 200, 400);
    /* Bulk changes: about a quarter stands on the beat, several on the same one. */
    assert_in_range(shared, changes / 8, changes / 2);
}

static void test_alerts_belong_to_incidents_without_a_gap(void **state)
{
    (void)state;
    for (uint64_t i = 0; i < SHAPE.rows[CORTEX_ALERTS]; i++) {
        uint64_t incident = cortex_incident_of(&SHAPE, i);
        assert_true(incident < SHAPE.rows[CORTEX_INCIDENTS]);
        assert_true(cortex_first_alert(&SHAPE, incident) <= i);
        assert_true(cortex_first_alert(&SHAPE, incident + 1) > i);
    }
}

/* The row as a tree, from strict JSON. */
static struct json_object *read_row(const struct cortex_set *set, const struct cortex_row *row,
                                    enum cortex_form form)
{
    struct buffer text;
    buffer_init(&text, 1 << 20);
    set->write(row, form, &text);
    assert_true(buffer_ok(&text));
    struct json_tokener *tokener = json_tokener_new_ex(8);
    json_tokener_set_flags(tokener, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
    struct json_object *tree = json_tokener_parse_ex(tokener, text.data, (int)text.len);
    assert_int_equal(json_tokener_get_error(tokener), json_tokener_success);
    assert_true(json_object_is_type(tree, json_type_object));
    json_tokener_free(tokener);
    buffer_done(&text);
    return tree;
}

static void test_every_row_is_an_object_with_an_id_of_its_own(void **state)
{
    (void)state;
    for (unsigned kind = 0; kind < CORTEX_KINDS; kind++) {
        const struct cortex_set *set = cortex_set_of((enum cortex_kind)kind);
        struct idset ids = {.size = 0};
        for (uint64_t i = 0; i < SHAPE.rows[kind]; i++) {
            const struct cortex_row row = {&SHAPE, i, START_MS + SPAN_MS};
            char id[CORTEX_ID_BYTES];
            set->id(&row, id);
            assert_int_equal(idset_add(&ids, "", 0, id, strlen(id)), IDSET_NEW);
            for (unsigned form = 0; i % 4 == 0 && form <= CORTEX_FORM_LIGHT; form++) {
                json_object_put(read_row(set, &row, (enum cortex_form)form));
            }
        }
        idset_done(&ids);
    }
}

static const char *member(struct json_object *tree, const char *path)
{
    struct json_object *value = NULL;
    return json_pointer_get(tree, path, &value) == 0 ? json_object_get_string(value) : "absent";
}

static void test_both_forms_of_an_alert_tell_the_same(void **state)
{
    (void)state;
    static const char *const EVENT[] = {"event_id",         "event_timestamp",
                                        "action_remote_ip", "action_file_sha256",
                                        "user_name",        "actor_process_image_path"};
    unsigned several = 0;
    for (uint64_t i = 0; i < 500; i++) {
        const struct cortex_row row = {&SHAPE, i, START_MS + SPAN_MS};
        struct json_object *old = read_row(&cortex_alert_set, &row, CORTEX_FORM_V1);
        struct json_object *new = read_row(&cortex_alert_set, &row, CORTEX_FORM_V2);
        struct json_object *events = NULL;
        assert_int_equal(json_pointer_get(old, "/events", &events), 0);
        size_t count = json_object_array_length(events);
        assert_int_equal(count, cortex_event_count(&row));
        several += count > 1;
        for (size_t at = 0; at < count * 6; at++) {
            char one[96], two[96];
            snprintf(one, sizeof one, "/events/%zu/%s", at / 6, EVENT[at % 6]);
            snprintf(two, sizeof two, "/%s/%zu", EVENT[at % 6], at / 6);
            const char *said = member(old, one);
            assert_string_equal(said ? said : "absent", member(new, two));
        }
        assert_null(member(new, "/events"));
        assert_string_equal(member(old, "/local_insert_ts"), member(new, "/local_insert_ts"));
        assert_string_equal(member(old, "/alert_id"), member(new, "/alert_id"));
        json_object_put(old);
        json_object_put(new);
    }
    assert_in_range(several, 80, 250);
}

static void test_no_event_is_too_large_for_its_pool(void **state)
{
    (void)state;
    static struct cortex_event event;
    struct cortex_host host;
    size_t most = 0;
    for (uint64_t i = 0; i < 4000; i++) {
        const struct cortex_row row = {&SHAPE, i, START_MS};
        cortex_host_fill(&SHAPE, i % 40, &host);
        cortex_event_fill(&row, 2, &cortex_alert_words[i % CORTEX_ALERT_WORDS], &host, &event);
        most = event.pool_used > most ? event.pool_used : most;
    }
    assert_in_range(most, 500, CORTEX_EVENT_POOL * 3 / 4);
}

static void test_an_incident_is_the_same_while_its_time_is(void **state)
{
    (void)state;
    for (uint64_t i = 0; i < 200; i++) {
        int64_t from_ms = cortex_version_ms(&SHAPE, i, 0);
        const struct cortex_row row = {&SHAPE, i, from_ms};
        struct cortex_row later = row;
        later.now_ms = cortex_versions(&SHAPE, i) > 1 ? cortex_version_ms(&SHAPE, i, 1) : from_ms;
        struct json_object *one = read_row(&cortex_incident_set, &row, CORTEX_FORM_V1);
        struct json_object *next = read_row(&cortex_incident_set, &later, CORTEX_FORM_V1);
        later.now_ms -= later.now_ms > from_ms;
        struct json_object *two = read_row(&cortex_incident_set, &later, CORTEX_FORM_V1);
        assert_true(json_object_equal(one, two));
        assert_int_equal(json_object_equal(one, next), cortex_versions(&SHAPE, i) == 1);
        json_object_put(one);
        json_object_put(next);
        json_object_put(two);
    }
}

static void test_another_seed_gives_other_rows(void **state)
{
    (void)state;
    struct cortex_shape other = SHAPE, same = SHAPE;
    other.seed = 8;
    for (uint64_t i = 0; i < 100; i++) {
        const struct cortex_row rows[] = {{&SHAPE, i, START_MS + SPAN_MS},
                                          {&same, i, START_MS + SPAN_MS},
                                          {&other, i, START_MS + SPAN_MS}};
        struct json_object *trees[3];
        for (unsigned at = 0; at < 3; at++) {
            trees[at] = read_row(&cortex_alert_set, &rows[at], CORTEX_FORM_V2);
        }
        assert_true(json_object_equal(trees[0], trees[1]));
        assert_false(json_object_equal(trees[0], trees[2]));
        for (unsigned at = 0; at < 3; at++) {
            json_object_put(trees[at]);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows_appear_in_the_order_of_their_numbers),
        cmocka_unit_test(test_a_row_is_visible_from_its_time_and_lag_on),
        cmocka_unit_test(test_bursts_share_a_millisecond_and_some_alerts_are_late),
        cmocka_unit_test(test_incidents_change_and_their_time_moves_on),
        cmocka_unit_test(test_alerts_belong_to_incidents_without_a_gap),
        cmocka_unit_test(test_every_row_is_an_object_with_an_id_of_its_own),
        cmocka_unit_test(test_both_forms_of_an_alert_tell_the_same),
        cmocka_unit_test(test_no_event_is_too_large_for_its_pool),
        cmocka_unit_test(test_an_incident_is_the_same_while_its_time_is),
        cmocka_unit_test(test_another_seed_gives_other_rows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
