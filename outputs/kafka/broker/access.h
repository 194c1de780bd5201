/*
 * access.h: how to come to the brokers, as options say it in Beats' names: hosts, login, TLS. Shared by all that speak with Kafka;
 * the client library is seen through one function only, so that who loads it late can use this as well.
 *
 * Thread: the instance's, at open. Secrets go to the library's settings and are kept nowhere here.
 */
#pragma once

#include "cxd/module.h"

#define ACCESS_HOSTS_MAX 2048
#define ACCESS_SECRET_MAX 4096

struct access {
    const struct cxd_host *host;
    struct cxd_self *self;
    struct cxd_bytes doc; /* the options; borrowed, for access_read only */
    const char *prefix;   /* before each name: "" or "kafka." */
    /* Sets one of the library's settings: 0, or negative without a text of the library's own, which may hold the value. */
    int (*set)(void *conf, const char *name, const char *value);
    void *conf;
    int library; /* rd_kafka_version() */
    const char *library_text;
    /* filled in */
    char hosts[ACCESS_HOSTS_MAX]; /* NAME:PORT, separated by commas */
    char *authorities;            /* PEM; NULL: the system's */
    size_t authorities_len;       /* bytes */
};

/* All of it into the library's settings, but for the authorities, which the library takes by a call of its own. */
int access_read(struct access *a, struct cxd_error *err);
void access_done(struct access *a); /* accepts a zeroed one */

struct cxd_scalar access_get(const struct access *a, const char *name);
/* Text without NUL inside, at most ACCESS_SECRET_MAX; NULL when absent or empty. Borrowed from the options. */
int access_text(const struct access *a, const char *name, const char **ret_text,
                struct cxd_error *err);
int access_set(const struct access *a, const char *name, const char *value, struct cxd_error *err);

/* hosts.c, tls.c: parts of access_read */
int access_hosts(struct access *a, struct cxd_error *err);
int access_tls(struct access *a, int *ret_is_used, struct cxd_error *err);
