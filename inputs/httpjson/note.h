/* note.h: lines for a person. Never a secret, a body or a query. */
#pragma once

#include "lib/heap.h"

__attribute__((format(printf, 3, 4))) void note_line(const struct heap *h, int level,
                                                     const char *format, ...);
