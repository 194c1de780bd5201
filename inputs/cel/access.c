/* access.c: see the header. */
#include "access.h"

#include <stdio.h>

#define PAIR_MAX 65536u

int access_open(struct access *a, const struct heap *heap, const struct settings *settings,
                struct cxd_client *client, struct cxd_error *err)
{
    a->heap = heap;
    a->settings = settings;
    text_init(&a->header, heap, 2 * PAIR_MAX);
    a->header.secret = true;
    token_file_init(&a->file, heap, &settings->access.file);
    if (settings->access.is_aws) {
        aws_sign_open(&a->aws, heap, &settings->access.aws, client);
    }
    return settings->access.is_oauth ? signin_open(heap, settings->tree, client, &a->signin, err)
                                     : 0;
}

void access_done(struct access *a)
{
    if (a->heap != NULL) {
        signin_close(a->signin);
        text_done(&a->header);
        token_file_done(&a->file);
        aws_sign_done(&a->aws);
        a->heap = NULL;
    }
}

int access_step(struct access *a, struct cxd_error *err)
{
    if (a->settings->access.is_aws) {
        return aws_sign_step(&a->aws, err);
    }
    return a->signin != NULL ? signin_step(a->signin, err) : 0;
}

static void basic_header(struct access *a)
{
    const struct settings_access *from = &a->settings->access;
    size_t room = (from->user.len + from->password.len + 1) / 3 * 4 + 8;
    char *code = heap_alloc(a->heap, room);
    struct text pair;

    text_init(&pair, a->heap, PAIR_MAX);
    pair.secret = true;
    text_add(&pair, from->user.ptr, from->user.len);
    text_put(&pair, ":");
    text_add(&pair, from->password.ptr, from->password.len);
    text_put(&a->header, "Basic ");
    if (code == NULL || pair.status != 0) {
        a->header.status = CXD_NOMEM;
    } else {
        text_add(&a->header, code, a->heap->host->base64(pair.ptr, pair.len, 0, code, room));
        heap_wipe(code, room);
    }
    heap_free(a->heap, code);
    text_done(&pair);
}

/* Path and query: what a digest signs. */
static struct cxd_bytes uri_of(const char *url)
{
    const char *at = strstr(url, "://");

    at = at != NULL ? at + 3 : url;
    at += strcspn(at, "/?");
    return *at == '\0' ? CXD_LIT("/") : (struct cxd_bytes){at, strcspn(at, "#")};
}

static void digest_header(struct access *a, struct cxd_bytes method, const char *url)
{
    unsigned char chance[16];
    char cnonce[33];
    struct challenge_ask ask = {.user = a->settings->access.user,
                                .password = a->settings->access.password,
                                .method = method,
                                .uri = uri_of(url),
                                .cnonce = cnonce};

    a->heap->host->random(a->heap->self, chance, sizeof chance);
    for (size_t i = 0; i < sizeof chance; i++) {
        (void)snprintf(cnonce + 2 * i, 3, "%02x", chance[i]);
    }
    challenge_answer(&a->challenge, &ask, a->heap->host->sha256, &a->header);
    if (a->settings->access.digest_no_reuse) {
        a->challenge.is_set = false;
    }
}

int access_header(struct access *a, struct cxd_bytes method, const char *url, bool is_direct,
                  struct cxd_header *ret_header, struct cxd_error *err)
{
    const struct settings_access *from = &a->settings->access;

    *ret_header = (struct cxd_header){.name = NULL, .secret = 1};
    if (from->is_file) {
        int status = token_file_step(&a->file, err);

        *ret_header = (struct cxd_header){
            .name = from->file.header.ptr, .value = a->file.value.ptr, .secret = 1};
        return status;
    }
    text_clear(&a->header);
    if (from->is_basic && is_direct) {
        basic_header(a);
    } else if (from->is_token && is_direct) {
        text_add(&a->header, from->token.ptr, from->token.len);
    } else if (from->is_digest && a->challenge.is_set) {
        digest_header(a, method, url);
    } else if (a->signin != NULL) {
        struct cxd_bytes token = signin_token(a->signin);

        text_put(&a->header, "Bearer ");
        text_add(&a->header, token.ptr, token.len);
    }
    if (a->header.status != 0) {
        return cxd_error_set(err, a->header.status, "credentials: out of memory");
    }
    if (a->header.len > 0) {
        ret_header->name = "Authorization";
        ret_header->value = a->header.ptr;
    }
    return 0;
}

bool access_refused(struct access *a, const char *challenge)
{
    if (a->signin != NULL) {
        signin_refused(a->signin);
        return true;
    }
    if (a->settings->access.is_aws && a->aws.has_role) {
        aws_sign_refused(&a->aws);
        return true;
    }
    if (a->settings->access.is_digest) {
        return challenge_read(&a->challenge, challenge);
    }
    if (a->settings->access.is_file) {
        token_file_refused(&a->file);
        return true;
    }
    return false;
}
