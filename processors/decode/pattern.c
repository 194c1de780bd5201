/* pattern.c: see the header. */
#include "pattern.h"

#include <string.h>

static bool digits_take(struct cxd_bytes *rest, char mark, unsigned *ret_number)
{
    size_t digits = 0;

    while (digits < 3 && digits < rest->len && rest->ptr[rest->len - 1 - digits] >= '0' &&
           rest->ptr[rest->len - 1 - digits] <= '9') {
        digits++;
    }
    if (digits == 0 || digits > 2 || rest->len <= digits + 1 ||
        rest->ptr[rest->len - 1 - digits] != mark) {
        return false;
    }
    *ret_number = 0;
    for (size_t i = 0; i < digits; i++) {
        *ret_number = *ret_number * 10 + (unsigned)(rest->ptr[rest->len - digits + i] - '0');
    }
    rest->len -= digits + 1;
    return true;
}

/* key/order#length->|type, from its end */
static const char *suffixes_read(struct cxd_bytes *rest, struct pattern_key *key)
{
    const char *bar = memchr(rest->ptr, '|', rest->len);

    if (bar != NULL) {
        key->type = (struct cxd_bytes){bar + 1, rest->len - (size_t)(bar + 1 - rest->ptr)};
        rest->len = (size_t)(bar - rest->ptr);
        if (key->type.len == 0) {
            return "a type is missing behind |";
        }
    }
    if (rest->len >= 2 && memcmp(rest->ptr + rest->len - 2, "->", 2) == 0) {
        key->is_greedy = true;
        rest->len -= 2;
    }
    if (digits_take(rest, '#', &key->length) && key->length == 0) {
        return "a length of 0";
    }
    (void)digits_take(rest, '/', &key->order);
    return NULL;
}

static const char *key_read(struct cxd_bytes text, struct pattern_key *key)
{
    static const char marks[] = "?*+&";
    static const enum pattern_use uses[] = {PATTERN_NAMED, PATTERN_NAMED, PATTERN_APPEND,
                                            PATTERN_INDIRECT};
    const char *why = suffixes_read(&text, key);
    const char *mark;

    if (why != NULL) {
        return why;
    }
    key->use = text.len == 0 ? PATTERN_SKIP : PATTERN_FIELD;
    mark = text.len > 0 ? memchr(marks, text.ptr[0], sizeof marks - 1) : NULL;
    if (mark != NULL) {
        key->use = uses[mark - marks];
        text = (struct cxd_bytes){text.ptr + 1, text.len - 1};
        if (text.len > 0 && (text.ptr[0] == '&' || text.ptr[0] == '+')) {
            return "+ and & cannot be one key's";
        }
        if (text.len == 0 && key->use != PATTERN_NAMED) {
            return "a key without a name";
        }
        key->use = text.len == 0 ? PATTERN_SKIP : key->use;
    }
    key->name = text;
    return NULL;
}

static bool is_named(const struct pattern_key *key, struct cxd_bytes name)
{
    return key->name.len == name.len && memcmp(key->name.ptr, name.ptr, name.len) == 0;
}

/* What & asks for must have been seen by ? or *. */
static const char *references_check(const struct pattern *p)
{
    for (uint32_t i = 0; i < p->count; i++) {
        bool is_there = p->keys[i].use != PATTERN_INDIRECT;
        for (uint32_t j = 0; j < p->count && !is_there; j++) {
            is_there = p->keys[j].use == PATTERN_NAMED && is_named(&p->keys[j], p->keys[i].name);
        }
        if (!is_there) {
            return "& names a key that neither ? nor * has";
        }
    }
    return NULL;
}

/* By order, and by place where that is the same. */
static void order_make(struct pattern *p)
{
    for (uint32_t i = 0; i < p->count; i++) {
        uint32_t at = i;
        while (at > 0 && p->keys[p->order[at - 1]].order > p->keys[i].order) {
            p->order[at] = p->order[at - 1];
            at--;
        }
        p->order[at] = i;
    }
}

/* The next "%{", or NULL. */
static const char *key_find(const char *at, const char *end)
{
    return at < end ? memmem(at, (size_t)(end - at), "%{", 2) : NULL;
}

const char *pattern_read(struct cxd_bytes text, struct pattern *ret_pattern)
{
    const char *end = text.ptr + text.len;
    const char *at = text.ptr;
    const char *start;

    if (text.len > PATTERN_MAX_LEN) {
        return "longer than 8 KiB";
    }
    *ret_pattern = (struct pattern){.count = 0};
    while ((start = key_find(at, end)) != NULL) {
        struct pattern_key *key = &ret_pattern->keys[ret_pattern->count];
        const char *close = memchr(start, '}', (size_t)(end - start));
        const char *why;
        if (close == NULL) {
            break; /* no key then, but text */
        }
        if (ret_pattern->count == PATTERN_KEYS_MAX) {
            return "more than 128 keys";
        }
        *key = (struct pattern_key){.before = {at, (size_t)(start - at)}};
        why = key_read((struct cxd_bytes){start + 2, (size_t)(close - start - 2)}, key);
        if (why != NULL) {
            return why;
        }
        ret_pattern->count++;
        at = close + 1;
    }
    if (ret_pattern->count == 0) {
        return "no key in it (%{name})";
    }
    ret_pattern->after = (struct cxd_bytes){at, (size_t)(end - at)};
    ret_pattern->has_after = at < end;
    order_make(ret_pattern);
    return references_check(ret_pattern);
}

/* Offset of needle at or behind from, or SIZE_MAX. */
static size_t text_find(struct cxd_bytes text, size_t from, struct cxd_bytes needle)
{
    const char *hit = needle.len == 0
                          ? text.ptr + from
                          : memmem(text.ptr + from, text.len - from, needle.ptr, needle.len);

    return hit != NULL ? (size_t)(hit - text.ptr) : SIZE_MAX;
}

static bool is_at(struct cxd_bytes text, size_t at, struct cxd_bytes part)
{
    return text.len - at >= part.len && memcmp(text.ptr + at, part.ptr, part.len) == 0;
}

/* One key that text follows: its value, and *at behind that text. */
static bool key_match(const struct pattern_key *key, struct cxd_bytes next, struct cxd_bytes text,
                      size_t *at, struct cxd_bytes *ret_value)
{
    size_t end = key->length > 0 ? *at + key->length : text_find(text, *at, next);

    if (end == SIZE_MAX || end > text.len || !is_at(text, end, next)) {
        return false;
    }
    *ret_value = (struct cxd_bytes){text.ptr + *at, end - *at};
    *at = end + next.len;
    while (key->is_greedy && next.len > 0 && is_at(text, *at, next)) {
        *at += next.len;
    }
    return true;
}

bool pattern_match(const struct pattern *pattern, struct cxd_bytes text,
                   struct cxd_bytes values[PATTERN_KEYS_MAX])
{
    size_t at = pattern->keys[0].before.len;

    if (text.len == 0 || !is_at(text, 0, pattern->keys[0].before)) {
        return false;
    }
    for (uint32_t i = 0; i < pattern->count; i++) {
        const struct pattern_key *key = &pattern->keys[i];
        bool is_last = i + 1 == pattern->count;
        if (is_last && !pattern->has_after) {
            values[i] = (struct cxd_bytes){text.ptr + at, text.len - at};
            return key->length == 0 || key->length == text.len - at;
        }
        if (!key_match(key, is_last ? pattern->after : pattern->keys[i + 1].before, text, &at,
                       &values[i])) {
            return false;
        }
    }
    return true;
}
