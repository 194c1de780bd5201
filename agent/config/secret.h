/*
 * secret.h: tells the redactor what a policy holds that must not be shown: values of secret options, and within options of any
 * shape whatever stands where secrets usually stand. Control thread, before units start.
 */
#pragma once

#include "config/conf.h"

/* Everything below node is secret. 0 or CXD_NOMEM. */
int secret_learn(const struct conf *node);
/* A value that is secret wherever it came from: as it is, as in JSON, and its longer parts. 0 or CXD_NOMEM. */
int secret_learn_text(const char *ptr, size_t len);
/* 1: what has this name is a secret: api_token, Authorization, key. */
int secret_sounds(const char *name);
/* Looks below node, which is the value of `name`: values of names that sound secret (api_token, Authorization, ssl.key), values
 * that a transform puts there (target: header.Authorization), passwords in URLs. Of templates, the literals. */
int secret_find(const char *name, const struct conf *node);
