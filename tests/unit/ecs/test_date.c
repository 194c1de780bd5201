/*
 * test_date.c: points in time: what is read, what is refused, how it is written.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka needs the four above first */
#include <cmocka.h>

#include "date.h"

#include <string.h>

struct sample {
    const char *text;
    const char *printed; /* NULL: refused */
};

static const struct sample isos[] = {
    {"2023-09-15T12:00:00Z", "2023-09-15T12:00:00.000Z"},
    {"2023-09-15T12:00:00", "2023-09-15T12:00:00.000Z"},
    {"2023-09-15T12:00:00.123456789Z", "2023-09-15T12:00:00.123Z"},
    {"2023-09-15T12:00:00.9999Z", "2023-09-15T12:00:00.999Z"},
    {"2023-09-15T12:00:00,5Z", "2023-09-15T12:00:00.500Z"},
    {"2023-09-15T12:00:00.5+02:00", "2023-09-15T10:00:00.500Z"},
    {"2023-09-15T12:00:00-0730", "2023-09-15T19:30:00.000Z"},
    {"2023-09-15T12:00:00+02", "2023-09-15T10:00:00.000Z"},
    {"2023-09-15T12:00:00+18:00", "2023-09-14T18:00:00.000Z"},
    {"2023-09-15T12:00:00+01:00:30", "2023-09-15T10:59:30.000Z"},
    {"2023-09-15T12:00:00UTC", "2023-09-15T12:00:00.000Z"},
    {"2023-09-15T12:00:00GMT+1", NULL},
    {"2023-09-15T12:00:00GMT+01", "2023-09-15T11:00:00.000Z"},
    {"2023-09-15T12:00Z", "2023-09-15T12:00:00.000Z"},
    {"2023-09-15T12Z", "2023-09-15T12:00:00.000Z"},
    {"2023-09-15T12", "2023-09-15T12:00:00.000Z"},
    {"2023-09-15T", "2023-09-15T00:00:00.000Z"},
    {"2023-09-15", "2023-09-15T00:00:00.000Z"},
    {"2023-09", "2023-09-01T00:00:00.000Z"},
    {"2023", "2023-01-01T00:00:00.000Z"},
    {"2024-02-29", "2024-02-29T00:00:00.000Z"},
    {"2000-02-29", "2000-02-29T00:00:00.000Z"},
    {"1900-03-01", "1900-03-01T00:00:00.000Z"},
    {"0000-03-01", "0000-03-01T00:00:00.000Z"},
    {"1969-12-31T23:59:59.999Z", "1969-12-31T23:59:59.999Z"},
    {"9999-12-31T23:59:59.999Z", "9999-12-31T23:59:59.999Z"},
    {"9999-12-31T23:59:59-01:00", "+10000-01-01T00:59:59.000Z"},
    {"2023-02-29", NULL},
    {"1900-02-29", NULL},
    {"2023-13-01", NULL},
    {"2023-00-01", NULL},
    {"2023-04-31", NULL},
    {"2023-04-00", NULL},
    {"2023-9-15", NULL},
    {"23-09-15", NULL},
    {"2023-09-15 12:00:00", NULL},
    {"2023-09-15t12:00:00Z", NULL},
    {"2023-09-15T24:00:00Z", NULL},
    {"2023-09-15T12:60:00Z", NULL},
    {"2023-09-15T12:00:60Z", NULL},
    {"2023-09-15T12:00:00.Z", NULL},
    {"2023-09-15T12:00:00.1234567890Z", NULL},
    {"2023-09-15T12:00:00z", NULL},
    {"2023-09-15T12:00:00Zx", NULL},
    {"2023-09-15T12:00:00+19:00", NULL},
    {"2023-09-15T12:00:00+18:01", NULL},
    {"2023-09-15T12:00:00+1", NULL},
    {"2023-09-15Z", NULL},
    {"2023-09-15TZ", NULL},
    {"2023-", NULL},
    {"2023-W37-5", NULL},
    {"", NULL},
    {"yesterday", NULL},
};

static void test_iso(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof isos / sizeof isos[0]; i++) {
        const struct sample *sample = &isos[i];
        char out[DATE_ROOM + 1] = {0};
        int64_t ms;
        int is_good = date_parse_iso(sample->text, strlen(sample->text), &ms);
        if (is_good != (sample->printed != NULL)) {
            fail_msg("'%s': %d", sample->text, is_good);
        }
        if (is_good) {
            out[date_print(ms, out)] = '\0';
            assert_string_equal(out, sample->printed);
        }
    }
}

static const struct sample epochs[] = {
    {"0", "1970-01-01T00:00:00.000Z"},
    {"1700000000000", "2023-11-14T22:13:20.000Z"},
    {"+1700000000001", "2023-11-14T22:13:20.001Z"},
    {"-1", "1969-12-31T23:59:59.999Z"},
    {"-62135596800000", "0001-01-01T00:00:00.000Z"},
    {"253402300800000", "+10000-01-01T00:00:00.000Z"},
    {"9223372036854775807", "+292278994-08-17T07:12:55.807Z"},
    {"-9223372036854775808", "-292275055-05-16T16:47:04.192Z"},
    {"1.7e12", NULL},
    {"1700000000000.0", NULL},
    {"9223372036854775808", NULL},
    {"", NULL},
    {"0x10", NULL},
};

static void test_epoch(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof epochs / sizeof epochs[0]; i++) {
        const struct sample *sample = &epochs[i];
        char out[DATE_ROOM + 1] = {0};
        int64_t ms;
        int is_good = date_parse_epoch(sample->text, strlen(sample->text), &ms);
        if (is_good != (sample->printed != NULL)) {
            fail_msg("'%s': %d", sample->text, is_good);
        }
        if (is_good) {
            out[date_print(ms, out)] = '\0';
            assert_string_equal(out, sample->printed);
        }
    }
}

/* Every day of ten thousand years, printed and read again. */
static void test_every_day_round_trip(void **state)
{
    (void)state;
    for (int64_t day = -719528; day < 2932897; day += 7) {
        char out[DATE_ROOM];
        int64_t ms = day * 86400000 + 12345678;
        int64_t again;
        size_t len = date_print(ms, out);
        assert_int_equal(len, 24);
        assert_true(date_parse_iso(out, len, &again));
        assert_true(ms == again);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_iso),
        cmocka_unit_test(test_epoch),
        cmocka_unit_test(test_every_day_round_trip),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
