/*
 * host.h: a host without an agent: memory that is counted and can be made to fail, real events, options from a C table.
 *
 * For tests of modules. One thread. What a module asks for that is not here (HTTP, gzip, cursors) is NULL in the table.
 */
#pragma once

#include <cxd/event.h>
#include <cxd/host.h>
#include <cxd/module.h>

#include <stddef.h>

/* One option; a list of them ends with a row whose name is NULL. */
struct harness_option {
    const char *name;
    const char *text; /* CXD_TEXT, or NULL: a bool */
    int is_true;
};

const struct cxd_host *harness_host(void);
struct cxd_self *harness_self(void);

/* The options as the bytes that open takes; borrowed. */
struct cxd_bytes harness_options(const struct harness_option *options);

/* The n-th allocation from now on fails, and no other; 0: none. Everything of the table that takes memory counts. */
void harness_fail_at(size_t n);
/* Allocations asked for since the last harness_fail_at. */
size_t harness_asked(void);
/* Blocks of host->alloc that were not freed. */
size_t harness_held(void);
