/* nearest.h: the option a person most likely meant. */
#pragma once

#include "cxd/option.h"

/* Name within three edits of word, or NULL. */
const char *option_nearest(const struct cxd_option *table, const char *word);
