/*
 * eval.c: walks a template's body. Recursion is bounded by the template's own depth and TEMPLATE_DEPTH calls.
 *
 * Knows nodes and limits. Does not know how a pipeline is computed (term.c). Thread: the run's.
 */
#include "template/eval.h"

#include <stdarg.h>

const struct template_limits template_limits = {
    .output = 16u << 20, .steps = 10000000, .time_ms = 5000};

enum { EVAL_STEPS_A_LOOK = 64 };

bool eval_fail(struct eval *e, int status, const char *format, ...)
{
    char place[48];
    char why[240];
    va_list args;

    if (e->status != 0) {
        return false;
    }
    va_start(args, format);
    (void)vsnprintf(why, sizeof why, format, args); /* a cut message is still a message */
    va_end(args);
    parse_place(e->tmpl->source, e->pos, place);
    if (e->run->scratch->status == CXD_NOMEM || e->run->nodes->status == CXD_NOMEM) {
        status = CXD_NOMEM; /* whatever it looked like */
        (void)snprintf(why, sizeof why, "out of memory");
    }
    e->status = cxd_error_set(e->err, status != 0 ? status : CXD_BUG, "%s%s", place, why);
    return false;
}

bool call_fail(struct call *c, int status, const char *format, ...)
{
    char why[200];
    va_list args;

    va_start(args, format);
    (void)vsnprintf(why, sizeof why, format, args);
    va_end(args);
    return eval_fail(c->eval, status, "error calling %s: %s", c->func->name, why);
}

bool eval_step(struct eval *e, uint64_t steps)
{
    const struct heap *h = &e->tmpl->heap;
    uint64_t before = e->steps;

    e->steps += steps;
    if (e->steps > e->limits.steps) {
        return eval_fail(e, CXD_TIMEOUT, "more than %llu steps",
                         (unsigned long long)e->limits.steps);
    }
    if (before / EVAL_STEPS_A_LOOK != e->steps / EVAL_STEPS_A_LOOK &&
        h->host->mono_ms(h->self) > e->deadline_ms) {
        return eval_fail(e, CXD_TIMEOUT, "longer than %lld ms", (long long)e->limits.time_ms);
    }
    return e->status == 0;
}

bool eval_check_memory(struct eval *e)
{
    int status = e->run->scratch->status != 0 ? e->run->scratch->status : e->run->nodes->status;

    if (status == 0) {
        return e->status == 0;
    }
    return eval_fail(e, status,
                     status == CXD_NOMEM ? "out of memory" : "values take too much memory");
}

void call_text(struct call *c, struct text *out)
{
    text_init(out, c->heap, c->eval->limits.output);
}

bool call_text_done(struct call *c, struct text *text, struct value *ret)
{
    int status = text->status;

    if (status == 0) {
        /* a long text is work, too */
        (void)eval_step(c->eval, 1 + text->len / 1024);
        *ret = value_string(region_copy(c->scratch, text_bytes(text)));
    }
    text_done(text);
    if (status != 0) {
        return call_fail(c, status, status == CXD_NOMEM ? "out of memory" : "result is too large");
    }
    return eval_check_memory(c->eval);
}

enum jump { JUMP_NONE, JUMP_BREAK, JUMP_CONTINUE };

static bool eval_body(struct eval *e, const struct node *body, enum jump *jump);

static bool eval_output(struct eval *e)
{
    int status = e->out->status;

    if (status == 0 && e->out->len - e->out_start > e->limits.output) {
        status = CXD_TOO_LARGE;
    }
    if (status == 0) {
        return true;
    }
    return eval_fail(e, status, status == CXD_NOMEM ? "out of memory" : "output is too large");
}

static bool eval_action(struct eval *e, const struct node *node)
{
    struct value v = value_none();
    size_t before = e->out->len;

    if (!eval_pipe(e, node->pipe, &v)) {
        return false;
    }
    if (node->pipe->slot_count > 0) {
        return true; /* a variable was set: nothing is written */
    }
    if (v.kind == VALUE_NONE) {
        text_put(e->out, "<no value>");
    } else {
        format_value(e->run, &v, e->out);
    }
    return eval_output(e) && eval_step(e, (e->out->len - before) / 1024) && eval_check_memory(e);
}

