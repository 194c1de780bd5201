/*
 * Certificates and keys of the simulator. Knows OpenSSL and files; nothing of HTTP.
 */
#include "identity.h"

#include <errno.h>
#include <fcntl.h>
#include <json-c/json.h>
#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { IDENTITY_PATH_MAX = 4096, IDENTITY_FILE_MAX = 64 * 1024, IDENTITY_DAYS = 3650 };

static const char ACCOUNT_EMAIL[] = "collector@cxd-simulator.iam.gserviceaccount.com";

static bool identity_extend(X509 *cert, X509 *issuer, int nid, const char *value)
{
    X509V3_CTX ctx;
    X509V3_set_ctx_nodb(&ctx);
    X509V3_set_ctx(&ctx, issuer, cert, NULL, NULL, 0);
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
    bool ok = extension && X509_add_ext(cert, extension, -1) == 1;
    X509_EXTENSION_free(extension);
    return ok;
}

static X509 *identity_cert(EVP_PKEY *key, const char *name, X509 *issuer, EVP_PKEY *issuer_key)
{
    X509 *cert = X509_new();
    if (!cert) {
        return NULL;
    }
    X509_set_version(cert, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(cert), issuer ? 2 : 1);
    X509_gmtime_adj(X509_getm_notBefore(cert), -3600);
    X509_time_adj_ex(X509_getm_notAfter(cert), IDENTITY_DAYS, 0, NULL);
    X509_set_pubkey(cert, key);
    X509_NAME_add_entry_by_txt(X509_get_subject_name(cert), "CN", MBSTRING_ASC,
                               (const unsigned char *)name, -1, -1, 0);
    X509_set_issuer_name(cert, X509_get_subject_name(issuer ? issuer : cert));
    bool ok;
    if (issuer) {
        ok = identity_extend(cert, issuer, NID_basic_constraints, "critical,CA:FALSE") &&
             identity_extend(cert, issuer, NID_ext_key_usage, "serverAuth") &&
             identity_extend(cert, issuer, NID_subject_alt_name,
                             "IP:127.0.0.1,IP:::1,DNS:localhost,DNS:api-tenant.localhost");
    } else {
        ok = identity_extend(cert, cert, NID_basic_constraints, "critical,CA:TRUE") &&
             identity_extend(cert, cert, NID_key_usage, "critical,keyCertSign,cRLSign");
    }
    ok = ok && identity_extend(cert, issuer ? issuer : cert, NID_subject_key_identifier, "hash") &&
         identity_extend(cert, issuer ? issuer : cert, NID_authority_key_identifier, "keyid") &&
         X509_sign(cert, issuer_key ? issuer_key : key, EVP_sha256()) > 0;
    if (!ok) {
        X509_free(cert);
        return NULL;
    }
    return cert;
}

static FILE *identity_create(const char *state, const char *name, mode_t mode)
{
    char path[IDENTITY_PATH_MAX];
    snprintf(path, sizeof path, "%s/%s", state, name);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
    return fd >= 0 ? fdopen(fd, "w") : NULL;
}

static bool identity_write_key(const char *state, const char *name, EVP_PKEY *key)
{
    FILE *file = identity_create(state, name, 0600);
    bool ok = file && PEM_write_PKCS8PrivateKey(file, key, NULL, NULL, 0, NULL, NULL) == 1;
    return file ? fclose(file) == 0 && ok : false;
}

static bool identity_write_cert(const char *state, const char *name, X509 *cert)
{
    FILE *file = identity_create(state, name, 0644);
    bool ok = file && PEM_write_X509(file, cert) == 1;
    return file ? fclose(file) == 0 && ok : false;
}

static bool identity_make(const char *state)
{
    EVP_PKEY *authority_key = EVP_EC_gen("P-256");
    EVP_PKEY *server_key = EVP_EC_gen("P-256");
    EVP_PKEY *account_key = EVP_RSA_gen(2048);
    X509 *authority = NULL, *server = NULL;
    bool ok = authority_key && server_key && account_key;
    if (ok) {
        authority = identity_cert(authority_key, "cxd simulator authority", NULL, NULL);
        server =
            authority ? identity_cert(server_key, "localhost", authority, authority_key) : NULL;
    }
    /* The authority's certificate last: where it exists, everything does. */
    ok = ok && server && identity_write_key(state, "server-key.pem", server_key) &&
         identity_write_key(state, "account-key.pem", account_key) &&
         identity_write_cert(state, "server.pem", server) &&
         identity_write_cert(state, "ca.pem", authority);
    X509_free(authority);
    X509_free(server);
    EVP_PKEY_free(authority_key);
    EVP_PKEY_free(server_key);
    EVP_PKEY_free(account_key);
    return ok;
}

