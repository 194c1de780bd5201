/*
 * log.c: builds the line on the stack and writes it with one write(2), so that lines of two processes never mix.
 */
#include "base/log.h"

#include "base/clock.h"
#include "base/redact.h"
#include "base/text.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define LINE_MAX_LEN 4096
#define TEXT_MAX_LEN                                                                               \
    1500 /* each byte may become six in JSON: 1500 plain, less when much is escaped */
#define REPEAT_MS 10000

static const char *const level_names[] = {"error", "warn", "info", "debug"};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int log_fd = STDERR_FILENO;
static _Atomic int log_max = CXD_LOG_INFO;
static _Atomic uint64_t lost;
static struct {
    char text[256];
    char subject[64];
    int is_kept; /* text is the last line; a long one is not kept */
    int level;
    unsigned count;
    int64_t first_ms;
} last;

static struct log_recent recent[LOG_RECENT_MAX]; /* a ring */
static unsigned recent_next;
static unsigned recent_count;

static void recent_keep(int level, const char *subject, const char *text, size_t len)
{
    struct log_recent *line = &recent[recent_next];
    size_t room = sizeof line->text - 1;

    if (level > CXD_LOG_WARN) {
        return;
    }
    while (len > room || (len == room && ((unsigned char)text[len] & 0xc0) == 0x80)) {
        len = len > room ? room : len - 1; /* not in the middle of a character */
    }
    line->wall_ms = clock_wall_ms();
    line->level = level;
    (void)snprintf(line->subject, sizeof line->subject, "%s", subject);
    memcpy(line->text, text, len);
    line->text[len] = '\0';
    recent_next = (recent_next + 1) % LOG_RECENT_MAX;
    recent_count += recent_count < LOG_RECENT_MAX;
}

void log_recent_each(void (*each)(void *owner, const struct log_recent *line), void *owner)
{
    struct log_recent copy[LOG_RECENT_MAX];
    unsigned count;

    (void)pthread_mutex_lock(&lock);
    count = recent_count;
    for (unsigned i = 0; i < count; i++) {
        copy[i] = recent[(recent_next + LOG_RECENT_MAX - 1 - i) % LOG_RECENT_MAX];
    }
    (void)pthread_mutex_unlock(&lock);
    for (unsigned i = 0; i < count; i++) {
        each(owner, &copy[i]);
    }
}

void log_setup(int fd, int level)
{
    (void)pthread_mutex_lock(&lock);
    log_fd = fd;
    (void)pthread_mutex_unlock(&lock);
    atomic_store(&log_max, level);
}

uint64_t log_lost(void)
{
    return atomic_load(&lost);
}

int log_is_on(int level)
{
    return level <= atomic_load_explicit(&log_max, memory_order_relaxed);
}

int log_level(const char *word)
{
    for (int i = 0; i < (int)(sizeof level_names / sizeof level_names[0]); i++) {
        if (strcmp(word, level_names[i]) == 0) {
            return i;
        }
    }
    return strcmp(word, "warning") == 0 ? CXD_LOG_WARN : -1;
}

/* One character at *text as the inside of a JSON string, 6 bytes at the most; a byte that is not UTF-8 becomes U+FFFD. */
static size_t character_put(char *out, const char **text, const char *end)
{
    static const char hex[] = "0123456789abcdef";
    unsigned char c = (unsigned char)**text;
    size_t len = text_sequence(*text, end);

    if (c == '"' || c == '\\') {
        out[0] = '\\';
        out[1] = (char)c;
        *text += 1;
        return 2;
    }
    if (c < 0x20 || c == 0x7f) {
        memcpy(out, "\\u00", 4);
        out[4] = hex[c >> 4];
        out[5] = hex[c & 15];
        *text += 1;
        return 6;
    }
    memcpy(out, len > 0 ? *text : "\xef\xbf\xbd", len > 0 ? len : 3);
    *text += len > 0 ? len : 1;
    return len > 0 ? len : 3;
}

static size_t escape_put(char *out, size_t at, size_t room, const char *text, size_t len)
{
    const char *end = text + len;

    while (text < end && at + 6 < room) {
        at += character_put(out + at, &text, end);
    }
    return at;
}

static void line_write(int level, const char *subject, const char *text, size_t len)
{
    char line[LINE_MAX_LEN];
    char stamp[CLOCK_TEXT_SIZE];
    size_t at;

    clock_format(clock_wall_ms(), stamp);
    at = (size_t)snprintf(line, sizeof line,
                          "{\"@timestamp\":\"%s\",\"log.level\":\"%s\",\"log.logger\":\"%.60s\","
                          "\"service.name\":\"cortexd\",\"ecs.version\":\"8.11.0\",\"message\":\"",
                          stamp, level_names[level], subject);
    at = escape_put(line, at, sizeof line - 4, text, len);
    memcpy(line + at, "\"}\n", 3);
    at += 3;
    if (write(log_fd, line, at) < 0) {
        atomic_fetch_add(&lost, 1); /* nobody is left to tell */
    }
}

static void repeat_write(void)
{
    char text[352];
    int len;

    if (last.count > 0) {
        len = snprintf(text, sizeof text, "repeated %u times: %s", last.count, last.text);
        line_write(last.level, last.subject, text, (size_t)len);
        last.count = 0;
    }
}

static int is_repeat(int level, const char *subject, const char *text, size_t len)
{
    return last.is_kept && level == last.level && len < sizeof last.text &&
           strlen(last.text) == len && memcmp(last.text, text, len) == 0 &&
           strcmp(last.subject, subject) == 0 && clock_mono_ms() - last.first_ms < REPEAT_MS;
}

void log_line(int level, const char *subject, const char *line, size_t len)
{
    char text[TEXT_MAX_LEN];
    int is_cut = len > TEXT_MAX_LEN;

    if (!log_is_on(level)) {
        return;
    }
    level = level < 0 ? CXD_LOG_ERROR : level; /* modules choose the number */
    if (is_cut) {
        len = TEXT_MAX_LEN;
        while (len > 0 && ((unsigned char)line[len] & 0xc0) == 0x80) {
            len--; /* not in the middle of a character */
        }
    }
    memcpy(text, line, len);
    /* before escaping, or a secret with a quote in it would pass */
    (is_cut ? redact_cut : redact_text)(text, len);
    (void)pthread_mutex_lock(&lock);
    if (is_repeat(level, subject, text, len)) {
        last.count++;
    } else {
        repeat_write();
        line_write(level, subject, text, len);
        recent_keep(level, subject, text, len);
        last.level = level;
        last.first_ms = clock_mono_ms();
        (void)snprintf(last.subject, sizeof last.subject, "%s", subject);
        last.is_kept = len < sizeof last.text;
        if (last.is_kept) {
            memcpy(last.text, text, len);
            last.text[len] = '\0';
        }
    }
    (void)pthread_mutex_unlock(&lock);
}

void log_format(int level, const char *subject, const char *format, ...)
{
    char
        text[TEXT_MAX_LEN + 8]; /* longer than a line may be, so that log_line sees where it cuts */
    va_list args;
    int len;

    va_start(args, format);
    len = vsnprintf(text, sizeof text, format, args);
    va_end(args);
    if (len >= 0) {
        log_line(level, subject, text, (size_t)len < sizeof text ? (size_t)len : sizeof text - 1);
    }
}

void log_flush(void)
{
    (void)pthread_mutex_lock(&lock);
    repeat_write();
    (void)pthread_mutex_unlock(&lock);
}
