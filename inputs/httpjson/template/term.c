/*
 * term.c: pipelines, commands and operands of a run. Recursion is bounded by EVAL_DEPTH.
 *
 * Knows nodes; fields are field.c's, arguments of functions call.c's. Thread: the run's.
 */
#include "template/eval.h"

#define TERM_ARGUMENTS 64u

static bool eval_word(struct eval *e, const struct node *word, const struct value *args,
                      size_t count, struct value *ret);

/* The fields of a word, the last of them with the arguments. */
static bool eval_chain(struct eval *e, const struct node *word, struct value of,
                       const struct value *args, size_t count, struct value *ret)
{
    for (uint32_t i = 0; i < word->name_count; i++) {
        bool is_last = i + 1 == word->name_count;
        struct value next = value_none();

        if (!eval_field(e, &of, word->names[i], args, is_last ? count : 0, &next)) {
            return false;
        }
        of = next;
    }
    *ret = of;
    return true;
}

/* Evaluates the words behind a command's first, and puts the value that was piped in last. False: failed. */
static bool eval_arguments(struct eval *e, const struct node *first, const struct value *final,
                           struct value *args, size_t *ret_count)
{
    size_t count = 0;

    for (const struct node *word = first->next; word != NULL; word = word->next) {
        if (count == TERM_ARGUMENTS - 1) {
            return eval_fail(e, CXD_TOO_LARGE, "more than %u arguments", TERM_ARGUMENTS - 1);
        }
        if (!eval_word(e, word, NULL, 0, &args[count])) {
            return false;
        }
        count++;
    }
    if (final != NULL) {
        args[count++] = *final;
    }
    *ret_count = count;
    return true;
}

/* and, or: stop at the first argument that decides. */
static bool eval_logic(struct eval *e, const struct node *first, const struct value *final,
                       bool is_and, struct value *ret)
{
    struct value v = value_none();
    bool has_value = false;

    for (const struct node *word = first->next; word != NULL; word = word->next) {
        if (!eval_word(e, word, NULL, 0, &v)) {
            return false;
        }
        has_value = true;
        if (value_is_true(run_region(e->run, &v), &v) != is_and) {
            *ret = v;
            return true;
        }
    }
    if (final == NULL && !has_value) {
        return eval_fail(e, CXD_MALFORMED, "wrong number of args for %s: want at least 1 got 0",
                         is_and ? "and" : "or");
    }
    *ret = final != NULL ? *final : v;
    return true;
}

static bool word_is(const struct node *word, const char *name)
{
    return word->text.len == strlen(name) && memcmp(word->text.ptr, name, word->text.len) == 0;
}

static bool eval_function(struct eval *e, const struct node *word, const struct value *args,
                          size_t count, struct value *ret)
{
    bool has_fields = word->name_count > 0; /* then the arguments are the last field's */
    struct value v = value_none();

    if (!eval_call(e, word->func, has_fields ? NULL : args, has_fields ? 0 : count, &v)) {
        return false;
    }
    return eval_chain(e, word, v, args, count, ret);
}

/* A word and what it is called with. */
static bool eval_word(struct eval *e, const struct node *word, const struct value *args,
                      size_t count, struct value *ret)
{
    struct value v = value_none();

    e->pos = word->pos;
    if (!eval_step(e, 1)) {
        return false;
    }
    switch (word->kind) {
    case NODE_FUNCTION:
        return eval_function(e, word, args, count, ret);
    case NODE_FIELD:
        return eval_chain(e, word, e->dot, args, count, ret);
    case NODE_VARIABLE:
        v = e->variables[word->slots[0]];
        break;
    case NODE_CHAIN:
        if (!eval_pipe(e, word->first, &v)) {
            return false;
        }
        break;
    case NODE_DOT:
        v = e->dot;
        break;
    case NODE_CONSTANT:
        v = word->constant;
        break;
    default: /* nil */
        break;
    }
    if (word->name_count > 0) {
        e->pos = word->pos;
        return eval_chain(e, word, v, args, count, ret);
    }
    if (count > 0) {
        return eval_fail(e, CXD_MALFORMED, "can't give argument to non-function");
    }
    *ret = v;
    return true;
}

static bool eval_command(struct eval *e, const struct node *command, const struct value *final,
                         struct value *ret)
{
    const struct node *first = command->first;
    struct value args[TERM_ARGUMENTS];
    size_t count = 0;

    e->pos = first->pos;
    if (first->kind == NODE_NIL) {
        return eval_fail(e, CXD_MALFORMED, "nil is not a command");
    }
    if (first->kind == NODE_FUNCTION && (word_is(first, "and") || word_is(first, "or"))) {
        return eval_logic(e, first, final, word_is(first, "and"), ret);
    }
    if (!eval_arguments(e, first, final, args, &count)) {
        return false;
    }
    return eval_word(e, first, args, count, ret);
}

bool eval_pipe(struct eval *e, const struct node *pipe, struct value *ret)
{
    struct value v = value_none();
    bool has_value = false;

    if (e->depth == EVAL_DEPTH) {
        return eval_fail(e, CXD_TOO_DEEP, "blocks and templates nest deeper than %d", EVAL_DEPTH);
    }
    e->depth++;
    for (const struct node *command = pipe->first; command != NULL; command = command->next) {
        struct value next = value_none();

        if (!eval_command(e, command, has_value ? &v : NULL, &next) || !eval_check_memory(e)) {
            return false;
        }
        v = next;
        has_value = true;
    }
    e->depth--;
    for (size_t i = 0; i < pipe->slot_count; i++) {
        e->variables[pipe->slots[i]] = v; /* a range sets its own for every element */
    }
    *ret = v;
    return true;
}
