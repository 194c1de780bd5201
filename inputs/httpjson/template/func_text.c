/* func_text.c: texts and JSON. Thread: the run's. */
#include "template/eval.h"

static bool text_replace_all(struct call *c, struct value *ret)
{
    struct cxd_bytes old = c->args[0].bytes;
    struct cxd_bytes by = c->args[1].bytes;
    struct cxd_bytes in = c->args[2].bytes;
    struct text text;

    call_text(c, &text);
    while (old.len > 0 && in.len > 0 && text.status == 0) {
        const char *found = memmem(in.ptr, in.len, old.ptr, old.len);
        size_t before = found != NULL ? (size_t)(found - in.ptr) : in.len;

        text_add(&text, in.ptr, before);
        in = (struct cxd_bytes){in.ptr + before, in.len - before};
        if (found != NULL) {
            text_add(&text, by.ptr, by.len);
            in = (struct cxd_bytes){in.ptr + old.len, in.len - old.len};
        }
    }
    /* an empty old text stands before every code point and at the end */
    for (size_t i = 0; old.len == 0 && i <= in.len && text.status == 0; i++) {
        if (i == in.len || ((unsigned char)in.ptr[i] & 0xc0) != 0x80) {
            text_add(&text, by.ptr, by.len);
        }
        text_add(&text, in.ptr + i, i < in.len);
    }
    return call_text_done(c, &text, ret);
}

static bool text_join(struct call *c, struct value *ret)
{
    const struct value *list = &c->args[0];
    struct cxd_bytes by = c->args[1].bytes;
    struct tree *child;
    struct text text;

    call_text(c, &text);
    if (list->kind == VALUE_LIST) {
        for (size_t i = 0; i < list->list->count; i++) {
            text_add(&text, by.ptr, i > 0 ? by.len : 0);
            format_value(c->run, &list->list->items[i], &text);
        }
    } else if (list->kind == VALUE_TREE && list->tree->kind == TREE_LIST) {
        for (child = tree_first(c->run->nodes, list->tree); child != NULL; child = child->next) {
            struct value v = value_of_tree(c->run->nodes, child);

            format_value(c->run, &v, &text);
            text_add(&text, by.ptr, child->next != NULL ? by.len : 0);
        }
    } else if (list->kind != VALUE_NONE) {
        format_value(c->run, list, &text); /* something single is joined to itself */
    }
    return call_text_done(c, &text, ret);
}

static void json_value(struct call *c, const struct value *v, struct text *out);

static void json_members(struct call *c, const struct value *v, struct text *out)
{
    struct value names = value_none();

    text_put(out, "{");
    if (v->kind == VALUE_RECORD) {
        for (size_t i = 0; i < v->record->count && out->status == 0; i++) {
            text_add(out, ",", i > 0);
            tree_quote(v->record->fields[i].name, TREE_WRITE_HTML_SAFE, out);
            text_put(out, ":");
            json_value(c, &v->record->fields[i].value, out);
        }
    } else {
        names = multi_names(c->scratch, v->multi);
        for (size_t i = 0; names.kind == VALUE_LIST && i < names.list->count; i++) {
            struct value texts = value_none();

            text_add(out, ",", i > 0);
            json_value(c, &names.list->items[i], out);
            text_put(out, ":");
            (void)multi_all(c->scratch, v->multi, names.list->items[i].bytes, &texts);
            json_value(c, &texts, out);
        }
    }
    text_put(out, "}");
}

static void json_list(struct call *c, const struct value_list *list, struct text *out)
{
    text_put(out, "[");
    for (size_t i = 0; i < list->count && out->status == 0; i++) {
        text_add(out, ",", i > 0);
        json_value(c, &list->items[i], out);
    }
    text_put(out, "]");
}

static void json_value(struct call *c, const struct value *v, struct text *out)
{
    struct value shown = value_none();

    switch (v->kind) {
    case VALUE_NONE:
        text_put(out, "null");
        break;
    case VALUE_BOOL:
    case VALUE_INT:
    case VALUE_NUMBER:
    case VALUE_FLOAT:
        format_value(c->run, v, out);
        break;
    case VALUE_DURATION:
    case VALUE_MONTH:
    case VALUE_WEEKDAY:
        text_number(out, v->number);
        break;
    case VALUE_STRING:
    case VALUE_URL:
        tree_quote(v->bytes, TREE_WRITE_HTML_SAFE, out);
        break;
    case VALUE_TREE:
        tree_write(c->run->nodes, c->scratch, v->tree, TREE_WRITE_SORTED | TREE_WRITE_HTML_SAFE,
                   out);
        break;
    case VALUE_LIST:
        json_list(c, v->list, out);
        break;
    case VALUE_TIME: {
        struct text text;

        call_text(c, &text);
        gotime_format(&v->time, gotime_layout(CXD_LIT("RFC3339Nano")), &text);
        (void)call_text_done(c, &text, &shown);
        tree_quote(shown.bytes, TREE_WRITE_HTML_SAFE, out);
        break;
    }
    default:
        json_members(c, v, out);
        break;
    }
}

static bool text_to_json(struct call *c, struct value *ret)
{
    struct text text;

    call_text(c, &text);
    json_value(c, &c->args[0], &text);
    return call_text_done(c, &text, ret);
}

static bool text_terminate(struct call *c, struct value *ret)
{
    struct cxd_bytes why = c->args[0].bytes;

    (void)ret;
    return call_fail(c, CXD_END, "%.*s", (int)(why.len < 150 ? why.len : 150), why.ptr);
}

const struct func func_text[] = {
    {"replaceAll", text_replace_all, "sss", 3, false},
    {"join", text_join, "as", 2, false},
    {"toJSON", text_to_json, "a", 1, false},
    {"terminate", text_terminate, "s", 1, false},
    {NULL, NULL, NULL, 0, false},
};
