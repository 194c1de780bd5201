/* elastic_bench.h: the elasticsearch output opened on two nodes, and documents for it. */
#pragma once

#include "fake_host.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

CXD_EXTERN const struct cxd_module *cxd_module_entry(const struct cxd_host *host,
                                                     struct cxd_error *err);

#define DOCS_MAX 16
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define OK1 "{\"create\":{\"status\":201}}"
#define ALL_OK(items) "{\"errors\":false,\"items\":[" items "]}"
#define CASE(name) cmocka_unit_test_setup_teardown(name, bench_setup, bench_teardown)

extern struct cxd_error err;
extern struct cxd_outcome outcomes[DOCS_MAX];
extern struct cxd_doc docs[DOCS_MAX];

const struct cxd_output_ops *ops(void);
int open_with(bson_t *doc, void **ret_instance);
void *open_ok(bson_t *doc);
void docs_free(void);
struct cxd_batch batch_of(uint32_t count, size_t len);
int send_docs(void *out, uint32_t count, size_t len);
uint32_t results(uint32_t count, uint32_t result);
int bench_setup(void **state);
int bench_teardown(void **state);
