/* world_server.c: libmicrohttpd on a free port of the loopback; a certificate made on the spot for TLS. */
#include "world_server.h"

#include <arpa/inet.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct world_server {
    struct MHD_Daemon *daemon;
    const char *body;
    const char *user;
    const char *password;
    char url[64];
    char *key;
    char *certificate;
};

static enum MHD_Result reply_queue(struct MHD_Connection *connection, unsigned status,
                                   const char *body)
{
    struct MHD_Response *response = MHD_create_response_from_buffer(
        strlen(body), (void *)(uintptr_t)body, MHD_RESPMEM_MUST_COPY);
    enum MHD_Result result;

    if (response == NULL) {
        return MHD_NO;
    }
    result = MHD_queue_response(connection, status, response);
    MHD_destroy_response(response);
    return result;
}

static enum MHD_Result answer(void *ctx, struct MHD_Connection *connection, const char *url,
                              const char *method, const char *version, const char *data,
                              size_t *size, void **state)
{
    struct world_server *server = ctx;
    enum MHD_Result result;
    char *password = NULL;
    char *user;

    (void)url;
    (void)method;
    (void)version;
    (void)data;
    if (*state == NULL) {
        *state = server; /* the head is here; the body comes next */
        return MHD_YES;
    }
    if (*size > 0) {
        *size = 0;
        return MHD_YES;
    }
    if (server->user == NULL) {
        return reply_queue(connection, 200, server->body);
    }
    user = MHD_basic_auth_get_username_password(connection, &password);
    result = user == NULL || strcmp(user, server->user) != 0
                 ? reply_queue(connection, 403, "user mismatch")
             : password == NULL || strcmp(password, server->password) != 0
                 ? reply_queue(connection, 403, "password mismatch")
                 : reply_queue(connection, 200, server->body);
    MHD_free(user);
    MHD_free(password);
    return result;
}

static char *bio_text(BIO *bio)
{
    char *data = NULL;
    long len = BIO_get_mem_data(bio, &data);

    return len > 0 ? strndup(data, (size_t)len) : NULL;
}

static bool certificate_make(struct world_server *server)
{
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *cert = X509_new();
    BIO *key_out = BIO_new(BIO_s_mem());
    BIO *cert_out = BIO_new(BIO_s_mem());

    if (key != NULL && cert != NULL && key_out != NULL && cert_out != NULL) {
        X509_NAME *name = X509_get_subject_name(cert);
        (void)X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                                         (const unsigned char *)"localhost", -1, -1, 0);
        (void)X509_set_issuer_name(cert, name);
        (void)X509_gmtime_adj(X509_getm_notBefore(cert), -3600);
        (void)X509_gmtime_adj(X509_getm_notAfter(cert), 86400);
        (void)X509_set_pubkey(cert, key);
        (void)X509_sign(cert, key, EVP_sha256());
        (void)PEM_write_bio_PrivateKey(key_out, key, NULL, NULL, 0, NULL, NULL);
        (void)PEM_write_bio_X509(cert_out, cert);
        server->key = bio_text(key_out);
        server->certificate = bio_text(cert_out);
    }
    BIO_free(key_out);
    BIO_free(cert_out);
    X509_free(cert);
    EVP_PKEY_free(key);
    return server->key != NULL && server->certificate != NULL;
}

struct world_server *world_server_start(bool tls, const char *body, const char *user,
                                        const char *password)
{
    struct world_server *server = calloc(1, sizeof *server);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    unsigned flags = MHD_USE_INTERNAL_POLLING_THREAD | (tls ? MHD_USE_TLS : 0u);
    const union MHD_DaemonInfo *info;

    if (server == NULL || (tls && !certificate_make(server))) {
        world_server_stop(server);
        return NULL;
    }
    server->body = body;
    server->user = user;
    server->password = password;
    server->daemon =
        tls ? MHD_start_daemon(flags, 0, NULL, NULL, answer, server, MHD_OPTION_SOCK_ADDR, &address,
                               MHD_OPTION_HTTPS_MEM_KEY, server->key, MHD_OPTION_HTTPS_MEM_CERT,
                               server->certificate, MHD_OPTION_END)
            : MHD_start_daemon(flags, 0, NULL, NULL, answer, server, MHD_OPTION_SOCK_ADDR, &address,
                               MHD_OPTION_END);
    info = server->daemon != NULL ? MHD_get_daemon_info(server->daemon, MHD_DAEMON_INFO_BIND_PORT)
                                  : NULL;
    if (info == NULL) {
        world_server_stop(server);
        return NULL;
    }
    (void)snprintf(server->url, sizeof server->url, "http%s://127.0.0.1:%u", tls ? "s" : "",
                   info->port);
    return server;
}

const char *world_server_url(const struct world_server *server)
{
    return server->url;
}

void world_server_stop(struct world_server *server)
{
    if (server != NULL) {
        if (server->daemon != NULL) {
            MHD_stop_daemon(server->daemon);
        }
        free(server->key);
        free(server->certificate);
        free(server);
    }
}
