/* cert.h: certificates made on the spot, as PEM texts. Owned by the caller, freed with cert_done. */
#pragma once

struct cert {
    char *certificate;
    char *key;
    char *locked_key;     /* the same, by passphrase "open sesame" */
    char fingerprint[65]; /* SHA-256, hex */
    void *x509;
    void *pkey;
};

/* issuer NULL: self-signed. san: "DNS:localhost,IP:127.0.0.1" or NULL. days: from now, may be negative. Ends on failure. */
void cert_make(struct cert *cert, const struct cert *issuer, const char *name, const char *san,
               int is_ca, int days);
void cert_done(struct cert *cert);
