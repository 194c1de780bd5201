/*
 * module.c: the ecs processor as a module: options in, struct map out. One instance belongs to one chain.
 */
#include "map.h"

#include <cxd/module.h>

#include <string.h>

extern const struct ecs_table ecs_table_event;

/* Data streams that have a mapping. */
static const struct ecs_table *const tables[] = {&ecs_table_event};

struct instance {
    const struct cxd_host *host;
    struct cxd_self *self;
    struct map_options options;
    struct map map;
};

static bool is_text(struct cxd_scalar scalar, const char *text)
{
    return scalar.type == CXD_TEXT && scalar.bytes.len == strlen(text) &&
           memcmp(scalar.bytes.ptr, text, scalar.bytes.len) == 0;
}

static bool get_bool(const struct cxd_host *host, struct cxd_bytes options, const char *name,
                     bool otherwise)
{
    struct cxd_scalar scalar = host->doc_get(options, name);

    return scalar.type == CXD_BOOL ? scalar.number != 0 : otherwise;
}

static const struct ecs_table *find_table(struct cxd_scalar stream)
{
    for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++) {
        if (stream.type == CXD_NONE || is_text(stream, tables[i]->stream)) {
            return tables[i];
        }
    }
    return NULL;
}

static int read_options(const struct cxd_host *host, struct cxd_bytes options,
                        struct map_options *ret_options, struct cxd_error *err)
{
    struct cxd_scalar malformed = host->doc_get(options, "malformed");

    if (malformed.type != CXD_NONE && !is_text(malformed, "document") &&
        !is_text(malformed, "dead_letter")) {
        return cxd_error_set(err, CXD_CONFIG, "malformed: expected dead_letter or document");
    }
    *ret_options = (struct map_options){
        .keeps_original = get_bool(host, options, "preserve_original_event", false),
        .keeps_duplicates = get_bool(host, options, "preserve_duplicate_custom_fields", false),
        .drops_original = get_bool(host, options, "drop_original", true),
        .maps_malformed = is_text(malformed, "document"),
    };
    return CXD_OK;
}

static void ecs_close(void *instance)
{
    struct instance *ecs = instance;

    map_done(&ecs->map);
    ecs->host->free(ecs->self, ecs);
}

static int ecs_open(const struct cxd_host *host, struct cxd_self *self, struct cxd_bytes options,
                    void **ret_instance, struct cxd_error *err)
{
    struct cxd_scalar stream = host->doc_get(options, "data_stream");
    const struct ecs_table *table = find_table(stream);
    struct map_options map_options;
    struct instance *ecs;
    int status;

    if (table == NULL) {
        return cxd_error_set(err, CXD_CONFIG, "data_stream: there is no mapping of that name");
    }
    status = read_options(host, options, &map_options, err);
    if (status != CXD_OK) {
        return status;
    }
    ecs = host->alloc(self, sizeof *ecs);
    if (ecs == NULL) {
        return cxd_error_set(err, CXD_NOMEM, "out of memory");
    }
    ecs->host = host;
    ecs->self = self;
    ecs->options = map_options;
    if (!map_init(&ecs->map, host, self, table)) {
        host->free(self, ecs);
        return cxd_error_set(err, CXD_NOMEM, "out of memory");
    }
    *ret_instance = ecs;
    return CXD_OK;
}

static int ecs_process(void *instance, struct cxd_event *event, struct cxd_error *err)
{
    struct instance *ecs = instance;
    int status = map_run(&ecs->map, &ecs->options, event, err);

    if (status == CXD_NOMEM) {
        return cxd_error_set(err, CXD_NOMEM, "no memory left to map the record");
    }
    if (status < 0 && err != NULL && err->status != status) {
        return cxd_error_set(err, status, "the record cannot be mapped");
    }
    return status < 0 ? status : CXD_KEEP;
}

static const struct cxd_option option_table[] = {
    {.name = "data_stream",
     .type = CXD_OPTION_STRING,
     .default_value = "event",
     .help = "Data stream whose mapping is applied: event."},
    {.name = "preserve_original_event",
     .type = CXD_OPTION_BOOL,
     .default_value = "false",
     .help = "Adds the tag of that name, so that event.original stays in the document."},
    {.name = "preserve_duplicate_custom_fields",
     .type = CXD_OPTION_BOOL,
     .default_value = "false",
     .help =
         "Adds the tag of that name, so that custom fields stay whose values ECS fields repeat."},
    {.name = "drop_original",
     .type = CXD_OPTION_BOOL,
     .default_value = "true",
     .flags = CXD_OPTION_ADVANCED,
     .help =
         "Takes event.original out at the end unless the tag preserve_original_event is there."},
    {.name = "malformed",
     .type = CXD_OPTION_STRING,
     .default_value = "dead_letter",
     .flags = CXD_OPTION_ADVANCED,
     .help = "What becomes of a record that is no JSON object: dead_letter, or document (with "
             "error.message)."},
    {.name = NULL},
};

static const struct cxd_processor_ops operations = {
    .size = sizeof operations,
    .open = ecs_open,
    .process = ecs_process,
    .close = ecs_close,
};

static const struct cxd_module module = {
    CXD_MODULE_HEAD,
    .kind = CXD_PROCESSOR,
    .needs = CXD_CAN_EVENTS | CXD_CAN_CRYPTO,
    .name = "ecs",
    .version = "0.1.0",
    .summary = "Cortex XDR records to Elastic Common Schema documents",
    .options = option_table,
    .ops = &operations,
};

CXD_MODULE_ENTRY(module)