static bool eval_branch(struct eval *e, const struct node *node, enum jump *jump)
{
    struct value v = value_none();
    struct value dot = e->dot;
    bool is_true;
    bool good;

    if (!eval_pipe(e, node->pipe, &v)) {
        return false;
    }
    is_true = value_is_true(run_region(e->run, &v), &v);
    if (is_true && node->kind == NODE_WITH) {
        e->dot = v;
    }
    good = eval_body(e, is_true ? node->first : node->other, jump);
    e->dot = dot;
    return good;
}

static bool eval_element(struct eval *e, const struct node *node, const struct value *key,
                         const struct value *element, enum jump *jump)
{
    const struct node *pipe = node->pipe;

    if (!eval_step(e, 1)) {
        return false;
    }
    if (pipe->slot_count == 1) {
        e->variables[pipe->slots[0]] = *element;
    } else if (pipe->slot_count == 2) {
        e->variables[pipe->slots[0]] = *key;
        e->variables[pipe->slots[1]] = *element;
    }
    e->dot = *element;
    *jump = JUMP_NONE;
    return eval_body(e, node->first, jump);
}

/* Each gives the number of elements visited, or -1 after a failure. */
static int64_t range_tree(struct eval *e, const struct node *node, struct tree *tree)
{
    struct region *nodes = e->run->nodes;
    struct tree **sorted = NULL;
    struct tree *child = tree_first(nodes, tree);
    enum jump jump = JUMP_NONE;
    size_t count = tree_count(nodes, tree);

    if (tree->kind == TREE_OBJECT) {
        sorted = tree_sorted(nodes, e->run->scratch, tree, &count);
        if (sorted == NULL) {
            (void)eval_check_memory(e);
            return -1;
        }
    }
    if (!eval_check_memory(e)) {
        return -1;
    }
    for (size_t i = 0; i < count && jump != JUMP_BREAK; i++) {
        struct tree *at = sorted != NULL ? sorted[i] : child;
        struct value key = sorted != NULL ? value_string(at->key) : value_int((int64_t)i);
        struct value element = value_of_tree(nodes, at);

        child = child->next != NULL ? child->next : child;
        if (!eval_element(e, node, &key, &element, &jump)) {
            return -1;
        }
    }
    return (int64_t)count;
}

static int64_t range_list(struct eval *e, const struct node *node, const struct value *of)
{
    enum jump jump = JUMP_NONE;
    struct value names;
    size_t count;

    if (of->kind == VALUE_LIST) {
        names = *of;
    } else {
        names = multi_names(e->run->scratch, of->multi);
        if (names.kind != VALUE_LIST) {
            (void)eval_check_memory(e);
            return -1;
        }
    }
    count = names.list->count;
    for (size_t i = 0; i < count && jump != JUMP_BREAK; i++) {
        struct value key = value_int((int64_t)i);
        struct value element = names.list->items[i];

        if (of->kind == VALUE_MULTI) {
            key = element;
            (void)multi_all(e->run->scratch, of->multi, key.bytes, &element);
        }
        if (!eval_element(e, node, &key, &element, &jump)) {
            return -1;
        }
    }
    return (int64_t)count;
}

static int64_t range_int(struct eval *e, const struct node *node, int64_t count)
{
    enum jump jump = JUMP_NONE;

    for (int64_t i = 0; i < count && jump != JUMP_BREAK; i++) {
        struct value key = value_int(i);

        if (!eval_element(e, node, &key, &key, &jump)) {
            return -1;
        }
    }
    return count > 0 ? count : 0;
}

static int64_t range_record(struct eval *e, const struct node *node, const struct value_record *of)
{
    enum jump jump = JUMP_NONE;

    for (size_t i = 0; i < of->count && jump != JUMP_BREAK; i++) {
        struct value key = value_string(of->fields[i].name);

        if (!eval_element(e, node, &key, &of->fields[i].value, &jump)) {
            return -1;
        }
    }
    return (int64_t)of->count;
}

