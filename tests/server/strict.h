#pragma once
/* Is a text JSON as RFC 8259 has it? json-c judges, with UTF-8 judged apart. Any thread. */
#include <stdbool.h>
#include <stddef.h>

/* Depth: of containers, at most. False also without memory. */
bool strict_is_json(const char *text, size_t len, int depth);
