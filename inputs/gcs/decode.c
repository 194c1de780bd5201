/*
 * decode.c: lines and array elements, found without parsing them.
 *
 * Knows where a record begins and ends; whether it is JSON is the scanner's business. Every byte is looked at once, wherever
 * the stream is cut into pieces. Pure; any thread.
 */
#include "decode.h"

#include <string.h>

void decode_init(struct decode *d, size_t max, int64_t offset, int64_t line, enum decode_form form)
{
    *d = (struct decode){.max = max, .offset = offset, .line = line, .form = (uint8_t)form};
    if (form == DECODE_LINE_REST) {
        d->form = DECODE_LINES;
        d->skipping = true;
    }
}

bool decode_place(const struct decode *d, enum decode_form *ret_form)
{
    if (d->skipping && d->form != DECODE_LINES) {
        return false;
    }
    *ret_form = d->skipping ? DECODE_LINE_REST : (enum decode_form)d->form;
    return true;
}

static bool decode_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Moves over bytes that are dealt with. */
static void decode_consume(struct decode *d, struct cxd_bytes *in, size_t len)
{
    in->ptr += len;
    in->len -= len;
    d->offset += (int64_t)len;
    d->scanned = 0;
}

/* Blanks between records; counts their lines. */
static void decode_skip_blanks(struct decode *d, struct cxd_bytes *in)
{
    size_t len = 0;

    while (len < in->len && decode_blank(in->ptr[len])) {
        d->line += in->ptr[len] == '\n';
        len++;
    }
    decode_consume(d, in, len);
}

/* True when `form` is known now. */
static bool decode_sniff(struct decode *d, struct cxd_bytes *in, bool at_end)
{
    static const char bom[] = "\xEF\xBB\xBF";

    if (d->offset == 0) {
        size_t len = in->len < 3 ? in->len : 3;

        if (len > 0 && memcmp(in->ptr, bom, len) == 0) {
            if (len < 3 && !at_end) {
                return false;
            }
            decode_consume(d, in, len == 3 ? len : 0);
        }
    }
    decode_skip_blanks(d, in);
    if (in->len == 0) {
        return false;
    }
    if (in->ptr[0] == '[') {
        d->form = DECODE_ARRAY;
        decode_consume(d, in, 1);
    } else {
        d->form = DECODE_LINES;
    }
    return true;
}

/* Over the limit and no end in sight: the head is the record, what is here is dropped and so is the rest to its end. */
static enum decode_result decode_cut(struct decode *d, struct cxd_bytes *in,
                                     struct decode_record *ret)
{
    ret->text = (struct cxd_bytes){in->ptr, in->len < DECODE_HEAD ? in->len : DECODE_HEAD};
    ret->offset = d->offset;
    ret->line = d->line;
    d->skipping = true;
    d->line += d->newlines;
    d->newlines = 0;
    decode_consume(d, in, in->len);
    return DECODE_TOO_LARGE;
}

/*
 * A line that is whole: `len` bytes, then `end` bytes of line end. True when there is something to give. Over the limit that is
 * so for blanks, too: in pieces they would have been refused before their end was seen.
 */
static bool decode_line_take(struct decode *d, struct cxd_bytes *in, size_t len, size_t end,
                             struct decode_record *ret)
{
    const char *start = in->ptr;
    bool skipped = d->skipping;
    bool over = len > d->max;
    size_t blank = 0;

    ret->offset = d->offset;
    ret->line = d->line;
    decode_consume(d, in, len + end);
    d->line += (int64_t)end;
    d->skipping = false;
    while (len > 0 && start[len - 1] == '\r') {
        len--;
    }
    while (blank < len && decode_blank(start[blank])) {
        blank++;
    }
    ret->text = (struct cxd_bytes){start, len};
    return !skipped && (over || blank < len);
}

static enum decode_result decode_lines(struct decode *d, struct cxd_bytes *in, bool at_end,
                                       struct decode_record *ret)
{
    for (;;) {
        const char *end = NULL;
        size_t len = in->len;

        if (len > d->scanned) {
            end = memchr(in->ptr + d->scanned, '\n', len - d->scanned);
        }
        if (end != NULL) {
            len = (size_t)(end - in->ptr);
        } else if (!at_end) {
            if (d->skipping) {
                decode_consume(d, in, len);
            } else if (len > d->max) {
                return decode_cut(d, in, ret);
            } else {
                d->scanned = len;
            }
            return DECODE_MORE;
        } else if (len == 0) {
            return DECODE_END;
        }
        if (decode_line_take(d, in, len, end != NULL, ret)) {
            if (len <= d->max) {
                return DECODE_RECORD;
            }
            ret->text.len = ret->text.len < DECODE_HEAD ? ret->text.len : DECODE_HEAD;
            return DECODE_TOO_LARGE;
        }
    }
}

