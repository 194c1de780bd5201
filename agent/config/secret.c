/*
 * secret.c: see the header. What is learnt is masked wherever it appears, so a name has to sound secret for certain: "keyword",
 * "authorities" and "key_field" do not.
 */
#include "config/secret.h"

#include "base/redact.h"
#include "base/text.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define LITERAL_MIN 8 /* bytes of a part; shorter ones are words of other texts too */

static int bytes_learn(const char *ptr, size_t len)
{
    return redact_add(ptr, len);
}

/* As it stands in JSON, too: a trace is masked line by line, after escaping. */
static int escaped_learn(const char *ptr, size_t len)
{
    struct cxd_bytes text = {ptr, len};
    size_t room = text_quote_len(text);
    char *quoted;
    int r;

    if (room == len + 2) {
        return CXD_OK; /* nothing to escape */
    }
    quoted = malloc(room);
    if (quoted == NULL) {
        return CXD_NOMEM;
    }
    r = bytes_learn(quoted + 1, (size_t)(text_quote_known(text, quoted) - quoted) - 2);
    explicit_bzero(quoted, room);
    free(quoted);
    return r;
}

/* Parts between blanks and line ends: a token behind "Bearer", the lines of a key. */
static int parts_learn(const char *ptr, size_t len)
{
    const char *end = ptr + len;
    int r = CXD_OK;

    while (ptr < end && r == CXD_OK) {
        const char *from = ptr;
        while (ptr < end && strchr(" \t\r\n", *ptr) == NULL) {
            ptr++;
        }
        if (ptr - from >= 2 * LITERAL_MIN) {
            r = bytes_learn(from, (size_t)(ptr - from));
        }
        ptr += ptr < end;
    }
    return r;
}

static int whole_learn(const char *ptr, size_t len)
{
    int r = bytes_learn(ptr, len);

    r = r != CXD_OK ? r : escaped_learn(ptr, len);
    return r != CXD_OK ? r : parts_learn(ptr, len);
}

int secret_learn_text(const char *ptr, size_t len)
{
    return whole_learn(ptr, len);
}

/* A literal in a template that only names a header to be read is no secret. */
static int is_name_read(const char *start, const char *quote)
{
    static const char get[] = "Get";
    const char *at = quote;

    while (at > start && at[-1] == ' ') {
        at--;
    }
    return at < quote && (size_t)(at - start) >= sizeof get - 1 &&
           memcmp(at - (sizeof get - 1), get, sizeof get - 1) == 0;
}

/* The literals of one action, from behind [[ to before ]]. */
static int action_learn(const char *ptr, size_t len)
{
    const char *end = ptr + len;
    int r = CXD_OK;

    for (const char *at = ptr; at < end && r == CXD_OK; at++) {
        const char *from = at + 1;
        if (*at != '"' && *at != '`') {
            continue;
        }
        for (at++; at < end && *at != *(from - 1); at++) {
            at += *at == '\\' && *(from - 1) == '"' && at + 1 < end;
        }
        if (at < end && at - from >= LITERAL_MIN && !is_name_read(ptr, from - 1)) {
            r = whole_learn(from, (size_t)(at - from));
        }
    }
    return r;
}

static int text_learn(const struct conf *c)
{
    const char *at = c->text;
    const char *end = at + c->len;
    const char *open = strstr(at, "[[");
    int r = CXD_OK;

    if (open == NULL) {
        return whole_learn(c->text, c->len);
    }
    while (open != NULL && r == CXD_OK) {
        const char *close = strstr(open, "]]");
        close = close != NULL ? close : end;
        r = parts_learn(at, (size_t)(open - at));
        r = r != CXD_OK ? r : action_learn(open + 2, (size_t)(close - open) - 2);
        at = close < end ? close + 2 : end;
        open = strstr(at, "[[");
    }
    return r != CXD_OK ? r : parts_learn(at, (size_t)(end - at));
}

static int has_word(const char *name, const char *word)
{
    size_t len = strlen(word);

    for (; *name != '\0'; name++) {
        if (strncasecmp(name, word, len) == 0) {
            return 1;
        }
    }
    return 0;
}

static int ends_with(const char *name, const char *word)
{
    size_t len = strlen(name);
    size_t word_len = strlen(word);

    return len >= word_len && strcasecmp(name + len - word_len, word) == 0;
}

int secret_sounds(const char *name)
{
    static const char *const anywhere[] = {"authorization", "password", "passwd",
                                           "passphrase",    "secret",   "cookie"};
    static const char *const at_end[] = {"key",     "token",      "auth",        "bearer",
                                         "session", "credential", "credentials", "signature"};

    for (size_t i = 0; i < sizeof anywhere / sizeof anywhere[0]; i++) {
        if (has_word(name, anywhere[i])) {
            return 1;
        }
    }
    for (size_t i = 0; i < sizeof at_end / sizeof at_end[0]; i++) {
        if (ends_with(name, at_end[i])) {
            return 1;
        }
    }
    return 0;
}

/* The path of a key file is no secret: an error has to name it. */
static int is_path(const struct conf *c)
{
    return (c->text[0] == '/' || strncmp(c->text, "./", 2) == 0) && strchr(c->text, '\n') == NULL &&
           strlen(c->text) < 256 && strchr(c->text + 1, '/') != NULL;
}

/* user:password@ behind a scheme. */
static int url_learn(const struct conf *c)
{
    const char *at = strstr(c->text, "://");
    const char *end;
    const char *colon;

    if (at == NULL) {
        return CXD_OK;
    }
    at += 3;
    end = at + strcspn(at, "/?# \t\r\n");
    while (end > at && *end != '@') {
        end--;
    }
    colon = end > at ? memchr(at, ':', (size_t)(end - at)) : NULL;
    return colon != NULL ? whole_learn(colon + 1, (size_t)(end - colon) - 1) : CXD_OK;
}

int secret_learn(const struct conf *node)
{
    int r = CXD_OK;

    if (node->kind == CONF_SCALAR) {
        return conf_is_null(node) ? CXD_OK : text_learn(node);
    }
    for (const struct conf *c = node->first; c != NULL && r == CXD_OK; c = c->next) {
        r = secret_learn(c);
    }
    return r;
}

/* set: {target: header.Authorization, value: ...}: the other members are what goes there. */
static int has_secret_target(const struct conf *map)
{
    const char *target = conf_text(map, "target", NULL);

    return map->kind == CONF_MAP && target != NULL && secret_sounds(target);
}

static int target_learn(const struct conf *map)
{
    static const char *const names[] = {"value", "default"};
    int r = CXD_OK;

    for (int i = 0; i < 2 && r == CXD_OK; i++) {
        const struct conf *c = conf_find(map, names[i]);
        r = c != NULL ? secret_learn(c) : CXD_OK;
    }
    return r;
}

int secret_find(const char *name, const struct conf *node)
{
    int r = CXD_OK;

    if (secret_sounds(name) && !(node->kind == CONF_SCALAR && is_path(node))) {
        return secret_learn(node);
    }
    if (node->kind == CONF_SCALAR) {
        return url_learn(node);
    }
    if (has_secret_target(node)) {
        r = target_learn(node);
    }
    for (const struct conf *c = node->first; c != NULL && r == CXD_OK; c = c->next) {
        r = secret_find(c->key != NULL ? c->key : "", c);
    }
    return r;
}
