/* signin.c: see the header. */
#include "signin.h"

#include "auth.h" /* httpjson's */

struct signin {
    struct heap heap;
    struct config config; /* of httpjson: the part for OAuth */
    struct auth auth;
};

int signin_open(const struct heap *heap, struct tree *options, struct cxd_client *client,
                struct signin **ret_signin, struct cxd_error *err)
{
    struct signin *s = heap_alloc(heap, sizeof *s);
    int status;

    if (s == NULL) {
        return cxd_error_set(err, CXD_NOMEM, "auth: out of memory");
    }
    s->heap = *heap;
    s->config.heap = *heap;
    region_init(&s->config.region, &s->heap, 4u << 20);
    s->config.region.secret = true;
    s->config.tree = options;
    auth_init(&s->auth, &s->heap, &s->config.auth, client);
    status = config_auth_read(&s->config, 1, err);
    if (s->config.region.status != 0) {
        status = cxd_error_set(err, s->config.region.status, "auth: out of memory");
    }
    if (status < 0) {
        signin_close(s);
        return status;
    }
    *ret_signin = s;
    return 0;
}

void signin_close(struct signin *s)
{
    if (s != NULL) {
        struct heap heap = s->heap;

        auth_done(&s->auth);
        region_done(&s->config.region);
        heap_free(&heap, s);
    }
}

int signin_step(struct signin *s, struct cxd_error *err)
{
    return auth_step(&s->auth, err);
}

struct cxd_bytes signin_token(const struct signin *s)
{
    return text_bytes(&s->auth.token);
}

const char *signin_prefix(const struct signin *s)
{
    return s->config.auth.proof_pem.len > 0 ? "DPoP " : "Bearer ";
}

int signin_proof(struct signin *s, struct cxd_bytes method, struct cxd_bytes url,
                 struct cxd_bytes *ret_value, struct cxd_error *err)
{
    return auth_proof(&s->auth, method, url, ret_value, err);
}

void signin_hear(struct signin *s, const char *nonce)
{
    auth_hear(&s->auth, nonce);
}

void signin_refused(struct signin *s)
{
    auth_refused(&s->auth);
}
