/* check_play.c: see the header. */
#include "front/module/check_play.h"

#include "base/cleanup.h"
#include "base/status.h"
#include "front/module/check_bed.h"
#include "io/file.h"

#include <stdio.h>
#include <string.h>

#define FILE_MAX ((size_t)64 << 20)
#define LINE_MAX_LEN 200

static const char sample[] =
    "{\"@timestamp\":\"2026-01-31T12:00:00.000Z\",\"message\":\"{\\\"number\\\":7}\"}";

struct play {
    const struct check_order *order;
    const struct cxd_module *module;
    struct cxd_bytes options;
    struct check_bed bed;
    void *instance;
};

static void step(const struct play *p, const char *name)
{
    (void)snprintf(p->order->step, CHECK_STEP_MAX, "%s", name);
}

/* Says what failed; 0, so that `return fail(...)` reads as one thought. */
__attribute__((format(printf, 3, 4))) static int fail(const struct play *p, const char *name,
                                                      const char *format, ...)
{
    char text[600];
    va_list args;

    va_start(args, format);
    (void)vsnprintf(text, sizeof text, format, args);
    va_end(args);
    check_say("failed", name, "%s: %s", p->module->name, text);
    return 0;
}

static int open_it(struct play *p)
{
    const struct cxd_input_ops *in = p->module->ops;
    const struct cxd_processor_ops *proc = p->module->ops;
    const struct cxd_output_ops *out = p->module->ops;
    struct cxd_error err = CXD_ERROR_INIT;
    const struct cxd_host *host = &p->bed.host;
    int r;

    step(p, "open");
    p->instance = NULL;
    if (p->module->kind == CXD_INPUT) {
        r = in->open(host, &p->bed.self, p->options, &p->instance, &err);
    } else if (p->module->kind == CXD_PROCESSOR) {
        r = proc->open(host, &p->bed.self, p->options, &p->instance, &err);
    } else {
        r = out->open(host, &p->bed.self, p->options, &p->instance, &err);
    }
    if (r != CXD_OK && p->order->options == NULL && status_class(r) == CXD_CLASS_CONFIG) {
        check_say("skipped", "open",
                  "%s: its defaults alone do not do (give --options FILE.yml): %s", p->module->name,
                  err.text);
        return 1;
    }
    return r == CXD_OK || fail(p, "open", "status %d: %s", r, err.text);
}

static int close_it(struct play *p)
{
    const struct cxd_input_ops *in = p->module->ops;
    const struct cxd_processor_ops *proc = p->module->ops;
    const struct cxd_output_ops *out = p->module->ops;
    void (*close)(void *) = p->module->kind == CXD_INPUT       ? in->close
                            : p->module->kind == CXD_PROCESSOR ? proc->close
                                                               : out->close;

    step(p, "close");
    if (p->instance != NULL) {
        close(p->instance);
        p->instance = NULL;
    }
    if (check_bed_held() != 0) {
        return fail(p, "close", "%ld of the host's blocks were not given back", check_bed_held());
    }
    return 1;
}

static int polls_run(struct play *p)
{
    static const char *const words[] = {"has more",   "is idle",  "asks for a retry",
                                        "has failed", "finished", "waits"};
    const struct cxd_input_ops *ops = p->module->ops;
    struct cxd_error err = CXD_ERROR_INIT;
    int64_t wait_ms = 0;
    unsigned n = 0;
    int r = CXD_POLL_MORE;

    step(p, "poll");
    for (; n < p->order->polls && r == CXD_POLL_MORE && p->bed.fault[0] == '\0'; n++) {
        r = ops->poll(p->instance, &wait_ms, &err);
    }
    if (r > CXD_POLL_WAITING) {
        return fail(p, "poll", "gave %d, which is none of enum cxd_poll", r);
    }
    if (p->bed.fault[0] != '\0') {
        return fail(p, "poll", "%s", p->bed.fault);
    }
    if ((r < 0 || r == CXD_POLL_RETRY || r == CXD_POLL_FAILED) && err.text[0] == '\0') {
        return fail(p, "poll", "failed without saying why");
    }
    if ((r == CXD_POLL_IDLE || r == CXD_POLL_WAITING) && wait_ms <= 0) {
        return fail(p, "poll", "is idle and asks to be polled again at once: wait_ms is %lld",
                    (long long)wait_ms);
    }
    check_say("ok", "poll", "%s: %u poll%s, %u events, %u rejected, %u cursors; it %s%s%s",
              p->module->name, n, n == 1 ? "" : "s", p->bed.emitted, p->bed.rejected, p->bed.marks,
              words[r < 0 ? CXD_POLL_RETRY : r], err.text[0] != '\0' ? ": " : "", err.text);
    return 1;
}

/* Opens from the cursor that the first round left, as after a restart. */
static int again_run(struct play *p)
{
    const struct cxd_input_ops *ops = p->module->ops;
    struct cxd_error err = CXD_ERROR_INIT;
    size_t len = p->bed.out.len;
    int64_t wait_ms = 0;
    unsigned emitted = p->bed.emitted;

    if (p->bed.marks == 0) {
        return 1;
    }
    if (!open_it(p)) {
        return 0;
    }
    step(p, "again");
    (void)ops->poll(p->instance, &wait_ms, &err);
    p->bed.out.len = len; /* documents are those of the first round */
    if (!close_it(p)) {
        return 0;
    }
    check_say("ok", "again", "%s: opens from its cursor; one poll, %u events", p->module->name,
              p->bed.emitted - emitted);
    return 1;
}

