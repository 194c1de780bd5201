/*
 * path.c: drop and collate by dotted paths, drop_empty and flatten. Lists on the way are walked, so that a path goes through
 * each of their elements; a backslash makes a dot part of a name.
 */
#include "../lang/dict.h"
#include "catalog.h"

#define PARTS_MAX 64u
#define MAP_OR_LIST (VALUE_MASK(VALUE_MAP) | VALUE_MASK(VALUE_LIST))

struct path {
    struct value parts[PARTS_MAX]; /* strings */
    uint32_t count;
};

static struct value bad_path(struct run *run, struct value text, const char *what)
{
    return run_fail(run, "invalid parameter path for %s: %.*s", what, (int)text.len, text.text);
}

/* Null, or an error. */
static struct value path_read(struct run *run, struct value text, const char *what,
                              struct path *path)
{
    struct sink part = sink_on(run->pool);

    path->count = 0;
    if (text.kind != VALUE_STRING) {
        return run_no_overload(run);
    }
    if (text.len == 0 || text.text[0] == '.') {
        return bad_path(run, text, what);
    }
    for (uint32_t i = 0; i <= text.len; i++) {
        char c = i < text.len ? text.text[i] : '.';
        if (c == '\\' && i + 1 < text.len && text.text[i + 1] == '.') {
            sink_char(&part, '.');
            i++;
        } else if (c != '.') {
            sink_char(&part, c);
        } else {
            if ((i == text.len && text.text[i - 1] == '.' && part.len == 0) ||
                path->count == PARTS_MAX) {
                return bad_path(run, text, what);
            }
            if (part.failed) {
                return run_out_of_memory(run);
            }
            path->parts[path->count++] = value_string(part.text != NULL ? part.text : "", part.len);
            part = sink_on(run->pool);
        }
    }
    return value_null();
}

static struct value drop_one(struct run *run, struct value v, const struct path *path, uint32_t at);

static struct value drop_list(struct run *run, struct value v, const struct path *path, uint32_t at)
{
    struct value *items = run_items(run, v.len);

    for (uint32_t i = 0; items != NULL && i < v.len; i++) {
        items[i] = drop_one(run, v.items[i], path, at);
        if (value_is_error(items[i])) {
            return items[i];
        }
    }
    return items != NULL ? value_list(items, v.len) : run_fatal(run);
}

static struct value drop_map(struct run *run, struct value v, const struct path *path, uint32_t at)
{
    const struct dict *dict = v.dict;
    const struct value *member = dict_find(dict, path->parts[at]);
    struct dict *made;

    if (member == NULL) {
        return v;
    }
    if (!run_spend(run, dict->count)) {
        return run_fatal(run);
    }
    made = dict_new(run->pool, dict->count);
    if (made == NULL) {
        return run_out_of_memory(run);
    }
    for (uint32_t i = 0; i < dict->count; i++) {
        struct value kept = dict->entries[i].value;
        if (&dict->entries[i].value == member) {
            if (at + 1 == path->count) {
                continue;
            }
            kept = drop_one(run, kept, path, at + 1);
            if (value_is_error(kept)) {
                return kept;
            }
        }
        (void)dict_put(made, dict->entries[i].key, kept);
    }
    return value_map(made);
}

static struct value drop_one(struct run *run, struct value v, const struct path *path, uint32_t at)
{
    struct value result;

    if (!value_is(v, MAP_OR_LIST)) {
        return v;
    }
    if (!run_down(run)) {
        return run_fatal(run);
    }
    result = v.kind == VALUE_LIST ? drop_list(run, v, path, at) : drop_map(run, v, path, at);
    run_up(run);
    return result;
}

static struct value drop(struct run *run, const struct value *args, uint32_t count)
{
    struct value paths = args[1].kind == VALUE_LIST ? args[1] : value_list(&args[1], 1);
    struct value v = args[0];
    struct path path;

    (void)count;
    for (uint32_t i = 0; i < paths.len && !value_is_error(v); i++) {
        struct value problem = path_read(run, paths.items[i], "drop", &path);
        v = value_is_error(problem) ? problem : drop_one(run, v, &path, 0);
    }
    return v;
}

/* Values found, growing. */
struct found {
    struct run *run;
    struct value *items;
    size_t count;
    size_t room;
};

static bool found_add(struct found *f, struct value v)
{
    if (f->count == f->room) {
        struct value *more = run_items(f->run, f->room = f->room * 2 + 8);
        if (more == NULL) {
            return false;
        }
        if (f->count > 0) {
            memcpy(more, f->items, f->count * sizeof *more);
        }
        f->items = more;
    }
    f->items[f->count++] = v;
    return true;
}

