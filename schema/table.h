/*
 * table.h: what the table maker writes and the mapping code reads, and the hash that both compute.
 *
 * One struct ecs_table describes a data stream: the record's keys in the order of work, what becomes of each, and the tree
 * of document fields that can be written ("slots"; a parent always has a lower number than its children). Everything is
 * constant. The hash reads memory in the byte order of the machine that builds, so tables are made for where they run.
 */
#pragma once

#include <stdint.h>
#include <string.h>

enum ecs_as {
    ECS_AS_KEEP,
    ECS_AS_DATE,
    ECS_AS_BOOLEAN,
    ECS_AS_LONG,
    ECS_AS_DOUBLE,
    ECS_AS_IP,
    ECS_AS_STRING,
    ECS_AS_LONG_LIST,
    ECS_AS_IP_LIST,
    ECS_AS_INTERFACE_MAP,
    ECS_AS_COUNT
};

enum ecs_step_kind {
    ECS_STEP_COPY,
    ECS_STEP_APPEND,
    ECS_STEP_APPEND_EACH,
    ECS_STEP_LOWER,
    ECS_STEP_SLUG,
    ECS_STEP_HOSTNAME,
    ECS_STEP_HOST_NAME,
    ECS_STEP_TIMESTAMP,
    ECS_STEP_COUNT
};

enum ecs_when {
    ECS_WHEN_ALWAYS,
    ECS_WHEN_UNSET,     /* copy: only while the target is absent */
    ECS_WHEN_NOT_NULL,  /* append: an absent value adds nothing */
    ECS_WHEN_NOT_EMPTY, /* append: an absent value adds "" */
    ECS_WHEN_HAS        /* append: only when another field is there; an absent value adds "" */
};

enum ecs_row_flag { ECS_ROW_WRAP = 1, ECS_ROW_SKIP_EMPTY = 2, ECS_ROW_DUPLICATE = 4 };

/* Fields that the code itself writes or asks for, so that it needs no names. */
enum ecs_known {
    ECS_KNOWN_ECS_VERSION,
    ECS_KNOWN_ERROR_MESSAGE,
    ECS_KNOWN_EVENT_KIND,
    ECS_KNOWN_EVENT_ORIGINAL,
    ECS_KNOWN_HOST_DOMAIN,
    ECS_KNOWN_HOST_HOSTNAME,
    ECS_KNOWN_MESSAGE,
    ECS_KNOWN_RELATED_HOSTS,
    ECS_KNOWN_TAGS,
    ECS_KNOWN_COUNT
};

/* A slot number that means "none". Number 0 is the document itself. */
#define ECS_NO_SLOT 0

struct ecs_slot {
    const char *key; /* last part of the name, as it stands in JSON between the quotes */
    uint16_t key_len;
    uint16_t parent;
    uint16_t first; /* lowest child, 0: a leaf */
    uint16_t next;  /* next child of the same parent, 0: none */
};

struct ecs_step {
    uint8_t kind; /* enum ecs_step_kind */
    uint8_t when; /* enum ecs_when */
    uint16_t slot;
    uint16_t other; /* slot that ECS_WHEN_HAS asks for */
};

struct ecs_row {
    const char *key;
    uint16_t key_len;
    uint8_t as;    /* enum ecs_as */
    uint8_t flags; /* enum ecs_row_flag */
    uint16_t slot;
    uint16_t step; /* first of step_count in ecs_table.steps */
    uint16_t step_count;
};

struct ecs_constant {
    uint16_t slot;
    uint16_t text_len;
    const char *text;
};

struct ecs_final {
    uint16_t slot;
    uint16_t as; /* ECS_AS_LONG_LIST */
};

struct ecs_table {
    const char *ecs_version;
    const char *stream;  /* "event" */
    const char *dataset; /* "panw_cortex_xdr.event" */
    const struct ecs_row *rows;
    const struct ecs_step *steps;
    const struct ecs_slot *slots;
    const struct ecs_constant *constants;
    const struct ecs_final *finals;
    const uint16_t *buckets; /* row number + 1, 0: empty; 1 << bucket_bits of them */
    const uint64_t *always;  /* bit n: row n has work to do even when its key is absent */
    uint64_t seed;
    uint16_t row_count;
    uint16_t slot_count;
    uint16_t constant_count;
    uint16_t final_count;
    uint16_t bucket_bits;
    uint16_t known[ECS_KNOWN_COUNT];
};

static inline uint64_t ecs_load8(const char *ptr)
{
    uint64_t word;

    memcpy(&word, ptr, sizeof word);
    return word;
}

/* Start, middle and end of a key folded into one word: all that the hash sees of it. len must not be 0. */
static inline uint64_t ecs_key_digest(const char *key, uint32_t len)
{
    uint64_t middle;
    uint64_t end;

    if (len < 8) {
        char padded[8] = {0};
        memcpy(padded, key, len);
        return ecs_load8(padded) ^ ((uint64_t)len << 56);
    }
    middle = ecs_load8(key + len / 2 - 4);
    end = ecs_load8(key + len - 8);
    return ecs_load8(key) ^ (middle << 21 | middle >> 43) ^ (end << 43 | end >> 21) ^
           ((uint64_t)len << 5);
}

static inline uint32_t ecs_key_bucket(uint64_t digest, uint64_t seed, uint32_t bucket_bits)
{
    return (uint32_t)((digest * seed) >> (64 - bucket_bits));
}

static inline uint64_t ecs_differ8(const char *a, const char *b)
{
    return ecs_load8(a) ^ ecs_load8(b);
}

/* Keys are short: words of eight bytes in line, the last ones reaching back over bytes that were compared already. */
static inline int ecs_key_is_same(const char *a, const char *b, uint32_t len)
{
    if (len < 8 || len > 32) {
        return memcmp(a, b, len) == 0;
    }
    if ((ecs_differ8(a, b) | ecs_differ8(a + len - 8, b + len - 8)) != 0) {
        return 0;
    }
    return len <= 16 || (ecs_differ8(a + 8, b + 8) | ecs_differ8(a + len - 16, b + len - 16)) == 0;
}

/* Row number of a key, or -1. One hash, one compare. */
static inline int ecs_table_find(const struct ecs_table *table, const char *key, uint32_t len)
{
    const struct ecs_row *row;
    uint32_t entry;

    if (len == 0) {
        return -1;
    }
    entry =
        table->buckets[ecs_key_bucket(ecs_key_digest(key, len), table->seed, table->bucket_bits)];
    if (entry == 0) {
        return -1;
    }
    row = &table->rows[entry - 1];
    return row->key_len == len && ecs_key_is_same(row->key, key, len) ? (int)entry - 1 : -1;
}
