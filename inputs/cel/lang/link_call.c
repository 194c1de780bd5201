/* link_call.c: which functions a call may mean: those of its name, form and number of arguments, in the order of the tables. */
#include "eval.h"
#include "function.h"
#include "link_inner.h"

#define CANDIDATES_MAX 16u

/* What functions of one name and form there are. */
struct search {
    struct node *node;
    uint8_t form;   /* FUNCTION_FREE or FUNCTION_METHOD */
    uint32_t count; /* arguments */
    bool is_known;  /* the name, with whatever arguments */
    const struct function *found[CANDIDATES_MAX + 1];
    uint32_t found_count;
};

static bool take_function(struct linker *l, const char *name, size_t len, void *ctx)
{
    struct search *s = ctx;

    for (const struct function *const *table = l->env->functions; *table != NULL; table++) {
        for (const struct function *f = *table; f->name != NULL; f++) {
            if (strlen(f->name) != len || memcmp(f->name, name, len) != 0 ||
                (f->flags & s->form) == 0) {
                continue;
            }
            s->is_known = true;
            if (s->count >= f->least && s->count <= f->most && s->found_count < CANDIDATES_MAX) {
                s->found[s->found_count++] = f;
            }
        }
    }
    return s->is_known;
}

/* ns.f(x): a function of a namespace, not a method of a variable. The receiver is dropped then. */
static void namespace_try(struct linker *l, struct node *node, struct search *s)
{
    char name[2 * LINK_NAME_MAX];
    bool absolute = false;
    size_t len = link_chain_name(l, node->call.args[0], name, &absolute);
    struct value own = node->call.name;

    if (len == 0 || own.len >= LINK_NAME_MAX - 1) {
        return;
    }
    name[len++] = '.';
    memcpy(name + len, own.text, own.len);
    s->form = FUNCTION_FREE;
    s->count = node->call.count - 1;
    if (len + own.len < LINK_NAME_MAX &&
        link_name_each(l, name, len + own.len, absolute, take_function, s)) {
        node->flags &= (uint8_t)~NODE_METHOD;
        node->call.args++;
        node->call.count--;
    }
}

static bool candidates_keep(struct linker *l, struct node *node, const struct search *s)
{
    size_t size = (s->found_count + 1) * sizeof(struct function *);
    const struct function **kept = pool_alloc(l->pool, size);

    if (kept == NULL) {
        return link_fail_memory(l);
    }
    memcpy(kept, s->found, s->found_count * sizeof *kept);
    kept[s->found_count] = NULL;
    node->call.candidates = kept;
    node->eval = node->call.count == 1 ? eval_call_one : eval_call;
    return true;
}

static bool is_lazy(struct linker *l, struct node *node)
{
    if ((node->flags & NODE_METHOD) == 0 || node->call.count != 2 ||
        (l->env->libraries & ENV_OPTIONAL) == 0) {
        return false;
    }
    node->eval = value_text_is(node->call.name, "or")        ? eval_optional_or
                 : value_text_is(node->call.name, "orValue") ? eval_optional_or_value
                                                             : NULL;
    return node->eval != NULL;
}

static bool call_resolve(struct linker *l, struct node *node)
{
    struct search s = {.node = node};
    struct value name = node->call.name;

    if ((node->flags & NODE_METHOD) != 0) {
        namespace_try(l, node, &s);
    }
    if (!s.is_known) {
        s.form = (node->flags & NODE_METHOD) != 0 ? FUNCTION_METHOD : FUNCTION_FREE;
        s.count = node->call.count;
        (void)link_name_each(l, name.text, name.len, (node->flags & NODE_ABSOLUTE) != 0,
                             take_function, &s); /* is_known says it */
    }
    if (s.found_count > 0) {
        return candidates_keep(l, node, &s);
    }
    if ((l->env->flags & ENV_STRICT) != 0) {
        return link_fail_name(l, node->at,
                              s.is_known ? "wrong number of arguments for" : "undeclared function",
                              name.text, name.len);
    }
    node->eval = eval_unknown_call;
    return true;
}

bool link_settle_call(struct linker *l, struct node *node)
{
    if (node->call.name.len >= LINK_NAME_MAX) {
        return link_fail(l, node->at, CXD_TOO_LARGE, "the name is too long");
    }
    if (!is_lazy(l, node) && !call_resolve(l, node)) {
        return false;
    }
    for (uint32_t i = 0; i < node->call.count; i++) {
        if (!link_settle(l, node->call.args[i])) {
            return false;
        }
    }
    return true;
}
