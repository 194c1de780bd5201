/*
 * context.c: see the header. Knows what names the state has; does not know where replies come from. Thread: the instance's.
 */
#include "context.h"

#define CONTEXT_EVENT_MAX (256u << 20)
#define CONTEXT_VALUE_MAX (16u << 20)

void page_init(struct page *p, const struct heap *h, size_t body_max)
{
    *p = (struct page){.headers = {.is_header = true}};
    text_init(&p->body, h, body_max);
    region_init(&p->region, h, 1u << 20);
}

void page_clear(struct page *p)
{
    text_done(&p->body); /* a page may be large, and none may come for a while */
    region_clear(&p->region);
    p->headers.first = NULL;
    p->url = (struct cxd_bytes){"", 0};
    p->is_set = false;
}

void page_done(struct page *p)
{
    text_done(&p->body);
    if (p->region.heap != NULL) {
        region_done(&p->region);
    }
}

void context_init(struct context *c, const struct heap *h, const struct config *config)
{
    *c = (struct context){.heap = h, .config = config};
    region_init(&c->scratch, h, TEMPLATE_SCRATCH);
    text_init(&c->value, h, CONTEXT_VALUE_MAX + 1024);
    text_init(&c->first_event, h, CONTEXT_EVENT_MAX);
    text_init(&c->last_event, h, CONTEXT_EVENT_MAX);
    text_init(&c->cursor, h, CONTEXT_VALUE_MAX);
}

void context_done(struct context *c)
{
    if (c->heap == NULL) {
        return;
    }
    region_done(&c->scratch);
    text_done(&c->value);
    text_done(&c->first_event);
    text_done(&c->last_event);
    text_done(&c->cursor);
}

void context_enter(struct context *c, struct region *nodes)
{
    c->nodes = nodes;
    c->last.tree = NULL;
    c->first.tree = NULL;
    c->parent.tree = NULL;
    c->first_event_tree = NULL;
    c->last_event_tree = NULL;
    c->cursor_tree = NULL;
}

struct tree *context_body(struct context *c, struct view *view)
{
    if (view->page == NULL || view->page->body.len == 0) {
        return NULL;
    }
    if (view->tree == NULL) {
        view->tree = tree_adopt(c->nodes, text_bytes(&view->page->body));
    }
    return view->tree;
}

/* A JSON object that is kept as text; an empty one when there is none. */
static struct value context_object(struct context *c, const struct text *text, struct tree **tree)
{
    if (*tree == NULL) {
        *tree = text->len > 0 ? tree_adopt(c->nodes, text_bytes(text))
                              : tree_new(c->nodes, TREE_OBJECT);
    }
    return value_of_tree(c->nodes, *tree);
}

static struct value_record *context_record(struct region *r, size_t count)
{
    struct value_record *record =
        region_alloc(r, sizeof *record + count * sizeof record->fields[0]);

    return record;
}

static void record_add(struct value_record *record, const char *name, struct value value)
{
    record->fields[record->count++] = (struct value_field){bytes_of(name), value};
}

static struct value value_multi(const struct multi *multi)
{
    return (struct value){.kind = VALUE_MULTI, .multi = multi};
}

/* {url: {value, params}, header, body, page} */
static struct value context_response(struct context *c, struct view *view)
{
    struct value_record *response = context_record(&c->scratch, 4);
    struct value_record *url = context_record(&c->scratch, 2);
    struct multi *params = region_alloc(&c->scratch, sizeof *params);
    struct multi *headers = region_alloc(&c->scratch, sizeof *headers);
    struct query_url parts;

    if (response == NULL || url == NULL || params == NULL || headers == NULL) {
        return value_none();
    }
    headers->is_header = true;
    record_add(url, "value", value_string(view->page != NULL ? view->page->url : CXD_LIT("")));
    if (view->page != NULL) {
        query_split(view->page->url, &parts);
        (void)query_decode(&c->scratch, parts.query, params);
        *headers = view->page->headers;
    }
    record_add(url, "params", value_multi(params));
    record_add(response, "url", (struct value){.kind = VALUE_RECORD, .record = url});
    record_add(response, "header", value_multi(headers));
    record_add(response, "body", value_of_tree(c->nodes, context_body(c, view)));
    record_add(response, "page", value_int64(view->page != NULL ? view->page->number : 0));
    return (struct value){.kind = VALUE_RECORD, .record = response};
}

