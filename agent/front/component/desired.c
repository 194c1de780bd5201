/* desired.c: see the header. */
#include "front/component/desired.h"

#include "base/text.h"

#include <stdlib.h>
#include <string.h>

#define FIRST_INPUT_LINE 4

static int unit_order(const void *a, const void *b)
{
    const struct expected_unit *x = a;
    const struct expected_unit *y = b;

    return x->type != y->type ? x->type - y->type : strcmp(x->id, y->id);
}

void desired_complete(struct expected *now, struct expected *before)
{
    if (now->count > 1) {
        qsort(now->units, now->count, sizeof now->units[0], unit_order);
    }
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

static const struct expected_unit *output_find(const struct expected *e, size_t *ret_number)
{
    const struct expected_unit *found = NULL;

    for (size_t i = 0; i < e->count; i++) {
        const struct expected_unit *u = &e->units[i];
        if (u->type == UNIT_OUTPUT && u->has_config && (found == NULL || is_wanted(u, u->type))) {
            found = u;
            *ret_number = i;
        }
    }
    return found;
}

static int output_write(const struct expected_unit *u, struct buf *out)
{
    int r = buf_add_text(out, "\"outputs\":{\"default\":");

    r = r != CXD_OK ? r : buf_add(out, u->source.ptr, u->source.len);
    return r != CXD_OK ? r : buf_add_text(out, "},\n");
}

static int inputs_write(const struct expected *e, const struct desired_options *options,
                        struct buf *out, int *lines)
{
    int line = FIRST_INPUT_LINE;
    int r = CXD_OK;

    for (size_t i = 0; i < e->count && r == CXD_OK; i++) {
        const struct expected_unit *u = &e->units[i];
        if (!is_wanted(u, UNIT_INPUT) ||
            (options->is_left_out != NULL && options->is_left_out(options->owner, u->id))) {
            continue;
        }
        r = line > FIRST_INPUT_LINE ? buf_add_text(out, ",\n") : CXD_OK;
        r = r != CXD_OK ? r : buf_add(out, u->source.ptr, u->source.len);
        lines[i] = line++;
    }
    return r;
}

int desired_write(const struct expected *e, const struct desired_options *options, struct buf *out,
                  int lines[EXPECTED_UNITS_MAX])
{
    size_t number = 0;
    const struct expected_unit *output = output_find(e, &number);
    int r;

    memset(lines, 0, EXPECTED_UNITS_MAX * sizeof lines[0]);
    buf_clear(out);
    if (output == NULL) {
        return CXD_NOT_FOUND;
    }
    lines[number] = DESIRED_OUTPUT_LINE;
    r = buf_add_text(out, "{\"id\":\"" DESIRED_NAME "\",\"revision\":1,\"agent\":{\"path.data\":");
    r = r != CXD_OK ? r : quoted_add(out, options->data_path);
    /* a unit that fails is told as such, and takes none of the others back */
    r = r != CXD_OK ? r
                    : buf_add_format(out,
                                     ",\"policy.probation\":\"0s\",\"logging.level\":\"%s\","
                                     "\"features.fqdn.enabled\":%s},\n",
                                     log_word(e), e->is_fqdn ? "true" : "false");
    r = r != CXD_OK ? r : output_write(output, out);
    r = r != CXD_OK ? r : buf_add_text(out, "\"inputs\":[\n");
    if (r == CXD_OK && is_wanted(output, UNIT_OUTPUT)) {
        r = inputs_write(e, options, out, lines);
    }
    return r != CXD_OK ? r : buf_add_text(out, "]}\n");
}
