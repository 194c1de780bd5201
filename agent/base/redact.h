/*
 * redact.h: the secrets this process holds, and their removal from any text that leaves it.
 *
 * A safety net under the rule that secrets are never put into texts. Process-wide; any thread.
 */
#pragma once

#include <stddef.h>

/* Remembers a secret (copied). Shorter than 6 bytes: ignored, as masking it would eat ordinary text. 0 or CXD_NOMEM. */
int redact_add(const char *secret, size_t len);
/* Replaces every remembered secret in text by '*' of the same length, in place. */
void redact_text(char *text, size_t len);
/* Forgets and wipes all; for the end of the process and for tests. */
void redact_clear(void);
/* The same for a text that was cut behind len: also the head of a secret that stands at its end, three bytes or more. */
void redact_cut(char *text, size_t len);
