/* access.c: who we are for the brokers: user, password, mechanism, and whether TLS is around it. */
#include "broker/access.h"

#include <stdio.h>

#define SCRAM_VERSION 0x020601ff

struct cxd_scalar access_get(const struct access *a, const char *name)
{
    char path[96];

    (void)snprintf(path, sizeof path, "%s%s", a->prefix, name);
    return a->host->doc_get(a->doc, path);
}

int access_set(const struct access *a, const char *name, const char *value, struct cxd_error *err)
{
    if (a->set(a->conf, name, value) < 0) {
        return cxd_error_set(err, CXD_CONFIG, "librdkafka %s refuses the setting %s",
                             a->library_text, name);
    }
    return CXD_OK;
}

int access_text(const struct access *a, const char *name, const char **ret_text,
                struct cxd_error *err)
{
    struct cxd_scalar value = access_get(a, name);

    *ret_text = NULL;
    if (value.type != CXD_TEXT || value.bytes.len == 0) {
        return CXD_OK;
    }
    if (value.bytes.len > ACCESS_SECRET_MAX || strlen(value.bytes.ptr) != value.bytes.len) {
        return cxd_error_set(err, CXD_CONFIG, "%s%s: at most %d bytes of text", a->prefix, name,
                             ACCESS_SECRET_MAX);
    }
    *ret_text = value.bytes.ptr;
    return CXD_OK;
}

/* Before 2.6.1 the library sends its own nonce twice, which Kafka takes for a wrong password since 4.0. */
static void scram_warn(const struct access *a)
{
    char line[160];
    int len;

    if (a->library >= SCRAM_VERSION) {
        return;
    }
    len = snprintf(line, sizeof line,
                   "librdkafka %s cannot log in by SCRAM at Kafka 4.0 and newer (2.6.1 can): use "
                   "PLAIN with ssl there",
                   a->library_text);
    if (len > 0 && (size_t)len < sizeof line) {
        a->host->log(a->self, CXD_LOG_WARN, line, (size_t)len);
    }
}

static int login_set(const struct access *a, const char *name, const char *password,
                     const char *mechanism, int has_tls, struct cxd_error *err)
{
    int r;

    if (!has_tls && mechanism[0] == 'P') {
        static const char text[] = "the password goes over the network as it is: switch ssl on";
        a->host->log(a->self, CXD_LOG_WARN, text, sizeof text - 1);
    }
    if (mechanism[0] == 'S') {
        scram_warn(a);
    }
    r = access_set(a, "security.protocol", has_tls ? "sasl_ssl" : "sasl_plaintext", err);
    r = r == CXD_OK ? access_set(a, "sasl.mechanism", mechanism, err) : r;
    r = r == CXD_OK ? access_set(a, "sasl.username", name, err) : r;
    return r == CXD_OK ? access_set(a, "sasl.password", password, err) : r;
}

static int login_read(const struct access *a, int has_tls, struct cxd_error *err)
{
    const char *name = NULL;
    const char *password = NULL;
    const char *mechanism = NULL;
    int r = access_text(a, "username", &name, err);

    r = r == CXD_OK ? access_text(a, "password", &password, err) : r;
    r = r == CXD_OK ? access_text(a, "sasl.mechanism", &mechanism, err) : r;
    if (r != CXD_OK) {
        return r;
    }
    if (name == NULL) {
        return password != NULL || mechanism != NULL
                   ? cxd_error_set(err, CXD_CONFIG, "%spassword, sasl.mechanism: need username",
                                   a->prefix)
                   : access_set(a, "security.protocol", has_tls ? "ssl" : "plaintext", err);
    }
    mechanism = mechanism != NULL ? mechanism : "PLAIN";
    if (strcmp(mechanism, "PLAIN") != 0 && strcmp(mechanism, "SCRAM-SHA-256") != 0 &&
        strcmp(mechanism, "SCRAM-SHA-512") != 0) {
        return cxd_error_set(err, CXD_CONFIG,
                             "%ssasl.mechanism: PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512", a->prefix);
    }
    if (password == NULL) {
        return cxd_error_set(err, CXD_CONFIG, "%susername: needs password", a->prefix);
    }
    return login_set(a, name, password, mechanism, has_tls, err);
}

int access_read(struct access *a, struct cxd_error *err)
{
    const char *client_id = NULL;
    int has_tls = 0;
    int r = access_hosts(a, err);

    r = r == CXD_OK ? access_set(a, "bootstrap.servers", a->hosts, err) : r;
    r = r == CXD_OK ? access_text(a, "client_id", &client_id, err) : r;
    if (r == CXD_OK && client_id != NULL) {
        r = access_set(a, "client.id", client_id, err);
    }
    r = r == CXD_OK ? access_tls(a, &has_tls, err) : r;
    return r == CXD_OK ? login_read(a, has_tls, err) : r;
}

void access_done(struct access *a)
{
    if (a->host != NULL) {
        a->host->free(a->self, a->authorities);
        a->authorities = NULL;
    }
}
