/* format_quote.c: texts as Go constants. Thread: the run's. */
#include "template/format_verb.h"

#include "lib/utf.h"

#include <stdio.h>

static void quote_code(uint32_t code, const char *ptr, size_t len, struct text *out)
{
    static const char from[] = "\a\b\f\n\r\t\v\\\"";
    static const char to[] = "abfnrtv\\\"";
    const char *found = code != 0 && code < 128 ? strchr(from, (int)code) : NULL;
    char room[16];

    if (found != NULL) {
        char pair[2] = {'\\', to[found - from]};

        text_add(out, pair, 2);
    } else if (code == 0xfffd && len == 1) {
        (void)snprintf(room, sizeof room, "\\x%02x", (unsigned char)*ptr);
        text_put(out, room);
    } else if (code < ' ' || code == 0x7f) {
        (void)snprintf(room, sizeof room, "\\x%02x", code);
        text_put(out, room);
    } else if (code == 0xfeff || (code >= 0x80 && code < 0xa0) || code == 0xad) {
        (void)snprintf(room, sizeof room, "\\u%04x", code);
        text_put(out, room);
    } else {
        text_add(out, ptr, len);
    }
}

void verb_quote(const struct verb *v, struct cxd_bytes text, struct text *out)
{
    bool raw = v->sharp && memchr(text.ptr, '`', text.len) == NULL && utf_is_valid(text);

    for (size_t i = 0; i < text.len && raw; i++) {
        raw = (unsigned char)text.ptr[i] >= ' ' || text.ptr[i] == '\t';
    }
    text_put(out, raw ? "`" : "\"");
    if (raw) {
        text_add(out, text.ptr, text.len);
    }
    for (size_t at = 0; at < text.len && !raw && out->status == 0;) {
        uint32_t code;
        size_t step = utf_decode(text.ptr + at, text.len - at, &code);

        quote_code(code, text.ptr + at, step, out);
        at += step;
    }
    text_put(out, raw ? "`" : "\"");
}