/* One event through a processor. 1: good. */
static int event_run(struct play *p, struct cxd_bytes line, unsigned *kept, unsigned *discarded)
{
    const struct cxd_processor_ops *ops = p->module->ops;
    struct cxd_error err = CXD_ERROR_INIT;
    int r = check_bed_load(&p->bed, line, &err);

    if (r != CXD_OK) {
        return fail(p, "process", "the event is no JSON object: %s", err.text);
    }
    r = ops->process(p->instance, p->bed.event, &err);
    if (r < 0) {
        return fail(p, "process", "status %d: %s", r, err.text);
    }
    if (r > CXD_DISCARD) {
        return fail(p, "process", "gave %d, which is none of enum cxd_verdict", r);
    }
    *kept += r == CXD_KEEP;
    *discarded += r == CXD_DISCARD;
    r = r == CXD_KEEP ? check_bed_take(&p->bed) : CXD_OK;
    return r == CXD_OK || fail(p, "process", "the event cannot be written out (status %d)", r);
}

static int events_run(struct play *p)
{
    _cleanup_(buf_done) struct buf file;
    struct cxd_error err = CXD_ERROR_INIT;
    struct cxd_bytes rest = {sample, sizeof sample - 1};
    unsigned kept = 0;
    unsigned discarded = 0;

    step(p, "process");
    buf_init(&file, FILE_MAX);
    if (p->order->events != NULL) {
        if (file_read(p->order->events, &file, NULL, &err) != CXD_OK) {
            return fail(p, "process", "%s", err.text);
        }
        rest = (struct cxd_bytes){file.ptr, file.len};
    }
    while (rest.len > 0) {
        const char *end = memchr(rest.ptr, '\n', rest.len);
        size_t len = end != NULL ? (size_t)(end - rest.ptr) : rest.len;
        if (len > 0 && !event_run(p, (struct cxd_bytes){rest.ptr, len}, &kept, &discarded)) {
            return 0;
        }
        len += end != NULL;
        rest = (struct cxd_bytes){rest.ptr + len, rest.len - len};
    }
    check_say("ok", "process", "%s: %u kept, %u discarded", p->module->name, kept, discarded);
    return 1;
}

/* The line that begins there, of 200 bytes at most. */
static struct cxd_bytes line_at(const struct buf *text, size_t start)
{
    const char *end;
    size_t len = start < text->len ? text->len - start : 0;

    if (len == 0) {
        return CXD_LIT("nothing");
    }
    end = memchr(text->ptr + start, '\n', len);
    len = end != NULL ? (size_t)(end - text->ptr) - start : len;
    return (struct cxd_bytes){text->ptr + start, len < LINE_MAX_LEN ? len : LINE_MAX_LEN};
}

/* The first line that differs, by its number. */
static int expect_check(struct play *p)
{
    _cleanup_(buf_done) struct buf want;
    struct cxd_error err = CXD_ERROR_INIT;
    const struct buf *got = &p->bed.out;
    size_t at = 0;
    size_t start = 0;
    unsigned line = 1;
    struct cxd_bytes wanted;
    struct cxd_bytes given;

    buf_init(&want, FILE_MAX);
    if (p->order->expect == NULL) {
        return 1;
    }
    if (file_read(p->order->expect, &want, NULL, &err) != CXD_OK) {
        return fail(p, "expect", "%s", err.text);
    }
    for (; at < got->len && at < want.len && got->ptr[at] == want.ptr[at]; at++) {
        if (got->ptr[at] == '\n') {
            line++;
            start = at + 1;
        }
    }
    if (at == got->len && at == want.len) {
        check_say("ok", "expect", "%s: %u documents are as expected", p->module->name, line - 1);
        return 1;
    }
    wanted = line_at(&want, start);
    given = line_at(got, start);
    return fail(p, "expect", "%s:%u: expected %.*s, got %.*s", p->order->expect, line,
                (int)wanted.len, wanted.ptr, (int)given.len, given.ptr);
}

static int work(struct play *p)
{
    if (!open_it(p)) {
        return 0;
    }
    if (p->instance == NULL) {
        return close_it(p); /* skipped, or a module without an instance */
    }
    check_say("ok", "open", "%s: %s", p->module->name,
              p->order->options != NULL ? p->order->options : "with its defaults");
    if (p->module->kind == CXD_INPUT ? !polls_run(p)
                                     : p->module->kind == CXD_PROCESSOR && !events_run(p)) {
        return 0;
    }
    if (!close_it(p)) {
        return 0;
    }
    check_say("ok", "close", "%s: all memory is given back", p->module->name);
    return (p->module->kind != CXD_INPUT || again_run(p)) && expect_check(p);
}

int check_play(const struct check_order *order, const struct cxd_module *module,
               struct cxd_bytes options)
{
    struct play p = {.order = order, .module = module, .options = options};
    int is_good;

    if (check_bed_init(&p.bed, module->name, 0) != CXD_OK || buf_add(&p.bed.out, "", 0) != CXD_OK) {
        return fail(&p, "open", "out of memory");
    }
    is_good = work(&p);
    if (order->has_documents) {
        (void)fwrite(p.bed.out.ptr, 1, p.bed.out.len, stdout);
        (void)fflush(stdout);
    }
    check_bed_done(&p.bed);
    return is_good;
}
