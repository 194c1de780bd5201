/* pretty.h: a JSON text with line breaks and two blanks of indent; values stay byte for byte as they are. Pure. */
#pragma once

#include "cxd/abi.h"

/*
 * Writes the indented text and a final newline to out, at most room bytes; returns its length, which may be more than room
 * (then nothing useful is in out: call again with more). in is valid JSON on one line.
 */
size_t pretty_print(struct cxd_bytes in, char *out, size_t room);
