/*
 * strict.c: json-c 0.18, asked to be strict, takes every byte above 127 for a control character (where char is signed), and
 * older ones look at the bits of UTF-8 only. So the bytes are checked here by definition, and json-c gets a question mark for
 * each: inside a string that is as good, outside as wrong. A NUL, which would end the text for json-c, is refused here too.
 */
#include "strict.h"

#include <json-c/json.h>
#include <stdint.h>
#include <stdlib.h>

#include "../unit/base/utf8_rule.h"

static bool strict_mask(const char *text, size_t len, char *out)
{
    for (size_t i = 0; i < len;) {
        size_t step = utf8_by_rule((const unsigned char *)text + i, len - i);
        if (!step || !text[i]) {
            return false;
        }
        for (size_t end = i + step; i < end; i++) {
            out[i] = step > 1 ? '?' : text[i];
        }
    }
    return true;
}

bool strict_is_json(const char *text, size_t len, int depth)
{
    char *masked = len < INT32_MAX ? malloc(len + 1) : NULL;
    struct json_tokener *tokener = json_tokener_new_ex(depth);
    bool ok = masked && tokener && strict_mask(text, len, masked);
    if (ok) {
        masked[len] = '\0'; /* tells json-c that a number at the end is complete */
        json_tokener_set_flags(tokener, JSON_TOKENER_STRICT);
        json_object_put(json_tokener_parse_ex(tokener, masked, (int)len + 1));
        ok = json_tokener_get_error(tokener) == json_tokener_success;
    }
    if (tokener) {
        json_tokener_free(tokener);
    }
    free(masked);
    return ok;
}
