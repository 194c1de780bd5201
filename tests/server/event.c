/*
 * Writes one event: pieces from the tables, a few fresh values, and a command line long enough to reach the size that the
 * event's own random sequence asked for. Two events in a row share host, user and actor, as real ones do; this is also
 * part of why the data compresses like real data. No state between events, so any thread may write any number.
 */
#include "event.h"

#include <stdlib.h>
#include <string.h>

#include "event_pen.h"
#include "words.h"

enum { EVENT_BURST = 2, EVENT_STEP_MS = 37, EVENT_SAMPLE = 4096, EVENT_TARGET_MAX = 10100 };

struct generator {
    uint64_t seed;
    unsigned scale; /* the average asked for, corrected by what a sample showed */
    struct table table;
};

static void event_write_head(struct event_pen *pen, uint64_t number, uint64_t seed)
{
    /* One to one in number, so no two events of a data set share an id. */
    uint64_t id = event_mix(number ^ event_mix(seed));
    if (id % 8) {
        PUT(pen, "{\"_id\":\"");
    } else {
        PUT(pen, "{\"uuid\":\"");
    }
    event_put_hex(pen, id, 16);
    event_put_hex(pen, event_mix(id), 16);
    PUT(pen, "\",\"event_id\":\"evt-");
    event_put_number(pen, number);
    PUT(pen, "-");
    event_put_hex(pen, table_random(&pen->random), 16);
    if (id % 5) {
        PUT(pen, "\",\"event_timestamp\":");
        event_put_number(pen, (uint64_t)pen->time_ms);
    } else {
        PUT(pen, "\",\"event_timestamp\":[");
        event_put_iso(pen, pen->time_ms);
        PUT(pen, "]");
    }
    PUT(pen, ",\"event_version\":25,");
    event_put_piece(pen, &pen->host->agent);
}

static void event_write_actor(struct event_pen *pen, uint64_t burst)
{
    event_put_piece(pen, &pen->actor->actor);
    PUT(pen, "\"os_actor_primary_user_sid\":\"");
    event_put_text(pen, pen->user->sid);
    PUT(pen, "\",\"os_actor_primary_username\":\"");
    event_put_text(pen, pen->user->name);
    PUT(pen, "\",\"os_actor_process_instance_id\":\"");
    event_put_hex(pen, table_random(&pen->random), 16);
    PUT(pen, "\",\"os_actor_process_logon_id\":\"0x3e7\",\"os_actor_process_os_pid\":");
    event_put_number(pen, 4 * (burst % 8000 + 1));
    PUT(pen, ",\"os_actor_thread_thread_id\":");
    event_put_number(pen, event_draw(pen, 30000));
    PUT(pen, ",");
}

/* The last member: a command line with arguments until the event is `target` bytes long. */
static void event_write_command(struct event_pen *pen, size_t target)
{
    const char *const *words = pen->host->is_linux ? words_linux_argument : words_windows_argument;
    size_t count = table_count(words);
    PUT(pen, "\"os_actor_process_command_line\":\"\\\"");
    event_put_text(pen, pen->actor->path);
    PUT(pen, "\\\"");
    while ((size_t)(pen->at - pen->start) + 4 < target) {
        uint64_t draw = table_random(&pen->random);
        PUT(pen, " ");
        event_put_text(pen, words[(draw >> 8) % count]);
        PUT(pen, "=");
        event_put_hex(pen, draw >> 16, 4 + (draw & 15));
    }
    PUT(pen, "\"}\n");
}

/* A long tail: most events a little under the average, a few several times as long. In 1/256 of the average. */
static size_t event_target(struct event_pen *pen, unsigned scale)
{
    unsigned draw = event_draw(pen, 1000);
    unsigned factor = draw < 820   ? 100 + event_draw(pen, 154)
                      : draw < 975 ? 256 + event_draw(pen, 384)
                                   : 640 + event_draw(pen, 840);
    size_t target = (size_t)scale * factor / 256;
    return target > EVENT_TARGET_MAX ? EVENT_TARGET_MAX : target;
}

uint64_t event_mix(uint64_t value)
{
    value ^= value >> 30;
    value *= 0xbf58476d1ce4e5b9ULL;
    value ^= value >> 27;
    value *= 0x94d049bb133111ebULL;
    return value ^ value >> 31;
}

int64_t event_time_ms(uint64_t number)
{
    return EVENT_EPOCH_MS + (int64_t)(number * EVENT_STEP_MS + event_mix(number) % EVENT_STEP_MS);
}

size_t event_write(const struct generator *gen, uint64_t number, char *out)
{
    uint64_t burst = event_mix(gen->seed ^ 0x6275727374ULL) ^ (number / EVENT_BURST);
    uint64_t shared = event_mix(burst);
    const struct table *table = &gen->table;
    struct event_pen pen = {
        .at = out,
        .start = out,
        .random = event_mix(gen->seed + 0x9e3779b97f4a7c15ULL * number),
        .table = table,
        .host = &table->hosts[table_random(&shared) % TABLE_HOSTS],
        .user = &table->users[table_random(&shared) % TABLE_USERS],
        .time_ms = event_time_ms(number),
    };
    pen.actor = (pen.host->is_linux ? table->linux_ : table->windows) +
                table_random(&shared) % TABLE_PROGRAMS;
    event_write_head(&pen, number, gen->seed);
    event_write_kind(&pen);
    event_write_actor(&pen, burst);
    event_write_command(&pen, event_target(&pen, gen->scale));
    return (size_t)(pen.at - pen.start);
}

struct generator *event_open(uint64_t seed, unsigned average_bytes)
{
    if (average_bytes < EVENT_AVERAGE_MIN || average_bytes > EVENT_AVERAGE_MAX) {
        return NULL;
    }
    struct generator *gen = calloc(1, sizeof *gen);
    if (!gen) {
        return NULL;
    }
    gen->seed = seed;
    gen->scale = average_bytes;
    table_fill(&gen->table, seed);
    char event[EVENT_BYTES_MAX];
    for (unsigned round = 0; round < 6; round++) {
        uint64_t total = 0;
        for (uint64_t i = 0; i < EVENT_SAMPLE; i++) {
            total += event_write(gen, i * 977, event);
        }
        int missing = (int)average_bytes - (int)(total / EVENT_SAMPLE);
        int scale = (int)gen->scale + missing * 2;
        gen->scale = scale < 64 ? 64 : (unsigned)scale;
    }
    return gen;
}

void event_close(struct generator *gen)
{
    free(gen);
}
