/* regex_named.c: the functions of patterns that the configuration names. */
#include "regex.h"

/* The configured pattern args[1] names, compiled. */
static void *named(struct run *run, struct value name, struct value *ret_problem)
{
    const struct services_pattern *p = run->services != NULL ? run->services->patterns : NULL;

    if (name.kind != VALUE_STRING) {
        *ret_problem = run_no_overload(run);
        return NULL;
    }
    for (; p != NULL && p->name != NULL; p++) {
        if (value_text_is(name, p->name)) {
            return regex_compiled(run, (struct cxd_bytes){p->pattern, strlen(p->pattern)},
                                  ret_problem);
        }
    }
    *ret_problem = run_fail(run, "no regexp %.*s", (int)name.len, name.text);
    return NULL;
}

/* The matched piece in the kind of the text. */
static struct value piece(struct value text, struct services_span span)
{
    struct value v = text;

    if (span.start == SIZE_MAX || span.start > span.end) {
        v.len = 0;
        return v;
    }
    v.text = text.text + span.start;
    v.len = (uint32_t)(span.end - span.start);
    return v;
}

static struct value groups_list(struct run *run, struct value text,
                                const struct services_span *spans, size_t groups)
{
    struct value *items = run_items(run, groups);

    for (size_t i = 0; items != NULL && i < groups; i++) {
        items[i] = piece(text, spans[i]);
    }
    return items != NULL ? value_list(items, groups) : run_fatal(run);
}

/* Finds matches from left to right; after an empty one it goes on one code point further. */
struct finder {
    struct run *run;
    void *regex;
    struct value text;
    size_t from;
    size_t last_end; /* an empty match directly behind a match is none */
    bool is_first;
    struct services_span spans[REGEX_GROUPS_MAX];
    size_t groups;
    struct value problem;
};

static int finder_next(struct finder *f)
{
    for (;;) {
        struct cxd_bytes text = value_range(f->text);
        int found = f->from <= text.len ? regex_search(f->run, f->regex, text, f->from, f->spans,
                                                       &f->groups, &f->problem)
                                        : 0;
        struct services_span whole = f->spans[0];
        if (found != 1) {
            return found;
        }
        f->from = whole.end;
        if (whole.start == whole.end) {
            f->from++;
            while (f->from < text.len && ((unsigned char)text.ptr[f->from] & 0xc0) == 0x80) {
                f->from++;
            }
            if (!f->is_first && whole.end == f->last_end) {
                continue;
            }
        }
        f->is_first = false;
        f->last_end = whole.end;
        return 1;
    }
}

static bool finder_begin(struct finder *f, struct run *run, const struct value *args)
{
    *f = (struct finder){.run = run, .text = args[0], .is_first = true};
    f->regex = named(run, args[1], &f->problem);
    return f->regex != NULL;
}

static struct value re_match(struct run *run, const struct value *args, uint32_t count)
{
    struct finder f;
    int found;

    (void)count;
    if (!finder_begin(&f, run, args)) {
        return f.problem;
    }
    found = finder_next(&f);
    return found < 0 ? f.problem : value_bool(found == 1);
}

static struct value re_find(struct run *run, const struct value *args, uint32_t count)
{
    struct finder f;
    int found;

    (void)count;
    if (!finder_begin(&f, run, args)) {
        return f.problem;
    }
    found = finder_next(&f);
    return found < 0    ? f.problem
           : found == 0 ? piece(args[0], (struct services_span){SIZE_MAX, 0})
                        : piece(args[0], f.spans[0]);
}

static struct value re_find_submatch(struct run *run, const struct value *args, uint32_t count)
{
    struct finder f;
    int found;

    (void)count;
    if (!finder_begin(&f, run, args)) {
        return f.problem;
    }
    found = finder_next(&f);
    return found < 0    ? f.problem
           : found == 0 ? value_list(NULL, 0)
                        : groups_list(run, args[0], f.spans, f.groups);
}

/* All matches, each as a piece or as a list of groups. */
static struct value find_all(struct run *run, const struct value *args, bool with_groups)
{
    struct value *items = NULL;
    size_t made = 0;
    size_t room = 0;
    struct finder f;
    int found;

