/* plan_parts.c: settings of the agent itself, and lists of processors. */
#include "config/plan_parts.h"

#include "config/number.h"

#include <string.h>

#define DEFAULT_DATA_PATH "/var/lib/cortexd"

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
    {"registry.flush", number_duration_ms, "1s", SETTING(registry_flush_ms), 0, 3600000,
     "a duration up to 1h"},
    {"dead_letter.max_size", number_size, "1GiB", SETTING(dead_bytes), 1 << 16, (int64_t)1 << 44,
     "a size from 64KiB"},
};
#undef SETTING

static int setting_read(const struct conf *agent, const struct setting *s,
                        struct plan_settings *out, struct cxd_error *err)
{
    const struct conf *node = conf_find(agent, s->path);
    int64_t value;

    if (s->read(node != NULL && node->kind == CONF_SCALAR ? node->text : s->fallback, &value) !=
            CXD_OK ||
        value < s->min || value > s->max) {
        return conf_error(err, node, "agent.%s: expected %s", s->path, s->expected);
    }
    memcpy((char *)out + s->offset, &value, sizeof value);
    return CXD_OK;
}

int plan_settings_read(const struct conf *root, struct plan_settings *ret_settings,
                       struct cxd_error *err)
{
    const struct conf *agent = conf_find(root, "agent");
    struct plan_settings out = {.log_level = conf_text(root, "agent.logging.level", NULL),
                                .data_path = conf_text(root, "agent.path.data", DEFAULT_DATA_PATH),
                                .module_paths = conf_find(root, "agent.modules.path")};

    for (size_t i = 0; i < sizeof settings / sizeof settings[0]; i++) {
        int r = setting_read(agent, &settings[i], &out, err);
        if (r != CXD_OK) {
            return r;
        }
    }
    *ret_settings = out;
    return CXD_OK;
}

static int processor_add(struct plan_stream *s, const struct conf *item, struct arena *arena,
                         struct cxd_error *err)
{
    struct plan_processor **end = &s->processors;
    struct plan_processor *p = arena_alloc(arena, sizeof *p);

    if (p == NULL) {
        return conf_error(err, item, "out of memory");
    }
    if (item->kind != CONF_MAP || item->first == NULL || item->first->next != NULL) {
        return conf_error(err, item,
                          "processors: expected one processor per item (- add_fields: {...})");
    }
    *p = (struct plan_processor){.type = item->first->key,
                                 .conf = conf_is_null(item->first) ? NULL : item->first};
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
