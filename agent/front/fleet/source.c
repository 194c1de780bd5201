/* source.c: the options of a source, read and checked. */
#include "front/fleet/source_inner.h"

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/redact.h"
#include "config/option.h"
#include "io/crypto.h"
#include "io/doc.h"
#include "io/file.h"

#include <stdio.h>
#include <string.h>

static const struct cxd_option options[] = {
    {"url", CXD_OPTION_STRING, CXD_OPTION_REQUIRED, NULL, "Where the policy lies, https", NULL},
    {"poll", CXD_OPTION_DURATION, 0, "60s", "How often to ask, give or take a fifth", NULL},
    {"token", CXD_OPTION_STRING, CXD_OPTION_SECRET, NULL, "Sent as Authorization: Bearer", NULL},
    {"token_file", CXD_OPTION_STRING, 0, NULL, "File with the token, read at each request", NULL},
    {"public_key", CXD_OPTION_STRING, 0, NULL, "Ed25519 key of the signer, base64", NULL},
    {"public_keys", CXD_OPTION_STRING_LIST, 0, NULL, "Several of them", NULL},
    {"allow_unsigned", CXD_OPTION_BOOL, 0, "false", "Run policies that nobody signed", NULL},
    {"id", CXD_OPTION_STRING, 0, NULL, "policy_id that is wanted", NULL},
    {"tags", CXD_OPTION_STRING_LIST, 0, NULL, "Names of this agent among targets", NULL},
    CXD_HTTP_OPTIONS,
    {NULL, 0, 0, NULL, NULL, NULL},
};

const struct cxd_option *source_keys(void)
{
    return options;
}

const char *source_text(const struct source *s, const char *name)
{
    struct cxd_scalar v = doc_get(doc_bytes(s->doc), name);

    return v.type == CXD_TEXT ? v.bytes.ptr : NULL;
}

const char *source_text_at(const struct source *s, const char *list, int at)
{
    char name[64];

    (void)snprintf(name, sizeof name, "%s.%d", list, at);
    return source_text(s, name);
}

static int key_add(struct source *s, const char *text, const struct conf *at, struct cxd_error *err)
{
    size_t len = 0;

    if (s->key_count >= SOURCE_KEYS_MAX ||
        crypto_base64_decode((struct cxd_bytes){text, strlen(text)}, 0, s->keys[s->key_count],
                             SIGN_KEY_LEN, &len) != CXD_OK ||
        len != SIGN_KEY_LEN) {
        return conf_error(err, at,
                          "policy.public_key: expected base64 of 32 bytes, at most 8 of them "
                          "(cortexd policy keygen)");
    }
    s->key_count++;
    return CXD_OK;
}

static int keys_read(struct source *s, const struct conf *at, struct cxd_error *err)
{
    struct cxd_scalar loose = doc_get(doc_bytes(s->doc), "allow_unsigned");
    const char *one = source_text(s, "public_key");
    int r = one != NULL ? key_add(s, one, at, err) : CXD_OK;

    for (int i = 0; r == CXD_OK && source_text_at(s, "public_keys", i) != NULL; i++) {
        r = key_add(s, source_text_at(s, "public_keys", i), at, err);
    }
    s->is_unsigned_fine = loose.type == CXD_BOOL && loose.number != 0;
    if (r == CXD_OK && (s->key_count == 0) != s->is_unsigned_fine) {
        return conf_error(err, at,
                          "policy: expected public_key (cortexd policy keygen), or else "
                          "allow_unsigned: true");
    }
    return r;
}

static int is_loopback(const char *host)
{
    static const char *const names[] = {"127.0.0.1", "localhost", "[::1]"};

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        size_t len = strlen(names[i]);
        if (strncmp(host, names[i], len) == 0 && strchr(":/", host[len]) != NULL) {
            return 1;
        }
    }
    return 0;
}

/* Without TLS on this machine only. The signature lies beside the policy, before a query. */
static int url_read(struct source *s, const struct conf *at, struct cxd_error *err)
{
    size_t path_len;

    s->url = source_text(s, "url");
    if (s->url == NULL || (strncmp(s->url, "https://", 8) != 0 &&
                           (strncmp(s->url, "http://", 7) != 0 || !is_loopback(s->url + 7)))) {
        return conf_error(err, at, "policy.url: expected https:// (http:// on this machine only)");
    }
    if (strchr(s->url, '@') != NULL || strlen(s->url) > 2000) {
        return conf_error(err, at, "policy.url: no user in it, and at most 2000 bytes");
    }
    path_len = strcspn(s->url, "?#");
    (void)snprintf(s->sig_url, sizeof s->sig_url, "%.*s.sig%s", (int)path_len, s->url,
                   s->url + path_len);
    (void)snprintf(s->name, sizeof s->name, "%.*s", (int)(path_len > 280 ? 280 : path_len), s->url);
    return CXD_OK;
}

static int client_make(struct source *s, const struct conf *at, struct cxd_error *err)
{
    struct cxd_error why = CXD_ERROR_INIT;
    struct http_settings settings;
    int r = http_settings_read(doc_bytes(s->doc), doc_get, &settings, &why);

    if (r == CXD_OK && settings.verify == HTTP_VERIFY_NONE) {
        return conf_error(err, at, "policy.ssl.verification_mode: a policy's server is verified");
    }
    settings.user_agent = "cortexd";
    r = r != CXD_OK ? r : http_client_new(&settings, &s->client, &why);
    return r == CXD_OK ? r : conf_error(err, at, "policy: %s", why.text);
}

int source_open(const struct conf *node, struct source **ret_source, struct cxd_error *err)
{
    const struct option_source from = {.layers = {node, NULL}, .owner = "policy", .at = node};
    struct source *s = calloc(1, sizeof *s);
    int r;

    if (s == NULL) {
        return cxd_error_set(err, CXD_NOMEM, "out of memory");
    }
    r = option_build(options, &from, &s->doc, err);
    r = r != CXD_OK ? r : url_read(s, node, err);
    r = r != CXD_OK ? r : keys_read(s, node, err);
    r = r != CXD_OK ? r : client_make(s, node, err);
    if (r != CXD_OK) {
        source_close(s);
        return r;
    }
    s->id = source_text(s, "id");
    s->poll_ms = (int64_t)doc_get(doc_bytes(s->doc), "poll").number;
    s->poll_ms = s->poll_ms < 100 ? 100 : s->poll_ms;
    *ret_source = s;
    return CXD_OK;
}

void source_close(struct source *s)
{
    if (s != NULL) {
        http_client_free(s->client);
        doc_free(s->doc);
        free(s);
    }
}

int64_t source_poll_ms(const struct source *s)
{
    return s->poll_ms;
}

const char *source_name(const struct source *s)
{
    return s->name;
}

int source_is_signed(const struct source *s)
{
    return s->key_count > 0;
}

void source_interrupt(struct source *s)
{
    http_interrupt(s->client);
}

void source_agent_set(struct source *s, const char *id)
{
    (void)snprintf(s->agent_id, sizeof s->agent_id, "%s", id);
}

void source_forget(struct source *s)
{
    s->tags = (struct tags){.policy = ""};
}

void source_item_init(struct source_item *item)
{
    *item = (struct source_item){.hash = ""};
    buf_init(&item->policy, CONF_MAX_BYTES);
    buf_init(&item->signature, ENVELOPE_MAX);
}

void source_item_done(struct source_item *item)
{
    crypto_wipe(item->policy.ptr, item->policy.cap); /* may hold secrets */
    buf_done(&item->policy);
    buf_done(&item->signature);
}
