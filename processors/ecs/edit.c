/*
 * edit.c: works on texts: hardware addresses, lists out of texts, what is cut off host and user names. Each edit sees a text, or
 * every element of a list of texts; anything else fails.
 */
#include "whole.h"

#include "lower.h"

#include <string.h>

/* Writes the text edited; out has room for twice its length. Returns the length. */
typedef size_t (*edit_fn)(const char *text, size_t len, char *out);

static int edit_value(struct map *map, struct cxd_value *value, edit_fn edit)
{
    struct cxd_bytes text;
    size_t len;
    char *out;

    if (!value_bytes(map, value, &text)) {
        return CXD_NOMEM;
    }
    out = map->host->event_alloc(map->event, 2 * text.len + 1);
    if (out == NULL) {
        return CXD_NOMEM;
    }
    len = edit(text.ptr, text.len, out);
    if (len != text.len || memcmp(out, text.ptr, len) != 0) {
        *value = value_of_text(out, len);
    }
    return CXD_OK;
}

/* All or nothing: what is no text is found before the first edit. */
static int edit_node(struct map *map, const struct ecs_work *work, struct cxd_node *node,
                     const char *type, edit_fn edit)
{
    struct cxd_node single = {.value = node->value};
    bool is_list = node->value.kind == CXD_KIND_LIST;
    struct cxd_node *first;
    int status = is_list ? slot_expand(map, node) : CXD_OK;

    if (status != CXD_OK) {
        return status;
    }
    first = is_list ? node->first : &single;
    for (struct cxd_node *at = first; at != NULL; at = at->next) {
        if (at->value.kind != CXD_KIND_STRING) {
            return verb_fail(map, work, type, "field [%s] is no text, nor a list of texts",
                             verb_name(map, work));
        }
    }
    for (struct cxd_node *at = first; status == CXD_OK && at != NULL; at = at->next) {
        status = edit_value(map, &at->value, edit);
    }
    node->value = is_list ? node->value : single.value;
    return status;
}

/* --- whole texts ----------------------------------------------------------------------------------- */

int edit_wrap(struct map *map, const struct ecs_work *work, struct cxd_node *from)
{
    struct cxd_node *element;

    (void)work;
    if (from->value.kind != CXD_KIND_STRING) {
        return CXD_OK;
    }
    element = slot_node(map);
    if (element == NULL) {
        return CXD_NOMEM;
    }
    element->value = from->value;
    from->value = (struct cxd_value){.kind = CXD_KIND_LIST, .flags = CXD_VALUE_TREE};
    from->first = NULL;
    from->last = NULL;
    slot_link(from, element);
    return CXD_OK;
}

/* At commas, as they stand; empty parts at the end are none. The source stays. */
int edit_split(struct map *map, const struct ecs_work *work, struct cxd_node *from)
{
    struct cxd_node list = {.value = {.kind = CXD_KIND_LIST, .flags = CXD_VALUE_TREE}};
    struct cxd_bytes text;
    size_t at = 0;

    if (from->value.kind != CXD_KIND_STRING) {
        return verb_fail(map, work, "split", "field [%s] is no text", verb_name(map, work));
    }
    if (!value_bytes(map, &from->value, &text)) {
        return CXD_NOMEM;
    }
    while (text.len > 0 && text.ptr[text.len - 1] == ',') {
        text.len--;
    }
    while (at < text.len) {
        const char *comma = memchr(text.ptr + at, ',', text.len - at);
        size_t len = comma != NULL ? (size_t)(comma - text.ptr) - at : text.len - at;
        struct cxd_node *element = slot_node(map);
        if (element == NULL) {
            return CXD_NOMEM;
        }
        element->value = value_of_text(text.ptr + at, len);
        slot_link(&list, element);
        at += len + 1;
    }
    return slot_put_node(map, work->to, &list);
}

static size_t print_lower(const char *text, size_t len, char *out)
{
    return lower_print(text, len, out);
}

int edit_lower(struct map *map, const struct ecs_work *work, struct cxd_node *from)
{
    struct cxd_node copy;
    int status = verb_share(map, from, &copy);

    if (status != CXD_OK) {
        return status;
    }
    if (copy.value.kind != CXD_KIND_STRING && copy.value.kind != CXD_KIND_LIST) {
        return verb_fail(map, work, "lowercase", "field [%s] is no text", verb_name(map, work));
    }
    status = edit_node(map, work, &copy, "lowercase", print_lower);
    return status == CXD_OK ? slot_put_node(map, work->to, &copy) : status;
}

/* --- hardware addresses ------------------------------------------------------------------------------ */

static size_t print_mac(const char *text, size_t len, char *out)
{
    for (size_t i = 0; i < len; i++) {
        char c = text[i];
        if (c == ':' || c == '.') {
            c = '-';
        } else if (c >= 'a' && c <= 'z') {
            c = (char)(c - 'a' + 'A');
        }
        out[i] = c;
    }
    return len;
}

int edit_mac(struct map *map, const struct ecs_work *work, struct cxd_node *from)
{
    return edit_node(map, work, from, "gsub", print_mac);
}

/* --- cuts, line by line ------------------------------------------------------------------------------ */

/* Length of the line end at the start of a text, 0: there is none. Unicode's line ends count. */
static size_t line_end(const char *text, size_t len)
{
    if (text[0] == '\n' || text[0] == '\r') {
        return 1;
    }
    if (len >= 2 && memcmp(text, "\xc2\x85", 2) == 0) {
        return 2;
    }
    if (len >= 3 &&
        (memcmp(text, "\xe2\x80\xa8", 3) == 0 || memcmp(text, "\xe2\x80\xa9", 3) == 0)) {
        return 3;
    }
    return 0;
}

static size_t line_len(const char *text, size_t len)
{
    size_t at = 0;

    while (at < len && line_end(text + at, len - at) == 0) {
        at++;
    }
    return at;
}

/* Copies what a cut leaves of each line, and the line ends. */
static size_t cut_lines(const char *text, size_t len, char *out, bool is_domain)
{
    size_t written = 0;
    size_t at = 0;

    while (at < len) {
        size_t line = line_len(text + at, len - at);
        size_t end = at + line < len ? line_end(text + at + line, len - at - line) : 0;
        const char *front = text + at;
        const char *cut = NULL;
        size_t kept = line;
        if (line > 0) {
            cut = is_domain ? memrchr(front, '\\', line) : memchr(front, ':', line);
        }
        if (cut != NULL && is_domain) {
            kept = line - (size_t)(cut + 1 - front);
            front = cut + 1;
        } else if (cut != NULL) {
            kept = (size_t)(cut - front);
        }
        memcpy(out + written, front, kept);
        memcpy(out + written + kept, text + at + line, end);
        written += kept + end;
        at += line + end;
    }
    return written;
}

static size_t print_host(const char *text, size_t len, char *out)
{
    return cut_lines(text, len, out, false);
}

static size_t print_user(const char *text, size_t len, char *out)
{
    return cut_lines(text, len, out, true);
}

int edit_colon(struct map *map, const struct ecs_work *work, struct cxd_node *from)
{
    return edit_node(map, work, from, "gsub", print_host);
}

int edit_domain(struct map *map, const struct ecs_work *work, struct cxd_node *from)
{
    return edit_node(map, work, from, "gsub", print_user);
}
