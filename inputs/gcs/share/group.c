/*
 * group.c: our share of the topic: partitions that come and go, and how far they are done for the group.
 *
 * Thread: the instance's; callbacks run inside client_poll and client_close.
 */
#include "share/inner.h"

#include <inttypes.h>

#define GROUP_ASK_MS 5000

struct share_part *group_part(const struct share *s, int32_t number)
{
    struct share_part *part = s->parts;

    while (part != NULL && part->number != number) {
        part = part->next;
    }
    return part;
}

/* Are there references from `from` on, or were they deleted? The offset to read from; -1: the brokers do not say. */
static int64_t group_gap(struct share *s, int32_t partition, int64_t from)
{
    int64_t low = 0;
    int64_t high = 0;

    if (s->calls->query_watermark_offsets(s->consumer, s->topic, partition, &low, &high,
                                          GROUP_ASK_MS) != RD_KAFKA_RESP_ERR_NO_ERROR) {
        return -1;
    }
    if (from >= low) {
        return from;
    }
    input_log(s->in, CXD_LOG_ERROR,
              "topic %s, partition %d: references %" PRId64 " to %" PRId64
              " were deleted before anybody took them (the topic's retention is too short): all "
              "objects are published anew",
              s->topic, (int)partition, from, low - 1);
    s->wants_anew = true;
    return low;
}

/* Where a new partition is read from. *answers: as long as the brokers do. */
static void group_start(struct share *s, rd_kafka_topic_partition_t *at, bool *answers)
{
    int64_t from;

    if (at->offset < 0) {
        at->offset = RD_KAFKA_OFFSET_BEGINNING; /* nobody has committed here */
        return;
    }
    from = *answers ? group_gap(s, at->partition, at->offset) : -1;
    *answers = from >= 0;
    at->offset = from >= 0 ? from : at->offset; /* else the first message shows it */
}

static void group_drop(struct share *s, int32_t number)
{
    struct share_part **at = &s->parts;
    struct share_part *part;

    while (*at != NULL && (*at)->number != number) {
        at = &(*at)->next;
    }
    part = *at;
    if (part == NULL) {
        return;
    }
    if (number == 0) {
        lister_end(s);
    }
    items_drop(s, number);
    *at = part->next;
    heap_free(&s->in->heap, part);
}

void group_done(struct share *s)
{
    while (s->parts != NULL) {
        group_drop(s, s->parts->number);
    }
}

/* Nobody else had the partition meanwhile: what is under way goes on, and reading goes on behind it. */
static bool group_keep(struct share_part *part, rd_kafka_topic_partition_t *at)
{
    int64_t first =
        part->water.count > 0 ? part->water.entries[part->water.first].offset : part->read;

    if (part->read < 0 || (at->offset >= 0 && at->offset > first)) {
        return false;
    }
    at->offset = part->read;
    part->is_away = part->is_paused = part->at_end = false;
    return true;
}

static void group_add(struct share *s, int32_t number, int64_t offset)
{
    struct share_part *part = heap_alloc(&s->in->heap, sizeof *part);

    if (part == NULL) {
        struct cxd_error err = CXD_ERROR_INIT;
        (void)cxd_error_set(&err, CXD_NOMEM, "topic %s: a partition: out of memory", s->topic);
        input_halt(s->in, &err);
        s->is_broken = true;
        return;
    }
    part->number = number;
    part->read = offset >= 0 ? offset : -1;
    part->commit = -1;
    part->next = s->parts;
    s->parts = part;
    if (number == 0) {
        lister_begin(s);
    }
}

/* The first away; NULL: none. */
static struct share_part *group_away(const struct share *s)
{
    struct share_part *part = s->parts;

    while (part != NULL && !part->is_away) {
        part = part->next;
    }
    return part;
}

static void group_assign(struct share *s, rd_kafka_topic_partition_list_t *list)
{
    struct share_part *part;
    bool answers = true;
    int kept = 0;

    if (list->cnt > 0) {
        (void)s->calls->committed(s->consumer, list,
                                  GROUP_ASK_MS); /* failed: the library asks again */
    }
    for (int i = 0; i < list->cnt; i++) {
        part = group_part(s, list->elems[i].partition);
        if (part != NULL && group_keep(part, &list->elems[i])) {
            kept++;
            continue;
        }
        group_drop(s, list->elems[i].partition);
        group_start(s, &list->elems[i], &answers);
        group_add(s, list->elems[i].partition, list->elems[i].offset);
    }
    while ((part = group_away(s)) != NULL) {
        group_drop(s, part->number);
    }
    (void)s->calls->assign(s->consumer, list);
    /* what was paused stays so over the end of an assignment; group_pause sees to it anew */
    (void)s->calls->resume_partitions(s->consumer, list);
    input_log(s->in, CXD_LOG_INFO, "topic %s, group %s: has %d partitions, %d of them as before",
              s->topic, s->group, list->cnt, kept);
    s->has_joined = true;
    client_works(s, TROUBLE_GROUP);
}

/*
 * The group shares out anew. Until it has, downloads go on: most partitions come back to who had them. Commits wait: a commit behind
 * the request to join is refused, and the library then gives up everything.
 */
static void group_revoke(struct share *s)
{
    bool is_lost = s->calls->assignment_lost(s->consumer) != 0;

    if (!is_lost && s->trouble != TROUBLE_BROKER) {
        group_commit(s, 0, true);
    }
    (void)s->calls->assign(s->consumer, NULL);
    s->has_joined = false;
    s->join_ms = s->in->heap.host->mono_ms(s->in->heap.self);
    if (is_lost) {
        input_log(s->in, CXD_LOG_WARN, "topic %s, group %s: others have taken this share", s->topic,
                  s->group);
        group_done(s);
    }
    for (struct share_part *part = s->parts; part != NULL; part = part->next) {
        part->is_away = true;
    }
}

