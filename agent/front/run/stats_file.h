/* stats_file.h: what a run came to, as one line of JSON in a file: for `run --stats`. */
#pragma once

#include "front/run/agent.h"

/* Complains when it can't be written. seconds: how long the run took. */
void stats_file_write(struct agent *a, const char *path, double seconds);
