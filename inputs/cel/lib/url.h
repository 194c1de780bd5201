/* url.h: URLs taken apart and put together as Go does. Pure; pieces live in the pool or are slices of the text. */
#pragma once

#include "../lang/function.h"

struct url {
    struct cxd_bytes scheme;
    struct cxd_bytes opaque;
    struct cxd_bytes user;
    struct cxd_bytes password;
    struct cxd_bytes host; /* with port */
    struct cxd_bytes path; /* without escapes */
    struct cxd_bytes raw_path;
    struct cxd_bytes query;
    struct cxd_bytes fragment;
    struct cxd_bytes raw_fragment;
    bool has_user;
    bool has_password;
    bool force_query;
};

/* NULL, or what is wrong (static, or in the pool). */
const char *url_read(struct pool *pool, struct cxd_bytes text, struct url *ret);
void url_put(struct sink *sink, const struct url *url);

enum url_mode { URL_PATH, URL_USER, URL_QUERY, URL_FRAGMENT };
void url_escape(struct sink *sink, struct cxd_bytes text, enum url_mode mode);
/* False: a bad escape, which *ret_bad is. */
bool url_unescape(struct sink *sink, struct cxd_bytes text, enum url_mode mode,
                  struct cxd_bytes *ret_bad);
