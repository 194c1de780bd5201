/* state.c: the state as JSON text, from the options, from a result, and for a person to see. Thread: the instance's. */
#include "stream.h"

#include "lib/json_text.h"

/* Sets a member that is given as JSON text. */
static bool put_json(struct region *r, struct tree *object, struct cxd_bytes key,
                     struct cxd_bytes json)
{
    struct tree *node = tree_adopt(r, json);

    return node != NULL && tree_put(r, object, key, node);
}

int state_first(struct stream *s, struct cxd_error *err)
{
    struct settings *settings = &s->settings;
    struct region *r = &settings->region;
    struct tree *state = settings->state != NULL ? tree_copy(r, settings->state) : NULL;
    bool good = state != NULL;

    if (settings->url.len > 0) {
        good = good && tree_put(r, state, CXD_LIT("url"), tree_new_string(r, settings->url));
    }
    if (settings->secret_state != NULL) {
        good = good && tree_put(r, state, CXD_LIT("secret"), tree_copy(r, settings->secret_state));
    }
    if (s->cursor.len > 0) {
        good = good && put_json(r, state, CXD_LIT("cursor"), text_bytes(&s->cursor));
    }
    text_clear(&s->state);
    if (good) {
        tree_write(r, r, state, TREE_WRITE_PLAIN, &s->state);
    }
    if (!good || s->state.status != 0) {
        return cxd_error_set(err, s->state.status != 0 ? s->state.status : CXD_NOMEM,
                             "state: out of memory");
    }
    return 0;
}

/* A member of the last state that a program must not lose: url, secret. */
static void keep_member(const struct dict *old, const struct outcome *out, struct dict *next,
                        const char *name)
{
    const struct value *v = old != NULL ? dict_find_text(old, name, strlen(name)) : NULL;

    if (v != NULL && dict_find_text(out->result, name, strlen(name)) == NULL) {
        (void)dict_put(next, value_string(name, strlen(name)), *v);
    }
}

static int state_write(struct stream *s, struct run *run, struct dict *next, struct cxd_error *err)
{
    struct sink sink = sink_on(run->pool);
    struct value problem = value_null();

    if (!json_text_put(run, &sink, value_map(next), &problem)) {
        return cxd_error_set(err, CXD_MALFORMED, "the result cannot be kept as state: %s",
                             problem.fault->text);
    }
    if (sink.failed) {
        return cxd_error_set(err, run->pool->status, "state: out of memory");
    }
    text_clear(&s->state);
    text_add(&s->state, sink.text, sink.len);
    return s->state.status == 0
               ? 0
               : cxd_error_set(err, s->state.status, "state: out of memory, or too large");
}

int state_next(struct stream *s, struct run *run, const struct outcome *out, struct cxd_error *err)
{
    struct dict *next = dict_new(run->pool, (size_t)out->result->count + 3);
    const struct value *before = &run->globals[0]; /* state: the first of all names */

    if (next == NULL) {
        return cxd_error_set(err, run->pool->status, "state: out of memory");
    }
    for (uint32_t i = 0; i < out->result->count; i++) {
        if (!outcome_is_spent(out->result->entries[i].key)) {
            (void)dict_put(next, out->result->entries[i].key, out->result->entries[i].value);
        }
    }
    keep_member(before->kind == VALUE_MAP ? before->dict : NULL, out, next, "url");
    keep_member(before->kind == VALUE_MAP ? before->dict : NULL, out, next, "secret");
    if (s->cursor.len > 0) {
        struct value cursor = json_text_read_all(run, text_bytes(&s->cursor), 0);

        if (value_is_error(cursor)) {
            return cxd_error_set(err, cursor.fault->status, "cursor: %s", cursor.fault->text);
        }
        DICT_SET(next, "cursor", cursor);
    }
    return state_write(s, run, next, err);
}

void state_shown(struct stream *s, struct text *out)
{
    struct tree *list = s->settings.redacted;
    struct tree *state = NULL;
    struct region r;

    region_init(&r, &s->heap, 1u << 30);
    r.secret = true;
    if (tree_parse(&r, text_bytes(&s->state), &state, NULL) < 0) {
        region_done(&r);
        return;
    }
    if (tree_find(&r, state, CXD_LIT("secret")) != NULL) {
        (void)tree_put(&r, state, CXD_LIT("secret"), tree_new_string(&r, CXD_LIT("*")));
    }
    for (struct tree *c = list != NULL ? list->first : NULL; c != NULL; c = c->next) {
        struct cxd_bytes path = tree_string(&r, c);

        if (tree_path(&r, state, path) == NULL) {
            continue;
        }
        if (s->settings.redact_delete) {
            (void)tree_remove_path(&r, state, path);
        } else {
            (void)tree_put_path(&r, state, path, tree_new_string(&r, CXD_LIT("*")));
        }
    }
    if (r.status == 0) {
        tree_write(&r, &r, state, TREE_WRITE_PLAIN, out);
    }
    region_done(&r);
    if (out->status == 0) {
        mask_words(&s->mask, out->ptr, out->len);
    }
}
