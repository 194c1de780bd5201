/*
 * config.h: the options as the input uses them, checked, with every template compiled.
 *
 * Made once at open, read-only afterwards. Everything lives in config.region (secret: wiped) but the compiled templates,
 * which the config frees.
 */
#pragma once

#include "lib/logbook.h"
#include "lib/optree.h"
#include "lib/token_file.h"
#include "origin.h"
#include "template/template.h"

#define CONFIG_TEMPLATES_MAX 512
#define CONFIG_ORIGINS_MAX 64
#define CONFIG_STEPS_MAX 8 /* the request itself and the steps chained to it */

extern const struct cxd_option config_options[];

struct _xmlDoc; /* libxml2's */

enum value_type { VALUE_TYPE_STRING, VALUE_TYPE_INT, VALUE_TYPE_JSON };

/* A template with what holds when it gives nothing. NULL: not configured. */
struct config_value {
    const struct tmpl *value;
    const struct tmpl *otherwise;
};

enum transform_kind { TRANSFORM_SET, TRANSFORM_APPEND, TRANSFORM_DELETE };
enum transform_target { TARGET_BODY, TARGET_HEADER, TARGET_URL_VALUE, TARGET_URL_PARAMS };

struct transform {
    struct transform *next;
    struct config_value value;
    struct cxd_bytes name; /* below the target */
    struct cxd_bytes path; /* the whole target, for messages */
    uint8_t kind;          /* enum transform_kind */
    uint8_t target;        /* enum transform_target */
    uint8_t type;          /* enum value_type */
    bool must_succeed;     /* fail_on_template_error */
    bool is_quiet;         /* do_not_log_failure */
};

enum split_type { SPLIT_LIST, SPLIT_MAP, SPLIT_STRING };

struct split {
    const struct split *child;
    const struct transform *transforms;
    struct cxd_bytes target; /* below body */
    struct cxd_bytes delimiter;
    struct cxd_bytes key_field; /* {NULL,0}: none */
    uint8_t type;               /* enum split_type */
    bool keep_parent;
    bool ignore_empty;
};

struct config_retry {
    int64_t max_attempts;
    int64_t wait_min_ms;
    int64_t wait_max_ms;
};

struct config_rate {
    bool enabled;
    struct config_value limit, remaining, reset;
    double early_limit;
    int64_t max_non_degraded; /* 0: never degraded by waiting */
};

struct config_redirect {
    bool forward_headers;
    struct tree *banned; /* list of texts, or NULL */
    int64_t max;
};

enum decode_type {
    DECODE_BY_HEADER,
    DECODE_JSON,
    DECODE_NDJSON,
    DECODE_CSV,
    DECODE_XML,
    DECODE_ZIP
};

enum auth_type {
    AUTH_NONE,
    AUTH_BASIC,
    AUTH_FILE,
    AUTH_CLIENT,
    AUTH_PASSWORD,
    AUTH_GOOGLE,
    AUTH_OKTA
};

struct config_auth {
    uint8_t type; /* enum auth_type */
    struct cxd_bytes user, password, client_id, client_secret, scopes /* blank between */,
        token_url;
    struct tree *params;      /* endpoint_params, or NULL */
    struct cxd_bytes subject; /* google delegated_account */
    struct cxd_bytes key_id;
    struct cxd_bytes issuer;
    struct cxd_bytes key_pem;
    struct cxd_bytes proof_pem; /* key that the token is bound to (DPoP); empty: none */
    struct token_file_rule file;
};

/* One request and what is done with its reply. */
struct config_step {
    struct cxd_bytes url;
    struct cxd_bytes socket; /* path; {NULL,0}: over the network */
    struct cxd_bytes body;   /* JSON; {NULL,0}: none */
    const struct transform *request;
    const struct transform *response;
    const struct split *split;
    const struct tmpl *until;      /* of a while */
    struct cxd_bytes replace;      /* JSONPath into the parent's body; {NULL,0}: none */
    struct cxd_bytes replace_with; /* what of the URL it replaces */
    struct _xmlDoc *schema;        /* of XML replies; NULL: none. The config frees it */
    struct tree *transport;  /* request.ssl and so on; NULL: over the first request's connections */
    struct config_auth auth; /* own, or a copy of the first request's */
    struct config_redirect redirect;
    struct config_retry retry;
    struct config_rate rate;
    int64_t timeout_ms;
    uint8_t decode; /* enum decode_type */
    bool has_auth;  /* own, for which a token is fetched */
    bool no_keep_alive;
    bool is_post;
    bool is_form; /* encode_as application/x-www-form-urlencoded */
    bool is_while;
};

struct config_cursor {
    struct config_cursor *next;
    struct cxd_bytes name;
    struct config_value value;
    bool ignore_empty;
    bool is_quiet;
};

struct config {
    struct heap heap;
    struct region region;
    struct tree *tree;
    struct tmpl *templates[CONFIG_TEMPLATES_MAX];
    size_t template_count;
    struct config_step steps[CONFIG_STEPS_MAX];
    size_t step_count;
    const struct transform *pagination;
    struct origin *page_origins; /* where further pages may come from, request.url's first */
    size_t page_origin_count;    /* 0: from anywhere */
    struct config_cursor *cursors;
    struct config_auth auth;
    int64_t interval_ms;
    int64_t max_pages;
    int64_t max_body;
    bool body_on_pagination;
    bool save_first_response;
    struct logbook_rule tracer;
};

/* CXD_CONFIG names the option. The caller frees with config_done also after a failure. */
int config_read(struct config *config, const struct heap *h, struct cxd_bytes options,
                struct cxd_error *err);
void config_done(struct config *config); /* accepts a zeroed one */

/* config_step.c. `root` holds request and response; where: "" or "chain.0.step." for messages. */
int config_step_read(struct config *config, struct tree *root, const char *where, bool is_first,
                     struct config_step *ret, struct cxd_error *err);
void config_step_done(struct config_step *step); /* accepts a zeroed one */
/* Names in request.ssl. */
int config_ssl_check(struct config *config, struct tree *request, const char *where,
                     struct cxd_error *err);
/* redirect and keep_alive.disable of root's request, when it has them. */
int config_route_read(struct config *config, struct tree *root, struct config_step *ret,
                      struct cxd_error *err);
/* config_chain.c */
int config_chain_read(struct config *config, struct tree *chain, struct cxd_error *err);
/* config_transform.c: a list of transforms. is_pagination and is_response say which targets are allowed. */
enum transform_place { PLACE_REQUEST, PLACE_RESPONSE, PLACE_PAGINATION };
int config_transforms(struct config *config, struct tree *list, enum transform_place place,
                      const char *where, const struct transform **ret, struct cxd_error *err);
int config_split(struct config *config, struct tree *node, const char *where, int depth,
                 const struct split **ret, struct cxd_error *err);
/* Compiles; the config frees it. Absent: *ret is NULL. */
int config_template(struct config *config, struct tree *root, const char *name, const char *where,
                    const struct tmpl **ret, struct cxd_error *err);
/* config_auth.c: auth of config->tree into config->auth; unit: milliseconds of a bare number as time. */
int config_auth_read(struct config *config, int64_t unit, struct cxd_error *err);

static inline bool bytes_are(struct cxd_bytes bytes, const char *word)
{
    return bytes.ptr != NULL && bytes.len == strlen(word) &&
           memcmp(bytes.ptr, word, bytes.len) == 0;
}
