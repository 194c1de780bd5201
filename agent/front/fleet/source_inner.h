/* source_inner.h: a source's inside, for source.c (opened, closed), source_fetch.c and source_check.c alone. */
#pragma once

#include "front/fleet/source.h"

#define TAG_MAX 256

struct tags {
    char policy[TAG_MAX];
    char signature[TAG_MAX];
};

struct source {
    struct cxd_builder *doc;
    struct cxd_client *client;
    const char *url; /* doc's */
    const char *id;
    int64_t poll_ms;
    size_t key_count;
    unsigned char keys[SOURCE_KEYS_MAX][SIGN_KEY_LEN];
    char sig_url[2048];
    char name[300];
    struct tags tags;
    char agent_id[64];
    int is_unsigned_fine;
};

/* An option's text, one of a list's; NULL: none. */
const char *source_text(const struct source *s, const char *name);
const char *source_text_at(const struct source *s, const char *list, int at);
