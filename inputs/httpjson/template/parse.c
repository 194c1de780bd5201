/*
 * parse.c: blocks: text, actions, if, with, range, define. Recursion is bounded by TEMPLATE_DEPTH. Thread: any.
 */
#include "template/parse.h"

#include <stdarg.h>

void parse_place(struct cxd_bytes source, uint32_t pos, char out[48])
{
    unsigned line = 1;
    unsigned column = 0;

    for (uint32_t i = 0; i < pos && i < source.len; i++) {
        line += source.ptr[i] == '\n';
        column = source.ptr[i] == '\n' ? 0 : column + 1;
    }
    (void)snprintf(out, 48, "template: %u:%u: ", line, column + 1);
}

void *parse_fail(struct parse *p, int status, const char *format, ...)
{
    char place[48];
    char why[200];
    va_list args;

    if (p->status != 0) {
        return NULL;
    }
    va_start(args, format);
    (void)vsnprintf(why, sizeof why, format, args); /* a cut message is still a message */
    va_end(args);
    parse_place(p->tmpl->source, p->token.pos, place);
    if (p->tmpl->region.status != 0) {
        status = p->tmpl->region.status; /* whatever it looked like: memory was the reason */
        (void)snprintf(why, sizeof why, "no memory for the template");
    }
    p->status = cxd_error_set(p->err, status != 0 ? status : CXD_CONFIG, "%s%s", place, why);
    return NULL;
}

void parse_next(struct parse *p)
{
    p->token = lex_next(&p->lex);
    if (p->token.kind == LEX_BAD) {
        (void)parse_fail(p, CXD_CONFIG, "%s", p->token.text.ptr);
    }
}

struct node *parse_node(struct parse *p, enum node_kind kind, uint32_t pos)
{
    struct node *node = region_alloc(&p->tmpl->region, sizeof *node);

    if (node == NULL) {
        return parse_fail(p, p->tmpl->region.status, "no memory for the template");
    }
    node->kind = (uint8_t)kind;
    node->pos = pos;
    return node;
}

int parse_declare(struct parse *p, struct cxd_bytes name)
{
    if (p->name_count == TEMPLATE_VARIABLES) {
        (void)parse_fail(p, CXD_TOO_LARGE, "more than %d variables", TEMPLATE_VARIABLES);
        return -1;
    }
    p->names[p->name_count] = name;
    return p->name_count++;
}

bool parse_is_word(const struct parse *p, const char *word)
{
    return p->token.kind == LEX_WORD && strlen(word) == p->token.text.len &&
           memcmp(word, p->token.text.ptr, p->token.text.len) == 0;
}

bool parse_enter(struct parse *p)
{
    if (p->depth == TEMPLATE_DEPTH) {
        (void)parse_fail(p, CXD_TOO_DEEP, "nested deeper than %d", TEMPLATE_DEPTH);
        return false;
    }
    p->depth++;
    return true;
}

/* What ended a body. */
enum parse_end { END_NONE, END_SOURCE, END_END, END_ELSE };

static struct node *parse_body(struct parse *p, enum parse_end *ret_end);

static bool parse_close(struct parse *p)
{
    if (p->token.kind != LEX_CLOSE) {
        (void)parse_fail(p, CXD_CONFIG, "expected the end of the action");
        return false;
    }
    parse_next(p);
    return p->status == 0;
}

static struct node *parse_control(struct parse *p, enum node_kind kind, uint32_t pos);

/* Behind [[else: either a whole further if or with, which takes our end as well, or a body. */
static bool parse_else(struct parse *p, struct node *node)
{
    enum parse_end end = END_NONE;

    if (node->kind != NODE_RANGE && (parse_is_word(p, "if") || parse_is_word(p, "with"))) {
        enum node_kind kind = parse_is_word(p, "if") ? NODE_IF : NODE_WITH;
        uint32_t pos = p->token.pos;

        parse_next(p);
        node->other = parse_control(p, kind, pos);
        return node->other != NULL;
    }
    if (!parse_close(p)) {
        return false;
    }
    node->other = parse_body(p, &end);
    if (p->status == 0 && end != END_END) {
        (void)parse_fail(p, CXD_CONFIG, "expected [[end]]");
    }
    return p->status == 0;
}

static struct node *parse_control_body(struct parse *p, struct node *node)
{
    enum parse_end end = END_NONE;

    node->pipe = parse_pipe(p, LEX_CLOSE, node->kind == NODE_RANGE);
    if (node->pipe == NULL) {
        return NULL;
    }
    p->loops += node->kind == NODE_RANGE;
    node->first = parse_body(p, &end);
    p->loops -= node->kind == NODE_RANGE;
    if (p->status != 0) {
        return NULL;
    }
    if (end == END_ELSE) {
        return parse_else(p, node) ? node : NULL;
    }
    return end == END_END ? node : parse_fail(p, CXD_CONFIG, "expected [[end]]");
}

/* if, with or range; its word is passed. Variables of the pipeline live until the end. */
static struct node *parse_control(struct parse *p, enum node_kind kind, uint32_t pos)
{
    struct node *node = parse_node(p, kind, pos);
    int names = p->name_count;

    if (node == NULL || !parse_enter(p)) {
        return NULL;
    }
    node = parse_control_body(p, node);
    p->name_count = names;
    p->depth--;
    return node;
}

static bool parse_name(struct parse *p, struct cxd_bytes *ret)
{
    if (p->token.kind != LEX_STRING || !lex_unquote(&p->tmpl->region, p->token.text, ret)) {
        (void)parse_fail(p, CXD_CONFIG, "expected the name of a template");
        return false;
    }
    parse_next(p);
    return true;
}

