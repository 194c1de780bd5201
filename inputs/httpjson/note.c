/* note.c: see the header. Thread: any. */
#include "note.h"

#include <stdarg.h>
#include <stdio.h>

void note_line(const struct heap *h, int level, const char *format, ...)
{
    char line[700];
    va_list args;
    int len;

    if (!h->host->is_logged(h->self, level)) {
        return;
    }
    va_start(args, format);
    len = vsnprintf(line, sizeof line, format, args); /* a cut line is still a line */
    va_end(args);
    if (len > 0) {
        h->host->log(h->self, level, line,
                     (size_t)len < sizeof line ? (size_t)len : sizeof line - 1);
    }
}
