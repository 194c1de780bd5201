/* lines.c: a third-party output: id, index and document as lines of a file. Puts every third batch off once. */
#include <cxd/module.h>

struct lines {
    const struct cxd_host *host;
    struct cxd_self *self;
    FILE *file;
    unsigned calls;
};

static int lines_open(const struct cxd_host *host, struct cxd_self *self, struct cxd_bytes options,
                      void **ret_instance, struct cxd_error *err)
{
    struct cxd_scalar path = host->doc_get(options, "path");
    struct lines *l = host->alloc(self, sizeof *l);

    if (l == NULL) {
        return cxd_error_set(err, CXD_NOMEM, "lines: out of memory");
    }
    l->host = host;
    l->self = self;
    l->file = fopen(path.bytes.ptr, "a"); /* a NUL follows TEXT */
    if (l->file == NULL) {
        host->free(self, l);
        return cxd_error_set(err, CXD_CONFIG, "path %s: cannot be written", path.bytes.ptr);
    }
    *ret_instance = l;
    return CXD_OK;
}

static int lines_send(void *instance, const struct cxd_batch *batch, struct cxd_outcome *outcomes,
                      struct cxd_error *err)
{
    struct lines *l = instance;

    if (++l->calls % 3 == 0) {
        return cxd_error_set(err, CXD_THROTTLED, "every third call is put off");
    }
    for (uint32_t i = 0; i < batch->count; i++) {
        const struct cxd_doc *doc = &batch->docs[i];
        if (fprintf(l->file, "%.*s %.*s %.*s\n", (int)doc->id.len, doc->id.ptr, (int)doc->index.len,
                    doc->index.ptr, (int)doc->source.len, doc->source.ptr) < 0) {
            return cxd_error_set(err, CXD_IO, "cannot be written");
        }
        outcomes[i].result = CXD_RESULT_DELIVERED;
    }
    return fflush(l->file) == 0 ? CXD_OK : cxd_error_set(err, CXD_IO, "cannot be written");
}

static void lines_close(void *instance)
{
    struct lines *l = instance;
    const struct cxd_host *host = l->host;

    (void)fclose(l->file);
    host->free(l->self, l);
}

static const struct cxd_option options[] = {
    {.name = "path", .type = CXD_OPTION_STRING, .flags = CXD_OPTION_REQUIRED, .help = "the file"},
    {.name = NULL}};

static const struct cxd_output_ops ops = {.size = sizeof(struct cxd_output_ops),
                                          .open = lines_open,
                                          .send = lines_send,
                                          .close = lines_close};

static const struct cxd_module module = {
    CXD_MODULE_HEAD,  .kind = CXD_OUTPUT,           .name = "lines",    .aliases = "plain-lines",
    .version = "1.0", .summary = "lines of a file", .options = options, .ops = &ops};
CXD_MODULE_ENTRY(module)
