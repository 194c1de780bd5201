/*
 * parse_pipe.c: pipelines, commands and operands. Thread: any.
 */
#include "template/parse.h"

static int variable_find(const struct parse *p, struct cxd_bytes name)
{
    for (int i = p->name_count - 1; i >= 0; i--) {
        if (p->names[i].len == name.len && memcmp(p->names[i].ptr, name.ptr, name.len) == 0) {
            return i;
        }
    }
    return -1;
}

static struct node *parse_word(struct parse *p)
{
    static const char *const words[] = {"true", "false", "nil"};
    struct cxd_bytes text = p->token.text;
    struct node *node;
    int word = 0;

    while (word < 3 && !parse_is_word(p, words[word])) {
        word++;
    }
    node = parse_node(p,
                      word < 2    ? NODE_CONSTANT
                      : word == 2 ? NODE_NIL
                                  : NODE_FUNCTION,
                      p->token.pos);
    if (node == NULL) {
        return NULL;
    }
    node->text = text;
    if (word < 2) {
        node->constant = value_bool(word == 0);
    } else if (word == 3) {
        node->func = func_find(text);
        if (node->func == NULL) {
            return parse_fail(p, CXD_CONFIG, "function \"%.*s\" not defined",
                              (int)(text.len < 60 ? text.len : 60), text.ptr);
        }
    }
    parse_next(p);
    return node;
}

static struct node *parse_variable(struct parse *p)
{
    struct cxd_bytes text = p->token.text;
    struct node *node = parse_node(p, NODE_VARIABLE, p->token.pos);
    int slot = variable_find(p, text);

    if (slot < 0) {
        return parse_fail(p, CXD_CONFIG, "undefined variable \"%.*s\"",
                          (int)(text.len < 60 ? text.len : 60), text.ptr);
    }
    if (node != NULL) {
        node->text = text;
        node->slots[0] = (uint16_t)slot;
        parse_next(p);
    }
    return node;
}

/* Appends the fields that follow without a blank to the operand's own. */
static struct node *parse_fields(struct parse *p, struct node *node)
{
    struct cxd_bytes *names = NULL;
    size_t room = 0;

    while (p->token.kind == LEX_FIELD && (!p->token.after_space || node->kind == NODE_FIELD) &&
           (!p->token.after_space || node->name_count == 0)) {
        if (node->name_count == room) {
            struct cxd_bytes *more = region_alloc(&p->tmpl->region, (room * 2 + 4) * sizeof *more);

            if (more == NULL) {
                return parse_fail(p, p->tmpl->region.status, "no memory");
            }
            if (room > 0) {
                memcpy(more, names, room * sizeof *more);
            }
            names = more;
            room = room * 2 + 4;
        }
        names[node->name_count++] = p->token.text;
        node->names = names;
        parse_next(p);
    }
    return node;
}

static struct node *parse_term(struct parse *p)
{
    struct node *node = NULL;

    switch (p->token.kind) {
    case LEX_FIELD:
        return parse_node(p, NODE_FIELD, p->token.pos);
    case LEX_VARIABLE:
        return parse_variable(p);
    case LEX_WORD:
        return parse_word(p);
    case LEX_NUMBER:
    case LEX_STRING:
    case LEX_CHAR:
        return parse_constant(p);
    case LEX_DOT:
        node = parse_node(p, NODE_DOT, p->token.pos);
        parse_next(p);
        return node;
    case LEX_LEFT:
        node = parse_node(p, NODE_CHAIN, p->token.pos);
        parse_next(p);
        if (node != NULL) {
            node->first = parse_pipe(p, LEX_RIGHT, false);
        }
        return node != NULL && node->first != NULL ? node : NULL;
    case LEX_BAD:
        return parse_fail(p, CXD_CONFIG, "%s", p->token.text.ptr);
    default:
        return parse_fail(p, CXD_CONFIG, "unexpected \"%.*s\" in a command",
                          (int)(p->token.text.len < 20 ? p->token.text.len : 20),
                          p->token.text.ptr);
    }
}

static struct node *parse_operand(struct parse *p)
{
    struct node *node = parse_term(p);

    if (node == NULL || p->token.kind != LEX_FIELD) {
        return node;
    }
    if (node->kind != NODE_FIELD && p->token.after_space) {
        return node;
    }
    if (node->kind == NODE_CONSTANT || node->kind == NODE_NIL || node->kind == NODE_DOT) {
        return parse_fail(p, CXD_CONFIG, "unexpected .%.*s after an operand that has no fields",
                          (int)(p->token.text.len < 60 ? p->token.text.len : 60),
                          p->token.text.ptr);
    }
    return parse_fields(p, node);
}

