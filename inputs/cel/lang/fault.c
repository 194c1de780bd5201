/* fault.c: places in a source, and how a fault is shown to a person. */
#include "fault.h"

#include <stdio.h>

#define SHOW_BEFORE 60u /* bytes of the line shown before the place */
#define SHOW_AFTER 40u

struct fault_place fault_locate(struct cxd_bytes source, uint32_t at)
{
    struct fault_place place = {1, 1};

    for (size_t i = 0; i < source.len && i < at; i++) {
        if (source.ptr[i] == '\n') {
            place.line++;
            place.column = 1;
        } else if (((unsigned char)source.ptr[i] & 0xc0) != 0x80) {
            place.column++;
        }
    }
    return place;
}

static bool is_inside(char c)
{
    return ((unsigned char)c & 0xc0) == 0x80;
}

/* The part of the line around the place, cut at code points. */
static struct cxd_bytes line_around(struct cxd_bytes source, size_t at, size_t *ret_before)
{
    size_t from = at < source.len ? at : source.len;
    size_t to = from;
    size_t start = from;

    while (start > 0 && source.ptr[start - 1] != '\n' && from - start < SHOW_BEFORE) {
        start--;
    }
    while (start < from && is_inside(source.ptr[start])) {
        start++;
    }
    while (to < source.len && source.ptr[to] != '\n' && source.ptr[to] != '\r' &&
           to - from < SHOW_AFTER) {
        to++;
    }
    while (to > from && to < source.len && is_inside(source.ptr[to])) {
        to--;
    }
    *ret_before = from - start;
    return (struct cxd_bytes){source.ptr + start, to - start};
}

static size_t put(char *out, size_t room, size_t at, char c)
{
    if (at + 1 < room) {
        out[at++] = c;
    }
    return at;
}

void fault_show(struct cxd_bytes source, const struct fault *fault, char *out, size_t room)
{
    struct fault_place place;
    struct cxd_bytes line;
    size_t before = 0;
    size_t at;
    int head;

    if (room == 0) {
        return;
    }
    if (fault->at == FAULT_NOWHERE) {
        (void)snprintf(out, room, "%s", fault->text); /* a cut message is still a message */
        return;
    }
    place = fault_locate(source, fault->at);
    head = snprintf(out, room, "%u:%u: %s\n", place.line, place.column, fault->text);
    at = head < 0 ? 0 : (size_t)head < room ? (size_t)head : room - 1;
    line = line_around(source, fault->at, &before);
    for (size_t i = 0; i < line.len; i++) {
        at = put(out, room, at, line.ptr[i] == '\t' ? ' ' : line.ptr[i]);
    }
    at = put(out, room, at, '\n');
    for (size_t i = 0; i < before; i++) {
        if (!is_inside(line.ptr[i])) {
            at = put(out, room, at, ' ');
        }
    }
    at = put(out, room, at, '^');
    out[at] = '\0';
}