/* One byte inside an element. True when the element ends before it (scalars) or with it (*ret_with). */
static bool decode_element_byte(struct decode *d, char c, bool *ret_with)
{
    *ret_with = true;
    if (d->text) {
        if (d->escape) {
            d->escape = false;
        } else if (c == '\\') {
            d->escape = true;
        } else if (c == '"') {
            d->text = false;
        }
        return false;
    }
    if (c == '"') {
        d->text = true;
    } else if (c == '{' || c == '[') {
        d->depth++;
    } else if (d->depth > 0 && (c == '}' || c == ']')) {
        d->depth--;
        return d->depth == 0;
    } else if (d->depth == 0 && (c == ',' || c == ']' || decode_blank(c))) {
        *ret_with = false;
        return true;
    }
    return false;
}

/* Finds the end of the element that in->ptr is in: *ret_len bytes, none when the skipped one ends right here. False: beyond. */
static bool decode_element_end(struct decode *d, const struct cxd_bytes *in, size_t *ret_len)
{
    while (d->scanned < in->len) {
        char c = in->ptr[d->scanned];
        bool with;

        if (decode_element_byte(d, c, &with)) {
            *ret_len = d->scanned + with;
            return true;
        }
        d->newlines += c == '\n';
        d->scanned++;
    }
    *ret_len =
        in->len; /* at the end a torn element is given as it is: refused with its reason, not lost */
    return false;
}

/* The element that ends after `len` bytes. True when there is something to give. */
static bool decode_element_take(struct decode *d, struct cxd_bytes *in, size_t len,
                                struct decode_record *ret)
{
    bool skipped = d->skipping;

    ret->text = (struct cxd_bytes){in->ptr, len};
    ret->offset = d->offset;
    ret->line = d->line;
    decode_consume(d, in, len);
    d->line += d->newlines;
    d->newlines = 0;
    d->depth = 0;
    d->inside = d->text = d->escape = d->skipping = false;
    return !skipped;
}

/* To the first byte of the next element. False: the array ended, or the bytes did. */
static bool decode_between(struct decode *d, struct cxd_bytes *in)
{
    for (;;) {
        decode_skip_blanks(d, in);
        if (in->len == 0) {
            return false;
        }
        if (in->ptr[0] == ']') {
            decode_consume(d, in, 1);
            d->form = DECODE_UNKNOWN;
            return false;
        }
        if (in->ptr[0] != ',') {
            d->inside = true;
            return true;
        }
        decode_consume(d, in, 1);
    }
}

static enum decode_result decode_array(struct decode *d, struct cxd_bytes *in, bool at_end,
                                       struct decode_record *ret)
{
    for (;;) {
        size_t len;

        if (!d->inside && !decode_between(d, in)) {
            return d->form != DECODE_ARRAY ? DECODE_MORE : at_end ? DECODE_END : DECODE_MORE;
        }
        if (!decode_element_end(d, in, &len) && !at_end) {
            if (d->skipping) {
                d->line += d->newlines;
                d->newlines = 0;
                decode_consume(d, in, in->len);
            } else if (in->len > d->max) {
                return decode_cut(d, in, ret);
            }
            return DECODE_MORE;
        }
        if (decode_element_take(d, in, len, ret)) {
            if (len <= d->max) {
                return DECODE_RECORD;
            }
            ret->text.len = ret->text.len < DECODE_HEAD ? ret->text.len : DECODE_HEAD;
            return DECODE_TOO_LARGE;
        }
    }
}

enum decode_result decode_next(struct decode *d, struct cxd_bytes *in, bool at_end,
                               struct decode_record *ret_record)
{
    for (;;) {
        enum decode_result result;

        if (d->form == DECODE_UNKNOWN && !decode_sniff(d, in, at_end)) {
            return at_end ? DECODE_END : DECODE_MORE;
        }
        if (d->form == DECODE_LINES) {
            return decode_lines(d, in, at_end, ret_record);
        }
        result = decode_array(d, in, at_end, ret_record);
        if (d->form != DECODE_UNKNOWN || result != DECODE_MORE) {
            return result;
        }
    }
}
