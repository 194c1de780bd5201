/* plan_parts.c: settings of the agent itself, lists of processors, tags. */
#include "config/plan_parts.h"

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/log.h"
#include "base/text.h"
#include "config/number.h"

#include <stdio.h>
#include <string.h>

struct setting {
    const char *path; /* below agent: */
    int (*read)(const char *text, int64_t *ret_value);
    const char *fallback;
    size_t offset;
    int64_t min;
    int64_t max;
    const char *expected;
};

#define SETTING(member) offsetof(struct plan_settings, member)
static const struct setting settings[] = {
    {"queue.mem.bytes", number_size, "8MiB", SETTING(queue_bytes), 1 << 20, (int64_t)1 << 40,
     "a size from 1MiB"},
    {"queue.mem.batch_bytes", number_size, "1MiB", SETTING(batch_bytes), 1 << 10, 64 << 20,
     "a size, 1KiB to 64MiB"},
    {"shutdown_timeout", number_duration_ms, "30s", SETTING(shutdown_ms), 0, 86400000,
     "a duration up to 24h"},
    {"policy.probation", number_duration_ms, "10s", SETTING(probation_ms), 0, 3600000,
     "a duration up to 1h"},
    {"registry.flush", number_duration_ms, "1s", SETTING(registry_flush_ms), 0, 3600000,
     "a duration up to 1h"},
    {"monitoring.http.port", number_int, "6791", SETTING(monitor_port), 0, 65535,
     "a port, 0 to 65535"},
    {"dead_letter.max_size", number_size, "1GiB", SETTING(dead_bytes), 1 << 16, (int64_t)1 << 44,
     "a size from 64KiB"},
};
#undef SETTING

static int setting_read(const struct conf *root, const struct setting *s, struct plan_settings *out,
                        struct cxd_error *err)
{
    char path[64];
    const struct conf *node;
    int64_t value = 0;

    (void)snprintf(path, sizeof path, "agent.%s", s->path);
    node = conf_find(root, path); /* from the root: its keys may be dotted */
    if ((!conf_is_null(node) && node->kind != CONF_SCALAR) ||
        s->read(conf_is_null(node) ? s->fallback : node->text, &value) != CXD_OK ||
        value < s->min || value > s->max) {
        return conf_error(err, node, "agent.%s: expected %s", s->path, s->expected);
    }
    memcpy((char *)out + s->offset, &value, sizeof value);
    return CXD_OK;
}

int plan_settings_read(const struct conf *root, struct plan_settings *ret_settings,
                       struct cxd_error *err)
{
    struct plan_settings out = {.log_level = conf_text(root, "agent.logging.level", NULL),
                                .data_path = conf_text(root, "agent.path.data", CONF_STATE_FOLDER),
                                .geoip_database = conf_text(root, "agent.geoip.database", NULL),
                                .asn_database = conf_text(root, "agent.asn.database", NULL),
                                .module_paths = conf_find(root, "agent.modules.path")};
    const struct conf *http = conf_find(root, "agent.monitoring.http.enabled");
    const struct conf *fqdn = conf_find(root, "agent.features.fqdn.enabled");
    int r;
    int is_served = conf_is_null(http) ? 0 : conf_bool(http);

    if (is_served < 0) {
        return conf_error(err, http, "agent.monitoring.http.enabled: expected true or false");
    }
    out.is_fqdn = conf_is_null(fqdn) ? 0 : conf_bool(fqdn);
    if (out.is_fqdn < 0) {
        return conf_error(err, fqdn, "agent.features.fqdn.enabled: expected true or false");
    }
    if (is_served) {
        out.monitor_host = conf_text(root, "agent.monitoring.http.host", "localhost");
    }
    if (conf_is_null(out.module_paths)) {
        out.module_paths = NULL;
    }
    if (out.log_level != NULL && log_level(out.log_level) < 0) {
        return conf_error(err, conf_find(root, "agent.logging.level"),
                          "agent.logging.level \"%.40s\": expected error, warn, info or debug",
                          out.log_level);
    }
    for (size_t i = 0; i < sizeof settings / sizeof settings[0]; i++) {
        r = setting_read(root, &settings[i], &out, err);
        if (r != CXD_OK) {
            return r;
        }
    }
    r = plan_queue_read(root, "agent.", &out.queue, err);
    if (r == CXD_OK) {
        *ret_settings = out;
    }
    return r;
}

static int processor_add(struct plan_stream *s, const struct conf *item, struct arena *arena,
                         struct cxd_error *err)
{
    struct plan_processor **end = &s->processors;
    struct plan_processor *p = arena_alloc(arena, sizeof *p);

