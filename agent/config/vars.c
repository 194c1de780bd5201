/*
 * vars.c: ${...} in policy values. Knows the environment and the host's names; what it finds it never logs.
 */
#include "config/vars.h"

#include "base/cleanup.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#define VAR_MAX_LEN (1u << 20)

static struct conf_vault vault;
static char agent_id[64]; /* empty: not known */

void conf_agent_id_set(const char *id)
{
    (void)snprintf(agent_id, sizeof agent_id, "%s", id != NULL ? id : "");
}

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

/* The first of /etc/machine-id and D-Bus' file that has an id: 32 hex digits. */
static const char *machine_id(char id[static 40])
{
    static const char *const paths[] = {"/etc/machine-id", "/var/lib/dbus/machine-id"};

    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
        FILE *f = fopen(paths[i], "re");
        size_t len = f != NULL ? fread(id, 1, 39, f) : 0;
        if (f != NULL) {
            (void)fclose(f);
        }
        while (len > 0 && id[len - 1] == '\n') {
            len--;
        }
        id[len] = '\0';
        if (len > 0) {
            return id;
        }
    }
    return NULL;
}

/* Names of the host by Elastic Agent's words. */
static const char *host_value(const char *name, struct utsname *host, char id[static 40])
{
    if (strcmp(name, "id") == 0) {
        return machine_id(id);
    }
    if (strcmp(name, "platform") == 0) {
        return "linux";
    }
    if (uname(host) != 0) {
        return NULL;
    }
    if (strcmp(name, "name") == 0) {
        return host->nodename;
    }
    return strcmp(name, "architecture") == 0 ? host->machine : NULL;
}

/* Value of "provider.key"; a name without a dot belongs to env. NULL: none. */
static const char *var_value(const char *name, struct utsname *host, char id[static 40])
{
    if (strncmp(name, "host.", 5) == 0) {
        return host_value(name + 5, host, id);
    }
    if (strncmp(name, "env.", 4) == 0) {
        return getenv(name + 4);
    }
    if (strcmp(name, "agent.version") == 0) {
        return CXD_VERSION;
    }
    if (strcmp(name, "agent.id") == 0) {
        return agent_id[0] != '\0' ? agent_id : NULL;
    }
    return strchr(name, '.') == NULL ? getenv(name) : NULL;
}

int vars_unquote(const char *inside, size_t len, struct buf *out)
{
    int r = CXD_OK;

    for (size_t i = 0; i < len && r == CXD_OK; i++) {
        if (inside[i] == '\\' && i + 1 < len) {
            i++;
        }
        r = buf_add(out, inside + i, 1);
    }
    return r;
}

/* The letter outside quotes; end when it is not there. A quote begins an alternative or a default: elsewhere it is a letter. */
static const char *outside_find(const char *at, const char *end, char letter)
{
    char quote = '\0';
    bool is_start = true;

    for (; at < end; at++) {
        if (quote != '\0' && *at == '\\' && end - at > 1) {
            at++;
        } else if (quote != '\0') {
            quote = *at == quote ? '\0' : quote;
        } else if (*at == letter) {
            return at;
        } else if (is_start && (*at == '\'' || *at == '"')) {
            quote = *at;
        }
        is_start = *at == '|' || *at == ':' || (is_start && (*at == ' ' || *at == '\t'));
    }
    return end;
}

const char *vars_close(const char *at, const char *end)
{
    const char *close = outside_find(at, end, '}');

    return close < end ? close : NULL;
}

static void trim(const char **at, size_t *len)
{
    while (*len > 0 && (**at == ' ' || **at == '\t')) {
        *at += 1;
        *len -= 1;
    }
    while (*len > 0 && ((*at)[*len - 1] == ' ' || (*at)[*len - 1] == '\t')) {
        *len -= 1;
    }
}

static int is_quoted(const char *at, size_t len)
{
    return len >= 2 && (*at == '\'' || *at == '"') && at[len - 1] == *at;
}

/* One alternative of ${a|b|'text'}: 1 when it gave a value. */
static int var_try(const char *term, size_t len, struct buf *out, int *ret_result)
{
    char name[256];
    char id[40];
    struct utsname host;
    const char *value;
    struct cxd_bytes secret = {NULL, 0};
    int found;

    trim(&term, &len);
    if (is_quoted(term, len)) {
        *ret_result = vars_unquote(term + 1, len - 2, out);
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
    value = var_value(name, &host, id);
    if (value == NULL) {
        return 0;
    }
    *ret_result = buf_add_text(out, value);
    return 1;
}

int vars_put(const char *inside, size_t len, struct buf *out, struct cxd_error *err)
{
    const char *end = inside + len;
    const char *colon = outside_find(inside, end, ':');
    int r = CXD_OK;

    for (const char *at = inside; at < colon;) {
        const char *bar = outside_find(at, colon, '|');
        if (var_try(at, (size_t)(bar - at), out, &r)) {
            return r;
        }
        at = bar < colon ? bar + 1 : colon;
    }
    if (colon < end) {
        const char *text = colon + 1;
        size_t text_len = (size_t)(end - text);
        return is_quoted(text, text_len) ? vars_unquote(text + 1, text_len - 2, out)
                                         : buf_add(out, text, text_len);
    }
    if (vault.is_probe) {
        return CXD_OK;
    }
    return cxd_error_set(
        err, CXD_NOT_FOUND,
        "variable ${%.*s} has no value: set it (providers: keystore, env, host, agent) or give a "
        "default, ${%.*s:default}",
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
        r = buf_add(out, text, (size_t)(dollar - text));
        if (dollar > text && dollar[-1] == '$') { /* $${ is a literal ${ */
            r = r != CXD_OK ? r : buf_add(out, "{", 1);
            text = dollar + 2;
        } else {
            close = vars_close(dollar + 2, end);
            if (close == NULL) {
                return cxd_error_set(err, CXD_CONFIG,
                                     "\"${\" without \"}\"; write $${ for a literal ${");
            }
            r = r != CXD_OK ? r : vars_put(dollar + 2, (size_t)(close - dollar - 2), out, err);
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
