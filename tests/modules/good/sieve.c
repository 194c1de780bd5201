/* sieve.c: a third-party processor: drops every tenth event, puts `n` and a text into the others. */
#include <cxd/module.h>

struct sieve {
    const struct cxd_host *host;
    struct cxd_self *self;
    int64_t every;
    int64_t seen;
};

static int sieve_open(const struct cxd_host *host, struct cxd_self *self, struct cxd_bytes options,
                      void **ret_instance, struct cxd_error *err)
{
    struct sieve *s = host->alloc(self, sizeof *s);

    if (s == NULL) {
        return cxd_error_set(err, CXD_NOMEM, "sieve: out of memory");
    }
    s->host = host;
    s->self = self;
    s->every = host->doc_get(options, "every").number;
    *ret_instance = s;
    return s->every > 0 ? CXD_OK : cxd_error_set(err, CXD_CONFIG, "every: expected 1 or more");
}

static int sieve_process(void *instance, struct cxd_event *event, struct cxd_error *err)
{
    static const struct cxd_value word = {
        .ptr = "a \"text\"\n", .len = 9, .kind = CXD_KIND_STRING, .flags = CXD_VALUE_TEXT};
    struct sieve *s = instance;
    const struct cxd_record *record;
    struct cxd_node *root = s->host->event_root(event);
    int r = s->host->event_record(event, &record, err);

    if (r != CXD_OK) {
        return r;
    }
    if (++s->seen % s->every == 0) {
        return CXD_DISCARD;
    }
    if (root == NULL || record->count != 1 ||
        s->host->node_put(event, root, CXD_LIT("n"), record->fields[0].value) == NULL ||
        s->host->node_put(event, root, CXD_LIT("word"), word) == NULL) {
        return cxd_error_set(err, CXD_NOMEM, "no memory for two members");
    }
    s->host->count(s->self, "sieve_kept_total", 1);
    return CXD_KEEP;
}

static void sieve_close(void *instance)
{
    struct sieve *s = instance;
    const struct cxd_host *host = s->host;

    host->free(s->self, s);
}

static const struct cxd_option options[] = {
    {.name = "every", .type = CXD_OPTION_INT, .default_value = "10", .help = "which are dropped"},
    {.name = NULL}};

static const struct cxd_processor_ops ops = {.size = sizeof(struct cxd_processor_ops),
                                             .open = sieve_open,
                                             .process = sieve_process,
                                             .close = sieve_close};

static const struct cxd_module module = {
    CXD_MODULE_HEAD,         .kind = CXD_PROCESSOR,
    .needs = CXD_CAN_EVENTS, .name = "sieve",
    .version = "1.0",        .summary = "drops every tenth event",
    .options = options,      .ops = &ops};
CXD_MODULE_ENTRY(module)
