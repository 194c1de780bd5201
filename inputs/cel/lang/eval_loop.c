/*
 * eval_loop.c: comprehensions. Each kind has a function of its own; they share the walk over a list or map and the budget,
 * of which every turn takes as much as its body has nodes.
 */
#include "dict.h"
#include "eval.h"

struct walk {
    struct run *run;
    const struct node_loop *loop;
    struct value range;
    uint32_t count;
    uint32_t next;
};

/* False: *ret_problem is the result. */
static bool walk_begin(struct walk *walk, struct run *run, const struct node *node,
                       struct value *ret_problem)
{
    struct value range = eval(run, node->loop->range);

    *ret_problem = range;
    if (value_is_error(range)) {
        return false;
    }
    run->at = node->at;
    if (range.kind != VALUE_LIST && range.kind != VALUE_MAP) {
        *ret_problem = run_no_overload(run);
        return false;
    }
    *walk = (struct walk){.run = run,
                          .loop = node->loop,
                          .range = range,
                          .count = range.kind == VALUE_LIST ? range.len : range.dict->count};
    return true;
}

/* Sets the variables of the next turn. False: no more turns, or the budget is used up (run->fatal). */
static bool walk_next(struct walk *walk)
{
    struct value *locals = walk->run->locals;
    const struct node_loop *loop = walk->loop;
    uint32_t i = walk->next;

    if (i == walk->count || !run_spend(walk->run, loop->weight)) {
        return false;
    }
    walk->next++;
    if (walk->range.kind == VALUE_LIST) {
        if (loop->second.text == NULL) {
            locals[loop->first.slot] = walk->range.items[i];
        } else {
            locals[loop->first.slot] = value_int(i);
            locals[loop->second.slot] = walk->range.items[i];
        }
        return true;
    }
    locals[loop->first.slot] = walk->range.dict->entries[i].key;
    if (loop->second.text != NULL) {
        locals[loop->second.slot] = walk->range.dict->entries[i].value;
    }
    return true;
}

/* all and exists: a turn that decides wins over errors of others. */
static struct value quantify(struct run *run, const struct node *node, bool decisive)
{
    struct value problem = value_bool(!decisive);
    struct value result;
    struct walk walk;

    if (!walk_begin(&walk, run, node, &result)) {
        return result;
    }
    while (walk_next(&walk)) {
        struct value v = eval(run, node->loop->body);
        if (v.kind == VALUE_BOOL) {
            if (v.truth == decisive) {
                return v;
            }
        } else if (!value_is_error(problem)) {
            run->at = node->loop->body->at;
            problem = value_is_error(v) ? v : run_no_overload(run);
        }
    }
    return run->fatal != NULL ? run_fatal(run) : problem;
}

static struct value eval_all(struct run *run, const struct node *node)
{
    return quantify(run, node, false);
}

static struct value eval_exists(struct run *run, const struct node *node)
{
    return quantify(run, node, true);
}

static struct value eval_exists_one(struct run *run, const struct node *node)
{
    struct value result;
    struct walk walk;
    uint32_t count = 0;

    if (!walk_begin(&walk, run, node, &result)) {
        return result;
    }
    while (walk_next(&walk)) {
        struct value v = eval(run, node->loop->body);
        if (v.kind != VALUE_BOOL) {
            run->at = node->loop->body->at;
            return value_is_error(v) ? v : run_no_overload(run);
        }
        count += v.truth ? 1 : 0;
    }
    return run->fatal != NULL ? run_fatal(run) : value_bool(count == 1);
}

/* Is this turn's element wanted? EVAL_NEITHER: *ret_problem is the error. */
static enum eval_truth is_wanted(struct run *run, const struct node_loop *loop,
                                 struct value *ret_problem)
{
    struct value v;

    if (loop->filter == NULL) {
        return EVAL_TRUE;
    }
    v = eval(run, loop->filter);
    if (v.kind != VALUE_BOOL) {
        run->at = loop->filter->at;
        *ret_problem = value_is_error(v) ? v : run_no_overload(run);
    }
    return eval_truth(v);
}

/* map, filter, transformList */
static struct value eval_to_list(struct run *run, const struct node *node)
{
    const struct node_loop *loop = node->loop;
    struct value result;
    struct walk walk;
    struct value *items;
    uint32_t count = 0;

    if (!walk_begin(&walk, run, node, &result)) {
        return result;
    }
    items = run_items(run, walk.count);
    while (items != NULL && walk_next(&walk)) {
        enum eval_truth wanted = is_wanted(run, loop, &result);
        if (wanted == EVAL_NEITHER) {
            return result;
        }
        if (wanted == EVAL_FALSE) {
            continue;
        }
        result = loop->body != NULL ? eval(run, loop->body) : run->locals[loop->first.slot];
        if (value_is_error(result)) {
            return result;
        }
        items[count++] = result;
    }
    return run->fatal != NULL ? run_fatal(run) : value_list(items, count);
}

static struct dict *dict_for(struct walk *walk)
{
    struct dict *dict = NULL;

    if (run_spend(walk->run, 1 + walk->count)) {
        dict = dict_new(walk->run->pool, walk->count);
        if (dict == NULL) {
            (void)run_out_of_memory(walk->run);
        }
    }
    return dict;
}

/* One turn of transformMapEntry: a map, whose entries are new ones. Gives null or an error. */
static struct value entries_add(struct run *run, const struct node *node, struct dict *dict,
                                struct value made)
{
    run->at = node->loop->body->at;
    if (made.kind != VALUE_MAP || made.dict->count > 1) {
        return run_fail(run, "transformMapEntry needs a map of one entry");
    }
    for (uint32_t i = 0; i < made.dict->count; i++) {
        if (!dict_put(dict, made.dict->entries[i].key, made.dict->entries[i].value)) {
            return run_fail(run, "insert failed: key already exists");
        }
    }
    return value_null();
}

/* transformMap: same keys (or indexes), new values; transformMapEntry. */
static struct value eval_to_map(struct run *run, const struct node *node)
{
    const struct node_loop *loop = node->loop;
    struct value result;
    struct walk walk;
    struct dict *dict;

    if (!walk_begin(&walk, run, node, &result)) {
        return result;
    }
    dict = dict_for(&walk);
    while (dict != NULL && walk_next(&walk)) {
        enum eval_truth wanted = is_wanted(run, loop, &result);
        if (wanted == EVAL_FALSE) {
            continue;
        }
        if (wanted == EVAL_NEITHER) {
            return result;
        }
        struct value key = run->locals[loop->first.slot];
        result = eval(run, loop->body);
        if (!value_is_error(result) && loop->kind == LOOP_TO_ENTRIES) {
            result = entries_add(run, node, dict, result);
        } else if (!value_is_error(result)) {
            (void)dict_put(dict, key, result); /* keys of one range differ */
        }
        if (value_is_error(result)) {
            return result;
        }
    }
    return run->fatal != NULL ? run_fatal(run) : value_map(dict);
}

const node_eval_fn eval_loop[LOOP_COUNT] = {
    [LOOP_ALL] = eval_all,
    [LOOP_EXISTS] = eval_exists,
    [LOOP_EXISTS_ONE] = eval_exists_one,
    [LOOP_MAP] = eval_to_list,
    [LOOP_FILTER] = eval_to_list,
    [LOOP_TO_LIST] = eval_to_list,
    [LOOP_TO_MAP] = eval_to_map,
    [LOOP_TO_ENTRIES] = eval_to_map,
};
