/*
 * mask.h: the secrets of one instance, and their removal from texts that leave it. The words are borrowed; one thread.
 */
#pragma once

#include "lib/tree.h"

#define MASK_WORDS_MAX 128
#define MASK_SHORTEST 6u /* shorter ones would eat ordinary text */

struct mask {
    struct cxd_bytes words[MASK_WORDS_MAX];
    size_t count;
};

void mask_add(struct mask *mask, struct cxd_bytes word); /* short ones are ignored */
/* Every text below the node. */
void mask_tree(struct mask *mask, struct region *r, struct tree *node);
/* Overwrites each word in the text by *, and what stands behind the ? of a URL. Same length. */
void mask_apply(const struct mask *mask, char *text, size_t len);
void mask_words(const struct mask *mask, char *text, size_t len); /* the words alone */
bool mask_has(const struct mask *mask, struct cxd_bytes text);
/* Does a header or parameter of that name hold a secret, by its name? */
bool mask_sounds_secret(struct cxd_bytes name);
