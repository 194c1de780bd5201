/* pretty.c: one pass; inside strings everything is copied, outside only brackets, commas and colons matter. */
#include "pretty.h"

struct printer {
    char *out;
    size_t room;
    size_t len;
    unsigned depth;
};

static void put(struct printer *p, char c)
{
    if (p->len < p->room) {
        p->out[p->len] = c;
    }
    p->len++;
}

static void put_break(struct printer *p)
{
    put(p, '\n');
    for (unsigned i = 0; i < p->depth; i++) {
        put(p, ' ');
        put(p, ' ');
    }
}

/* Copies the string that begins at `at`; returns the place of its closing quote. */
static size_t put_string(struct printer *p, struct cxd_bytes in, size_t at)
{
    put(p, in.ptr[at++]);
    while (at < in.len && in.ptr[at] != '"') {
        if (in.ptr[at] == '\\' && at + 1 < in.len) {
            put(p, in.ptr[at++]);
        }
        put(p, in.ptr[at++]);
    }
    if (at < in.len) {
        put(p, '"');
    }
    return at;
}

static void put_open(struct printer *p, char c, int is_empty)
{
    put(p, c);
    if (!is_empty) {
        p->depth++;
        put_break(p);
    }
}

static void put_close(struct printer *p, char c, int is_empty)
{
    if (!is_empty) {
        p->depth -= p->depth > 0;
        put_break(p);
    }
    put(p, c);
}

size_t pretty_print(struct cxd_bytes in, char *out, size_t room)
{
    struct printer p = {.out = out, .room = room};

    for (size_t i = 0; i < in.len; i++) {
        char c = in.ptr[i];
        char next = i + 1 < in.len ? in.ptr[i + 1] : '\0';
        char last = i > 0 ? in.ptr[i - 1] : '\0';

        if (c == '"') {
            i = put_string(&p, in, i);
        } else if (c == '{' || c == '[') {
            put_open(&p, c, next == '}' || next == ']');
        } else if (c == '}' || c == ']') {
            put_close(&p, c, last == '{' || last == '[');
        } else if (c == ',') {
            put(&p, c);
            put_break(&p);
        } else if (c == ':') {
            put(&p, c);
            put(&p, ' ');
        } else {
            put(&p, c);
        }
    }
    put(&p, '\n');
    return p.len;
}
