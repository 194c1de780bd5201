/* func_escape.c: html, js, urlquery, base64 and hex. Thread: the run's. */
#include "template/eval.h"

#include "lib/utf.h"
#include "template/query.h"

/* Go's escapers take all arguments together, as print shows them; a single text as it is. */
static bool escape_input(struct call *c, struct cxd_bytes *ret)
{
    struct value v = value_none();
    struct text text;

    if (c->count == 1 && c->args[0].kind == VALUE_STRING) {
        *ret = c->args[0].bytes;
        return true;
    }
    call_text(c, &text);
    if (c->count == 1 && c->args[0].kind == VALUE_NONE) {
        text_put(&text, "<no value>");
    } else {
        format_print(c->run, c->args, c->count, &text);
    }
    if (!call_text_done(c, &text, &v)) {
        return false;
    }
    *ret = v.bytes;
    return true;
}

static bool escape_html(struct call *c, struct value *ret)
{
    static const struct {
        char letter;
        const char *escape;
    } table[] = {{'\0', "\xef\xbf\xbd"}, {'"', "&#34;"}, {'\'', "&#39;"},
                 {'&', "&amp;"},         {'<', "&lt;"},  {'>', "&gt;"}};
    struct cxd_bytes in;
    struct text text;

    if (!escape_input(c, &in)) {
        return false;
    }
    call_text(c, &text);
    for (size_t i = 0; i < in.len && text.status == 0; i++) {
        const char *escape = NULL;

        for (size_t k = 0; k < sizeof table / sizeof table[0] && escape == NULL; k++) {
            escape = in.ptr[i] == table[k].letter ? table[k].escape : NULL;
        }
        text_add(&text, escape != NULL ? escape : in.ptr + i, escape != NULL ? strlen(escape) : 1);
    }
    return call_text_done(c, &text, ret);
}

static void js_code(uint32_t code, const char *ptr, size_t len, struct text *out)
{
    char room[12];

    if (code == '\\' || code == '\'' || code == '"') {
        text_put(out, code == '\\' ? "\\\\" : code == '\'' ? "\\'" : "\\\"");
    } else if (code == '<' || code == '>' || code == '&' || code == '=' || code < ' ') {
        (void)snprintf(room, sizeof room, "\\u%04X", code);
        text_put(out, room);
    } else if (code == 0x7f || (code >= 0x80 && code < 0xa0) || code == 0xad || code == 0xfeff ||
               code == 0x2028 || code == 0x2029) {
        (void)snprintf(room, sizeof room, "\\u%04X", code);
        text_put(out, room);
    } else {
        text_add(out, ptr, len);
    }
}

static bool escape_js(struct call *c, struct value *ret)
{
    struct cxd_bytes in;
    struct text text;

    if (!escape_input(c, &in)) {
        return false;
    }
    call_text(c, &text);
    for (size_t at = 0; at < in.len && text.status == 0;) {
        uint32_t code;
        size_t step = utf_decode(in.ptr + at, in.len - at, &code);

        js_code(code, in.ptr + at, step, &text);
        at += step;
    }
    return call_text_done(c, &text, ret);
}

static bool escape_query(struct call *c, struct value *ret)
{
    struct cxd_bytes in;
    struct text text;

    if (!escape_input(c, &in)) {
        return false;
    }
    call_text(c, &text);
    query_escape(in, &text);
    return call_text_done(c, &text, ret);
}

/* All texts behind each other; region memory unless there is one alone. */
static bool escape_joined(struct call *c, struct cxd_bytes *ret)
{
    struct value v = value_none();
    struct text text;

    if (c->count == 1) {
        *ret = c->args[0].bytes;
        return true;
    }
    call_text(c, &text);
    for (size_t i = 0; i < c->count; i++) {
        text_add(&text, c->args[i].bytes.ptr, c->args[i].bytes.len);
    }
    if (!call_text_done(c, &text, &v)) {
        return false;
    }
    *ret = v.bytes;
    return true;
}

static bool base64_encode(struct call *c, bool padded, struct value *ret)
{
    struct cxd_bytes in;
    size_t room;
    size_t len;
    char *out;

    if (!escape_joined(c, &in)) {
        return false;
    }
    room = in.len / 3 * 4 + 5;
    out = region_alloc(c->scratch, room);
    if (out == NULL) {
        return eval_check_memory(c->eval);
    }
    len = in.len > 0 ? c->heap->host->base64(in.ptr, in.len, 0, out, room) : 0;
    if (len == 0 && in.len > 0) {
        return call_fail(c, CXD_BUG, "base64 failed");
    }
    while (!padded && len > 0 && out[len - 1] == '=') {
        len--;
    }
    *ret = value_string((struct cxd_bytes){out, len});
    return eval_step(c->eval, 1 + len / 1024);
}