static bool parse_is_command_end(const struct parse *p)
{
    return p->token.kind == LEX_PIPE || p->token.kind == LEX_CLOSE || p->token.kind == LEX_RIGHT ||
           p->token.kind == LEX_END;
}

static struct node *parse_command(struct parse *p)
{
    struct node *command = parse_node(p, NODE_COMMAND, p->token.pos);
    struct node **end;

    if (command == NULL) {
        return NULL;
    }
    end = &command->first;
    while (!parse_is_command_end(p)) {
        struct node *word = parse_operand(p);

        if (word == NULL) {
            return NULL;
        }
        if (!parse_is_command_end(p) && !p->token.after_space) {
            return parse_fail(p, CXD_CONFIG, "expected a blank between the words of a command");
        }
        *end = word;
        end = &word->next;
    }
    return command->first != NULL ? command : parse_fail(p, CXD_CONFIG, "a command is missing");
}

static void parse_set(struct parse *p, struct node *pipe, struct cxd_bytes name)
{
    int slot = pipe->is_assignment ? variable_find(p, name) : -1;

    if (pipe->is_assignment && slot < 0) {
        (void)parse_fail(p, CXD_CONFIG, "undefined variable \"%.*s\"",
                         (int)(name.len < 60 ? name.len : 60), name.ptr);
        return;
    }
    pipe->slots[pipe->slot_count++] = (uint16_t)(slot < 0 ? 0 : slot);
}

/* `$x :=`, `$x =`, `$i, $x :=`; leaves the parser as it was when the pipeline begins otherwise. */
static void parse_variables(struct parse *p, struct node *pipe, struct cxd_bytes names[2],
                            bool is_range)
{
    struct lex lex = p->lex;
    struct lex_token token = p->token;
    size_t count = 1;

    if (token.kind != LEX_VARIABLE) {
        return;
    }
    names[0] = token.text;
    parse_next(p);
    if (p->token.kind == LEX_COMMA && is_range) {
        parse_next(p);
        if (p->token.kind != LEX_VARIABLE) {
            (void)parse_fail(p, CXD_CONFIG, "expected a second variable");
            return;
        }
        names[count++] = p->token.text;
        parse_next(p);
    }
    if (p->token.kind != LEX_DECLARE && p->token.kind != LEX_ASSIGN) {
        p->lex = lex;
        p->token = token;
        return;
    }
    pipe->is_assignment = p->token.kind == LEX_ASSIGN;
    parse_next(p);
    for (size_t i = 0; i < count; i++) {
        parse_set(p, pipe, names[i]);
    }
}

/* A later command gets a value handed in, so it must be something that takes one. */
static bool parse_commands_are_callable(struct parse *p, const struct node *pipe)
{
    for (const struct node *c = pipe->first->next; c != NULL; c = c->next) {
        uint8_t kind = c->first->kind;

        if (kind == NODE_CONSTANT || kind == NODE_DOT || kind == NODE_NIL) {
            (void)parse_fail(p, CXD_CONFIG, "non executable command in pipeline");
            return false;
        }
    }
    return true;
}

static struct node *parse_pipe_body(struct parse *p, enum lex_kind end, bool is_range)
{
    struct node *pipe = parse_node(p, NODE_PIPE, p->token.pos);
    struct cxd_bytes names[2] = {{NULL, 0}, {NULL, 0}};
    struct node **last;

    if (pipe == NULL) {
        return NULL;
    }
    if (end == LEX_CLOSE) {
        parse_variables(p, pipe, names, is_range);
    }
    last = &pipe->first;
    do {
        if (last != &pipe->first) {
            parse_next(p);
        }
        *last = p->status == 0 ? parse_command(p) : NULL;
        if (*last == NULL) {
            return NULL;
        }
        last = &(*last)->next;
    } while (p->token.kind == LEX_PIPE);
    if (p->token.kind != end) {
        return parse_fail(p, CXD_CONFIG,
                          end == LEX_RIGHT ? "unclosed left parenthesis"
                                           : "unexpected right parenthesis");
    }
    if (!parse_commands_are_callable(p, pipe)) {
        return NULL;
    }
    for (size_t i = 0; i < pipe->slot_count && !pipe->is_assignment; i++) {
        int slot = parse_declare(p, names[i]); /* in scope behind its pipeline only */

        if (slot < 0) {
            return NULL;
        }
        pipe->slots[i] = (uint16_t)slot;
    }
    parse_next(p);
    return pipe;
}

struct node *parse_pipe(struct parse *p, enum lex_kind end, bool is_range)
{
    struct node *pipe;

    if (!parse_enter(p)) {
        return NULL;
    }
    pipe = parse_pipe_body(p, end, is_range);
    p->depth--;
    return pipe;
}