    if (p == NULL) {
        return conf_error(err, item, "out of memory");
    }
    if (conf_find(item, "if") != NULL) {
        *p = (struct plan_processor){.type = "if", .conf = item};
    } else if (item->kind != CONF_MAP || item->first == NULL || item->first->next != NULL) {
        return conf_error(err, item,
                          "processors: expected one processor per item (- add_fields: {...})");
    } else {
        *p = (struct plan_processor){.type = item->first->key,
                                     .conf = conf_is_null(item->first) ? NULL : item->first};
    }
    while (*end != NULL) {
        end = &(*end)->next;
    }
    *end = p;
    return CXD_OK;
}

int plan_processors_read(struct plan_stream *s, struct arena *arena, struct cxd_error *err)
{
    const struct conf *lists[] = {conf_find(s->input, "processors"),
                                  conf_find(s->stream, "processors")};

    for (int i = 0; i < 2; i++) {
        if (conf_is_null(lists[i])) {
            continue;
        }
        if (lists[i]->kind != CONF_LIST) {
            return conf_error(err, lists[i], "processors: expected a list");
        }
        for (const struct conf *item = lists[i]->first; item != NULL; item = item->next) {
            int r = processor_add(s, item, arena, err);
            if (r != CXD_OK) {
                return r;
            }
        }
    }
    return CXD_OK;
}

/* Item, list of items or nothing; branches lead further down, as deep as a policy may be. */
static int items_have(const struct conf *items, const char *type)
{
    const struct conf *item = items != NULL && items->kind == CONF_LIST ? items->first : items;
    int is_there = 0;

    for (; item != NULL && !is_there; item = items->kind == CONF_LIST ? item->next : NULL) {
        is_there = conf_find(item, "if") != NULL ? items_have(conf_find(item, "then"), type) ||
                                                       items_have(conf_find(item, "else"), type)
                                                 : item->kind == CONF_MAP && item->first != NULL &&
                                                       strcmp(item->first->key, type) == 0;
    }
    return is_there;
}

int plan_has_processor(const struct plan_processor *first, const char *type)
{
    for (const struct plan_processor *p = first; p != NULL; p = p->next) {
        if (strcmp(p->type, type) == 0 ||
            (strcmp(p->type, "if") == 0 && items_have(p->conf, type))) {
            return 1;
        }
    }
    return 0;
}

/* A key of the stream, or else of its input. */
static const struct conf *either_find(const struct plan_stream *s, const char *path)
{
    const struct conf *node = conf_find(s->stream, path);

    return node != NULL ? node : conf_find(s->input, path);
}

static int tag_add(struct buf *out, const char *tag)
{
    struct cxd_bytes text = {tag, strlen(tag)};
    size_t room = text_quote_len(text) + 1;
    int r = buf_reserve(out, room);

    if (r == CXD_OK) {
        if (out->len > 1) {
            out->ptr[out->len++] = ',';
        }
        out->len = (size_t)(text_quote_known(text, out->ptr + out->len) - out->ptr);
    }
    return r;
}

/* The stream's tags; the two preserve switches are tags of their own, as in the public integration. */
int plan_tags_read(struct plan_stream *s, struct arena *arena, struct cxd_error *err)
{
    static const char *const switches[] = {"preserve_original_event",
                                           "preserve_duplicate_custom_fields"};
    const struct conf *tags = either_find(s, "tags");
    const struct conf *tag = conf_is_null(tags)        ? NULL
                             : tags->kind == CONF_LIST ? tags->first
                                                       : tags;
    _cleanup_(buf_done) struct buf out;
    int r;

    buf_init(&out, 65536);
    r = buf_add_text(&out, "[");
    for (; tag != NULL && r == CXD_OK; tag = tags->kind == CONF_LIST ? tag->next : NULL) {
        if (tag->kind != CONF_SCALAR) {
            return conf_error(err, tag, "tags: expected texts");
        }
        r = tag_add(&out, tag->text);
    }
    for (int i = 0; i < 2 && r == CXD_OK; i++) {
        const struct conf *node = either_find(s, switches[i]);
        int is_on = conf_is_null(node) ? 0 : conf_bool(node);
        if (is_on < 0) {
            return conf_error(err, node, "%s: expected true or false", switches[i]);
        }
        r = is_on ? tag_add(&out, switches[i]) : CXD_OK;
    }
    r = r != CXD_OK ? r : buf_add_text(&out, "]");
    if (r == CXD_OK) {
        s->tags = arena_copy(arena, out.ptr, out.len);
    }
    return r == CXD_OK && s->tags != NULL
               ? CXD_OK
               : conf_error(err, s->stream, "tags: more than 64 KiB, or out of memory");
}
