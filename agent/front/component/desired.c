/* desired.c: see the header. */
#include "front/component/desired.h"

#include "base/text.h"

#include <string.h>

#define HEAD_LINES 3 /* before the first input */

void desired_complete(struct expected *now, struct expected *before)
{
    for (size_t i = 0; i < now->count; i++) {
        struct expected_unit *u = &now->units[i];
        for (size_t k = 0; k < before->count && !u->has_config; k++) {
            struct expected_unit *old = &before->units[k];
            if (old->type == u->type && old->has_config && strcmp(old->id, u->id) == 0) {
                buf_done(&u->source);
                u->source = old->source;
                u->has_config = 1;
                old->has_config = 0;
                buf_init(&old->source, 0);
            }
        }
    }
}

static int is_wanted(const struct expected_unit *u, int type)
{
    return u->type == type && u->has_config && u->state == STATE_HEALTHY;
}

static int quoted_add(struct buf *out, const char *text)
{
    struct cxd_bytes bytes = {text, strlen(text)};
    int r = buf_reserve(out, text_quote_len(bytes));

    if (r == CXD_OK) {
        out->len = (size_t)(text_quote_known(bytes, out->ptr + out->len) - out->ptr);
    }
    return r;
}

/* The most talkative unit decides: there is one log. */
static const char *log_word(const struct expected *e)
{
    static const char *const words[] = {"error", "warn", "info", "debug", "debug"};
    int level = 0;

    for (size_t i = 0; i < e->count; i++) {
        level = e->units[i].log_level > level && e->units[i].log_level <= 4 ? e->units[i].log_level
                                                                            : level;
    }
    return words[level];
}

static int outputs_write(const struct expected *e, struct buf *out, int *lines)
{
    for (size_t i = 0; i < e->count; i++) {
        if (is_wanted(&e->units[i], UNIT_OUTPUT)) {
            int r = buf_add_text(out, "\"outputs\":{\"default\":");
            r = r != CXD_OK ? r : buf_add(out, e->units[i].source.ptr, e->units[i].source.len);
            lines[i] = HEAD_LINES - 1;
            return r != CXD_OK ? r : buf_add_text(out, "},\n");
        }
    }
    return CXD_NOT_FOUND;
}

static int inputs_write(const struct expected *e, struct buf *out, int *lines)
{
    int line = HEAD_LINES + 1;
    int r = buf_add_text(out, "\"inputs\":[\n");

    for (size_t i = 0; i < e->count && r == CXD_OK; i++) {
        if (is_wanted(&e->units[i], UNIT_INPUT)) {
            r = line > HEAD_LINES + 1 ? buf_add_text(out, ",\n") : CXD_OK;
            r = r != CXD_OK ? r : buf_add(out, e->units[i].source.ptr, e->units[i].source.len);
            lines[i] = line++;
        }
    }
    return r != CXD_OK ? r : buf_add_text(out, "]}\n");
}

int desired_write(const struct expected *e, const char *data_path, struct buf *out,
                  int lines[EXPECTED_UNITS_MAX])
{
    int r;

    memset(lines, 0, EXPECTED_UNITS_MAX * sizeof lines[0]);
    buf_clear(out);
    r = buf_add_text(out, "{\"id\":\"" DESIRED_NAME "\",\"revision\":1,\"agent\":{\"path.data\":");
    r = r != CXD_OK ? r : quoted_add(out, data_path);
    /* a unit that fails is told as such, and takes none of the others back */
    r = r != CXD_OK
            ? r
            : buf_add_format(out, ",\"policy.probation\":\"0s\",\"logging.level\":\"%s\"},\n",
                             log_word(e));
    r = r != CXD_OK ? r : outputs_write(e, out, lines);
    return r != CXD_OK ? r : inputs_write(e, out, lines);
}
