/* policy_sign.c: keys made, policies signed. */
#include "base/buf.h"
#include "base/cleanup.h"
#include "config/conf.h"
#include "config/number.h"
#include "front/fleet/envelope.h"
#include "front/fleet/policy_words.h"
#include "io/crypto.h"
#include "io/file.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

int policy_keygen(const struct policy_words *w)
{
    struct cxd_error err = CXD_ERROR_INIT;
    char pem[SIGN_PEM_MAX];
    unsigned char key[SIGN_KEY_LEN];
    char text[64];
    size_t len;
    int r;

    if (w->count != 1) {
        command_complain("policy keygen: expected a file for the private key");
        return EXIT_USAGE;
    }
    if (access(w->names[0], F_OK) == 0) {
        command_complain("%s is there already", w->names[0]);
        return EXIT_PROBLEM;
    }
    r = sign_new(pem, key, &err);
    r = r != CXD_OK ? r
                    : file_replace(w->names[0], (struct cxd_bytes){pem, strlen(pem)}, 0600, &err);
    crypto_wipe(pem, sizeof pem);
    if (r != CXD_OK) {
        command_complain("%s", err.text);
        return EXIT_PROBLEM;
    }
    len = crypto_base64(key, sizeof key, 0, text, sizeof text);
    (void)printf(w->is_json ? "{\"public_key\":\"%.*s\"}\n" : "public_key: %.*s\n", (int)len, text);
    return EXIT_OK;
}

static int head_make(const struct policy_words *w, struct envelope *e)
{
    int64_t revision = 0;

    if (w->count != 1 || w->key == NULL || w->id == NULL || w->revision == NULL ||
        strlen(w->id) >= sizeof e->policy_id || number_int(w->revision, &revision) != CXD_OK ||
        revision <= 0) {
        command_complain(
            "policy sign: expected FILE --key KEY --id POLICY_ID --revision N, with N above 0");
        return EXIT_USAGE;
    }
    if ((w->not_before != NULL &&
         envelope_time(w->not_before, strlen(w->not_before), &e->not_before_ms) != CXD_OK) ||
        (w->not_after != NULL &&
         envelope_time(w->not_after, strlen(w->not_after), &e->not_after_ms) != CXD_OK)) {
        command_complain("policy sign: expected times as 2026-01-31T00:00:00Z");
        return EXIT_USAGE;
    }
    (void)snprintf(e->policy_id, sizeof e->policy_id, "%s", w->id);
    (void)snprintf(e->targets, sizeof e->targets, "%s", w->targets != NULL ? w->targets : "");
    e->revision = (uint64_t)revision;
    return EXIT_OK;
}

/* The head is written with the name of the key, which the key alone tells: signed once for nothing. */
static int sign_text(struct envelope *e, struct cxd_bytes pem, const struct buf *policy,
                     struct buf *out, struct cxd_error *err)
{
    _cleanup_(buf_done) struct buf all;
    unsigned char signature[SIGN_LEN];
    unsigned char key[SIGN_KEY_LEN];
    struct envelope again;
    char text[96];
    size_t len;
    int r = sign_make(pem, (struct cxd_bytes){"", 0}, signature, key, err);

    buf_init(&all, CONF_MAX_BYTES + ENVELOPE_MAX);
    if (r != CXD_OK) {
        return r;
    }
    envelope_key_id(key, e->key_id);
    r = envelope_write(e, out);
    r = r != CXD_OK ? r : buf_add(&all, out->ptr, out->len);
    r = r != CXD_OK || policy->len == 0 ? r : buf_add(&all, policy->ptr, policy->len);
    r = r != CXD_OK ? r : sign_make(pem, (struct cxd_bytes){all.ptr, all.len}, signature, key, err);
    if (r != CXD_OK) {
        return r;
    }
    len = crypto_base64(signature, sizeof signature, 0, text, sizeof text);
    r = buf_add_format(out, "signature: %.*s\n", (int)len, text);
    return r != CXD_OK ? r : envelope_read((struct cxd_bytes){out->ptr, out->len}, &again, err);
}

int policy_sign(const struct policy_words *w)
{
    _cleanup_(buf_done) struct buf policy;
    _cleanup_(buf_done) struct buf pem;
    _cleanup_(buf_done) struct buf out;
    struct cxd_error err = CXD_ERROR_INIT;
    struct envelope e = {.revision = 0};
    char path[4096];
    int r = head_make(w, &e);

    buf_init(&policy, CONF_MAX_BYTES);
    buf_init(&pem, 8192);
    buf_init(&out, ENVELOPE_MAX);
    if (r != EXIT_OK) {
        return r;
    }
    (void)snprintf(path, sizeof path, "%s.sig", w->names[0]);
    r = file_read(w->names[0], &policy, NULL, &err);
    r = r != CXD_OK ? r : file_read(w->key, &pem, NULL, &err);
    r = r != CXD_OK ? r : sign_text(&e, (struct cxd_bytes){pem.ptr, pem.len}, &policy, &out, &err);
    r = r != CXD_OK ? r : file_replace(path, (struct cxd_bytes){out.ptr, out.len}, 0644, &err);
    crypto_wipe(pem.ptr, pem.cap);
    if (r != CXD_OK) {
        command_complain("%s", err.text[0] != '\0' ? err.text : "policy sign: out of memory");
        return EXIT_PROBLEM;
    }
    (void)printf(w->is_json ? "{\"signature\":\"%s\",\"key_id\":\"%s\"}\n" : "%s: key %s\n", path,
                 e.key_id);
    return EXIT_OK;
}
