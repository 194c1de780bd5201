/*
 * bulk.c: two parts for each document: "\n" and action line, then the source; and a last "\n". Index, id and pipeline are safe in JSON
 * as they are (the host sees to that), so nothing is escaped here.
 */
#include "bulk.h"

#define ACTION_HEAD "{\"create\":{\"_index\":\""
#define ACTION_ID "\",\"_id\":\""
#define ACTION_PIPELINE "\",\"pipeline\":\""
#define ACTION_TAIL "\"}}\n"

static size_t action_len(const struct bulk *b, const struct cxd_doc *doc)
{
    return 1 + sizeof ACTION_HEAD - 1 + doc->index.len +
           (doc->id.len > 0 ? sizeof ACTION_ID - 1 + doc->id.len : 0) +
           (b->pipeline.len > 0 ? sizeof ACTION_PIPELINE - 1 + b->pipeline.len : 0) +
           sizeof ACTION_TAIL - 1;
}

static char *put(char *at, const char *ptr, size_t len)
{
    memcpy(at, ptr, len);
    return at + len;
}

static char *action_put(char *at, const struct bulk *b, const struct cxd_doc *doc, int is_first)
{
    if (!is_first) {
        *at++ = '\n'; /* ends the document before */
    }
    at = put(at, ACTION_HEAD, sizeof ACTION_HEAD - 1);
    at = put(at, doc->index.ptr, doc->index.len);
    if (doc->id.len > 0) {
        at = put(at, ACTION_ID, sizeof ACTION_ID - 1);
        at = put(at, doc->id.ptr, doc->id.len);
    }
    if (b->pipeline.len > 0) {
        at = put(at, ACTION_PIPELINE, sizeof ACTION_PIPELINE - 1);
        at = put(at, b->pipeline.ptr, b->pipeline.len);
    }
    return put(at, ACTION_TAIL, sizeof ACTION_TAIL - 1);
}

static int bulk_room(struct bulk *b, size_t actions, size_t parts)
{
    if (actions > b->actions_cap) {
        char *next = b->host->realloc(b->self, b->actions, actions);

        if (next == NULL) {
            return CXD_NOMEM;
        }
        b->actions = next;
        b->actions_cap = actions;
    }
    if (parts > b->parts_cap) {
        void *next = b->host->realloc(b->self, b->parts, parts * sizeof b->parts[0]);

        if (next == NULL) {
            return CXD_NOMEM;
        }
        b->parts = next;
        b->parts_cap = parts;
    }
    return CXD_OK;
}

void bulk_init(struct bulk *b, const struct cxd_host *host, struct cxd_self *self)
{
    *b = (struct bulk){.host = host, .self = self};
}

uint32_t bulk_cut(const struct bulk *b, const struct cxd_doc *docs, uint32_t count,
                  uint64_t max_bytes)
{
    uint64_t bytes = 0;
    uint32_t n = 0;

    while (n < count) {
        bytes += action_len(b, &docs[n]) + docs[n].source.len;
        if (n > 0 && bytes > max_bytes) {
            break;
        }
        n++;
    }
    return n;
}

int bulk_encode(struct bulk *b, const struct cxd_doc *docs, uint32_t count)
{
    size_t actions = 0;
    char *at;

    for (uint32_t i = 0; i < count; i++) {
        actions += action_len(b, &docs[i]);
    }
    if (bulk_room(b, actions, (size_t)count * 2 + 1) != CXD_OK) {
        return CXD_NOMEM;
    }
    at = b->actions;
    b->part_count = 0;
    b->bytes = 1;
    for (uint32_t i = 0; i < count; i++) {
        char *end = action_put(at, b, &docs[i], i == 0);

        b->parts[b->part_count++] = (struct cxd_bytes){at, (size_t)(end - at)};
        b->parts[b->part_count++] = docs[i].source;
        b->bytes += (uint64_t)(end - at) + docs[i].source.len;
        at = end;
    }
    b->parts[b->part_count++] = CXD_LIT("\n");
    return CXD_OK;
}

void bulk_done(struct bulk *b)
{
    if (b->host != NULL) {
        b->host->free(b->self, b->actions);
        b->host->free(b->self, b->parts);
    }
    *b = (struct bulk){0};
}
