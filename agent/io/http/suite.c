/*
 * suite.c: names of cipher suites and curves, as Beats writes them, in OpenSSL's words. Pure. What OpenSSL does not offer any more
 * is passed over when something else is named beside it.
 */
#include "inner.h"

#include <stdlib.h>
#include <string.h>

struct word_row {
    const char *name;
    const char *openssl; /* NULL: known, and not spoken any more */
    int is_1_3;
};

static const struct word_row suites[] = {
    {"TLS-AES-128-GCM-SHA256", "TLS_AES_128_GCM_SHA256", 1},
    {"TLS-AES-256-GCM-SHA384", "TLS_AES_256_GCM_SHA384", 1},
    {"TLS-CHACHA20-POLY1305-SHA256", "TLS_CHACHA20_POLY1305_SHA256", 1},
    {"ECDHE-ECDSA-AES-128-GCM-SHA256", "ECDHE-ECDSA-AES128-GCM-SHA256", 0},
    {"ECDHE-ECDSA-AES-256-GCM-SHA384", "ECDHE-ECDSA-AES256-GCM-SHA384", 0},
    {"ECDHE-ECDSA-CHACHA20-POLY1305", "ECDHE-ECDSA-CHACHA20-POLY1305", 0},
    {"ECDHE-RSA-AES-128-GCM-SHA256", "ECDHE-RSA-AES128-GCM-SHA256", 0},
    {"ECDHE-RSA-AES-256-GCM-SHA384", "ECDHE-RSA-AES256-GCM-SHA384", 0},
    {"ECDHE-RSA-CHACHA20-POLY1305", "ECDHE-RSA-CHACHA20-POLY1305", 0},
    {"ECDHE-RSA-CHACHA20-POLY1205", "ECDHE-RSA-CHACHA20-POLY1305", 0}, /* so it is written there */
    {"ECDHE-ECDSA-AES-128-CBC-SHA", "ECDHE-ECDSA-AES128-SHA", 0},
    {"ECDHE-ECDSA-AES-128-CBC-SHA256", "ECDHE-ECDSA-AES128-SHA256", 0},
    {"ECDHE-ECDSA-AES-256-CBC-SHA", "ECDHE-ECDSA-AES256-SHA", 0},
    {"ECDHE-RSA-AES-128-CBC-SHA", "ECDHE-RSA-AES128-SHA", 0},
    {"ECDHE-RSA-AES-128-CBC-SHA256", "ECDHE-RSA-AES128-SHA256", 0},
    {"ECDHE-RSA-AES-256-CBC-SHA", "ECDHE-RSA-AES256-SHA", 0},
    {"RSA-AES-128-CBC-SHA", "AES128-SHA", 0},
    {"RSA-AES-128-CBC-SHA256", "AES128-SHA256", 0},
    {"RSA-AES-128-GCM-SHA256", "AES128-GCM-SHA256", 0},
    {"RSA-AES-256-CBC-SHA", "AES256-SHA", 0},
    {"RSA-AES-256-GCM-SHA384", "AES256-GCM-SHA384", 0},
    {"ECDHE-ECDSA-RC4-128-SHA", NULL, 0},
    {"ECDHE-RSA-3DES-CBC3-SHA", NULL, 0},
    {"ECDHE-RSA-RC4-128-SHA", NULL, 0},
    {"RSA-3DES-CBC3-SHA", NULL, 0},
    {"RSA-RC4-128-SHA", NULL, 0},
    {NULL, NULL, 0},
};

static const struct word_row curves[] = {
    {"P-256", "P-256", 0},   {"P-384", "P-384", 0}, {"P-521", "P-521", 0},
    {"X25519", "X25519", 0}, {NULL, NULL, 0},
};

static const struct word_row *row_find(const struct word_row *rows, const char *name)
{
    while (rows->name != NULL && strcmp(rows->name, name) != 0) {
        rows++;
    }
    return rows->name != NULL ? rows : NULL;
}

/* Appends a word with a colon before it. False: no memory. */
static int word_add(char **text, const char *word)
{
    size_t len = *text != NULL ? strlen(*text) : 0;
    char *longer = realloc(*text, len + strlen(word) + 2);

    if (longer == NULL) {
        return 0;
    }
    (void)snprintf(longer + len, strlen(word) + 2, "%s%s", len > 0 ? ":" : "", word);
    *text = longer;
    return 1;
}

static int words_make(const struct word_row *rows, const char *const *names, uint32_t count,
                      const char *option, char **ret_texts, struct cxd_error *err)
{
    for (uint32_t i = 0; i < count; i++) {
        const struct word_row *row = row_find(rows, names[i]);

        if (row == NULL) {
            return cxd_error_set(err, CXD_CONFIG, "%s: \"%.60s\" is not known", option, names[i]);
        }
        if (row->openssl != NULL && !word_add(&ret_texts[row->is_1_3], row->openssl)) {
            return cxd_error_set(err, CXD_NOMEM, "out of memory for an HTTP client");
        }
    }
    return count == 0 || ret_texts[0] != NULL || ret_texts[1] != NULL
               ? CXD_OK
               : cxd_error_set(err, CXD_CONFIG, "%s: nothing among them is spoken any more",
                               option);
}

int suite_make(struct cxd_client *c, const struct http_settings *s, struct cxd_error *err)
{
    char *curve[2] = {NULL, NULL};
    int r = words_make(suites, s->suites, s->suite_count, "ssl.cipher_suites", c->suites, err);

    if (r == CXD_OK) {
        r = words_make(curves, s->curves, s->curve_count, "ssl.curve_types", curve, err);
        c->curves = curve[0];
    }
    if (r < 0 || s->suite_count == 0 || c->suites[0] != NULL) {
        return r;
    }
    /* suites of TLS 1.3 alone: no other version could use them */
    c->protocols &= HTTP_TLS_1_3;
    return c->protocols != 0 ? CXD_OK
                             : cxd_error_set(err, CXD_CONFIG,
                                             "ssl.cipher_suites: none of TLSv1.2 among them, which "
                                             "ssl.supported_protocols wants");
}

void suite_done(struct cxd_client *c)
{
    free(c->suites[0]);
    free(c->suites[1]);
    free(c->curves);
}
