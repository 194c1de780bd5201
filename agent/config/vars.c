/*
 * vars.c: ${...} in policy values. Knows the environment and the host's names; what it finds it never logs.
 */
#include "config/conf.h"

#include "base/buf.h"
#include "base/cleanup.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#define VAR_MAX_LEN (1u << 20)

static struct conf_vault vault;

void conf_vault_set(const struct conf_vault *set)
{
    vault = set != NULL ? *set : (struct conf_vault){.look = NULL};
}

static int vault_look(const char *name, struct cxd_bytes *ret_value)
{
    if (vault.look == NULL || strncmp(name, "env.", 4) == 0 || strncmp(name, "host.", 5) == 0) {
        return 0;
    }
    return vault.look(vault.arg, name, ret_value);
}

/* Value of "provider.key"; a name without a dot belongs to env. NULL: none. */
static const char *var_value(const char *name, struct utsname *host)
{
    if (strncmp(name, "host.", 5) == 0) {
        if (uname(host) != 0) {
            return NULL;
        }
        if (strcmp(name + 5, "name") == 0) {
            return host->nodename;
        }
        if (strcmp(name + 5, "architecture") == 0) {
            return host->machine;
        }
        return strcmp(name + 5, "platform") == 0 ? "linux" : NULL;
    }
    if (strncmp(name, "env.", 4) == 0) {
        return getenv(name + 4);
    }
    return strchr(name, '.') == NULL ? getenv(name) : NULL;
}

/* One alternative of ${a|b|'text'}: 1 when it gave a value. */
static int var_try(const char *term, size_t len, struct buf *out, int *ret_result)
{
    char name[256];
    struct utsname host;
    const char *value;
    struct cxd_bytes secret = {NULL, 0};
    int found;

    while (len > 0 && *term == ' ') {
        term++;
        len--;
    }
    while (len > 0 && term[len - 1] == ' ') {
        len--;
    }
    if (len >= 2 && (*term == '\'' || *term == '"') && term[len - 1] == *term) {
        *ret_result = buf_add(out, term + 1, len - 2);
        return 1;
    }
    if (len == 0 || len >= sizeof name) {
        return 0;
    }
    memcpy(name, term, len);
    name[len] = '\0';
    found = vault_look(name, &secret);
    if (found != 0) {
        *ret_result = found > 0 ? buf_add(out, secret.ptr, secret.len) : found;
        return 1;
    }
    value = var_value(name, &host);
    if (value == NULL) {
        return 0;
    }
    *ret_result = buf_add_text(out, value);
    return 1;
}

/* The inside of ${...}: alternatives by |, then a default after the first colon. */
static int var_put(const char *inside, size_t len, struct buf *out, struct cxd_error *err)
{
    const char *colon = memchr(inside, ':', len);
    size_t names_len = colon != NULL ? (size_t)(colon - inside) : len;
    const char *at = inside;
    size_t left = names_len;
    int r = CXD_OK;

    while (left > 0) {
        const char *bar = memchr(at, '|', left);
        size_t term_len = bar != NULL ? (size_t)(bar - at) : left;
        if (var_try(at, term_len, out, &r)) {
            return r;
        }
        at += bar != NULL ? term_len + 1 : term_len;
        left -= bar != NULL ? term_len + 1 : term_len;
    }
    if (colon != NULL) {
        return buf_add(out, colon + 1, len - names_len - 1);
    }
    if (vault.is_probe) {
        return CXD_OK;
    }
    return cxd_error_set(
        err, CXD_CONFIG,
        "variable ${%.*s} has no value: set it (providers: keystore, env, host) or give a default, "
        "${%.*s:default}",
        (int)(len > 80 ? 80 : len), inside, (int)(len > 80 ? 80 : len), inside);
}

static int expand_into(struct buf *out, const char *text, size_t len, struct cxd_error *err)
{
    const char *end = text + len;

    while (text < end) {
        const char *dollar = memmem(text, (size_t)(end - text), "${", 2);
        const char *close;
        int r;
        if (dollar == NULL) {
            return buf_add(out, text, (size_t)(end - text));
        }
        if (dollar > text && dollar[-1] == '$') { /* $${ is a literal ${ */
            r = buf_add(out, text, (size_t)(dollar - text));
            r = r != CXD_OK ? r : buf_add(out, "{", 1);
            text = dollar + 2;
        } else {
            close = memchr(dollar, '}', (size_t)(end - dollar));
            if (close == NULL) {
                return cxd_error_set(err, CXD_CONFIG,
                                     "\"${\" without \"}\"; write $${ for a literal ${");
            }
            r = buf_add(out, text, (size_t)(dollar - text));
            r = r != CXD_OK ? r : var_put(dollar + 2, (size_t)(close - dollar - 2), out, err);
            text = close + 1;
        }
        if (r != CXD_OK) {
            return r;
        }
    }
    return CXD_OK;
}

int conf_expand(const char *text, size_t len, struct arena *arena, const char **ret_text,
                size_t *ret_len, struct cxd_error *err)
{
    _cleanup_(buf_done) struct buf out;
    char *copy;
    int r;

    buf_init(&out, VAR_MAX_LEN);
    if (memmem(text, len, "${", 2) != NULL) {
        struct cxd_error why = CXD_ERROR_INIT;
        /* not to grow later, which would leave a piece of a secret behind */
        r = vault.look != NULL ? buf_reserve(&out, VAR_MAX_LEN / 8) : CXD_OK;
        r = r != CXD_OK ? r : expand_into(&out, text, len, &why);
        if (r != CXD_OK) {
            if (out.ptr != NULL) {
                explicit_bzero(out.ptr, out.cap);
            }
            return why.text[0] != '\0' ? cxd_error_set(err, r, "%s", why.text)
                                       : cxd_error_set(err, r, "value too long or out of memory");
        }
        text = out.ptr != NULL ? out.ptr : "";
        len = out.len;
    }
    copy = arena_copy(arena, text, len);
    if (out.ptr != NULL) {
        explicit_bzero(out.ptr, out.len); /* may have held a secret */
    }
    if (copy == NULL) {
        return cxd_error_set(err, CXD_NOMEM, "out of memory");
    }
    *ret_text = copy;
    *ret_len = len;
    return CXD_OK;
}