/* A body of its own: no variables but $, and no loop around. */
static bool parse_define_body(struct parse *p, struct node_define *define)
{
    enum parse_end end = END_NONE;
    int names = p->name_count;
    int loops = p->loops;

    p->name_count = 1;
    p->loops = 0;
    define->body = parse_enter(p) ? parse_body(p, &end) : NULL;
    p->depth--;
    p->name_count = names;
    p->loops = loops;
    if (p->status == 0 && end != END_END) {
        (void)parse_fail(p, CXD_CONFIG, "expected [[end]]");
    }
    return p->status == 0;
}

static struct node_define *parse_define(struct parse *p)
{
    struct node_define *define = region_alloc(&p->tmpl->region, sizeof *define);

    if (define == NULL) {
        return parse_fail(p, p->tmpl->region.status, "no memory for the template");
    }
    if (!parse_name(p, &define->name)) {
        return NULL;
    }
    define->next = p->tmpl->defines;
    p->tmpl->defines = define;
    return define;
}

/* [[template "x" pipe]], or [[block "x" pipe]] body [[end]]: a definition and its use in one. */
static struct node *parse_invoke(struct parse *p, uint32_t pos, bool is_block)
{
    struct node *node = parse_node(p, NODE_INVOKE, pos);
    struct node_define *define = NULL;

    if (node == NULL) {
        return NULL;
    }
    if (is_block) {
        define = parse_define(p);
        if (define == NULL) {
            return NULL;
        }
        node->text = define->name;
    } else if (!parse_name(p, &node->text)) {
        return NULL;
    }
    if (p->token.kind == LEX_CLOSE && !is_block) {
        parse_next(p);
        return node;
    }
    node->pipe = parse_pipe(p, LEX_CLOSE, false);
    if (node->pipe == NULL || (is_block && !parse_define_body(p, define))) {
        return NULL;
    }
    return node;
}

static struct node *parse_jump(struct parse *p, enum node_kind kind, uint32_t pos)
{
    if (p->loops == 0) {
        return parse_fail(p, CXD_CONFIG, "break or continue outside of a range");
    }
    return parse_close(p) ? parse_node(p, kind, pos) : NULL;
}

/* An action, its delimiter passed. NULL without a failure: it made no node (*ret_end, or a definition). */
static struct node *parse_action(struct parse *p, enum parse_end *ret_end)
{
    static const struct {
        const char *word;
        enum node_kind kind;
    } controls[] = {{"if", NODE_IF}, {"with", NODE_WITH}, {"range", NODE_RANGE}};
    uint32_t pos = p->token.pos;
    struct node_define *define;
    struct node *node;

    for (size_t i = 0; i < sizeof controls / sizeof controls[0]; i++) {
        if (parse_is_word(p, controls[i].word)) {
            parse_next(p);
            return parse_control(p, controls[i].kind, pos);
        }
    }
    if (parse_is_word(p, "end") || parse_is_word(p, "else")) {
        *ret_end = parse_is_word(p, "end") ? END_END : END_ELSE;
        parse_next(p);
        if (*ret_end == END_END) {
            (void)parse_close(p);
        }
        return NULL;
    }
    if (parse_is_word(p, "break") || parse_is_word(p, "continue")) {
        enum node_kind kind = parse_is_word(p, "break") ? NODE_BREAK : NODE_CONTINUE;

        parse_next(p);
        return parse_jump(p, kind, pos);
    }
    if (parse_is_word(p, "template") || parse_is_word(p, "block")) {
        bool is_block = parse_is_word(p, "block");

        parse_next(p);
        return parse_invoke(p, pos, is_block);
    }
    if (parse_is_word(p, "define")) {
        parse_next(p);
        define = parse_define(p);
        if (define != NULL && parse_close(p)) {
            (void)parse_define_body(p, define);
        }
        return NULL;
    }
    if (p->token.kind == LEX_CLOSE) {
        parse_next(p); /* a comment, or nothing: Go refuses the latter, we do not mind */
        return NULL;
    }
    node = parse_node(p, NODE_ACTION, pos);
    if (node != NULL) {
        node->pipe = parse_pipe(p, LEX_CLOSE, false);
    }
    return node != NULL && node->pipe != NULL ? node : NULL;
}

static struct node *parse_text(struct parse *p)
{
    struct node *node = parse_node(p, NODE_TEXT, p->token.pos);

    if (node != NULL) {
        node->text = p->token.text;
    }
    parse_next(p);
    return node;
}

static struct node *parse_body(struct parse *p, enum parse_end *ret_end)
{
    struct node *first = NULL;
    struct node **last = &first;
    int names = p->name_count;

    *ret_end = END_NONE;
    while (p->status == 0 && *ret_end == END_NONE) {
        struct node *node;

        if (p->token.kind == LEX_END) {
            *ret_end = END_SOURCE;
            break;
        }
        if (p->token.kind == LEX_TEXT) {
            node = parse_text(p);
        } else {
            parse_next(p); /* [[ */
            node = p->status == 0 ? parse_action(p, ret_end) : NULL;
        }
        if (node != NULL) {
            *last = node;
            last = &node->next;
        }
    }
    p->name_count = names;
    return first;
}

int parse_template(struct tmpl *t, struct cxd_error *err)
{
    struct parse p = {.tmpl = t, .err = err};
    enum parse_end end;

    lex_init(&p.lex, t->source);
    p.names[p.name_count++] = CXD_LIT("$");
    parse_next(&p);
    t->body = parse_body(&p, &end);
    if (p.status == 0 && end != END_SOURCE) {
        (void)parse_fail(&p, CXD_CONFIG, "unexpected [[%s]]", end == END_END ? "end" : "else");
    }
    return p.status;
}