static bool escape_base64(struct call *c, struct value *ret)
{
    return base64_encode(c, true, ret);
}
static bool escape_base64_bare(struct call *c, struct value *ret)
{
    return base64_encode(c, false, ret);
}

static int base64_digit(char letter)
{
    static const char letters[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const char *found = letter != '\0' ? strchr(letters, letter) : NULL;

    return found != NULL ? (int)(found - letters) : -1;
}

/* Go's StdEncoding: line ends are skipped, padding must be as it must. False: not base64. */
static bool base64_bytes(struct cxd_bytes in, bool padded, char *out, size_t *ret_len)
{
    uint32_t bits = 0;
    size_t digits = 0;
    size_t pads = 0;
    size_t len = 0;

    for (size_t i = 0; i < in.len; i++) {
        int digit = base64_digit(in.ptr[i]);

        if (in.ptr[i] == '\n' || in.ptr[i] == '\r') {
            continue;
        }
        if (in.ptr[i] == '=' && padded) {
            pads++;
            continue;
        }
        if (digit < 0 || pads > 0) {
            return false;
        }
        bits = bits << 6 | (uint32_t)digit;
        if (++digits % 4 != 1) {
            out[len++] = (char)(bits >> (6 - (digits - 1) % 4 * 2));
        }
    }
    *ret_len = len;
    if (digits % 4 == 1 || pads > 2) {
        return false;
    }
    return padded ? (digits + pads) % 4 == 0 && (pads == 0 || digits % 4 != 0) : true;
}

static bool base64_decode(struct call *c, bool padded, struct value *ret)
{
    struct cxd_bytes in = c->args[0].bytes;
    char *out = region_alloc(c->scratch, in.len + 1);
    size_t len = 0;

    if (out == NULL) {
        return eval_check_memory(c->eval);
    }
    if (!base64_bytes(in, padded, out, &len)) {
        len = 0; /* as the original: what cannot be decoded gives nothing, and so the default */
    }
    *ret = value_string((struct cxd_bytes){out, len});
    return eval_step(c->eval, 1 + in.len / 1024);
}

static bool escape_base64_decode(struct call *c, struct value *ret)
{
    return base64_decode(c, true, ret);
}
static bool escape_base64_decode_bare(struct call *c, struct value *ret)
{
    return base64_decode(c, false, ret);
}

static int hex_value(char letter)
{
    if (letter >= '0' && letter <= '9') {
        return letter - '0';
    }
    letter = (char)(letter | 0x20);
    return letter >= 'a' && letter <= 'f' ? letter - 'a' + 10 : -1;
}

static bool escape_hex_decode(struct call *c, struct value *ret)
{
    struct cxd_bytes in = c->args[0].bytes;
    char *out = region_alloc(c->scratch, in.len / 2 + 1);
    size_t len = 0;

    if (out == NULL) {
        return eval_check_memory(c->eval);
    }
    for (size_t i = 0; i + 1 < in.len && in.len % 2 == 0; i += 2) {
        int high = hex_value(in.ptr[i]);
        int low = hex_value(in.ptr[i + 1]);

        if (high < 0 || low < 0) {
            len = 0;
            break;
        }
        out[len++] = (char)(high << 4 | low);
    }
    *ret = value_string((struct cxd_bytes){out, len});
    return eval_step(c->eval, 1 + in.len / 1024);
}

const struct func func_escape[] = {
    {"html", escape_html, "a", 1, true},
    {"js", escape_js, "a", 1, true},
    {"urlquery", escape_query, "a", 1, true},
    {"urlEncode", escape_query, "s", 1, false},
    {"base64Encode", escape_base64, "s", 1, true},
    {"base64EncodeNoPad", escape_base64_bare, "s", 1, true},
    {"base64Decode", escape_base64_decode, "s", 1, false},
    {"base64DecodeNoPad", escape_base64_decode_bare, "s", 1, false},
    {"hexDecode", escape_hex_decode, "s", 1, false},
    {NULL, NULL, NULL, 0, false},
};
