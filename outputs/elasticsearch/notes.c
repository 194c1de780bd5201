/* notes.c: blocks of text that never move. */
#include "notes.h"

#define NOTES_BLOCK 16384

struct notes_block {
    struct notes_block *next;
    size_t len;
    char text[NOTES_BLOCK];
};

/* Where the destination begins to quote the document; from there on a reason is not kept. */
static const char *const quotes[] = {"Preview of field's value",
                                     "for input string",
                                     "For input string",
                                     "original bytes",
                                     "failed to parse date field [",
                                     "is not an IP string literal",
                                     "value ["};

static size_t reason_len(struct cxd_bytes reason)
{
    size_t len = reason.len;

    for (size_t i = 0; i < sizeof quotes / sizeof quotes[0] && reason.len > 0; i++) {
        const char *at = memmem(reason.ptr, len, quotes[i], strlen(quotes[i]));

        if (at != NULL) {
            len = (size_t)(at - reason.ptr);
        }
    }
    return len;
}

static struct notes_block *block_get(struct notes *n)
{
    struct notes_block *block = n->blocks;

    if (block == NULL || sizeof block->text - block->len < NOTES_TEXT_MAX) {
        block = n->host->alloc(n->self, sizeof *block);
        if (block != NULL) {
            block->next = n->blocks;
            n->blocks = block;
        }
    }
    return block;
}

/* Adds what fits below the limit, without control characters, and not half a UTF-8 sequence. */
static size_t text_put(char *out, size_t len, const char *ptr, size_t more)
{
    size_t room = NOTES_TEXT_MAX - len;

    if (more > room) {
        more = room;
        while (more > 0 && ((unsigned char)ptr[more] & 0xC0) == 0x80) {
            more--;
        }
    }
    for (size_t i = 0; i < more; i++) {
        unsigned char c = (unsigned char)ptr[i];

        out[len + i] = c < ' ' || c == 127 ? ' ' : (char)c;
    }
    return len + more;
}

void notes_init(struct notes *n, const struct cxd_host *host, struct cxd_self *self)
{
    *n = (struct notes){.host = host, .self = self};
}

struct cxd_bytes notes_add(struct notes *n, struct cxd_bytes type, struct cxd_bytes reason)
{
    struct notes_block *block = block_get(n);
    char *text;
    size_t len = 0;

    if (block == NULL) {
        return CXD_LIT("refused (no memory to keep the reason)");
    }
    text = block->text + block->len;
    len = text_put(text, len, type.ptr, type.len);
    if (reason.len > 0) {
        len = text_put(text, len, ": ", 2);
        len = text_put(text, len, reason.ptr, reason_len(reason));
    }
    block->len += len;
    return (struct cxd_bytes){text, len};
}

void notes_clear(struct notes *n)
{
    while (n->blocks != NULL) {
        struct notes_block *block = n->blocks;

        n->blocks = block->next;
        n->host->free(n->self, block);
    }
}
