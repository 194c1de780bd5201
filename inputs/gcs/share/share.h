/*
 * share.h: several agents on one bucket: what the rest of the input sees of it. How it works: agent/decisions/0029.
 *
 * One of the agents lists and publishes references to a Kafka topic; all of them, as one consumer group, take references and collect
 * their objects. Thread: the instance's, for all of it.
 */
#pragma once

#include <cxd/module.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SHARE_WAIT_MS 250 /* between two looks at the latest: the group is answered so soon */

struct bucket;
struct input;
struct job;
struct park;
struct share;
struct share_item;

/* *ret_share is NULL without `coordination: kafka`, and where nobody acknowledges (cortexd test input): then the input works alone. */
int share_open(struct input *in, struct cxd_bytes options, struct share **ret_share,
               struct cxd_error *err);
void share_close(struct share *s); /* accepts NULL; before the workers are */

/* Before the first poll: buckets take their work from the group. */
void share_buckets(struct share *s);
/* What the brokers say, what the lister does, what can be committed. True: something moved. */
bool share_step(struct share *s, int64_t now_ms);
/* An object for a worker of this bucket, the caller's; NULL: none waits. */
struct job *share_take(struct share *s, struct bucket *b);
void share_put_back(struct share *s, struct share_item *item); /* not begun after all */
/* All of the object is handed over (or given up for good): done with the next mark. */
void share_finish(struct share *s, struct share_item *item);
/* Not now: again in wait_ms, by whoever has it then. Returns how often that was, this time included. */
uint32_t share_set_aside(struct share *s, struct share_item *item, int64_t wait_ms);
uint32_t share_rounds(const struct share_item *item);

/* enum cxd_poll when no worker has anything to do now. wait_ms: until one has. */
int share_result(struct share *s, int64_t work_wait_ms, int64_t *wait_ms, struct cxd_error *err);
/* Something is set aside or in trouble. */
bool share_is_ill(const struct share *s);
