/* keys.h: where keys at Amazon are kept: the environment, and files of profiles. Any thread; nothing is kept. */
#pragma once

#include "lang/pool.h"
#include "lang/services.h"

/*
 * services.keys. file NULL: AWS_ACCESS_KEY_ID (or AWS_ACCESS_KEY), AWS_SECRET_ACCESS_KEY (or AWS_SECRET_KEY), AWS_SESSION_TOKEN.
 * Else the profile of that file; "" for either: AWS_SHARED_CREDENTIALS_FILE and AWS_PROFILE. CXD_CONFIG says what is missing.
 */
int keys_find(struct pool *pool, const char *file, const char *profile, struct services_keys *ret,
              struct cxd_error *err);
/* As the vendor's programs look for them: the environment, then ~/.aws/credentials. */
int keys_usual(struct pool *pool, struct services_keys *ret, struct cxd_error *err);
/* A profile of the text of such a file. False: it is not there. Pure. */
bool keys_profile(struct pool *pool, struct cxd_bytes text, const char *profile,
                  struct services_keys *ret);
