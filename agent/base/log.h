/*
 * log.h: one line of JSON for a person, with ECS names, on a file descriptor.
 *
 * Whoever decides logs, once; functions that return an error do not. Subject is the room ("inputs.gcs"). Lines pass the
 * redactor. A line equal to the one before it within ten seconds is counted, not written; the count follows. Any thread.
 */
#pragma once

#include "cxd/host.h" /* enum cxd_level */

#include <stddef.h>
#include <stdint.h>

/* Lines above `level` are dropped; fd: where lines go (standard error at the start, level info). */
void log_setup(int fd, int level);
int log_is_on(int level);
void log_line(int level, const char *subject, const char *text, size_t len);
__attribute__((format(printf, 3, 4))) void log_format(int level, const char *subject,
                                                      const char *format, ...);
/* Calls each for the last warnings and errors, the newest first, at most LOG_RECENT_MAX; what it gets is a copy. Any thread. */
enum { LOG_RECENT_MAX = 16 };
struct log_recent {
    int64_t wall_ms;
    int level;
    char subject[64];
    char text[320]; /* cut when it was longer */
};
void log_recent_each(void (*each)(void *owner, const struct log_recent *line), void *owner);
/* Lines that fd did not take. */
uint64_t log_lost(void);
/* Writes the count of a line that was repeated. For the end of the process. */
void log_flush(void);
/* "error", "warn", "info", "debug" to the number; -1 for another word. */
int log_level(const char *word);

/* Arguments are not evaluated when the level is off. */
#define LOG(level, subject, ...)                                                                   \
    do {                                                                                           \
        if (log_is_on(level)) {                                                                    \
            log_format(level, subject, __VA_ARGS__);                                               \
        }                                                                                          \
    } while (0)
