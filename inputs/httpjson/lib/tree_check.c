/*
 * tree_check.c: is this text JSON (RFC 8259), to the last byte of the value? Iterative: depth is a counter, not the stack.
 *
 * Knows no node. Thread: any.
 */
#include "lib/tree.h"

#include "lib/utf.h"

struct check {
    const char *ptr;
    const char *end;
    const char *start;
    struct tree_fault *fault;
};

static int check_fail(struct check *c, int status, const char *why)
{
    c->fault->at = (size_t)(c->ptr - c->start);
    c->fault->why = why;
    c->fault->status = status;
    return status;
}

static void check_blank(struct check *c)
{
    while (c->ptr < c->end &&
           (*c->ptr == ' ' || *c->ptr == '\t' || *c->ptr == '\n' || *c->ptr == '\r')) {
        c->ptr++;
    }
}

static bool check_is_hex(char letter)
{
    return (letter >= '0' && letter <= '9') || (letter >= 'a' && letter <= 'f') ||
           (letter >= 'A' && letter <= 'F');
}

static int check_escape(struct check *c)
{
    c->ptr++;
    if (c->ptr >= c->end) {
        return check_fail(c, CXD_TRUNCATED, "string does not end");
    }
    if (*c->ptr == 'u') {
        for (int i = 1; i <= 4; i++) {
            if (c->end - c->ptr <= i || !check_is_hex(c->ptr[i])) {
                return check_fail(c, CXD_MALFORMED, "bad \\u escape");
            }
        }
        c->ptr += 5;
        return 0;
    }
    if (memchr("\"\\/bfnrt", *c->ptr, 8) == NULL) {
        return check_fail(c, CXD_MALFORMED, "bad escape");
    }
    c->ptr++;
    return 0;
}

static int check_string(struct check *c)
{
    for (c->ptr++;;) {
        int status;

        c->ptr = utf_plain_end(c->ptr, c->end);
        if (c->ptr >= c->end) {
            return check_fail(c, CXD_TRUNCATED, "string does not end");
        }
        if (*c->ptr == '"') {
            c->ptr++;
            return 0;
        }
        if (*c->ptr != '\\') {
            return check_fail(c, CXD_MALFORMED, "control character in a string");
        }
        status = check_escape(c);
        if (status < 0) {
            return status;
        }
    }
}

static bool check_digits(struct check *c)
{
    const char *from = c->ptr;

    while (c->ptr < c->end && *c->ptr >= '0' && *c->ptr <= '9') {
        c->ptr++;
    }
    return c->ptr > from;
}

static int check_number(struct check *c)
{
    c->ptr += *c->ptr == '-';
    if (c->ptr < c->end && *c->ptr == '0') {
        c->ptr++;
    } else if (!check_digits(c)) {
        return check_fail(c, CXD_MALFORMED, "not a value");
    }
    if (c->ptr < c->end && *c->ptr == '.') {
        c->ptr++;
        if (!check_digits(c)) {
            return check_fail(c, CXD_MALFORMED, "number without digits after the point");
        }
    }
    if (c->ptr < c->end && (*c->ptr == 'e' || *c->ptr == 'E')) {
        c->ptr++;
        c->ptr += c->ptr < c->end && (*c->ptr == '+' || *c->ptr == '-');
        if (!check_digits(c)) {
            return check_fail(c, CXD_MALFORMED, "number without digits in the exponent");
        }
    }
    return 0;
}

static int check_word(struct check *c, const char *word, size_t len)
{
    if ((size_t)(c->end - c->ptr) < len || memcmp(c->ptr, word, len) != 0) {
        return check_fail(c, CXD_MALFORMED, "not a value");
    }
    c->ptr += len;
    return 0;
}

static int check_scalar(struct check *c)
{
    switch (*c->ptr) {
    case '"':
        return check_string(c);
    case 't':
        return check_word(c, "true", 4);
    case 'f':
        return check_word(c, "false", 5);
    case 'n':
        return check_word(c, "null", 4);
    default:
        return check_number(c);
    }
}

/* A member's name and its colon. */
static int check_name(struct check *c)
{
    int status;

    check_blank(c);
    if (c->ptr >= c->end) {
        return check_fail(c, CXD_TRUNCATED, "object does not end");
    }
    if (*c->ptr != '"') {
        return check_fail(c, CXD_MALFORMED, "expected a member name");
    }
    status = check_string(c);
    if (status < 0) {
        return status;
    }
    check_blank(c);
    if (c->ptr >= c->end || *c->ptr != ':') {
        return check_fail(c, c->ptr >= c->end ? CXD_TRUNCATED : CXD_MALFORMED, "expected a colon");
    }
    c->ptr++;
    return 0;
}

/* After '{' or '[': true when the container ends at once. */
static bool check_is_empty(struct check *c, char close)
{
    check_blank(c);
    if (c->ptr < c->end && *c->ptr == close) {
        c->ptr++;
        return true;
    }
    return false;
}

/* After a value: closes what ends here; 1 when another value follows, 0 when the outermost value is complete. */
static int check_after(struct check *c, const char *closers, int *depth)
{
    while (*depth > 0) {
        char close = closers[*depth - 1];

        check_blank(c);
        if (c->ptr >= c->end) {
            return check_fail(c, CXD_TRUNCATED, "ends inside a container");
        }
        if (*c->ptr == ',') {
            int status;

            c->ptr++;
            status = close == '}' ? check_name(c) : 0;
            return status < 0 ? status : 1;
        }
        if (*c->ptr != close) {
            return check_fail(c, CXD_MALFORMED, "expected a comma or the end of the container");
        }
        c->ptr++;
        (*depth)--;
    }
    return 0;
}

static int check_value(struct check *c)
{
    char closers[TREE_DEPTH];
    int depth = 0;
    int more = 1;

    while (more == 1) {
        int status = 0;

        check_blank(c);
        if (c->ptr >= c->end) {
            return check_fail(c, CXD_TRUNCATED, "expected a value");
        }
        if (*c->ptr == '{' || *c->ptr == '[') {
            char close = *c->ptr == '{' ? '}' : ']';

            c->ptr++;
            if (!check_is_empty(c, close)) {
                if (depth == TREE_DEPTH) {
                    return check_fail(c, CXD_TOO_DEEP, "nested too deep");
                }
                closers[depth++] = close;
                status = close == '}' ? check_name(c) : 0;
                if (status < 0) {
                    return status;
                }
                continue;
            }
        } else {
            status = check_scalar(c);
        }
        more = status < 0 ? status : check_after(c, closers, &depth);
    }
    return more;
}

int tree_check(struct cxd_bytes text, size_t *ret_len, struct tree_fault *fault)
{
    struct check c = {text.ptr, text.ptr + text.len, text.ptr, fault};
    int status = check_value(&c);

    if (status < 0) {
        return status;
    }
    check_blank(&c);
    if (ret_len == NULL && c.ptr < c.end) {
        return check_fail(&c, CXD_MALFORMED, "something follows the value");
    }
    if (ret_len != NULL) {
        *ret_len = (size_t)(c.ptr - c.start);
    }
    return 0;
}