static bool eval_range(struct eval *e, const struct node *node, enum jump *jump)
{
    struct value v = value_none();
    struct value dot = e->dot;
    int64_t visited = 0;

    if (!eval_pipe(e, node->pipe, &v)) {
        return false;
    }
    switch (v.kind) {
    case VALUE_NONE:
        break;
    case VALUE_TREE:
        visited = range_tree(e, node, v.tree);
        break;
    case VALUE_LIST:
    case VALUE_MULTI:
        visited = range_list(e, node, &v);
        break;
    case VALUE_RECORD:
        visited = range_record(e, node, v.record);
        break;
    case VALUE_INT:
    case VALUE_NUMBER:
        if (value_is_whole(&v)) {
            int64_t count = 0;

            (void)value_as_int(&v, &count);
            visited = range_int(e, node, count);
            break;
        }
        /* fall through */
    default:
        return eval_fail(e, CXD_MALFORMED, "range can't iterate over a %s", value_type(&v));
    }
    e->dot = dot;
    if (visited < 0) {
        return false;
    }
    return visited > 0 || eval_body(e, node->other, jump);
}

static bool eval_invoke(struct eval *e, const struct node *node)
{
    const struct node_define *define = e->tmpl->defines;
    struct value saved[TEMPLATE_VARIABLES];
    struct value dot = e->dot;
    struct value v = value_none();
    enum jump jump = JUMP_NONE;
    bool good;

    while (define != NULL && (define->name.len != node->text.len ||
                              memcmp(define->name.ptr, node->text.ptr, node->text.len) != 0)) {
        define = define->next;
    }
    if (define == NULL) {
        return eval_fail(e, CXD_MALFORMED, "template \"%.*s\" not defined",
                         (int)(node->text.len < 60 ? node->text.len : 60), node->text.ptr);
    }
    if (node->pipe != NULL && !eval_pipe(e, node->pipe, &v)) {
        return false;
    }
    memcpy(saved, e->variables, sizeof saved);
    e->dot = v;
    e->variables[0] = v;
    good = eval_body(e, define->body, &jump);
    memcpy(e->variables, saved, sizeof saved);
    e->dot = dot;
    return good;
}

static bool eval_node(struct eval *e, const struct node *node, enum jump *jump)
{
    e->pos = node->pos;
    if (!eval_step(e, 1)) {
        return false;
    }
    switch (node->kind) {
    case NODE_TEXT:
        text_add(e->out, node->text.ptr, node->text.len);
        return eval_output(e);
    case NODE_ACTION:
        return eval_action(e, node);
    case NODE_IF:
    case NODE_WITH:
        return eval_branch(e, node, jump);
    case NODE_RANGE:
        return eval_range(e, node, jump);
    case NODE_INVOKE:
        return eval_invoke(e, node);
    default:
        *jump = node->kind == NODE_BREAK ? JUMP_BREAK : JUMP_CONTINUE;
        return true;
    }
}

static bool eval_body(struct eval *e, const struct node *body, enum jump *jump)
{
    if (e->depth == EVAL_DEPTH) {
        return eval_fail(e, CXD_TOO_DEEP, "blocks and templates nest deeper than %d", EVAL_DEPTH);
    }
    e->depth++;
    for (; body != NULL && *jump == JUMP_NONE; body = body->next) {
        /* an else-if is a node of its own without siblings */
        if (!eval_node(e, body, jump)) {
            return false;
        }
    }
    e->depth--;
    return true;
}

int template_execute(const struct tmpl *t, const struct template_run *run, struct text *out,
                     struct cxd_error *err)
{
    struct eval e = {.tmpl = t,
                     .run = run,
                     .limits = run->limits != NULL ? *run->limits : template_limits,
                     .out = out,
                     .out_start = out->len,
                     .err = err,
                     .dot = run->dot};
    enum jump jump = JUMP_NONE;

    e.deadline_ms = t->heap.host->mono_ms(t->heap.self) + e.limits.time_ms;
    e.variables[0] = run->dot;
    (void)eval_body(&e, t->body, &jump);
    return e.status;
}
