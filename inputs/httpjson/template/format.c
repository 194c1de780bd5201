/*
 * format.c: Go's fmt.Print, Println and what %v shows of a value. Printf's verbs are format_verb.c.
 *
 * Recursion follows JSON, whose depth is bounded. Thread: the run's.
 */
#include "template/func.h"

#include "template/format_verb.h"

static void format_tree(const struct template_run *run, struct tree *tree, struct text *out)
{
    struct tree **sorted = NULL;
    struct tree *child;
    size_t count = 0;

    if (tree->kind < TREE_LIST) {
        struct value v = value_of_tree(run->nodes, tree);

        format_value(run, &v, out);
        return;
    }
    child = tree_first(run->nodes, tree);
    if (tree->kind == TREE_LIST) {
        text_put(out, "[");
        for (; child != NULL && out->status == 0; child = child->next) {
            format_tree(run, child, out);
            text_add(out, " ", child->next != NULL);
        }
        text_put(out, "]");
        return;
    }
    text_put(out, "map[");
    sorted = tree_sorted(run->nodes, run->scratch, tree, &count);
    for (size_t i = 0; i < count && sorted != NULL && out->status == 0; i++) {
        text_add(out, " ", i > 0);
        text_add(out, sorted[i]->key.ptr, sorted[i]->key.len);
        text_put(out, ":");
        format_tree(run, sorted[i], out);
    }
    text_put(out, "]");
}

static void format_list(const struct template_run *run, const struct value_list *list,
                        struct text *out)
{
    text_put(out, "[");
    for (size_t i = 0; i < list->count && out->status == 0; i++) {
        text_add(out, " ", i > 0);
        format_value(run, &list->items[i], out);
    }
    text_put(out, "]");
}

static void format_multi(const struct template_run *run, const struct multi *m, struct text *out)
{
    struct value names = multi_names(run->scratch, m);

    text_put(out, "map[");
    for (size_t i = 0; names.kind == VALUE_LIST && i < names.list->count; i++) {
        struct value texts = value_none();

        text_add(out, " ", i > 0);
        format_value(run, &names.list->items[i], out);
        text_put(out, ":");
        (void)multi_all(run->scratch, m, names.list->items[i].bytes, &texts);
        format_value(run, &texts, out);
    }
    text_put(out, "]");
}

static void format_record(const struct template_run *run, const struct value_record *record,
                          struct text *out)
{
    text_put(out, "map[");
    for (size_t i = 0; i < record->count && out->status == 0; i++) {
        text_add(out, " ", i > 0);
        text_add(out, record->fields[i].name.ptr, record->fields[i].name.len);
        text_put(out, ":");
        format_value(run, &record->fields[i].value, out);
    }
    text_put(out, "]");
}

void format_value(const struct template_run *run, const struct value *v, struct text *out)
{
    switch (v->kind) {
    case VALUE_NONE:
        text_put(out, "<nil>");
        break;
    case VALUE_BOOL:
        text_put(out, v->flag ? "true" : "false");
        break;
    case VALUE_INT:
        text_number(out, v->number);
        break;
    case VALUE_FLOAT:
        float_format(v->real, 'v', -1, out);
        break;
    case VALUE_NUMBER:
    case VALUE_STRING:
    case VALUE_URL:
        text_add(out, v->bytes.ptr, v->bytes.len);
        break;
    case VALUE_TREE:
        format_tree(run, v->tree, out);
        break;
    case VALUE_LIST:
        format_list(run, v->list, out);
        break;
    case VALUE_RECORD:
        format_record(run, v->record, out);
        break;
    case VALUE_MULTI:
        format_multi(run, v->multi, out);
        break;
    case VALUE_TIME:
        gotime_format(&v->time, CXD_LIT("2006-01-02 15:04:05.999999999 -0700 MST"), out);
        break;
    case VALUE_DURATION:
        duration_format(v->number, out);
        break;
    case VALUE_MONTH:
        text_put(out, gotime_months[(v->number + 11) % 12]);
        break;
    default:
        text_put(out, gotime_weekdays[v->number % 7]);
        break;
    }
}

void format_print(const struct template_run *run, const struct value *args, size_t count,
                  struct text *out)
{
    for (size_t i = 0; i < count; i++) {
        if (i > 0 && args[i].kind != VALUE_STRING && args[i - 1].kind != VALUE_STRING) {
            text_put(out, " ");
        }
        format_value(run, &args[i], out);
    }
}

void format_println(const struct template_run *run, const struct value *args, size_t count,
                    struct text *out)
{
    for (size_t i = 0; i < count; i++) {
        text_add(out, " ", i > 0);
        format_value(run, &args[i], out);
    }
    text_put(out, "\n");
}

/* What stands between % and the verb, and the argument that is next. */
struct printing {
    const struct template_run *run;
    const struct value *args;
    size_t count;
    size_t next;
    bool reordered;  /* this format uses [n] somewhere */
    bool good_index; /* the last [n] was one */
    struct text *out;
};

