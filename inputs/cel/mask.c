/* mask.c: see the header. */
#include "mask.h"

#include <strings.h>

void mask_add(struct mask *mask, struct cxd_bytes word)
{
    if (word.len >= MASK_SHORTEST && mask->count < MASK_WORDS_MAX) {
        mask->words[mask->count++] = word;
    }
}

void mask_tree(struct mask *mask, struct region *r, struct tree *node)
{
    if (node == NULL) {
        return;
    }
    if (node->kind == TREE_STRING) {
        mask_add(mask, tree_string(r, node));
    } else if (node->kind == TREE_NUMBER) {
        mask_add(mask, node->text);
    }
    for (struct tree *c = node->kind >= TREE_LIST ? tree_first(r, node) : NULL; c != NULL;
         c = c->next) {
        mask_tree(mask, r, c);
    }
}

void mask_words(const struct mask *mask, char *text, size_t len)
{
    for (size_t i = 0; i < mask->count; i++) {
        struct cxd_bytes word = mask->words[i];
        char *found = len > 0 ? memmem(text, len, word.ptr, word.len) : NULL;

        while (found != NULL) {
            memset(found, '*', word.len);
            found = memmem(found, len - (size_t)(found - text), word.ptr, word.len);
        }
    }
}

void mask_apply(const struct mask *mask, char *text, size_t len)
{
    char *end = text + len;
    char *found = len > 0 ? memmem(text, len, "://", 3) : NULL;

    mask_words(mask, text, len);
    while (found != NULL) {
        bool is_query = false;

        for (; found < end && strchr(" \"'<>\n\t", *found) == NULL; found++) {
            *found = is_query ? '*' : *found;
            is_query |= *found == '?';
        }
        found = found < end ? memmem(found, (size_t)(end - found), "://", 3) : NULL;
    }
}

bool mask_has(const struct mask *mask, struct cxd_bytes text)
{
    for (size_t i = 0; i < mask->count && text.len > 0; i++) {
        if (memmem(text.ptr, text.len, mask->words[i].ptr, mask->words[i].len) != NULL) {
            return true;
        }
    }
    return false;
}

bool mask_sounds_secret(struct cxd_bytes name)
{
    static const char *const parts[] = {"auth",   "token", "secret", "key",     "cookie",
                                        "passwd", "nonce", "pass",   "signatur"};

    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        size_t len = strlen(parts[i]);

        for (size_t from = 0; from + len <= name.len; from++) {
            if (strncasecmp(name.ptr + from, parts[i], len) == 0) {
                return true;
            }
        }
    }
    return false;
}
