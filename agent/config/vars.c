/*
 * vars.c: ${...} in policy values: its alternatives, defaults and quotes. Where values come from, provide.c knows.
 */
#include "config/vars.h"

#include "base/cleanup.h"
#include "config/provide.h"

#include <stdio.h>
#include <string.h>

#define VAR_MAX_LEN (1u << 20)

static struct conf_vault vault;

void conf_vault_set(const struct conf_vault *set)
{
    vault = set != NULL ? *set : (struct conf_vault){.look = NULL};
}

/* Providers whose names are never the vault's. */
static bool is_others(const char *name)
{
    static const char *const fronts[] = {"env.", "host.", "local.", "filesource.", "path."};

    for (size_t i = 0; i < sizeof fronts / sizeof fronts[0]; i++) {
        if (strncmp(name, fronts[i], strlen(fronts[i])) == 0) {
            return true;
        }
    }
    return false;
}

static int vault_look(const char *name, struct var *ret_var)
{
    struct cxd_bytes value = {NULL, 0};
    int r = vault.look != NULL && !is_others(name) ? vault.look(vault.arg, name, &value) : 0;

    if (r > 0) {
        *ret_var = (struct var){.ptr = value.ptr, .len = value.len, .is_secret = true};
    }
    return r;
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

/* 1, or CXD_NOMEM. */
static int quoted_give(const char *term, size_t len, struct arena *arena, struct var *ret_var)
{
    _cleanup_(buf_done) struct buf out;
    int r;

    buf_init(&out, VAR_MAX_LEN);
    r = vars_unquote(term + 1, len - 2, &out);
    if (r == CXD_OK) {
        *ret_var = (struct var){.len = out.len};
        ret_var->ptr = arena_copy(arena, out.ptr != NULL ? out.ptr : "", out.len);
    }
    return r == CXD_OK && ret_var->ptr != NULL ? 1 : CXD_NOMEM;
}

/* One alternative of ${a|b|'text'}: 1 when it gave a value, 0, or CXD_NOMEM. */
static int var_try(const char *term, size_t len, struct arena *arena, struct var *ret_var)
{
    char name[256];
    int r;

    trim(&term, &len);
    if (is_quoted(term, len)) {
        return quoted_give(term, len, arena, ret_var);
    }
    if (len == 0 || len >= sizeof name) {
        return 0;
    }
    memcpy(name, term, len);
    name[len] = '\0';
    r = vault_look(name, ret_var);
    return r != 0 ? r : provide(name, arena, ret_var);
}

static int default_give(const char *text, size_t len, struct arena *arena, struct var *ret_var)
{
    if (is_quoted(text, len)) {
        return quoted_give(text, len, arena, ret_var);
    }
    *ret_var = (struct var){.ptr = text, .len = len};
    return 1;
}

static int no_value(const char *inside, size_t len, const struct var *var, struct cxd_error *err)
{
    int shown = (int)(len > 80 ? 80 : len);

    if (var->why != NULL) {
        return cxd_error_set(err, CXD_NOT_FOUND, "variable ${%.*s} has no value: %s", shown, inside,
                             var->why);
    }
    return cxd_error_set(err, CXD_NOT_FOUND,
                         "variable ${%.*s} has no value: set it (providers: keystore, env, local, "
                         "filesource, path, host, agent) or give a default, ${%.*s:default}",
                         shown, inside, shown, inside);
}

int vars_find(const char *inside, size_t len, struct arena *arena, struct var *ret_var,
              struct cxd_error *err)
{
    const char *end = inside + len;
    const char *colon = outside_find(inside, end, ':');
    int r = 0;

    *ret_var = (struct var){.ptr = NULL};
    for (const char *at = inside; at < colon && r == 0;) {
        const char *bar = outside_find(at, colon, '|');
        r = var_try(at, (size_t)(bar - at), arena, ret_var);
        at = bar < colon ? bar + 1 : colon;
    }
    if (r == 0 && colon < end) {
        r = default_give(colon + 1, (size_t)(end - colon) - 1, arena, ret_var);
    }
    if (r == 0 && vault.is_probe) {
        *ret_var = (struct var){.ptr = ""};
        r = 1;
    }
    if (r < 0) {
        return cxd_error_set(err, r, "out of memory");
    }
    return r > 0 ? CXD_OK : no_value(inside, len, ret_var, err);
}

int vars_find_whole(const char *text, size_t len, struct arena *arena, struct var *ret_var)
{
    const char *close =
        len > 3 && text[0] == '$' && text[1] == '{' ? vars_close(text + 2, text + len) : NULL;

    if (close == NULL || close + 1 != text + len ||
        vars_find(text + 2, len - 3, arena, ret_var, NULL) != CXD_OK || ret_var->node == NULL) {
        return CXD_END;
    }
    return CXD_OK;
}

static int var_add(const char *inside, size_t len, struct arena *arena, struct buf *out,
                   bool *is_secret, struct cxd_error *err)
{
    struct var var;
    int r = vars_find(inside, len, arena, &var, err);

    if (r != CXD_OK) {
        return r;
    }
    if (var.node != NULL && var.node->kind != CONF_SCALAR) {
        return cxd_error_set(
            err, CXD_UNSUPPORTED, "variable ${%.*s} is a %s: it can only be the whole of a value",
            (int)(len > 80 ? 80 : len), inside, var.node->kind == CONF_MAP ? "map" : "list");
    }
    *is_secret |= var.is_secret;
    return buf_add(out, var.ptr, var.len);
}

static int expand_into(struct buf *out, const char *text, size_t len, struct arena *arena,
                       bool *is_secret, struct cxd_error *err)
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
            r = r != CXD_OK
                    ? r
                    : var_add(dollar + 2, (size_t)(close - dollar - 2), arena, out, is_secret, err);
            text = close + 1;
        }
        if (r != CXD_OK) {
            return r;
        }
    }
    return CXD_OK;
}

int vars_expand(const char *text, size_t len, struct arena *arena, struct var *ret_var,
                struct cxd_error *err)
{
    _cleanup_(buf_done) struct buf out;
    bool is_secret = false;
    char *copy;
    int r;

    buf_init(&out, VAR_MAX_LEN);
    if (memmem(text, len, "${", 2) != NULL) {
        struct cxd_error why = CXD_ERROR_INIT;
        /* not to grow later, which would leave a piece of a secret behind */
        r = buf_reserve(&out, VAR_MAX_LEN / 8);
        r = r != CXD_OK ? r : expand_into(&out, text, len, arena, &is_secret, &why);
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
    *ret_var = (struct var){.ptr = copy, .len = len, .is_secret = is_secret};
    return CXD_OK;
}

int conf_expand(const char *text, size_t len, struct arena *arena, const char **ret_text,
                size_t *ret_len, struct cxd_error *err)
{
    struct var var;
    int r = vars_expand(text, len, arena, &var, err);

    if (r == CXD_OK) {
        *ret_text = var.ptr;
        *ret_len = var.len;
    }
    return r;
}
