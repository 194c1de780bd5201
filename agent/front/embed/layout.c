/* layout.c: the one copy between the agent's batch and the host's memory. */
#include "front/embed/layout.h"

#include "base/little.h"
#include "cxd/embed.h"
#include "pipeline/unit.h"

#include <string.h>

#define HEAD 16 /* bytes: four numbers */
#define ROW 8

static const struct cxd_bytes create = {"{\"create\":{\"_index\":\"", 21};
static const struct cxd_bytes id_front = {"\",\"_id\":\"", 9};
static const struct cxd_bytes pipeline_front = {"\",\"pipeline\":\"", 14};
static const struct cxd_bytes line_end = {"\"}}\n", 4};

static char *put(char *out, const char *ptr, size_t len)
{
    if (len > 0) {
        memcpy(out, ptr, len);
    }
    return out + len;
}

static uint64_t texts_len(const struct batch *b)
{
    uint64_t len = 0;

    for (uint32_t i = 0; i < b->count; i++) {
        len += b->docs[i].source.len + b->docs[i].id.len;
    }
    return len;
}

static uint64_t frames_len(const struct batch *b)
{
    return HEAD + (uint64_t)b->count * ROW + strlen(b->stream->id) + b->index.len +
           b->pipeline.len + texts_len(b);
}

static void frames_put(const struct batch *b, char *out)
{
    size_t id_len = strlen(b->stream->id);

    little_put(out, b->count, 4);
    little_put(out + 4, id_len, 4);
    little_put(out + 8, b->index.len, 4);
    little_put(out + 12, b->pipeline.len, 4);
    out += HEAD;
    for (uint32_t i = 0; i < b->count; i++, out += ROW) {
        little_put(out, b->docs[i].source.len, 4);
        little_put(out + 4, b->docs[i].id.len, 4);
    }
    out = put(out, b->stream->id, id_len);
    out = put(out, b->index.ptr, b->index.len);
    out = put(out, b->pipeline.ptr, b->pipeline.len);
    if (b->count > 0 && b->docs[0].source.ptr == b->text.ptr && texts_len(b) == b->text.len) {
        (void)put(out, b->text.ptr, b->text.len); /* they lie back to back already */
        return;
    }
    for (uint32_t i = 0; i < b->count; i++) {
        out = put(out, b->docs[i].source.ptr, b->docs[i].source.len);
        out = put(out, b->docs[i].id.ptr, b->docs[i].id.len);
    }
}

static uint64_t bulk_len(const struct batch *b)
{
    uint64_t each = create.len + b->index.len + line_end.len + 1;
    uint64_t len = 0;

    each += b->pipeline.len > 0 ? pipeline_front.len + b->pipeline.len : 0;
    for (uint32_t i = 0; i < b->count; i++) {
        const struct cxd_doc *doc = &b->docs[i];
        len += each + doc->source.len + (doc->id.len > 0 ? id_front.len + doc->id.len : 0);
    }
    return len;
}

static void bulk_put(const struct batch *b, char *out)
{
    for (uint32_t i = 0; i < b->count; i++) {
        const struct cxd_doc *doc = &b->docs[i];
        out = put(out, create.ptr, create.len);
        out = put(out, b->index.ptr, b->index.len);
        if (doc->id.len > 0) {
            out = put(out, id_front.ptr, id_front.len);
            out = put(out, doc->id.ptr, doc->id.len);
        }
        if (b->pipeline.len > 0) {
            out = put(out, pipeline_front.ptr, pipeline_front.len);
            out = put(out, b->pipeline.ptr, b->pipeline.len);
        }
        out = put(out, line_end.ptr, line_end.len);
        out = put(out, doc->source.ptr, doc->source.len);
        *out++ = '\n';
    }
}

uint64_t layout_len(const struct batch *b, uint32_t format)
{
    return format == CXD_FORMAT_FRAMES ? frames_len(b)
           : format == CXD_FORMAT_BULK ? bulk_len(b)
                                       : 0;
}

void layout_put(const struct batch *b, uint32_t format, char *out)
{
    (format == CXD_FORMAT_FRAMES ? frames_put : bulk_put)(b, out);
}
