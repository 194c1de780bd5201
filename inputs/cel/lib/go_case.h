/* go_case.h: simple case mapping, without locale. Pure. */
#pragma once

#include <stdint.h>

uint32_t go_case_lower(uint32_t code);
uint32_t go_case_upper(uint32_t code);
