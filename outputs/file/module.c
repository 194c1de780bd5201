/*
 * module.c: the `file` output: lines of JSON in one file for each data stream. Knows options and the module contract; the work
 * is folder.c's. Thread: the output worker's. Nothing waits here, so there is no interrupt.
 */
#include "cxd/module.h"

#include "folder.h"

#include <limits.h>

struct instance {
    const struct cxd_host *host;
    struct cxd_self *self;
    struct folder folder;
};

static const struct cxd_option options[] = {
    {"path", CXD_OPTION_STRING, CXD_OPTION_REQUIRED, NULL,
     "Folder for the files; made when missing; no other output may use it at the same time"},
    {"metadata", CXD_OPTION_BOOL, 0, "false",
     "Write {\"_index\":..,\"_id\":..,\"_source\":..} instead of the document alone"},
    {"permissions", CXD_OPTION_STRING, 0, "0600", "Rights of new files, octal, 0600 to 0666"},
    {"sync", CXD_OPTION_STRING, 0, "batch",
     "batch: on the disk before a batch counts as delivered; interval: at most every "
     "sync_interval; none: when the system likes"},
    {"sync_interval", CXD_OPTION_DURATION, CXD_OPTION_ADVANCED, "1s",
     "For sync: interval, 10ms to 1h"},
    {"rotate_every_size", CXD_OPTION_SIZE, 0, "0",
     "A file larger than this gets a number and a new one begins; 0: never; else 64KiB to 512GiB"},
    {"number_of_files", CXD_OPTION_INT, 0, "0",
     "Files kept of each data stream, the oldest deleted; 0: all; else 2 to 100000"},
    {"remember_ids", CXD_OPTION_INT, CXD_OPTION_ADVANCED, "1000000",
     "Last document ids known again when they come twice, for all files; 0: none; at most "
     "16000000"},
    {NULL}};

static int number_get(const struct cxd_host *host, struct cxd_bytes doc, const char *name,
                      int64_t low, int64_t high, int64_t *ret_number, struct cxd_error *err)
{
    struct cxd_scalar value = host->doc_get(doc, name);

    if (value.type != CXD_INT || (value.number != 0 && value.number < low) || value.number < 0 ||
        value.number > high) {
        return cxd_error_set(err, CXD_CONFIG, "%s: 0, or %lld to %lld", name, (long long)low,
                             (long long)high);
    }
    *ret_number = value.number;
    return CXD_OK;
}

static int mode_get(struct cxd_bytes text, mode_t *ret_mode, struct cxd_error *err)
{
    unsigned mode = 0;

    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] < '0' || text.ptr[i] > '7' || text.len > 4) {
            mode = 0;
            break;
        }
        mode = mode * 8 + (unsigned)(text.ptr[i] - '0');
    }
    if ((mode & 0600) != 0600 || (mode & ~0666u) != 0) {
        return cxd_error_set(err, CXD_CONFIG, "permissions: an octal number from 0600 to 0666");
    }
    *ret_mode = mode;
    return CXD_OK;
}

static int sync_get(struct cxd_bytes text, enum stream_sync *ret_sync, struct cxd_error *err)
{
    static const char *const names[] = {"batch", "interval", "none"};

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (strlen(names[i]) == text.len && memcmp(names[i], text.ptr, text.len) == 0) {
            *ret_sync = (enum stream_sync)i;
            return CXD_OK;
        }
    }
    return cxd_error_set(err, CXD_CONFIG, "sync: batch, interval or none");
}

static int rules_read(const struct cxd_host *host, struct cxd_bytes doc,
                      struct stream_rules *ret_rules, struct cxd_error *err)
{
    struct stream_rules rules = {0};
    int64_t rotate = 0;
    int64_t files = 0;
    int64_t ids = 0;
    int r = mode_get(host->doc_get(doc, "permissions").bytes, &rules.mode, err);

    if (r == CXD_OK) {
        r = sync_get(host->doc_get(doc, "sync").bytes, &rules.sync, err);
    }
    if (r == CXD_OK) {
        r = number_get(host, doc, "sync_interval", 10, 3600000, &rules.sync_interval_ms, err);
    }
    if (r == CXD_OK) {
        r = number_get(host, doc, "rotate_every_size", 65536, INT64_C(1) << 39, &rotate, err);
    }
    if (r == CXD_OK) {
        r = number_get(host, doc, "number_of_files", 2, 100000, &files, err);
    }
    if (r == CXD_OK) {
        r = number_get(host, doc, "remember_ids", 1, 16000000, &ids, err);
    }
    if (r != CXD_OK) {
        return r;
    }
    rules.with_metadata = host->doc_get(doc, "metadata").number != 0;
    rules.rotate_size = (uint64_t)rotate;
    rules.files_max = (uint32_t)files;
    rules.remember_count = (uint32_t)ids;
    *ret_rules = rules;
    return CXD_OK;
}

static void file_close(void *instance)
{
    struct instance *self = instance;

    folder_done(&self->folder);
    self->host->free(self->self, self);
}

static int file_open_instance(const struct cxd_host *host, struct cxd_self *self,
                              struct cxd_bytes doc, void **ret_instance, struct cxd_error *err)
{
    struct stream_rules rules;
    struct cxd_scalar path = host->doc_get(doc, "path");
    struct instance *instance;
    int r = rules_read(host, doc, &rules, err);

    if (r != CXD_OK) {
        return r;
    }
    if (path.type != CXD_TEXT || memchr(path.bytes.ptr, '\0', path.bytes.len) != NULL) {
        return cxd_error_set(err, CXD_CONFIG, "path: the name of a folder");
    }
    instance = host->alloc(self, sizeof *instance);
    if (instance == NULL) {
        return cxd_error_set(err, CXD_NOMEM, "out of memory opening the file output");
    }
    instance->host = host;
    instance->self = self;
    r = folder_open(&instance->folder, host, self, &rules, path.bytes.ptr, err);
    if (r != CXD_OK) {
        file_close(instance);
        return r;
    }
    *ret_instance = instance;
    return CXD_OK;
}

static int file_send(void *instance, const struct cxd_batch *batch, struct cxd_outcome *outcomes,
                     struct cxd_error *err)
{
    return folder_send(&((struct instance *)instance)->folder, batch, outcomes, err);
}

static const struct cxd_output_ops ops = {
    .size = sizeof ops, .open = file_open_instance, .send = file_send, .close = file_close};

static const struct cxd_module module = {CXD_MODULE_HEAD,
                                         .kind = CXD_OUTPUT,
                                         .name = "file",
                                         .version = "1.0.0",
                                         .summary = "JSON lines, one file for each data stream",
                                         .options = options,
                                         .ops = &ops};

CXD_MODULE_ENTRY(module)