static void context_message(struct context *c, const struct message *message,
                            struct value_record *root)
{
    struct text url;

    if (message->body != NULL) {
        record_add(root, "body", value_of_tree(c->nodes, message->body));
    }
    record_add(root, "header", value_multi(&message->headers));
    text_init(&url, c->heap, 1u << 20);
    text_add(&url, message->url.ptr, message->url.len);
    if (message->params.first != NULL) {
        text_put(&url, "?");
        query_encode(&c->scratch, &message->params, &url);
    }
    record_add(
        root, "url",
        (struct value){.kind = VALUE_URL, .bytes = region_copy(&c->scratch, text_bytes(&url))});
    if (url.status != 0) {
        c->scratch.status = url.status;
    }
    text_done(&url);
}

static struct value context_root(struct context *c, const struct message *message)
{
    struct value_record *root = context_record(&c->scratch, 9);

    if (root == NULL) {
        return value_none();
    }
    if (message != NULL) {
        context_message(c, message, root);
    }
    record_add(root, "cursor", context_object(c, &c->cursor, &c->cursor_tree));
    record_add(root, "first_event", context_object(c, &c->first_event, &c->first_event_tree));
    record_add(root, "last_event", context_object(c, &c->last_event, &c->last_event_tree));
    record_add(root, "last_response", context_response(c, &c->last));
    if (c->first.page != NULL) {
        record_add(root, "first_response", context_response(c, &c->first));
    }
    if (c->parent.page != NULL) {
        record_add(root, "parent_last_response", context_response(c, &c->parent));
    }
    return (struct value){.kind = VALUE_RECORD, .record = root};
}

static int context_execute(struct context *c, const struct tmpl *t, const struct value *dot,
                           struct cxd_error *err)
{
    const struct template_run run = {.dot = *dot,
                                     .scratch = &c->scratch,
                                     .nodes = c->nodes,
                                     .user_agent = CXD_LIT(CONTEXT_USER_AGENT),
                                     .version = CXD_LIT("0.1.0")};
    int status;

    text_clear(&c->value);
    status = template_execute(t, &run, &c->value, err);
    if (status < 0) {
        return status;
    }
    if (c->value.len == 0 || memmem(c->value.ptr, c->value.len, "<no value>", 10) != NULL) {
        return cxd_error_set(err, CXD_NOT_FOUND, "the template's result is empty");
    }
    return 0;
}

bool context_is_fatal(int status)
{
    return status == CXD_NOMEM || status == CXD_TOO_LARGE || status == CXD_TOO_DEEP ||
           status == CXD_TIMEOUT;
}

int context_value(struct context *c, const struct message *message,
                  const struct config_value *value, struct cxd_bytes *ret, struct cxd_error *err)
{
    struct value dot;
    int status;

    if (value->value == NULL && value->otherwise == NULL) {
        return CXD_END;
    }
    region_clear(&c->scratch);
    status = cxd_error_set(err, CXD_NOT_FOUND, "there is no template");
    if (value->value != NULL && !template_is_text(value->value, ret)) {
        dot = context_root(c, message);
        if (c->scratch.status != 0 || c->nodes->status != 0) {
            return cxd_error_set(err, CXD_NOMEM, "template: out of memory");
        }
        status = context_execute(c, value->value, &dot, err);
    } else if (value->value != NULL) {
        return ret->len > 0 ? 0 : cxd_error_set(err, CXD_NOT_FOUND, "the template is empty");
    }
    if (status < 0 && status != CXD_END && !context_is_fatal(status) && value->otherwise != NULL) {
        dot = value_none();
        region_clear(&c->scratch);
        status = context_execute(c, value->otherwise, &dot, err);
    }
    *ret = text_bytes(&c->value);
    return status;
}
