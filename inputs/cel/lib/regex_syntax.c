/*
 * regex_syntax.c: what RE2 accepts, written as PCRE2 reads it. `$` is the end of the text, as in RE2, unless the pattern
 * switches the multi-line flag on somewhere.
 */
#include "regex.h"

#define REPEAT_MAX 1000

struct walk {
    struct cxd_bytes in;
    size_t at;
    struct sink *out;
    bool multi_line;
    bool after_repeat; /* the piece before is a repetition */
    const char *problem;
};

static int peek(const struct walk *w, size_t ahead)
{
    return w->at + ahead < w->in.len ? (unsigned char)w->in.ptr[w->at + ahead] : -1;
}

static void copy(struct walk *w, size_t count)
{
    for (; count > 0 && w->at < w->in.len; count--) {
        sink_char(w->out, w->in.ptr[w->at++]);
    }
}

static bool fail(struct walk *w, const char *problem)
{
    w->problem = problem;
    return false;
}

/* \Q...\E: literal text. */
static bool quoted(struct walk *w)
{
    copy(w, 2);
    while (peek(w, 0) != -1 && !(peek(w, 0) == '\\' && peek(w, 1) == 'E')) {
        copy(w, 1);
    }
    copy(w, 2);
    return true;
}

static bool escape(struct walk *w, bool in_class)
{
    int c = peek(w, 1);

    if (c == -1) {
        return fail(w, "trailing backslash");
    }
    if (c == 'Q' && !in_class) {
        return quoted(w);
    }
    if ((c >= '1' && c <= '9') || strchr("kgRXKGhHvVNoZCEucL", c) != NULL) {
        if (c == 'v') { /* a vertical tab, not a class */
            sink_text(w->out, "\\x0b");
            w->at += 2;
            return true;
        }
        return fail(w, c >= '1' && c <= '9' ? "back references are not supported"
                                            : "invalid escape sequence");
    }
    if (c == 'z' && in_class) {
        return fail(w, "invalid escape sequence");
    }
    if (c == 's' || c == 'S') { /* without the vertical tab */
        sink_text(w->out, in_class ? (c == 's' ? "\\t\\n\\f\\r " : "\\S\\x0b")
                                   : (c == 's' ? "[\\t\\n\\f\\r ]" : "[^\\t\\n\\f\\r ]"));
        w->at += 2;
        return true;
    }
    copy(w, 2);
    if ((c == 'p' || c == 'P' || c == 'x') && peek(w, 0) == '{') {
        while (peek(w, 0) != -1 && peek(w, 0) != '}') {
            copy(w, 1);
        }
        copy(w, 1);
    }
    return true;
}

static bool class(struct walk *w)
{
    copy(w, 1);
    if (peek(w, 0) == '^') {
        copy(w, 1);
    }
    if (peek(w, 0) == ']') { /* first: itself */
        sink_char(w->out, '\\');
        copy(w, 1);
    }
    while (peek(w, 0) != ']') {
        if (peek(w, 0) == -1) {
            return fail(w, "missing closing ]");
        }
        if (peek(w, 0) == '[' && peek(w, 1) == ':') {
            copy(w, 2);
            while (peek(w, 0) != -1 && peek(w, 0) != ']') {
                copy(w, 1);
            }
            copy(w, 1);
        } else if (peek(w, 0) == '\\') {
            if (!escape(w, true)) {
                return false;
            }
        } else {
            if (peek(w, 0) == '[') {
                sink_char(w->out, '\\');
            }
            copy(w, 1);
        }
    }
    copy(w, 1);
    return true;
}

static bool flags(struct walk *w)
{
    for (copy(w, 2); peek(w, 0) != ')' && peek(w, 0) != ':'; copy(w, 1)) {
        if (peek(w, 0) == -1 || strchr("imsU-", peek(w, 0)) == NULL) {
            return fail(w, "invalid or unsupported group");
        }
    }
    copy(w, 1);
    return true;
}

/* "(" and what makes it special. */
static bool group(struct walk *w)
{
    if (peek(w, 1) == '*') {
        return fail(w, "missing argument to repetition operator");
    }
    if (peek(w, 1) != '?') {
        copy(w, 1);
        return true;
    }
    if (peek(w, 2) == 'P' && peek(w, 3) == '<') {
        copy(w, 4);
        return true;
    }
    if (peek(w, 2) == '<' && peek(w, 3) != '=' && peek(w, 3) != '!') {
        copy(w, 3);
        return true;
    }
    if (peek(w, 2) == '=' || peek(w, 2) == '!' || peek(w, 2) == '<') {
        return fail(w, "look-around is not supported");
    }
    return flags(w);
}

/* {n}, {n,}, {n,m}: its length, or 0: literal text. -1: refused. */
static int counted(struct walk *w)
{
    size_t len = 1;
    unsigned number = 0;

    if (peek(w, 1) < '0' || peek(w, 1) > '9') {
        return 0;
    }
    for (; peek(w, len) != '}'; len++) {
        int c = peek(w, len);
        if (c >= '0' && c <= '9') {
            number = number * 10 + (unsigned)(c - '0');
        } else if (c == ',') {
            number = 0;
        } else {
            return 0;
        }
        if (number > REPEAT_MAX) {
            (void)fail(w, "invalid repeat count");
            return -1;
        }
    }
    return (int)len + 1;
}

static bool repeat(struct walk *w, size_t len)
{
    if (w->after_repeat) {
        return fail(w, "invalid nested repetition operator");
    }
    copy(w, len);
    if (peek(w, 0) == '?') {
        copy(w, 1);
    }
    w->after_repeat = true;
    return true;
}

static bool piece(struct walk *w)
{
    int c = peek(w, 0);
    int len = c == '{' ? counted(w) : 0;

    if (len < 0) {
        return false;
    }
    if (c == '*' || c == '+' || c == '?' || len > 0) {
        return repeat(w, len > 0 ? (size_t)len : 1);
    }
    w->after_repeat = false;
    switch (c) {
    case '\\':
        return escape(w, false);
    case '[':
        return class(w);
    case '(':
        return group(w);
    case '$':
        sink_text(w->out, w->multi_line ? "$" : "\\z");
        w->at++;
        return true;
    case '{':
        sink_text(w->out, "\\{");
        w->at++;
        return true;
    default:
        copy(w, 1);
        return true;
    }
}

/* Is there a group such as (?m) or (?sm:...)? */
static bool has_multi_line(struct cxd_bytes in)
{
    for (size_t i = 0; i + 2 < in.len; i++) {
        if (in.ptr[i] != '(' || in.ptr[i + 1] != '?') {
            continue;
        }
        for (size_t j = i + 2; j < in.len && strchr("imsU", in.ptr[j]) != NULL; j++) {
            if (in.ptr[j] == 'm') {
                return true;
            }
        }
    }
    return false;
}

const char *regex_translate(struct cxd_bytes pattern, struct sink *sink)
{
    struct walk w = {.in = pattern, .out = sink, .multi_line = has_multi_line(pattern)};

    if (pattern.len > REGEX_PATTERN_MAX || memchr(pattern.ptr, '\0', pattern.len) != NULL) {
        return "the pattern is too long";
    }
    while (w.at < pattern.len) {
        if (!piece(&w)) {
            return w.problem;
        }
    }
    return NULL;
}
