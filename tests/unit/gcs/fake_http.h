/* fake_http.h: the storage API and token endpoint, served from `fake`. */
#pragma once

#include "fake.h"

int fake_http_client(struct cxd_self *self, struct cxd_bytes options, struct cxd_client **ret,
                     struct cxd_error *err);
void fake_http_client_free(struct cxd_client *client);
int fake_http_start(struct cxd_client *client, const struct cxd_request *request,
                    struct cxd_transfer **ret, struct cxd_error *err);
int fake_http_wait(struct cxd_client *client, uint32_t timeout_ms);
int fake_http_read(struct cxd_transfer *t, struct cxd_bytes *ret, struct cxd_error *err);
int fake_http_status(struct cxd_transfer *t);
const char *fake_http_header(struct cxd_transfer *t, const char *name);
void fake_http_close(struct cxd_transfer *t);
void fake_http_interrupt(struct cxd_client *client);
int64_t fake_http_retry_after(struct cxd_self *self, const char *value);
