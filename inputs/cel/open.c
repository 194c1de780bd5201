/* open.c: an instance, from its options and its stored cursor; and its end. Thread: the instance's; interrupt: any. */
#include "stream.h"

#include "lib/globals.h"
#include "lib/regex.h"

#define SETTINGS_MEMORY (64u << 20)
#define STATE_MAX (256u << 20)
#define CURSOR_MAX (15u << 20)

/* What is shown nowhere: secrets by their option, and what redact.fields names. */
static void mask_fill(struct stream *s)
{
    struct settings *settings = &s->settings;
    struct region *r = &settings->region;
    struct tree *list = settings->redacted;
    static const char *const options[] = {"auth.basic.password", "auth.token.value",
                                          "auth.digest.password", "auth.oauth2.client.secret",
                                          "auth.oauth2.password"};

    mask_tree(&s->mask, r, settings->secret_state);
    for (size_t i = 0; i < sizeof options / sizeof options[0]; i++) {
        mask_add(&s->mask, optree_text(r, settings->tree, options[i]));
    }
    for (struct tree *c = list != NULL ? list->first : NULL; c != NULL; c = c->next) {
        mask_tree(&s->mask, r, tree_path(r, settings->state, tree_string(r, c)));
    }
}

/* Named patterns are tried now, so that a bad one is an error of the policy and not of the third page. */
static int patterns_check(struct stream *s, struct cxd_error *err)
{
    int status = 0;

    for (const struct services_pattern *p = s->settings.patterns; p->name != NULL && status == 0;
         p++) {
        struct sink sink = sink_on(&s->pool);
        const char *problem = regex_translate(bytes_of(p->pattern), &sink);
        void *regex = NULL;

        sink_char(&sink, '\0');
        if (problem != NULL) {
            return cxd_error_set(err, CXD_CONFIG, "regexp.%.60s: %s", p->name, problem);
        }
        if (sink.failed) {
            return cxd_error_set(err, CXD_NOMEM, "regexp: out of memory");
        }
        status = s->services.regex_new(s->services.ctx, sink.text, &regex, err);
        if (status < 0) {
            (void)cxd_error_wrap(err, "regexp.%.60s", p->name);
            return status;
        }
        s->services.regex_free(regex);
    }
    return status;
}

static int program_read(struct stream *s, struct cxd_error *err)
{
    int status = program_compile(&globals_env, s->settings.program, &s->program, err);

    if (status < 0) {
        (void)cxd_error_wrap(err, "program");
        return status == CXD_NOMEM ? status : CXD_CONFIG;
    }
    return 0;
}

static int options_take(struct stream *s, struct cxd_bytes options, stream_translate_fn translate,
                        struct cxd_error *err)
{
    struct tree *tree;

    region_init(&s->settings.region, &s->heap, SETTINGS_MEMORY);
    s->settings.region.secret = true;
    tree = optree_read(&s->settings.region, options);
    if (tree == NULL) {
        return cxd_error_set(err, CXD_NOMEM, "options: out of memory");
    }
    if (translate != NULL) {
        struct cxd_error why = CXD_ERROR_INIT;

        tree = translate(&s->settings, tree, &why);
        if (s->settings.region.status != 0) {
            return cxd_error_set(err, s->settings.region.status, "options: out of memory");
        }
        if (tree == NULL) {
            return cxd_error_set(err, why.status < 0 ? why.status : CXD_CONFIG, "%s", why.text);
        }
    }
    return settings_read(&s->settings, tree, err);
}

static int parts_open(struct stream *s, struct cxd_bytes options, stream_translate_fn translate,
                      struct cxd_error *err)
{
    int status = options_take(s, options, translate, err);

    if (status < 0) {
        return status;
    }
    pool_init(&s->pool, 0);
    s->pool.limit = (size_t)256 << 20;
    text_init(&s->state, &s->heap, STATE_MAX);
    s->state.secret = true;
    text_init(&s->cursor, &s->heap, CURSOR_MAX);
    mask_fill(s);
    logbook_open(&s->dump, &s->heap, &s->settings.dump, "failure_dump");
    s->builder = s->heap.host->doc_new(s->heap.self);
    if (s->builder == NULL) {
        return cxd_error_set(err, CXD_NOMEM, "cel: out of memory");
    }
    s->sender.pool = &s->pool;
    status = sender_open(&s->sender, &s->heap, &s->settings, &s->mask, s->builder, err);
    if (status < 0) {
        return status;
    }
    service_fill(&s->services, &s->sender);
    s->services.cache = regex_cache_new(&s->services);
    if (s->services.cache == NULL) {
        return cxd_error_set(err, CXD_NOMEM, "cel: out of memory");
    }
    status = patterns_check(s, err);
    status = status < 0 ? status : program_read(s, err);
    status = status < 0 ? status : publish_cursor_load(s, err);
    return status < 0 ? status : state_first(s, err);
}

int stream_check(const struct cxd_host *host, struct cxd_self *self, struct cxd_bytes options,
                 stream_translate_fn translate, struct cxd_error *err)
{
    struct stream *s = host->alloc(self, sizeof *s);
    int status;

    if (s == NULL) {
        return cxd_error_set(err, CXD_NOMEM, "cel: out of memory");
    }
    s->heap = (struct heap){host, self};
    status = options_take(s, options, translate, err);
    status = status < 0 ? status : program_read(s, err);
    stream_close(s);
    return status;
}

int stream_open(const struct cxd_host *host, struct cxd_self *self, struct cxd_bytes options,
                stream_translate_fn translate, void **ret_instance, struct cxd_error *err)
{
    struct stream *s;
    int status;

    if (!CXD_HAS(host, regex_find) || host->http_header_at == NULL || host->regex_find == NULL) {
        return cxd_error_set(err, CXD_MISFIT, "cel: needs an agent with version 1.1 of the ABI");
    }
    s = host->alloc(self, sizeof *s);
    if (s == NULL) {
        return cxd_error_set(err, CXD_NOMEM, "cel: out of memory");
    }
    s->heap = (struct heap){host, self};
    s->is_ill = true; /* until the first period says otherwise */
    status = parts_open(s, options, translate, err);
    if (status < 0) {
        stream_close(s);
        return status;
    }
    *ret_instance = s;
    return 0;
}

void stream_interrupt(void *instance)
{
    struct stream *s = instance;

    s->heap.host->http_interrupt(s->sender.client);
}

void stream_close(void *instance)
{
    struct stream *s = instance;
    struct heap heap;

    if (s == NULL) {
        return;
    }
    heap = s->heap;
    program_free(s->program);
    regex_cache_free(s->services.cache);
    sender_close(&s->sender);
    logbook_close(&s->dump);
    pool_done(&s->pool);
    if (s->builder != NULL) {
        heap.host->doc_free(s->builder);
    }
    if (s->settings.region.heap != NULL) {
        text_done(&s->state);
        text_done(&s->cursor);
        region_done(&s->settings.region);
    }
    heap_free(&heap, s);
}
