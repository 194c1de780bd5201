/* told.c: see the header. */
#include "front/try/told.h"

#include "base/redact.h"
#include "front/command.h"
#include "front/watch/report.h"

#include <stdio.h>
#include <string.h>

#define LINE_MAX_BYTES (64u << 20)

int told_text(struct buf *out, const char *key, const char *text)
{
    char last = out->len > 0 ? out->ptr[out->len - 1] : '{';
    int r = last == '{' || last == '[' ? CXD_OK : buf_add_text(out, ",");

    r = r != CXD_OK ? r : buf_add_format(out, "\"%s\":", key);
    if (r == CXD_OK) {
        r = text != NULL ? report_text(out, text) : buf_add_text(out, "null");
    }
    return r;
}

int told_print(struct buf *line, int status)
{
    int r = status != CXD_OK ? status : buf_add_text(line, "\n");
    int is_printed = 0;

    if (r == CXD_OK) {
        redact_text(line->ptr, line->len);
        is_printed = fwrite(line->ptr, 1, line->len, stdout) == line->len && fflush(stdout) == 0;
    } else {
        command_complain("out of memory");
    }
    buf_done(line);
    return is_printed ? EXIT_OK : EXIT_PROBLEM;
}

static int stream_tell(struct buf *out, const struct plan_stream *s)
{
    int r = buf_add_text(out, out->ptr[out->len - 1] == '[' ? "{" : ",{");

    r = r != CXD_OK ? r : told_text(out, "id", s->id);
    r = r != CXD_OK ? r : told_text(out, "type", s->type);
    r = r != CXD_OK ? r : told_text(out, "index", s->index);
    r = r != CXD_OK ? r : told_text(out, "output", s->output->name);
    r = r != CXD_OK ? r : told_text(out, "mapping", s->mapping);
    return r != CXD_OK ? r : buf_add_text(out, "}");
}

static int output_tell(struct buf *out, const struct plan_output *o)
{
    int r = buf_add_text(out, out->ptr[out->len - 1] == '[' ? "{" : ",{");

    r = r != CXD_OK ? r : told_text(out, "name", o->name);
    r = r != CXD_OK ? r : told_text(out, "type", o->type);
    return r != CXD_OK ? r : buf_add_format(out, ",\"used\":%s}", o->is_used ? "true" : "false");
}

int told_plan(const struct plan *plan)
{
    struct buf line;
    int r;

    buf_init(&line, LINE_MAX_BYTES);
    r = buf_add_text(&line, "{\"ok\":true,\"streams\":[");
    for (const struct plan_stream *s = plan->streams; s != NULL && r == CXD_OK; s = s->next) {
        r = stream_tell(&line, s);
    }
    r = r != CXD_OK ? r : buf_add_text(&line, "],\"outputs\":[");
    for (const struct plan_output *o = plan->outputs; o != NULL && r == CXD_OK; o = o->next) {
        r = output_tell(&line, o);
    }
    return told_print(&line, r != CXD_OK ? r : buf_add_text(&line, "]}"));
}

int told_error(const struct cxd_error *err)
{
    struct buf line;
    int r;

    buf_init(&line, LINE_MAX_BYTES);
    r = buf_add_text(&line, "{\"ok\":false");
    r = r != CXD_OK ? r : told_text(&line, "error", err->text);
    (void)told_print(&line, r != CXD_OK ? r : buf_add_text(&line, "}"));
    return EXIT_PROBLEM;
}