static char *identity_read(const char *state, const char *name)
{
    char path[IDENTITY_PATH_MAX];
    snprintf(path, sizeof path, "%s/%s", state, name);
    FILE *file = fopen(path, "re");
    char *text = malloc(IDENTITY_FILE_MAX);
    size_t len = file && text ? fread(text, 1, IDENTITY_FILE_MAX - 1, file) : 0;
    if (file) {
        fclose(file);
    }
    if (!len) {
        free(text);
        return NULL;
    }
    text[len] = 0;
    return text;
}

static bool identity_load(struct identity *identity, const char *state)
{
    char *authority = identity_read(state, "ca.pem");
    free(authority);
    identity->server_cert = identity_read(state, "server.pem");
    identity->server_key = identity_read(state, "server-key.pem");
    identity->account_key = identity_read(state, "account-key.pem");
    if (!authority || !identity->server_cert || !identity->server_key || !identity->account_key) {
        return false;
    }
    BIO *bio = BIO_new_mem_buf(identity->account_key, -1);
    identity->account = bio ? PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL) : NULL;
    BIO_free(bio);
    return identity->account != NULL;
}

bool identity_open(struct identity *identity, const char *state, const char **ret_reason)
{
    *identity = (struct identity){.server_cert = NULL};
    snprintf(identity->account_email, sizeof identity->account_email, "%s", ACCOUNT_EMAIL);
    if (mkdir(state, 0700) != 0 && errno != EEXIST) {
        *ret_reason = "the state folder cannot be made";
        return false;
    }
    if (!identity_load(identity, state)) {
        identity_done(identity);
        if (!identity_make(state) || !identity_load(identity, state)) {
            *ret_reason = "keys and certificates cannot be made in the state folder";
            return false;
        }
    }
    unsigned char digest[EVP_MAX_MD_SIZE];
    EVP_Digest(identity->account_key, strlen(identity->account_key), digest, NULL, EVP_sha256(),
               NULL);
    for (unsigned i = 0; i < 20; i++) {
        snprintf(identity->key_id + 2 * i, 3, "%02x", digest[i]);
    }
    snprintf(identity->account_email, sizeof identity->account_email, "%s", ACCOUNT_EMAIL);
    return true;
}

void identity_done(struct identity *identity)
{
    if (identity->server_key) {
        memset(identity->server_key, 0, strlen(identity->server_key));
    }
    free(identity->server_cert);
    free(identity->server_key);
    free(identity->account_key);
    EVP_PKEY_free(identity->account);
    *identity = (struct identity){.server_cert = NULL};
}

bool identity_write_account(const struct identity *identity, const char *state,
                            const char *token_uri)
{
    struct json_object *account = json_object_new_object();
    const struct {
        const char *key, *value;
    } members[] = {
        {"type", "service_account"},
        {"project_id", "cxd-simulator"},
        {"private_key_id", identity->key_id},
        {"private_key", identity->account_key},
        {"client_email", identity->account_email},
        {"client_id", "108000000000000000001"},
        {"auth_uri", "https://accounts.google.com/o/oauth2/auth"},
        {"token_uri", token_uri},
        {"universe_domain", "googleapis.com"},
    };
    for (size_t i = 0; i < sizeof members / sizeof members[0]; i++) {
        json_object_object_add(account, members[i].key, json_object_new_string(members[i].value));
    }
    FILE *file = identity_create(state, "service-account.json", 0600);
    bool ok =
        file && fprintf(file, "%s\n",
                        json_object_to_json_string_ext(
                            account, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_NOSLASHESCAPE)) > 0;
    ok = file && fclose(file) == 0 && ok;
    json_object_put(account);
    return ok;
}