    if (!finder_begin(&f, run, args)) {
        return f.problem;
    }
    while ((found = finder_next(&f)) == 1) {
        if (made == room) {
            struct value *more = run_items(run, room = room * 2 + 8);
            if (more == NULL) {
                return run_fatal(run);
            }
            if (made > 0) {
                memcpy(more, items, made * sizeof *items);
            }
            items = more;
        }
        items[made] =
            with_groups ? groups_list(run, args[0], f.spans, f.groups) : piece(args[0], f.spans[0]);
        if (value_is_error(items[made++])) {
            return items[made - 1];
        }
    }
    return found < 0 ? f.problem : value_list(items, made);
}

static struct value re_find_all(struct run *run, const struct value *args, uint32_t count)
{
    (void)count;
    return find_all(run, args, false);
}

static struct value re_find_all_submatch(struct run *run, const struct value *args, uint32_t count)
{
    (void)count;
    return find_all(run, args, true);
}

static bool is_word(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

/* $1, ${1}: a group; $$: a dollar. A group that is not there, or has a name, gives nothing. */
static size_t expand_one(struct sink *out, struct cxd_bytes t, size_t at, const struct finder *f)
{
    bool braces = at + 1 < t.len && t.ptr[at + 1] == '{';
    size_t start = at + (braces ? 2 : 1);
    size_t end = start;
    size_t number = 0;
    bool digits = true;

    if (start < t.len && t.ptr[start] == '$' && !braces) {
        sink_char(out, '$');
        return start + 1;
    }
    for (; end < t.len && is_word(t.ptr[end]); end++) {
        digits &= t.ptr[end] >= '0' && t.ptr[end] <= '9' && number < 1000;
        number = digits ? number * 10 + (size_t)(t.ptr[end] - '0') : number;
    }
    if (end == start || (braces && (end >= t.len || t.ptr[end] != '}'))) {
        sink_char(out, '$');
        return at + 1;
    }
    if (digits && number < f->groups) {
        sink_value(out, piece(f->text, f->spans[number]));
    }
    return end + (braces ? 1 : 0);
}

static void expand(struct sink *out, struct value replacement, const struct finder *f)
{
    struct cxd_bytes t = value_range(replacement);

    for (size_t at = 0; at < t.len;) {
        if (t.ptr[at] == '$') {
            at = expand_one(out, t, at, f);
        } else {
            sink_char(out, t.ptr[at++]);
        }
    }
}

static struct value re_replace_all(struct run *run, const struct value *args, uint32_t count)
{
    struct sink out = sink_on(run->pool);
    struct finder f;
    size_t done = 0;
    int found;

    (void)count;
    if (args[2].kind != args[0].kind) {
        return run_no_overload(run);
    }
    if (!finder_begin(&f, run, args)) {
        return f.problem;
    }
    while ((found = finder_next(&f)) == 1 && !out.failed) {
        sink_put(&out, args[0].text + done, f.spans[0].start - done);
        expand(&out, args[2], &f);
        done = f.spans[0].end;
    }
    if (found < 0) {
        return f.problem;
    }
    sink_put(&out, args[0].text + done, args[0].len - done);
    return args[0].kind == VALUE_STRING ? run_text(run, &out) : run_bytes(run, &out);
}

#define TEXTUAL (VALUE_MASK(VALUE_STRING) | VALUE_MASK(VALUE_BYTES))

const struct function regex_named_functions[] = {
    {"re_match", FUNCTION_METHOD, 2, 2, TEXTUAL, re_match},
    {"re_find", FUNCTION_METHOD, 2, 2, TEXTUAL, re_find},
    {"re_find_all", FUNCTION_METHOD, 2, 2, TEXTUAL, re_find_all},
    {"re_find_submatch", FUNCTION_METHOD, 2, 2, TEXTUAL, re_find_submatch},
    {"re_find_all_submatch", FUNCTION_METHOD, 2, 2, TEXTUAL, re_find_all_submatch},
    {"re_replace_all", FUNCTION_METHOD, 3, 3, TEXTUAL, re_replace_all},
    {NULL}};
