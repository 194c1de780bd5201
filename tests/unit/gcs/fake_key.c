/* fake_key.c: a service-account key that exists for one run only. */
#include "fake.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <stdlib.h>

const char *fake_key_json(void)
{
    static char json[8192];
    EVP_PKEY *key;
    BIO *bio;
    char *pem;
    long pem_len;
    size_t len;

    if (json[0] != '\0') {
        return json;
    }
    key = EVP_RSA_gen(2048);
    bio = BIO_new(BIO_s_mem());
    if (key == NULL || bio == NULL ||
        PEM_write_bio_PKCS8PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL) != 1) {
        abort();
    }
    pem_len = BIO_get_mem_data(bio, &pem);
    len = (size_t)snprintf(json, sizeof json,
                           "{\"type\":\"service_account\",\"private_key_id\":\"k1\","
                           "\"client_email\":\"collector@project.iam.example\","
                           "\"token_uri\":\"https://oauth2.example/token\",\"private_key\":\"");
    for (long i = 0; i < pem_len; i++) {
        if (pem[i] == '\n') {
            json[len++] = '\\';
            json[len++] = 'n';
        } else {
            json[len++] = pem[i];
        }
    }
    (void)snprintf(json + len, sizeof json - len, "\"}");
    BIO_free(bio);
    EVP_PKEY_free(key);
    return json;
}
