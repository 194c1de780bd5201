/*
 * rig.h: a host for the cel input under test: that of the httpjson tests, with regular expressions, the fields of replies, and
 * time that passes while one waits. One test at a time, one thread.
 */
#pragma once

#include "fake.h"

#include "stream.h"

extern struct cxd_host rig_host;
extern void *rig; /* the instance */

/* Fields of every reply ("Name: value\n" each), for replies that no script gives; NULL: the script's. */
extern const char *rig_headers;

/* Options as JSON, 'single' quotes for "double" ones, but for texts in double ones. */
int rig_try_as(const struct cxd_option *table, const char *json, stream_translate_fn translate,
               struct cxd_error *err);
void rig_close(void); /* and nothing is left behind */
/* Polls until the period is over; other results are waited for. The last result. */
int rig_period(void);
void rig_later(int64_t ms);
/* The stored cursor's JSON; "" when there is none. Static. */
const char *rig_cursor(void);