static const char *printing_number(const char *ptr, const char *end, int *ret, bool *ret_found)
{
    int number = 0;

    *ret_found = false;
    for (; ptr < end && *ptr >= '0' && *ptr <= '9'; ptr++) {
        *ret_found = true;
        number = number > VERB_WIDTH_MAX ? number : number * 10 + (*ptr - '0');
    }
    *ret = number;
    return ptr;
}

/* [n] */
static const char *printing_index(struct printing *p, const char *ptr, const char *end)
{
    const char *close;
    bool found;
    int number;

    if (ptr >= end || *ptr != '[') {
        return ptr;
    }
    p->reordered = true;
    close = memchr(ptr, ']', (size_t)(end - ptr));
    if (close == NULL) {
        p->good_index = false;
        return ptr + 1;
    }
    if (printing_number(ptr + 1, close, &number, &found) != close || !found || number < 1 ||
        (size_t)number > p->count) {
        p->good_index = false;
        return close + 1;
    }
    p->next = (size_t)number - 1;
    return close + 1;
}

/* A width or precision: digits, or * for the next argument. */
static const char *printing_size(struct printing *p, const char *ptr, const char *end, int *ret,
                                 bool *ret_found, const char *complaint)
{
    int64_t number;

    ptr = printing_index(p, ptr, end);
    if (ptr >= end || *ptr != '*') {
        return printing_number(ptr, end, ret, ret_found);
    }
    *ret_found = false;
    if (p->next < p->count && p->args[p->next].kind == VALUE_INT &&
        value_as_int(&p->args[p->next], &number) && number >= -VERB_WIDTH_MAX &&
        number <= VERB_WIDTH_MAX) {
        *ret = (int)number;
        *ret_found = true;
    } else {
        text_put(p->out, complaint);
    }
    p->next++;
    return ptr + 1;
}

static const char *printing_flags(struct verb *v, const char *ptr, const char *end)
{
    for (; ptr < end; ptr++) {
        switch (*ptr) {
        case '+':
            v->plus = true;
            break;
        case '-':
            v->minus = true;
            break;
        case '#':
            v->sharp = true;
            break;
        case ' ':
            v->space = true;
            break;
        case '0':
            v->zero = true;
            break;
        default:
            return ptr;
        }
    }
    return ptr;
}

static const char *printing_spec(struct printing *p, struct verb *v, const char *ptr,
                                 const char *end)
{
    bool found = false;

    ptr = printing_flags(v, ptr, end);
    ptr = printing_size(p, ptr, end, &v->width, &found, "%!(BADWIDTH)");
    v->has_width = found;
    if (found && v->width < 0) {
        v->minus = true;
        v->width = -v->width;
    }
    if (ptr < end && *ptr == '.') {
        ptr = printing_size(p, ptr + 1, end, &v->precision, &found, "%!(BADPREC)");
        v->has_precision = v->precision >= 0;
    }
    return printing_index(p, ptr, end);
}

static const char *printing_verb(struct printing *p, const char *ptr, const char *end)
{
    struct verb v = {.run = p->run, .out = p->out};
    char complaint[40];

    p->good_index = true;
    ptr = printing_spec(p, &v, ptr, end);
    if (ptr >= end) {
        text_put(p->out, "%!(NOVERB)");
        return ptr;
    }
    v.letter = *ptr++;
    if (v.letter == '%') {
        text_put(p->out, "%");
    } else if (!p->good_index || p->next >= p->count) {
        (void)snprintf(complaint, sizeof complaint, "%%!%c(%s)", v.letter,
                       p->good_index ? "MISSING" : "BADINDEX");
        text_put(p->out, complaint);
    } else {
        verb_print(&v, &p->args[p->next++]);
    }
    return ptr;
}

static void printing_extra(struct printing *p)
{
    text_put(p->out, "%!(EXTRA ");
    for (size_t i = p->next; i < p->count; i++) {
        text_put(p->out, i > p->next ? ", " : "");
        if (p->args[i].kind == VALUE_NONE) {
            text_put(p->out, "<nil>");
            continue;
        }
        text_put(p->out, value_type(&p->args[i]));
        text_put(p->out, "=");
        format_value(p->run, &p->args[i], p->out);
    }
    text_put(p->out, ")");
}

void format_printf(const struct template_run *run, struct cxd_bytes format,
                   const struct value *args, size_t count, struct text *out)
{
    struct printing p = {.run = run, .args = args, .count = count, .out = out};
    const char *ptr = format.ptr;
    const char *end = format.ptr + format.len;

    while (ptr < end && out->status == 0) {
        const char *percent = memchr(ptr, '%', (size_t)(end - ptr));

        if (percent == NULL) {
            text_add(out, ptr, (size_t)(end - ptr));
            break;
        }
        text_add(out, ptr, (size_t)(percent - ptr));
        ptr = printing_verb(&p, percent + 1, end);
    }
    if (!p.reordered && p.next < count) {
        printing_extra(&p);
    }
}
