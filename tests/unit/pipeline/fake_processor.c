/* fake_processor.c: see the header. */
#include "fake_processor.h"

#include "io/doc.h"

#include <stdlib.h>
#include <string.h>

int fake_processor_open_count;
char fake_processor_trace[64];

struct instance {
    const struct cxd_host *host;
    struct cxd_self *self;
    char what[16];
    char letter;
};

struct cxd_bytes fake_processor_options(const char *what, const char *letter)
{
    static char bytes[256];
    struct cxd_builder *b = doc_new();
    struct cxd_scalar do_ = doc_text(what);
    struct cxd_scalar letter_ = doc_text(letter);
    struct cxd_bytes doc;

    if (b == NULL || doc_put(b, "do", &do_) != CXD_OK || doc_put(b, "letter", &letter_) != CXD_OK) {
        abort();
    }
    doc = doc_bytes(b);
    memcpy(bytes, doc.ptr, doc.len);
    doc_free(b);
    return (struct cxd_bytes){bytes, doc.len};
}

static int fake_open(const struct cxd_host *host, struct cxd_self *self, struct cxd_bytes options,
                     void **ret_instance, struct cxd_error *err)
{
    struct cxd_scalar what = host->doc_get(options, "do");
    struct cxd_scalar letter = host->doc_get(options, "letter");
    struct instance *in;

    if (strcmp(what.bytes.ptr, "open-fails") == 0) {
        return cxd_error_set(err, CXD_CONFIG, "does not like it");
    }
    in = host->alloc(self, sizeof *in);
    if (in == NULL) {
        return cxd_error_set(err, CXD_NOMEM, "no memory");
    }
    in->host = host;
    in->self = self;
    memcpy(in->what, what.bytes.ptr, what.bytes.len);
    in->letter = letter.bytes.ptr[0];
    *ret_instance = in;
    fake_processor_open_count++;
    return strcmp(in->what, "half-open") == 0 ? cxd_error_set(err, CXD_IO, "half-way") : CXD_OK;
}

static int fake_process(void *instance, struct cxd_event *ev, struct cxd_error *err)
{
    struct instance *in = instance;
    size_t len = strlen(fake_processor_trace);

    if (len + 1 < sizeof fake_processor_trace) {
        fake_processor_trace[len] = in->letter;
        fake_processor_trace[len + 1] = '\0';
    }
    in->host->count(in->self, "fake_processed_total", 1);
    if (strcmp(in->what, "discard") == 0) {
        return CXD_DISCARD;
    }
    if (strcmp(in->what, "fail") == 0) {
        return cxd_error_set(err, CXD_MALFORMED, "not to its taste");
    }
    if (strcmp(in->what, "silent") == 0) {
        return CXD_MALFORMED;
    }
    if (strcmp(in->what, "nomem") == 0) {
        return cxd_error_set(err, CXD_NOMEM, "no memory");
    }
    if (strcmp(in->what, "emit") == 0) {
        return in->host->emit(in->self, ev, err);
    }
    return CXD_KEEP;
}

static void fake_close(void *instance)
{
    struct instance *in = instance;

    fake_processor_open_count--;
    in->host->free(in->self, in);
}

static const struct cxd_processor_ops ops = {
    .size = sizeof ops, .open = fake_open, .process = fake_process, .close = fake_close};

static const struct cxd_option options[] = {{.name = NULL}};

const struct cxd_module fake_processor_module = {
    CXD_MODULE_HEAD,        .kind = CXD_PROCESSOR, .name = "fake", .version = "1",
    .summary = "for tests", .options = options,    .ops = &ops};
