/*
 * poll_bench.h: what the tests of the whole input share: an instance, a scripted server, the stream that users bring.
 */
#pragma once

#include "fake.h"

#include "input.h"

/* As the integration describes its v1 alerts stream (Advanced key). */
#define ALERTS(interval)                                                                           \
    "{'config_version': 2, 'interval': " interval ","                                              \
    " 'request': {'method': 'POST',"                                                               \
    "  'url': 'https://api-t.example/public_api/v1/alerts/get_alerts_multi_events', 'timeout': "   \
    "30000,"                                                                                       \
    "  'tracer': {'enabled': false, 'filename': "                                                  \
    "'../../logs/httpjson/http-request-trace-*.ndjson', 'maxbackups': 5},"                         \
    "  'rate_limit': {'limit': '[[.last_response.header.Get \\\"X-Rate-Limit-Limit\\\"]]',"        \
    "   'remaining': '[[.last_response.header.Get \\\"X-Rate-Limit-Remaining\\\"]]',"              \
    "   'reset': '[[(parseDate (.last_response.header.Get \\\"X-Rate-Limit-Reset\\\")).Unix]]'},"  \
    "  'transforms': ["                                                                            \
    "   {'set': {'target': 'header.x-xdr-timestamp', 'value': '[[mul (now).Unix 1000]]'}},"        \
    "   {'set': {'target': 'header.x-xdr-nonce', 'value': '[[hash \\\"sha256\\\" (uuid)]]'}},"     \
    "   {'set': {'target': 'header.Authorization', 'value':"                                       \
    "     '[[hash \\\"sha256\\\" (print \\\"the-token\\\" (.header.Get \\\"x-xdr-nonce\\\") "      \
    "(.header.Get \\\"x-xdr-timestamp\\\"))]]'}},"                                                 \
    "   {'set': {'target': 'header.x-xdr-auth-id', 'value': '7'}},"                                \
    "   {'set': {'target': 'body.request_data.sort.field', 'value': 'creation_time'}},"            \
    "   {'set': {'target': 'body.request_data.sort.keyword', 'value': 'asc'}},"                    \
    "   {'append': {'target': 'body.request_data.filters', 'value_type': 'json',"                  \
    "     'value': "                                                                               \
    "'{\\\"field\\\":\\\"creation_time\\\",\\\"operator\\\":\\\"gte\\\",\\\"value\\\":[[.cursor."  \
    "next_ts]]}',"                                                                                 \
    "     'default': "                                                                             \
    "'{\\\"field\\\":\\\"creation_time\\\",\\\"operator\\\":\\\"gte\\\",\\\"value\\\":[[mul (add " \
    "(now (parseDuration \\\"-24h\\\")).Unix) 1000]]}'}}]},"                                       \
    " 'response': {'split': {'target': 'body.reply.alerts', 'ignore_empty_value': true,"           \
    "   'split': {'target': 'body.events', 'keep_parent': true}},"                                 \
    "  'pagination': ["                                                                            \
    "   {'set': {'target': 'body.request_data.search_from', 'value_type': 'int', "                 \
    "'fail_on_template_error': true,"                                                              \
    "     'value': '[[if (ne (len .last_response.body.reply.alerts) 0)]][[mul "                    \
    ".last_response.page 100]][[end]]'}},"                                                         \
    "   {'set': {'target': 'body.request_data.search_to', 'value_type': 'int', "                   \
    "'fail_on_template_error': true,"                                                              \
    "     'value': '[[if (ne (len .last_response.body.reply.alerts) 0)]][[add (mul "               \
    ".last_response.page 100) 100]][[end]]'}}]},"                                                  \
    " 'cursor': {'next_ts': {'value': '[[.last_event.detection_timestamp]]'}}}"

extern const char page1[];
extern const char page2[];
extern const char empty[];
extern void *instance;

void begin(const char *json); /* opens the instance with these options */
void finish(void);            /* closes it; nothing may be held */
/* Polls until the interval is over, moving the clock over every wait; what the last poll said. */
int interval(void);
void next_interval(int64_t ms);
/* Opening with these options fails, and the reason has this part. */
void expect_open_error(const char *json, const char *part);
int setup(void **state);

#define CASE(name) cmocka_unit_test_setup(name, setup)
