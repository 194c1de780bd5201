/*
 * access.h: who we are to the server: Basic, a token, a file's text, digest, OAuth 2.0. One thread.
 */
#pragma once

#include "aws_sign.h"
#include "challenge.h"
#include "settings.h"
#include "signin.h"

struct access {
    const struct heap *heap; /* NULL: never opened */
    const struct settings *settings;
    struct signin *signin; /* NULL: no OAuth */
    struct challenge challenge;
    struct aws_sign aws; /* the signature's headers are made last, see attempt.c */
    struct text header;  /* value of the header made last; secret */
    struct token_file file;
};

int access_open(struct access *a, const struct heap *heap, const struct settings *settings,
                struct cxd_client *client, struct cxd_error *err);
void access_done(struct access *a);
/* 0: what is needed is there. CXD_AGAIN: a token is being fetched, http_wait. Or the failure. */
int access_step(struct access *a, struct cxd_error *err);
/*
 * The header for this request, valid until the next call: *ret_name is NULL when there is none. is_direct: made by get, head or
 * post; Basic and a fixed token are for these alone.
 */
int access_header(struct access *a, struct cxd_bytes method, const char *url, bool is_direct,
                  struct cxd_header *ret_header, struct cxd_error *err);
/* A 401 came, with this WWW-Authenticate (NULL: none). True: the request may succeed when made again. */
bool access_refused(struct access *a, const char *challenge);
