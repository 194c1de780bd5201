/* file_bench.h: the file output opened on a temporary folder, and numbered documents for it. */
#pragma once

#include "fake_host.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

CXD_EXTERN const struct cxd_module *cxd_module_entry(const struct cxd_host *host,
                                                     struct cxd_error *err);

#define DOCS_MAX 4096
#define INDEX "logs-panw_cortex_xdr.event-default"
#define CASE(name) cmocka_unit_test_setup_teardown(name, bench_setup, bench_teardown)

extern char folder[64];
extern struct cxd_error err;
extern struct cxd_outcome outcomes[DOCS_MAX];
extern struct cxd_doc docs[DOCS_MAX];

const struct cxd_output_ops *ops(void);
int open_with(bson_t *doc, void **ret_instance);
void *open_ok(bson_t *doc);
struct cxd_batch batch_of(const char *index, uint32_t first, uint32_t count);
int send_docs(void *instance, uint32_t first, uint32_t count);
uint32_t results(uint32_t count, uint32_t result);
char *path_of(const char *name);
char *slurp(const char *name, size_t *ret_len);
void assert_each_once(const char *name, uint32_t count);
int bench_setup(void **state);
int bench_teardown(void **state);
