/*
 * ask.c: which request comes next, and its start. The deepest level that has something left comes first; then the next page.
 * Thread: the instance's.
 */
#include "input.h"
#include "note.h"

#include <strings.h>

static void views_set(struct input *in, struct region *nodes)
{
    struct context *c = &in->context;
    struct level *above = in->depth > 0 ? &in->levels[in->depth - 1] : &in->levels[0];
    struct page *last = above->page.is_set ? &above->page : NULL;
    /* what was found out about the page while its events were made serves the next request, too */
    struct tree *tree = c->last.page == last && c->nodes == nodes ? c->last.tree : NULL;

    c->last = (struct view){.page = last};
    c->parent = (struct view){.page = in->depth > 0 ? &above->page : NULL};
    c->first = (struct view){.page = in->first.is_set ? &in->first : NULL};
    context_enter(c, nodes);
    c->last.tree = tree;
}

static void ask_fresh(struct input *in)
{
    in->attempts = 0;
    in->redirects = 0;
    in->redirect_away = false;
    in->redirect_get = false;
    in->renewed = false;
}

void ask_begin(struct input *in)
{
    for (size_t i = 0; i < in->config.step_count; i++) {
        page_clear(&in->levels[i].page);
        region_clear(&in->levels[i].nodes);
        in->levels[i].value = NULL;
        in->levels[i].once = false;
    }
    page_clear(&in->first);
    in->depth = 0;
    in->pages = 0;
    ask_fresh(in);
    in->loop = (struct loop){0};
    in->trouble[0] = '\0';
    text_clear(&in->url);
    in->phase = PHASE_ASK;
}

/* The text `what` in the URL gives way to value. */
static void url_replace(struct input *in, struct cxd_bytes what, struct cxd_bytes value)
{
    struct text url;
    struct cxd_bytes rest = text_bytes(&in->url);

    text_init(&url, &in->heap, in->url.max);
    while (rest.len > 0) {
        const char *found = what.len > 0 ? memmem(rest.ptr, rest.len, what.ptr, what.len) : NULL;
        size_t before = found != NULL ? (size_t)(found - rest.ptr) : rest.len;

        text_add(&url, rest.ptr, before);
        if (found != NULL) {
            text_add(&url, value.ptr, value.len);
            before += what.len;
        }
        rest = (struct cxd_bytes){rest.ptr + before, rest.len - before};
    }
    text_done(&in->url);
    in->url = url;
}

/* replace_with: 'PATTERN,.path': the pattern gives way to what the path finds in the state. */
static int url_replace_with(struct input *in, const struct config_step *step, struct cxd_error *err)
{
    const char *comma = step->replace_with.len > 0
                            ? memchr(step->replace_with.ptr, ',', step->replace_with.len)
                            : NULL;
    const char *end = step->replace_with.ptr + step->replace_with.len;
    struct cxd_bytes value = {NULL, 0};
    struct tmpl *t = NULL;
    char source[300];
    int status;

    if (comma == NULL) {
        return 0;
    }
    (void)snprintf(source, sizeof source, "[[%.*s]]", (int)(end - comma - 1), comma + 1);
    status = template_compile(&in->heap, bytes_of(source), &t, err);
    if (status == 0) {
        struct config_value both = {.value = t};

        status = context_value(&in->context, NULL, &both, &value, err);
    }
    if (status == 0) {
        url_replace(
            in,
            (struct cxd_bytes){step->replace_with.ptr, (size_t)(comma - step->replace_with.ptr)},
            value);
    }
    template_free(t);
    return status == CXD_END ? 0 : status;
}

/* The URL of the level asked for, with the value at hand put in. */
static int ask_url(struct input *in, struct cxd_error *err)
{
    const struct config_step *step = &in->config.steps[in->depth];
    struct level *above = in->depth > 0 ? &in->levels[in->depth - 1] : NULL;
    int status = 0;

    text_clear(&in->url);
    text_add(&in->url, step->url.ptr, step->url.len);
    if (above != NULL && above->value != NULL) {
        url_replace(in, step->replace, tree_string(&above->list_region, above->value));
    }
    status = above != NULL ? url_replace_with(in, step, err) : 0;
    if (status == 0 && in->url.status != 0) {
        status = cxd_error_set(err, in->url.status, "URL: out of memory");
    }
    return status;
}

static void loop_note(struct input *in)
{
    unsigned char both[64];
    unsigned char now[32];

    in->heap.host->sha256(in->wire.url.ptr, in->wire.url.len, both);
    in->heap.host->sha256(in->wire.body.len > 0 ? in->wire.body.ptr : "", in->wire.body.len,
                          both + 32);
    in->heap.host->sha256(both, sizeof both, now);
    in->loop.same_request = in->loop.is_set && memcmp(now, in->loop.request, sizeof now) == 0;
    memcpy(in->loop.request, now, sizeof now);
}

static int ask_send(struct input *in, struct cxd_error *err)
{
    const struct config_step *step = &in->config.steps[in->depth];
    struct cxd_request request = {.size = sizeof request,
                                  .method = in->wire.is_post ? "POST" : "GET",
                                  .url = in->wire.url.ptr,
                                  .headers = in->wire.headers,
                                  .header_count = in->wire.header_count,
                                  .timeout_ms = (uint32_t)step->timeout_ms,
                                  .unix_socket = step->socket.ptr};

    if (in->wire.part.len > 0) {
        request.parts = &in->wire.part;
        request.part_count = 1;
    }
    tracer_request(&in->tracer, &in->wire);
    in->heap.host->count(in->heap.self, "http_request_total", 1);
    return fetch_start(&in->reply, line_client(in), &request, err);
}

