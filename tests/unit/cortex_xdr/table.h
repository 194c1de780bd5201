/*
 * table.h: an API that really filters, sorts and pages a set of rows which may grow and change while it is read; and one instance
 * that reads it. One test at a time.
 */
#pragma once

#include "fake.h"

#include "input.h"

#define DAY INT64_C(86400000)
#define OPTIONS(more)                                                                              \
    "{'type': 'cortex_xdr/incidents', 'domain': 'tenant.example', 'api_token': 'the-key', "        \
    "'token_id': '7'" more "}"

/* The server's rows. */
struct row {
    int id;
    int64_t time_ms;
    int version;
};

extern struct row *rows;
extern size_t row_count;
extern void (*between)(size_t request); /* what happens before a request is answered */
extern size_t page_cap;
extern void *instance;

int64_t number_behind(const char *text, const char *what);
struct fake_reply answer_api(const struct fake_request *request);
void begin(const char *json);
void finish(void); /* nothing may be held */
/* One poll after the other until there is nothing to do; failures are waited over. */
int look(void);
void later(int64_t ms);
void rows_make(size_t count, int64_t first_ms, int64_t step_ms);
/* How often a version of a row came, as a record or (after a failed allocation) as a dead letter. */
size_t came(int id, int version);
void expect_each_once(size_t count);
int table_setup(void **state);
int table_teardown(void **state);

#define CASE(name) cmocka_unit_test_setup_teardown(name, table_setup, table_teardown)