void group_rebalance(rd_kafka_t *rk, rd_kafka_resp_err_t error,
                     rd_kafka_topic_partition_list_t *list, void *opaque)
{
    struct share *s = opaque;

    (void)rk;
    if (error == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS) {
        group_assign(s, list);
    } else if (error == RD_KAFKA_RESP_ERR__REVOKE_PARTITIONS) {
        group_revoke(s);
    } else {
        client_trouble(s, TROUBLE_GROUP, error, NULL);
        (void)s->calls->assign(s->consumer, NULL);
        s->has_joined = false;
        group_done(s);
    }
}

void group_committed(rd_kafka_t *rk, rd_kafka_resp_err_t error,
                     rd_kafka_topic_partition_list_t *list, void *opaque)
{
    struct share *s = opaque;

    (void)rk;
    s->commits -= s->commits > 0;
    if (error == RD_KAFKA_RESP_ERR_NO_ERROR || error == RD_KAFKA_RESP_ERR__NO_OFFSET) {
        return;
    }
    input_log(s->in, CXD_LOG_INFO, "topic %s, group %s: offsets were not committed: %s", s->topic,
              s->group, s->calls->err2str(error));
    for (int i = 0; list != NULL && i < list->cnt;
         i++) { /* again, unless a later one is on its way */
        struct share_part *part = group_part(s, list->elems[i].partition);

        if (part != NULL && part->commit < list->elems[i].offset) {
            part->commit = list->elems[i].offset;
        }
    }
}

void group_commit(struct share *s, int64_t now_ms, bool is_last)
{
    rd_kafka_topic_partition_list_t *list;
    int64_t made;
    int64_t marks = s->in->heap.host->marks_true(s->in->heap.self, &made);
    int count = 0;

    for (struct share_part *part = s->parts; part != NULL; part = part->next) {
        int64_t next = water_advance(&part->water, marks);

        part->commit = next >= 0 ? next : part->commit;
        count += part->commit >= 0 && !part->is_away;
    }
    if (count == 0 || (!is_last && now_ms < s->commit_ms + SHARE_COMMIT_MS)) {
        return;
    }
    list = s->calls->topic_partition_list_new(count);
    for (struct share_part *part = s->parts; part != NULL; part = part->next) {
        if (part->commit >= 0 && !part->is_away) {
            s->calls->topic_partition_list_add(list, s->topic, part->number)->offset = part->commit;
            part->commit = -1;
        }
    }
    s->commit_ms = now_ms;
    if (s->calls->commit(s->consumer, list, !is_last) == RD_KAFKA_RESP_ERR_NO_ERROR && !is_last) {
        s->commits++;
    }
    s->calls->topic_partition_list_destroy(list);
}

/* Too much in memory, or too much taken of this partition: its messages wait at the broker. */
void group_pause(struct share *s)
{
    for (struct share_part *part = s->parts; part != NULL; part = part->next) {
        bool is_full = part->water.count >= WATER_MAX - SHARE_TAKE_MAX;
        bool wants =
            is_full || s->queued >= (part->is_paused ? SHARE_QUEUED_MAX / 2 : SHARE_QUEUED_MAX);
        rd_kafka_topic_partition_list_t *list;

        if (wants == part->is_paused || part->is_away) {
            continue;
        }
        list = s->calls->topic_partition_list_new(1);
        (void)s->calls->topic_partition_list_add(list, s->topic, part->number);
        (void)(wants ? s->calls->pause_partitions(s->consumer, list)
                     : s->calls->resume_partitions(s->consumer, list));
        s->calls->topic_partition_list_destroy(list);
        part->is_paused = wants;
    }
}

void group_message(struct share *s, const rd_kafka_message_t *message)
{
    struct share_part *part = group_part(s, message->partition);

    switch (message->err) {
    case RD_KAFKA_RESP_ERR_NO_ERROR:
        if (part != NULL) {
            if (part->read >= 0 && message->offset > part->read) {
                (void)group_gap(s, part->number, part->read); /* a compacted topic has gaps, too */
            }
            part->at_end = false;
            part->read = message->offset + 1;
            items_take(s, part, message);
        }
        break;
    case RD_KAFKA_RESP_ERR__PARTITION_EOF:
        if (part != NULL) {
            part->at_end = true;
            part->read = message->offset > part->read ? message->offset : part->read;
        }
        break;
    case RD_KAFKA_RESP_ERR__MAX_POLL_EXCEEDED:
        input_log(s->in, CXD_LOG_WARN,
                  "topic %s, group %s: nothing could be handed over for two minutes: other "
                  "agents take this share",
                  s->topic, s->group);
        break;
    case RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED:
        client_trouble(s, TROUBLE_GROUP, message->err, NULL);
        break;
    default:
        client_trouble(s, TROUBLE_BROKER, message->err, NULL);
        break;
    }
}

bool group_is_drained(const struct share *s)
{
    int64_t made;
    int64_t marks = s->in->heap.host->marks_true(s->in->heap.self, &made);

    for (const struct share_part *part = s->parts; part != NULL; part = part->next) {
        if (part->is_away || !part->at_end || part->read < part->published || part->commit >= 0 ||
            water_waits(&part->water, marks)) {
            return false;
        }
    }
    return s->has_joined && s->commits == 0;
}
