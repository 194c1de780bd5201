/*
 * sender_words.h: what the tests of requests have in common: a stream opened from options, a script of replies, a program that
 * makes one request.
 */
#pragma once
#include "rig.h"

static inline int reset(void **state)
{
    (void)state;
    fake_reset();
    rig_headers = NULL;
    return 0;
}

static inline void open_with(const char *json)
{
    struct cxd_error err = CXD_ERROR_INIT;

    if (rig_try_as(settings_options, json, NULL, &err) < 0) {
        fail_msg("open: %s", err.text);
    }
}

#define SCRIPT(replies) fake_script(replies, sizeof(replies) / sizeof(replies)[0])
#define URL "'url':'https://api.example/x'"
/* A program that makes one request and tells status, body and a header of it, or the error. */
#define ASK(call)                                                                                  \
    ",'program':\"try(" call ", 'e').as(r, {'events':[{'message': has(r.e) ? 'E ' + r.e : "        \
    "string(r.StatusCode) + ' ' + r.Status + '|' + string(r.Body) + '|' + "                        \
    "r.?Header['X-Got'].orValue(['none']).join(',')}]})\""
#define TEST(name) cmocka_unit_test_setup_teardown(name, reset, reset)
