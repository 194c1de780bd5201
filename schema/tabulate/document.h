/*
 * document.h: a YAML file as a tree that remembers its lines. One thread; everything lives until document_done.
 *
 * Limits: 1 MiB a file, 16 levels, 65,536 nodes. Anchors, aliases, tags and a second document are refused. Every failure
 * ends the program with "file:line: message" on standard error: a build tool has nobody to hand an error to.
 */
#pragma once

#include <stddef.h>

enum document_kind { DOCUMENT_TEXT, DOCUMENT_LIST, DOCUMENT_MAP };

struct document_node {
    enum document_kind kind;
    const char *file;
    size_t line;                 /* from 1 */
    const char *key;             /* inside a map, else NULL */
    size_t key_line;             /* line of the key */
    const char *text;            /* DOCUMENT_TEXT */
    struct document_node *first; /* members or elements */
    struct document_node *last;
    struct document_node *next;
};

/* Reads a file whole; its root is a map. Keys of a map are unique. Never NULL. */
struct document_node *document_read(const char *path);

/* Member of a map, or NULL. */
const struct document_node *document_find(const struct document_node *map, const char *key);

/* Zeroed memory that lives until document_done; never NULL. */
void *document_alloc(size_t size);
char *document_copy(const char *text);

void document_done(void);

/* Ends the program with exit code 1. */
__attribute__((noreturn, format(printf, 3, 4))) void document_fail(const char *file, size_t line,
                                                                   const char *format, ...);
