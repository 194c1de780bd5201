/*
 * inner.h: what the parts of the sharing know of each other.
 *
 * Everything belongs to the instance's thread; the library's own threads come in by the log callback alone. Callbacks of the library
 * run inside client_poll.
 */
#pragma once

#include "broker/access.h"
#include "input.h"
#include "share/calls.h"
#include "share/ref.h"
#include "share/share.h"
#include "share/water.h"

#define SHARE_QUEUED_MAX                                                                           \
    64u /* references that wait in memory for a worker, all partitions together */
#define SHARE_PARTITIONS_MAX 512 /* of the topic */
#define SHARE_PUBLISH_MAX 500u   /* messages on their way to the topic */
#define SHARE_TAKE_MAX 200       /* messages taken in one step */
#define SHARE_HOLD_MS                                                                              \
    60000 /* so long a reference is kept that may not be collected yet, then it goes to the topic's end */
#define SHARE_ASSERT_MS                                                                            \
    21600000 /* what is published is told again so often: well within the shortest sensible retention */
#define SHARE_ASSERT_COUNT 16384u /* or after so many references */
#define SHARE_COMMIT_MS 1000
#define SHARE_TOPIC_MAX 249

enum item_state { ITEM_QUEUED, ITEM_WORKING, ITEM_HELD, ITEM_SENDING };

/* A reference that was taken and is not done. */
struct share_item {
    struct share_item *next;
    struct ref ref; /* owned */
    int32_t partition;
    int64_t offset;
    int64_t retry_at_ms;   /* wall clock, when HELD */
    int64_t held_ms;       /* monotonic: since when it is HELD */
    struct bucket *bucket; /* NULL: none of this policy */
    uint8_t state;         /* enum item_state */
};

/* A partition that is ours. */
struct share_part {
    struct share_part *next;
    int32_t number;
    int64_t read;      /* offset behind the last message taken; -1: none yet */
    int64_t published; /* offset behind the last one that we published and were told of */
    int64_t commit;    /* to be committed; -1: nothing new */
    bool at_end;
    bool is_paused;
    bool is_away; /* the group shares out anew: it may come back */
    struct water water;
};

/* A message on its way to the topic. */
struct share_sent {
    struct share_sent *next;
    struct job *job;         /* the lister's, owned; NULL: none */
    struct share_item *item; /* goes to the end of the topic; NULL: none */
    size_t bucket;           /* of job */
    uint32_t term;           /* the lister's, when job or a fact; 0: not the lister's */
    bool is_anew;
};

enum trouble_kind { TROUBLE_NONE, TROUBLE_BROKER, TROUBLE_GROUP, TROUBLE_PUBLISH };
enum lister_state { LISTER_NONE, LISTER_READING, LISTER_LISTING };

/* The agent that has partition 0 lists. */
struct lister {
    struct bucket
        *buckets; /* one for each of the policy's, without workers; NULL: never was lister */
    struct cursor *cursors; /* what is published, or was collected by this agent alone before */
    rd_kafka_t *reader;     /* reads the topic from its beginning; NULL: not now */
    int64_t ends[SHARE_PARTITIONS_MAX]; /* to read up to; -1: read */
    int32_t partitions;
    int32_t reading; /* partitions not read to their end */
    int64_t epoch;
    int64_t heard;       /* the highest epoch that began while we were the lister */
    int64_t asserted_ms; /* wall clock: when all that is published was told last; 0: not known */
    uint64_t since;      /* references published since */
    uint32_t term;       /* grows with every change of the role */
    uint8_t state;       /* enum lister_state */
    bool is_seeded;      /* knows what the topic does not say */
};

struct share {
    struct input *in;
    const struct calls *calls;
    struct access access;
    char topic[SHARE_TOPIC_MAX + 1];
    char group[SHARE_TOPIC_MAX + 16];
    int64_t timeout_ms;    /* of one request */
    int64_t session_ms;    /* a silent agent loses its share after it */
    rd_kafka_conf_t *conf; /* pattern; holds the secrets */
    rd_kafka_t *consumer;
    rd_kafka_t *producer; /* NULL: nothing was published yet */
    rd_kafka_topic_t *producer_topic;
    struct cursor *work; /* for workers: what they have begun */
    struct share_part *parts;
    struct share_item *first; /* by arrival */
    struct share_item *last;
    struct share_sent *sent;
    size_t sent_count;
    size_t queued;
    struct lister lister;
    struct park park;
    char said[300]; /* what the library said last about a connection */
    int said_status;
    int64_t join_ms;   /* monotonic: since when the group owes us a share */
    int64_t probe_ms;  /* monotonic: when the brokers are asked again */
    int64_t commit_ms; /* monotonic: last commit */
    uint32_t commits;  /* under way */
    uint8_t trouble;   /* enum trouble_kind */
    bool is_seen;      /* the topic is there, and we subscribed */
    bool is_broken;    /* a message could not be kept: the group gives us our share anew */
    bool
        wants_anew; /* references were deleted before they were taken, and the lister is to be told */
    bool has_joined; /* the group gave us our share, which may be none */
};

