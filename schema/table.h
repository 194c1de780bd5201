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

/*
 * Mappings of the other kind ("record: whole"): the record becomes one object of the document, and a list of works moves, copies
 * and converts from there. `from` and `to` are fields of the document; a work without its source does nothing.
 */
enum ecs_verb {
    ECS_VERB_MOVE,       /* from becomes to */
    ECS_VERB_COPY,       /* all the way down */
    ECS_VERB_DATE,       /* epoch milliseconds to a date, into to */
    ECS_VERB_DATE_FIRST, /* the same of a list's first element; what is no list stays */
    ECS_VERB_IP,      /* checked, into to; lists element by element, here and in the next three */
    ECS_VERB_LONG,    /* whole number */
    ECS_VERB_BOOLEAN, /* true or false */
    ECS_VERB_STRING,  /* text */
    ECS_VERB_LOOKUP,  /* severity: its number */
    ECS_VERB_SAY,     /* a constant */
    ECS_VERB_APPEND,  /* the text of the whole value, though it is there already */
    ECS_VERB_APPEND_UNIQUE, /* unless it is there already */
    ECS_VERB_APPEND_EACH,   /* unique, elements of a list; what is no list is passed over */
    ECS_VERB_APPEND_ALL,    /* the same, but what is no list stops the mapping */
    ECS_VERB_APPEND_ANY,    /* the same, and a text that is no list counts as one of one */
    ECS_VERB_WRAP,          /* a text becomes a list of one */
    ECS_VERB_SPLIT,         /* at commas */
    ECS_VERB_LOWER,         /* lower case, into to */
    ECS_VERB_MAC,           /* the form 00-11-22-AA-BB-CC */
    ECS_VERB_CUT_COLON,     /* each text without what follows its first colon */
    ECS_VERB_CUT_DOMAIN,    /* each text without what precedes its last backslash */
    ECS_VERB_PAIRS,         /* "id - name": ids to to, names to other */
    ECS_VERB_USER,          /* user name to to, its domain to other */
    ECS_VERB_REMOVE,        /* out of the document */
    ECS_VERB_PLACE,         /* where an address is */
    ECS_VERB_NETWORK,       /* whose network an address belongs to */
    ECS_VERB_COUNT
};

/* Guards of a work, bits: all of them must hold. */
enum ecs_guard {
    ECS_GUARD_UNSET = 1,     /* to is absent or null */
    ECS_GUARD_NOT_NULL = 2,  /* from is not null */
    ECS_GUARD_NOT_EMPTY = 4, /* from is neither null nor "" */
    ECS_GUARD_TEXT = 8,      /* from is a text */
    ECS_GUARD_LIST = 16,     /* from is a list */
    ECS_GUARD_MAIL = 32,     /* from is a text, or begins with one, that has @ and . in it */
    ECS_GUARD_HAS = 64,      /* other is set */
    ECS_GUARD_LACKS = 128,   /* other is not set */
};

/* What a work does when it fails. */
enum ecs_fail {
    ECS_FAIL_STOP,   /* the mapping ends here */
    ECS_FAIL_REMOVE, /* an error entry, and the source is taken out */
    ECS_FAIL_NOTE,   /* an error entry */
    ECS_FAIL_IGNORE
};

enum ecs_table_flag {
    ECS_TABLE_SWEEP_FIRST = 1,  /* empty values go before the works, not after them */
    ECS_TABLE_NO_OVERWRITE = 2, /* a move onto a field that is there stops the mapping */
    ECS_TABLE_BARE = 4          /* the message of a mapping that stopped does not name the step */
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

struct ecs_work {
    uint8_t verb;      /* enum ecs_verb */
    uint8_t guard;     /* enum ecs_guard */
    uint8_t fail;      /* enum ecs_fail */
    uint8_t is_needed; /* an absent source stops the mapping */
    uint16_t from;
    uint16_t to;
    uint16_t other;
    const char *text; /* ECS_VERB_SAY */
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

    /* mappings of whole records; rows are then the keys that works ask for */
    const struct ecs_work *works;
    const struct ecs_constant *additions; /* appended unless they are there */
    const uint16_t *id;                   /* slots that the document's id is made from */
    const uint16_t *removals;             /* taken out at the end */
    const uint16_t *duplicates;           /* the same unless the tag is there */
    uint16_t work_count;
    uint16_t addition_count;
    uint16_t id_count;
    uint16_t removal_count;
    uint16_t duplicate_count;
    uint16_t record_slot; /* where the record goes; 0: it does not go there whole */
    uint16_t record_end;  /* first slot beyond those below it */
    uint16_t flags;       /* enum ecs_table_flag */
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
