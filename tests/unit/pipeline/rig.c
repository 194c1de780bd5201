/* rig.c: see the header. */
#include "rig.h"

#include "base/arena.h"
#include "base/scan.h"
#include "io/doc.h"
#include "pipeline/bind.h"

#include <ftw.h>
#include <sys/stat.h>

void folder_make(char out[64])
{
    (void)snprintf(out, 64, "/tmp/cortexd-pipeline.XXXXXX");
    assert_non_null(mkdtemp(out));
}

static int entry_remove(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
    (void)st;
    (void)flag;
    (void)ftw;
    return remove(path);
}

void folder_remove(const char *folder)
{
    (void)nftw(folder, entry_remove, 8, FTW_DEPTH | FTW_PHYS);
}

char *file_slurp(const char *folder, const char *name, size_t *ret_len)
{
    char path[256];
    struct stat st;
    char *text;
    FILE *file;

    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    file = fopen(path, "rb");
    if (file == NULL) {
        return NULL;
    }
    assert_int_equal(fstat(fileno(file), &st), 0);
    text = malloc((size_t)st.st_size + 1);
    assert_non_null(text);
    assert_int_equal(fread(text, 1, (size_t)st.st_size, file), st.st_size);
    text[st.st_size] = '\0';
    (void)fclose(file);
    if (ret_len != NULL) {
        *ret_len = (size_t)st.st_size;
    }
    return text;
}

size_t lines_count(const char *text)
{
    size_t count = 0;

    for (; (text = strchr(text, '\n')) != NULL; text++) {
        count++;
    }
    return count;
}

void json_lines_check(const char *text, size_t len)
{
    const char *end = text + len;

    while (text < end) {
        const char *newline = memchr(text, '\n', (size_t)(end - text));
        struct cxd_value value;
        struct scan_fault fault;
        assert_non_null(newline);
        assert_int_equal(
            scan_value((struct cxd_bytes){text, (size_t)(newline - text)}, &value, &fault), CXD_OK);
        assert_int_equal(value.kind, CXD_KIND_OBJECT);
        text = newline + 1;
    }
}

void rig_open(struct rig *rig, const struct rig_spec *spec)
{
    static const struct rig_spec usual = {
        .queue_bytes = 1 << 20, .batch_bytes = 4096, .dead_bytes = 1 << 20};
    struct cxd_error err = CXD_ERROR_INIT;
    struct intake_spec intake = {.stream = "stream-1",
                                 .index = CXD_LIT("logs-test.thing-default"),
                                 .message_max = 1 << 20,
                                 .unit = &rig->stream,
                                 .stopping = &rig->stopping};
    struct intake_links links = {0};

    spec = spec != NULL ? spec : &usual;
    memset(rig, 0, sizeof *rig);
    folder_make(rig->folder);
    rig->host = bind_host();
    unit_init(&rig->stream, "stream-1", "inputs.fake");
    unit_init(&rig->output, "default", "outputs.fake");
    rig->queue = queue_new(spec->queue_bytes, spec->batch_bytes);
    assert_non_null(rig->queue);
    assert_int_equal(dead_open(rig->folder, spec->dead_bytes, &rig->dead, &err), CXD_OK);
    assert_int_equal(registry_open(rig->folder, 5, rig->dead, &rig->registry, &err), CXD_OK);
    rig->track = track_new("stream-1", rig->registry);
    assert_non_null(rig->track);
    intake.queue = rig->queue;
    intake.is_message_kept = spec->is_message_kept;
    intake.is_null_kept = spec->is_null_kept;
    intake.dated = spec->dated;
    intake.pipeline = spec->pipeline;
    links.laid = spec->laid;
    assert_int_equal(intake_open(&intake, rig->host, &rig->intake, &err), CXD_OK);
    links.track = rig->track;
    links.dead = rig->dead;
    intake_link(rig->intake, &links);
    rig->self = (struct cxd_self){.subject = "inputs.fake",
                                  .stopping = &rig->stopping,
                                  .ops = &intake_self_ops,
                                  .owner = rig->intake};
}

void rig_close(struct rig *rig)
{
    intake_close(rig->intake);
    track_free(rig->track);
    queue_free(rig->queue);
    registry_close(rig->registry);
    dead_close(rig->dead);
    unit_done(&rig->stream);
    unit_done(&rig->output);
    folder_remove(rig->folder);
}

int rig_emit(struct rig *rig, const char *record)
{
    struct cxd_event *ev = NULL;
    struct cxd_error err = CXD_ERROR_INIT;
    int r = rig->host->event_new(&rig->self, &ev, &err);

    if (r != CXD_OK) {
        return r;
    }
    rig->host->event_set_message(ev, (struct cxd_bytes){record, strlen(record)});
    return rig->host->emit(&rig->self, ev, &err);
}

struct cxd_bytes cursor_make(int64_t number)
{
    static _Thread_local char bytes[64];
    struct cxd_builder *b = doc_new();
    struct cxd_scalar n = doc_int(number);
    struct cxd_bytes doc;

    assert_non_null(b);
    assert_int_equal(doc_put(b, "n", &n), CXD_OK);
    doc = doc_bytes(b);
    assert_true(doc.len <= sizeof bytes);
    memcpy(bytes, doc.ptr, doc.len);
    doc_free(b);
    return (struct cxd_bytes){bytes, doc.len};
}

int64_t cursor_number(struct cxd_bytes cursor)
{
    return cursor.len > 0 ? doc_get(cursor, "n").number : -1;
}

int rig_mark(struct rig *rig, int64_t number)
{
    struct cxd_error err = CXD_ERROR_INIT;

    return rig->host->mark(&rig->self, cursor_make(number), &err);
}

int64_t rig_cursor(struct rig *rig)
{
    struct cxd_bytes cursor = {NULL, 0};
    int64_t number;

    assert_int_equal(registry_get(rig->registry, "stream-1", &cursor, NULL), CXD_OK);
    number = cursor_number(cursor);
    free((void *)cursor.ptr);
    return number;
}

int64_t rig_count(struct rig *rig, const char *name)
{
    return unit_counter_get(&rig->stream, name);
}