static bool header_is_banned(struct input *in, const struct cxd_header *header)
{
    static const char *const private_names[] = {"Authorization", "Proxy-Authorization", "Cookie",
                                                "WWW-Authenticate"};
    const struct config_redirect *redirect = &in->config.steps[in->depth].redirect;
    const char *name = header->name;

    for (struct tree *c = redirect->banned != NULL ? redirect->banned->first : NULL; c != NULL;
         c = c->next) {
        if (strlen(name) == c->text.len && strncasecmp(name, c->text.ptr, c->text.len) == 0) {
            return true;
        }
    }
    if (!in->redirect_away || redirect->forward_headers) {
        return false;
    }
    for (size_t i = 0; i < sizeof private_names / sizeof private_names[0]; i++) {
        if (strcasecmp(name, private_names[i]) == 0) {
            return true;
        }
    }
    return header->secret != 0;
}

/* What a redirect changes: the address, the method, and the headers that may go to where it leads. */
static int redirect_apply(struct input *in, struct cxd_error *err)
{
    size_t kept = 0;

    if (in->redirects == 0) {
        return 0;
    }
    text_clear(&in->wire.url);
    text_add(&in->wire.url, in->location.ptr, in->location.len);
    if (in->location.status != 0 || in->wire.url.status != 0) {
        return cxd_error_set(err, CXD_NOMEM, "redirect: out of memory");
    }
    if (in->redirect_get && in->wire.is_post) {
        in->wire.is_post = false;
        in->wire.part.len = 0;
    }
    for (size_t i = 0; i < in->wire.header_count; i++) {
        if (!header_is_banned(in, &in->wire.headers[i])) {
            in->wire.headers[kept++] = in->wire.headers[i];
        }
    }
    in->wire.header_count = kept;
    return 0;
}

/* Further pages, redirects of theirs included, come from allowed places only: a reply must not lead credentials elsewhere. */
static int origin_check(const struct input *in, struct cxd_error *err)
{
    struct origin there = {.scheme = {NULL, 0}};
    bool is_good = origin_read(text_bytes(&in->wire.url), &there);

    for (size_t i = 0; i < in->config.page_origin_count && is_good; i++) {
        if (origin_is_same(&there, &in->config.page_origins[i])) {
            return 0;
        }
    }
    if (in->config.page_origin_count == 0) {
        return 0;
    }
    return is_good ? cxd_error_set(err, CXD_CONFIG,
                                   "the next page would come from %.*s://%.*s:%u, which is not "
                                   "among response.pagination_allowed_hosts",
                                   (int)there.scheme.len, there.scheme.ptr,
                                   (int)(there.host.len < 200 ? there.host.len : 200),
                                   there.host.ptr, there.port)
                   : cxd_error_set(err, CXD_CONFIG,
                                   "the next page would come from an address that is none, which "
                                   "response.pagination_allowed_hosts does not allow");
}

/* Where the token goes, the proof of its key goes along. */
static int proof_add(struct input *in, struct cxd_error *err)
{
    const char *method = in->wire.is_post ? "POST" : "GET";
    struct cxd_bytes proof = {NULL, 0};
    bool has_token = false;
    int status;

    for (size_t i = 0; i < in->wire.header_count; i++) {
        has_token |= strcasecmp(in->wire.headers[i].name, "Authorization") == 0;
    }
    if (!has_token) {
        return 0;
    }
    status = auth_proof(line_auth(in), bytes_of(method), text_bytes(&in->wire.url), &proof, err);
    if (status < 0 || proof.len == 0) {
        return status;
    }
    return request_header_add(&in->wire, CXD_LIT("DPoP"), proof)
               ? 0
               : cxd_error_set(err, CXD_NOMEM, "request: out of memory");
}

int ask_start(struct input *in, struct cxd_error *err)
{
    struct level *level = &in->levels[in->depth];
    bool is_next_page = in->depth == 0 && in->pages > 0;
    struct request_ask ask = {.step = &in->config.steps[in->depth],
                              .pagination = is_next_page ? in->config.pagination : NULL,
                              .with_body = !is_next_page || in->config.body_on_pagination};
    int status;

    if (in->depth > 0) {
        region_clear(&level->nodes); /* the page before is done with */
    }
    views_set(in, &level->nodes);
    auth_header(line_auth(in), &ask.auth_name, &ask.auth_prefix, &ask.auth_value);
    status = ask_url(in, err);
    ask.url = text_bytes(&in->url);
    status = status < 0 ? status : request_build(&in->context, &ask, &in->wire, err);
    if (is_next_page && status < 0 && !context_is_fatal(status)) {
        note_line(&in->heap, CXD_LOG_DEBUG, "no further page");
        return CXD_END;
    }
    if (status < 0) {
        return status == CXD_END ? cxd_error_set(err, CXD_MALFORMED, "request: no URL") : status;
    }
    status = redirect_apply(in, err);
    if (status < 0) {
        return status;
    }
    loop_note(in);
    status = is_next_page ? origin_check(in, err) : 0;
    status = status < 0 ? status : proof_add(in, err);
    return status < 0 ? status : ask_send(in, err);
}

bool ask_next(struct input *in)
{
    ask_fresh(in);
    /* down: the page just read has values for the step behind it */
    if (in->depth + 1 < in->config.step_count &&
        (in->levels[in->depth].value != NULL || in->levels[in->depth].once)) {
        in->depth++;
        return true;
    }
    /* up: the next value of a level above */
    while (in->depth > 0) {
        struct level *above = &in->levels[in->depth - 1];

        above->once = false;
        above->value = above->value != NULL ? above->value->next : NULL;
        if (above->value != NULL) {
            return true;
        }
        in->depth--;
    }
    return in->config.pagination != NULL && in->levels[0].page.body.len > 0;
}
