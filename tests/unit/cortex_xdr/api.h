/*
 * api.h: a tenant for one instance of the input: rows that can be asked for from some time on, by a clock that need not be this
 * machine's. One test at a time.
 */
#pragma once

#include "fake.h"

#include "input.h"

#define SECOND INT64_C(1000)
#define HOUR (3600 * SECOND)
#define DAY (24 * HOUR)
#define API_ROWS 4096

struct api_row {
    int id;
    int64_t time_ms;    /* filtered by */
    int64_t sort_ms;    /* sorted by */
    int64_t visible_ms; /* tenant's time from which on it is there */
};

struct api {
    struct api_row rows[API_ROWS];
    size_t count;
    int64_t skew_ms;  /* the tenant's clock is so much ahead */
    bool has_no_date; /* replies do not tell the time */
    const char *list, *clock;
    void (*before)(size_t request); /* called before a request is answered; its number from 1 on */
};

extern struct api api;

/* A new test: no rows, the fake host as it begins, monotonic time that never comes twice (tenants outlive tests). */
int api_setup(void **state);
int api_teardown(void **state);
void api_add(int id, int64_t time_ms, int64_t visible_ms);
int64_t api_now(void); /* the tenant's */
struct fake_reply api_answer(const struct fake_request *request);

extern void *api_instance;

/* One instance; more: further members of the options, with a comma in front. The tenant's name is new with each test. */
void api_begin(const char *type, const char *more);
/* The process is a new one, for tenants: nothing is known of this one. */
void api_new_tenant(void);
void api_finish(void); /* closes it; everything must have been freed */
/* Polls until there is nothing to do or it failed for good; failures are waited over. */
int api_look(void);
void api_later(int64_t ms);
/* How often a row came. */
size_t api_came(int id);
/* Each row of the tenant exactly once. */
void api_expect_each_once(void);
/* The number behind a text in a request; fails the test when it is not there. */
int64_t api_number(const char *text, const char *what);
