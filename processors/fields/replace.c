/* replace.c: replace: every match of a regular expression in a text by another text, which may name groups: $1, ${name}. */
#include "lib/edit.h"

#include <string.h>

#define GROUPS_MAX 33
#define NO_GROUP UINT32_MAX /* a name that the pattern does not have: nothing */
#define LITERAL (UINT32_MAX - 1)

struct piece {
    uint32_t group; /* LITERAL: text */
    struct cxd_bytes text;
};

struct rule {
    struct path field;
    const char *pattern;
    struct cxd_regex *regex;
    struct piece *pieces;
    size_t piece_count;
};

struct replace {
    struct base base;
    struct rule *rules;
    size_t count;
};

/* The number of a named group: (?P<name> or (?<name>, counted among the groups. */
static uint32_t group_find(const char *pattern, struct cxd_bytes name)
{
    uint32_t number = 0;
    bool is_class = false;

    for (const char *at = pattern; *at != '\0'; at++) {
        if (*at == '\\' && at[1] != '\0') {
            at++;
        } else if (is_class || *at == '[') {
            is_class = *at != ']';
        } else if (*at == '(' && at[1] != '?') {
            number++;
        } else if (*at == '(') {
            const char *named = at + 2 + (at[2] == 'P');
            if (*named != '<' || named[1] == '=' || named[1] == '!') {
                continue;
            }
            number++;
            if (strncmp(named + 1, name.ptr, name.len) == 0 && named[1 + name.len] == '>') {
                return number;
            }
        }
    }
    return NO_GROUP;
}