/* client.c: handles, callbacks, what an error means */
int client_open(struct share *s, struct cxd_bytes options, struct cxd_error *err);
void client_close(struct share *s);
/* Is the topic there? Subscribes the first time. Waits half a second at most. */
bool client_probe(struct share *s, int64_t now_ms);
bool client_poll(struct share *s);
/* A handle by the pattern; is_member: of the group, with callbacks. */
rd_kafka_t *client_new(struct share *s, rd_kafka_type_t type, bool is_member,
                       struct cxd_error *err);
/* verdict.. of the library's error, with what to do. */
void client_trouble(struct share *s, enum trouble_kind kind, rd_kafka_resp_err_t error,
                    const char *text);
void client_works(struct share *s, enum trouble_kind kind);
void client_log(const rd_kafka_t *rk, int level, const char *facility, const char *text);

/* conf.c: settings. conf_read: of all handles, at open; conf_finish: of one kind, in a copy. */
int conf_put(void *conf, const char *name, const char *value);
int conf_read(struct share *s, struct cxd_error *err);
int conf_finish(struct share *s, rd_kafka_conf_t *conf, rd_kafka_type_t type,
                struct cxd_error *err);
/* The library takes the authorities out of settings that it has used, and out of every copy: given to each anew. */
int conf_authorities(const struct share *s, rd_kafka_conf_t *conf);

/* group.c: partitions come and go; offsets are committed */
void group_rebalance(rd_kafka_t *rk, rd_kafka_resp_err_t error,
                     rd_kafka_topic_partition_list_t *list, void *opaque);
void group_committed(rd_kafka_t *rk, rd_kafka_resp_err_t error,
                     rd_kafka_topic_partition_list_t *list, void *opaque);
struct share_part *group_part(const struct share *s, int32_t number);
void group_message(struct share *s, const rd_kafka_message_t *message);
/* Commits what is true. is_last: at once, and waits for the brokers' word. */
void group_commit(struct share *s, int64_t now_ms, bool is_last);
void group_pause(struct share *s);
void group_done(struct share *s);
bool group_is_drained(const struct share *s);

/* items.c: references in memory */
void items_take(struct share *s, struct share_part *part, const rd_kafka_message_t *message);
void items_drop(struct share *s, int32_t partition); /* and stops their downloads; -1: all */
void items_settle(struct share *s, struct share_item *item); /* done; freed */
bool items_step(struct share *s, int64_t now_ms);            /* what was held long enough */
void items_free(struct share *s, struct share_item *item);
/* The bucket of the policy that an object belongs to, by number; -1: none. */
int items_bucket(const struct share *s, struct cxd_bytes bucket, struct cxd_bytes name);

/* publish.c: messages to the topic */
/* 0; CXD_FULL: not now; else failed, with err. Takes sent->job over when 0. */
int publish_object(struct share *s, const struct ref *ref, const struct share_sent *what,
                   struct cxd_error *err);
/* To partition 0, which is the lister's. */
int publish_fact(struct share *s, const struct text *text, const char *key,
                 const struct share_sent *what, struct cxd_error *err);
void publish_report(rd_kafka_t *rk, const rd_kafka_message_t *message, void *opaque);
void publish_done(struct share *s);

/* lister.c, readback.c, assert.c */
int lister_open(struct share *s, struct cxd_error *err);
void lister_done(struct share *s);
void lister_begin(struct share *s); /* partition 0 came */
void lister_end(struct share *s);   /* and went */
bool lister_step(struct share *s, int64_t now_ms);
bool lister_is_idle(const struct share *s);
void lister_published(struct share *s, struct share_sent *sent, bool is_ok);
int64_t lister_wait(const struct share *s, int64_t now_ms);
struct park *lister_park(const struct share *s, int64_t now_ms);
/* A new epoch was begun. */
void lister_hear(struct share *s, int64_t epoch);
/* What is published is not known any more. Negative: no memory; the poll ends and the group is joined anew. */
int lister_forget(struct share *s);
int readback_begin(struct share *s, struct cxd_error *err);
bool readback_step(struct share *s);
void readback_end(struct share *s);
void readback_learn(struct share *s, struct cxd_bytes message, int64_t written_ms);
bool assert_is_due(const struct share *s);
void assert_all(struct share *s);
/* Begins a new epoch: nothing that was published before counts. 0: it is on its way. */
int assert_anew(struct share *s, int64_t epoch);
