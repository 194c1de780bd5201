/* cast.c: see the header. */
#include "lib/cast.h"

#include "lib/number.h"

#include <arpa/inet.h>
#include <string.h>

#define ADDRESS_MAX 64

static const char *const words[] = {[CAST_INTEGER] = "integer",
                                    [CAST_LONG] = "long",
                                    [CAST_FLOAT] = "float",
                                    [CAST_DOUBLE] = "double",
                                    [CAST_STRING] = "string",
                                    [CAST_BOOLEAN] = "boolean",
                                    [CAST_IP] = "ip"};

enum cast_type cast_find(struct cxd_bytes word)
{
    for (int i = CAST_INTEGER; i <= CAST_IP; i++) {
        if (strlen(words[i]) == word.len && memcmp(words[i], word.ptr, word.len) == 0) {
            return (enum cast_type)i;
        }
    }
    return CAST_NONE;
}

static int number_put(struct edit *e, const char *text, size_t len, struct cxd_value *ret_value)
{
    struct cxd_bytes kept = edit_keep(e, (struct cxd_bytes){text, len});

    if (kept.ptr == NULL) {
        return edit_lack(e);
    }
    *ret_value =
        (struct cxd_value){.ptr = kept.ptr, .len = (uint32_t)kept.len, .kind = CXD_KIND_NUMBER};
    return CXD_OK;
}

/* text: a string's or a number's. */
static int whole_cast(struct edit *e, struct cxd_bytes text, bool is_number, int64_t min,
                      int64_t max, struct cxd_value *ret_value)
{
    char out[NUMBER_TEXT_MAX];
    int64_t number = 0;
    double real = 0;

    if (!number_read_int(text, &number)) {
        /* the doubles around the limits of 64 bits are powers of two: 2^63 itself is outside */
        if (!is_number || !number_read_double(text, &real) || !(real >= -9223372036854775808.0) ||
            !(real < 9223372036854775808.0)) {
            return EDIT_FAILED;
        }
        number = (int64_t)real;
    }
    return number >= min && number <= max
               ? number_put(e, out, number_print_int(number, out), ret_value)
               : EDIT_FAILED;
}

static int real_cast(struct edit *e, enum cast_type type, struct cxd_bytes text,
                     struct cxd_value *ret_value)
{
    char out[NUMBER_TEXT_MAX];
    double number;
    size_t len;

    if (!number_read_double(text, &number)) {
        return EDIT_FAILED;
    }
    len = type == CAST_FLOAT ? number_print_float((float)number, out)
                             : number_print_double(number, out);
    return len > 0 ? number_put(e, out, len, ret_value) : EDIT_FAILED;
}

static bool is_address(struct cxd_bytes text)
{
    unsigned char address[16];
    char copy[ADDRESS_MAX];

    if (text.len >= sizeof copy || memchr(text.ptr, '\0', text.len) != NULL) {
        return false;
    }
    memcpy(copy, text.ptr, text.len);
    copy[text.len] = '\0';
    return inet_pton(AF_INET, copy, address) == 1 || inet_pton(AF_INET6, copy, address) == 1;
}

static int boolean_cast(struct cxd_bytes text, struct cxd_value *ret_value)
{
    bool truth;

    if (!number_read_bool(text, &truth)) {
        return EDIT_FAILED;
    }
    *ret_value = (struct cxd_value){.kind = truth ? CXD_KIND_TRUE : CXD_KIND_FALSE};
    return CXD_OK;
}

static int text_cast(struct edit *e, enum cast_type type, const struct cxd_value *value,
                     struct cxd_bytes text, struct cxd_value *ret_value)
{
    bool is_number = value->kind == CXD_KIND_NUMBER;
    bool is_string = value->kind == CXD_KIND_STRING;

    switch (type) {
    case CAST_INTEGER:
        return whole_cast(e, text, is_number, INT32_MIN, INT32_MAX, ret_value);
    case CAST_LONG:
        return whole_cast(e, text, is_number, INT64_MIN, INT64_MAX, ret_value);
    case CAST_FLOAT:
    case CAST_DOUBLE:
        return real_cast(e, type, text, ret_value);
    case CAST_STRING:
        *ret_value = is_string ? *value : edit_text_value(text);
        return CXD_OK;
    case CAST_BOOLEAN:
        return is_string ? boolean_cast(text, ret_value) : EDIT_FAILED;
    default:
        *ret_value = *value;
        return is_string && is_address(text) ? CXD_OK : EDIT_FAILED;
    }
}

int cast_value(struct edit *e, enum cast_type type, const struct cxd_value *value,
               struct cxd_value *ret_value)
{
    static const struct cxd_bytes truths[] = {{"false", 5}, {"true", 4}};
    struct cxd_bytes text = {value->ptr, value->len};
    bool is_truth = value->kind == CXD_KIND_FALSE || value->kind == CXD_KIND_TRUE;
    int r = CXD_OK;

    if (is_truth && type == CAST_BOOLEAN) {
        *ret_value = *value;
        return CXD_OK;
    }
    if (is_truth && type == CAST_STRING) {
        text = truths[value->kind == CXD_KIND_TRUE];
    } else if (value->kind == CXD_KIND_STRING) {
        r = e->host->value_text(e->event, value, &text);
        r = r == CXD_MALFORMED ? EDIT_FAILED : r;
    } else if (value->kind != CXD_KIND_NUMBER) {
        r = EDIT_FAILED;
    }
    return r != CXD_OK ? r : text_cast(e, type, value, text, ret_value);
}