static bool is_word(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static uint32_t group_of(const char *pattern, struct cxd_bytes name)
{
    uint32_t number = 0;

    for (size_t i = 0; i < name.len; i++) {
        if (name.ptr[i] < '0' || name.ptr[i] > '9' || number >= GROUPS_MAX) {
            return group_find(pattern, name);
        }
        number = number * 10 + (uint32_t)(name.ptr[i] - '0');
    }
    return number < GROUPS_MAX ? number : NO_GROUP;
}

/* What begins at text[at]: a reference, or text up to the next dollar. Returns the offset behind it. */
static size_t piece_read(const char *pattern, struct cxd_bytes text, size_t at,
                         struct piece *ret_piece)
{
    bool is_braced = at + 1 < text.len && text.ptr[at + 1] == '{';
    size_t start = at + 1 + is_braced;
    size_t end = start;

    if (text.ptr[at] == '$' && at + 1 < text.len && text.ptr[at + 1] == '$') {
        *ret_piece = (struct piece){LITERAL, {text.ptr + at, 1}};
        return at + 2;
    }
    while (text.ptr[at] == '$' && end < text.len && is_word(text.ptr[end])) {
        end++;
    }
    if (end > start && (!is_braced || (end < text.len && text.ptr[end] == '}'))) {
        struct cxd_bytes name = {text.ptr + start, end - start};
        *ret_piece = (struct piece){group_of(pattern, name), name};
        return end + is_braced;
    }
    for (end = at + 1; end < text.len && text.ptr[end] != '$'; end++) {
    }
    *ret_piece = (struct piece){LITERAL, {text.ptr + at, end - at}};
    return end;
}

static int pieces_read(struct base *b, struct rule *rule, struct cxd_bytes replacement,
                       struct cxd_error *err)
{
    struct cxd_bytes text = {base_copy(b, replacement), replacement.len};

    rule->pieces = base_alloc(b, (replacement.len + 1) * sizeof *rule->pieces);
    if (text.ptr == NULL || rule->pieces == NULL) {
        return base_lack(err);
    }
    for (size_t at = 0; at < text.len;) {
        at = piece_read(rule->pattern, text, at, &rule->pieces[rule->piece_count++]);
    }
    return CXD_OK;
}

static int rule_read(struct base *b, struct cxd_bytes group, struct rule *rule,
                     struct cxd_error *err)
{
    int r = path_option(b, group, "field", &rule->field, err);

    if (r != CXD_OK) {
        return r;
    }
    rule->pattern = base_copy(b, base_text(b, group, "pattern"));
    if (rule->pattern == NULL) {
        return base_lack(err);
    }
    r = b->host->regex_new(b->self, rule->pattern, &rule->regex, err);
    return r != CXD_OK ? r : pieces_read(b, rule, base_text(b, group, "replacement"), err);
}

static int replace_open(struct base *b, struct cxd_bytes options, struct cxd_error *err)
{
    struct replace *p = (struct replace *)b;
    struct cxd_scalar list = b->host->doc_get(options, "fields");
    int r = CXD_OK;

    if (!CXD_HAS(b->host, regex_find) || b->host->regex_find == NULL) {
        return cxd_error_set(err, CXD_MISFIT, "this host cannot tell where a pattern matches");
    }
    p->rules = base_alloc(b, list.count * sizeof *p->rules);
    if (p->rules == NULL) {
        return base_lack(err);
    }
    for (uint32_t i = 0; i < list.count && r == CXD_OK; i++) {
        struct cxd_bytes ignored;
        p->count = i + 1;
        r = rule_read(b, b->host->doc_at(list.bytes, i, &ignored).bytes, &p->rules[i], err);
    }
    return r;
}

static void replace_close(struct base *b)
{
    struct replace *p = (struct replace *)b;

    for (size_t i = 0; i < p->count; i++) {
        b->host->regex_free(p->rules[i].regex);
    }
}

static int pieces_write(struct edit *e, const struct rule *rule, const struct cxd_bytes *groups,
                        int group_count, struct edit_out *out)
{
    int r = CXD_OK;

    for (size_t i = 0; i < rule->piece_count && r == CXD_OK; i++) {
        const struct piece *piece = &rule->pieces[i];
        if (piece->group == LITERAL) {
            r = edit_out_add(e, out, piece->text);
        } else if (piece->group < (uint32_t)group_count) {
            r = edit_out_add(e, out, groups[piece->group]);
        }
    }
    return r;
}

static size_t step_over(struct cxd_bytes text, size_t at)
{
    at++;
    while (at < text.len && ((unsigned char)text.ptr[at] & 0xc0) == 0x80) {
        at++;
    }
    return at;
}

/* out.ptr stays NULL when nothing matches. */
static int text_replace(struct edit *e, const struct rule *rule, struct cxd_bytes text,
                        struct edit_out *out)
{
    struct cxd_bytes groups[GROUPS_MAX];
    static char nothing[1];
    size_t copied = 0;
    size_t from = 0;
    size_t last_end = SIZE_MAX; /* an empty match right behind a match does not count */
    int count = 0;
    int r = CXD_OK;

    while (r == CXD_OK && from <= text.len &&
           (count = e->host->regex_find(rule->regex, text, from, groups, GROUPS_MAX)) > 0) {
        size_t start = (size_t)(groups[0].ptr - text.ptr);
        size_t end = start + groups[0].len;
        if (groups[0].len > 0 || end != last_end) {
            r = edit_out_add(e, out, (struct cxd_bytes){text.ptr + copied, start - copied});
            r = r != CXD_OK ? r : pieces_write(e, rule, groups, count, out);
            copied = end;
            last_end = end;
        }
        from = groups[0].len > 0 ? end : step_over(text, end);
    }
    if (r == CXD_OK && count < 0) {
        return count == CXD_NOMEM
                   ? count
                   : edit_fail(e, "field %.200s: the pattern takes too long", rule->field.name.ptr);
    }
    if (r == CXD_OK && last_end != SIZE_MAX) {
        r = edit_out_add(e, out, (struct cxd_bytes){text.ptr + copied, text.len - copied});
        out->ptr = out->ptr != NULL ? out->ptr : nothing;
    }
    return r;
}

static int rule_run(struct edit *e, const struct rule *rule)
{
    struct edit_out out = {0};
    struct edit_spot spot;
    struct cxd_bytes text;
    int r = edit_find(e, &rule->field, &spot);

    if (r <= 0) {
        return r < 0 ? r : edit_missing(e, &rule->field);
    }
    r = edit_text(e, &rule->field, &spot.node->value, &text);
    r = r != CXD_OK ? r : text_replace(e, rule, text, &out);
    if (r != CXD_OK || out.ptr == NULL) {
        return r;
    }
    text = (struct cxd_bytes){out.ptr, out.len};
    return edit_set(e, spot.node, &(struct cxd_node){.value = edit_text_value(text)});
}

static int replace_run(struct edit *e)
{
    struct replace *p = (struct replace *)e->base;
    int r = CXD_OK;

    for (size_t i = 0; i < p->count && r == CXD_OK; i++) {
        r = edit_next(e, rule_run(e, &p->rules[i]));
    }
    return r;
}

static const struct cxd_option rule_options[] = {
    {.name = "field",
     .type = CXD_OPTION_STRING,
     .flags = CXD_OPTION_REQUIRED,
     .help = "Text to work on."},
    {.name = "pattern",
     .type = CXD_OPTION_STRING,
     .flags = CXD_OPTION_REQUIRED,
     .help = "Regular expression; each match is replaced."},
    {.name = "replacement",
     .type = CXD_OPTION_STRING,
     .default_value = "",
     .help = "What stands there instead; $1 or ${name} for a group, $$ for a dollar."},
    {.name = NULL},
};

static const struct cxd_option replace_options[] = {
    {.name = "fields",
     .type = CXD_OPTION_GROUP_LIST,
     .flags = CXD_OPTION_REQUIRED,
     .help = "Fields with pattern and replacement.",
     .children = rule_options},
    OPTION_IGNORE_MISSING,
    OPTION_FAIL_ON_ERROR,
    {.name = NULL},
};

BASE_MODULE(replace, NULL, "replaces what matches in texts", replace_close)
