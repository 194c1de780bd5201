/* conf_json.c: scalars of a policy as JSON. */
#include "config/conf_json.h"

#include "base/text.h"
#include "config/number.h"

#include <string.h>

int conf_json_text(struct buf *out, const char *ptr, size_t len)
{
    struct cxd_bytes text = {ptr, len};
    int r = buf_reserve(out, text_quote_len(text));

    if (r == CXD_OK) {
        out->len = (size_t)(text_quote_known(text, out->ptr + out->len) - out->ptr);
    }
    return r;
}

static size_t digits_len(const char *text)
{
    return strspn(text, "0123456789");
}

/* -12, 0.50, 18446744073709551616: a decimal that JSON writes in the same way, so it keeps its spelling. */
static int is_json_decimal(const char *text)
{
    const char *at = text + (*text == '-');
    size_t len = digits_len(at);

    if (len == 0 || (*at == '0' && len > 1)) {
        return 0;
    }
    at += len;
    if (*at == '.') {
        len = digits_len(at + 1);
        at += 1 + len;
    }
    return len > 0 && *at == '\0';
}

int conf_json_scalar(struct buf *out, const struct conf *c)
{
    int64_t number;
    double real;

    if (conf_is_null(c)) {
        return buf_add_text(out, "null");
    }
    if (!c->quoted && is_json_decimal(c->text)) {
        return buf_add_text(out, c->text);
    }
    if (!c->quoted && number_int(c->text, &number) == CXD_OK) {
        return buf_add_format(out, "%lld", (long long)number);
    }
    if (!c->quoted && number_double(c->text, &real) == CXD_OK) {
        return buf_add_format(out, "%.17g", real);
    }
    if (!c->quoted && (strcmp(c->text, "true") == 0 || strcmp(c->text, "false") == 0)) {
        return buf_add_text(out, c->text);
    }
    return conf_json_text(out, c->text, c->len);
}