/* What lies at the end of a path; a list there is spread. False: run->fatal. */
static bool collate_one(struct found *f, struct value v, const struct path *path, uint32_t at)
{
    bool ok = true;

    if (!run_spend(f->run, 1) || !run_down(f->run)) {
        return false;
    }
    if (v.kind == VALUE_LIST) {
        for (uint32_t i = 0; ok && i < v.len; i++) {
            ok = at == path->count && v.items[i].kind != VALUE_LIST
                     ? found_add(f, v.items[i])
                     : collate_one(f, v.items[i], path, at);
        }
    } else if (at == path->count) {
        ok = found_add(f, v);
    } else if (v.kind == VALUE_MAP) {
        const struct value *member = dict_find(v.dict, path->parts[at]);
        ok = member == NULL || collate_one(f, *member, path, at + 1);
    }
    run_up(f->run);
    return ok;
}

static struct value collate(struct run *run, const struct value *args, uint32_t count)
{
    struct value paths = args[1].kind == VALUE_LIST ? args[1] : value_list(&args[1], 1);
    struct found f = {.run = run};
    struct path path;

    (void)count;
    for (uint32_t i = 0; i < paths.len; i++) {
        struct value problem = path_read(run, paths.items[i], "collate", &path);
        if (value_is_error(problem)) {
            return problem;
        }
        if (!collate_one(&f, args[0], &path, 0)) {
            return run_fatal(run);
        }
    }
    return value_list(f.items, f.count);
}

static bool is_empty(struct value v)
{
    return (v.kind == VALUE_LIST && v.len == 0) || (v.kind == VALUE_MAP && v.dict->count == 0);
}

static struct value prune(struct run *run, struct value v);

static struct value prune_list(struct run *run, struct value v)
{
    struct value *items = run_items(run, v.len);
    uint32_t made = 0;

    for (uint32_t i = 0; items != NULL && i < v.len; i++) {
        items[made] = prune(run, v.items[i]);
        if (value_is_error(items[made])) {
            return items[made];
        }
        made += is_empty(items[made]) ? 0 : 1;
    }
    return items != NULL ? value_list(items, made) : run_fatal(run);
}

static struct value prune_map(struct run *run, const struct dict *dict)
{
    struct dict *made = run_spend(run, 1 + dict->count) ? dict_new(run->pool, dict->count) : NULL;

    if (made == NULL) {
        return run->fatal != NULL ? run_fatal(run) : run_out_of_memory(run);
    }
    for (uint32_t i = 0; i < dict->count; i++) {
        struct value v = prune(run, dict->entries[i].value);
        if (value_is_error(v)) {
            return v;
        }
        if (!is_empty(v)) {
            (void)dict_put(made, dict->entries[i].key, v);
        }
    }
    return value_map(made);
}

static struct value prune(struct run *run, struct value v)
{
    struct value result;

    if (!value_is(v, MAP_OR_LIST)) {
        return v;
    }
    if (!run_down(run)) {
        return run_fatal(run);
    }
    result = v.kind == VALUE_LIST ? prune_list(run, v) : prune_map(run, v.dict);
    run_up(run);
    return result;
}

static struct value drop_empty(struct run *run, const struct value *args, uint32_t count)
{
    (void)count;
    return prune(run, args[0]);
}

static bool all_lists(struct value v)
{
    for (uint32_t i = 0; i < v.len; i++) {
        if (v.items[i].kind != VALUE_LIST) {
            return false;
        }
    }
    return v.len > 0;
}

/* A list is opened only when all of its elements are lists. */
static bool flatten_into(struct found *f, struct value list)
{
    bool lists = all_lists(list);
    bool ok = true;

    if (!run_spend(f->run, 1 + list.len) || !run_down(f->run)) {
        return false;
    }
    for (uint32_t i = 0; ok && i < list.len; i++) {
        ok = lists ? flatten_into(f, list.items[i]) : found_add(f, list.items[i]);
    }
    run_up(f->run);
    return ok;
}

static struct value flatten(struct run *run, const struct value *args, uint32_t count)
{
    struct found f = {.run = run};

    (void)count;
    return flatten_into(&f, args[0]) ? value_list(f.items, f.count) : run_fatal(run);
}

const struct function path_functions[] = {
    {"drop", FUNCTION_METHOD, 2, 2, MAP_OR_LIST, drop},
    {"collate", FUNCTION_METHOD, 2, 2, MAP_OR_LIST, collate},
    {"drop_empty", FUNCTION_METHOD, 1, 1, MAP_OR_LIST, drop_empty},
    {"flatten", FUNCTION_METHOD, 1, 1, VALUE_MASK(VALUE_LIST), flatten},
    {NULL}};
