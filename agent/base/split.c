/* split.c: depth, strings and commas of one array. What an element is made of, the scanner says. */
#include "base/split.h"

#include "cxd/status.h"

#include <string.h>

enum split_state {
    STATE_START,  /* before '[' */
    STATE_FIRST,  /* behind '[': an element or ']' */
    STATE_BEFORE, /* behind ',': white space before an element */
    STATE_INSIDE, /* in an element */
    STATE_CLOSED
};

static int is_white(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static void white_skip(struct cxd_bytes *in)
{
    while (in->len > 0 && is_white(*in->ptr)) {
        in->ptr++;
        in->len--;
    }
}

/* Inside a string: behind its closing quote, or at the end of in. */
static size_t string_skip(struct split *s, struct cxd_bytes in, size_t i)
{
    while (i < in.len) {
        char c = in.ptr[i++];
        if (s->is_escape) {
            s->is_escape = 0;
        } else if (c == '\\') {
            s->is_escape = 1;
        } else if (c == '"') {
            s->is_string = 0;
            return i;
        }
    }
    return i;
}

/* Length of the element's rest in in: up to its ',' or ']', or all. */
static size_t element_len(struct split *s, struct cxd_bytes in)
{
    size_t i = 0;

    while (i < in.len) {
        char c = in.ptr[i];
        if (s->is_string) {
            i = string_skip(s, in, i);
            continue;
        }
        if (s->depth == 0 && (c == ',' || c == ']')) {
            return i;
        }
        s->is_string = c == '"';
        s->depth += c == '[' || c == '{';
        s->depth -= (c == ']' || c == '}') && s->depth > 0;
        i++;
    }
    return i;
}

static int start_skip(struct split *s, struct cxd_bytes *in)
{
    white_skip(in);
    if (in->len > 0) {
        if (*in->ptr != '[') {
            return CXD_MALFORMED;
        }
        in->ptr++;
        in->len--;
        s->state = STATE_FIRST;
    }
    return CXD_OK;
}

int split_next(struct split *s, struct cxd_bytes *in, struct cxd_bytes *ret_part)
{
    size_t len;
    char c;

    if (s->state == STATE_CLOSED) {
        return SPLIT_END;
    }
    if (s->state == STATE_START && start_skip(s, in) != CXD_OK) {
        return CXD_MALFORMED;
    }
    if (s->state == STATE_FIRST || s->state == STATE_BEFORE) {
        white_skip(in);
    }
    if (s->state == STATE_FIRST && in->len > 0 && *in->ptr == ']') {
        in->ptr++;
        in->len--;
        s->state = STATE_CLOSED;
        return SPLIT_END;
    }
    len = element_len(s, *in);
    *ret_part = (struct cxd_bytes){in->ptr, len};
    s->state = in->len > 0 ? STATE_INSIDE : s->state;
    if (len == in->len) {
        in->ptr += len;
        in->len = 0;
        return SPLIT_MORE;
    }
    c = in->ptr[len];
    s->state = c == ',' ? STATE_BEFORE : STATE_CLOSED;
    in->ptr += len + 1;
    in->len -= len + 1;
    return SPLIT_ELEMENT;
}

int split_is_closed(const struct split *s)
{
    return s->state == STATE_CLOSED;
}
