/*
 * module.c: the ecs processor as a module: options in, struct map out. One instance belongs to one chain.
 */
#include "place.h"

#include <cxd/module.h>

#include <string.h>

extern const struct ecs_table ecs_table_event;
extern const struct ecs_table ecs_table_alerts_v1;
extern const struct ecs_table ecs_table_alerts_v2;
extern const struct ecs_table ecs_table_incidents;

/* A data stream that has a mapping. Alerts come in two versions; a document that says which is mapped as it says. */
struct stream {
    const char *name;
    const struct ecs_table *tables[2];
    unsigned version;
};

static const struct stream streams[] = {
    {"event", {&ecs_table_event, &ecs_table_event}, 0},
    {"alerts", {&ecs_table_alerts_v1, &ecs_table_alerts_v2}, 0},
    {"alerts-v1", {&ecs_table_alerts_v1, &ecs_table_alerts_v2}, 0},
    {"alerts-v2", {&ecs_table_alerts_v1, &ecs_table_alerts_v2}, 1},
    {"incidents", {&ecs_table_incidents, &ecs_table_incidents}, 0},
};

struct instance {
    const struct cxd_host *host;
    struct cxd_self *self;
    struct map_options options;
    struct place *place;
    struct whole whole;
    bool is_whole; /* the record goes into the document as it is, and is worked on there */
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

static const struct stream *find_stream(struct cxd_scalar name)
{
    for (size_t i = 0; i < sizeof streams / sizeof streams[0]; i++) {
        if (name.type == CXD_NONE || is_text(name, streams[i].name)) {
            return &streams[i];
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

    place_close(ecs->host, ecs->self, ecs->place);
    map_done(&ecs->map);
    ecs->host->free(ecs->self, ecs);
}

/* A path that is not empty, or NULL. Texts of options end with a NUL. */
static const char *get_path(const struct cxd_host *host, struct cxd_bytes options, const char *name)
{
    struct cxd_scalar scalar = host->doc_get(options, name);

    return scalar.type == CXD_TEXT && scalar.bytes.len > 0 ? scalar.bytes.ptr : NULL;
}

static int open_parts(struct instance *ecs, const struct stream *stream, struct cxd_bytes options,
                      struct cxd_error *err)
{
    int status;

    if (!map_init(&ecs->map, ecs->host, ecs->self, stream->tables[0])) {
        return cxd_error_set(err, CXD_NOMEM, "out of memory");
    }
    status = place_open(ecs->host, ecs->self, get_path(ecs->host, options, "geoip.database"),
                        get_path(ecs->host, options, "asn.database"), &ecs->place, err);
    ecs->is_whole = stream->tables[0]->record_slot != 0;
    ecs->whole = (struct whole){.tables = {stream->tables[0], stream->tables[1]},
                                .version = stream->version,
                                .place = ecs->place};
    return status;
}

static int ecs_open(const struct cxd_host *host, struct cxd_self *self, struct cxd_bytes options,
                    void **ret_instance, struct cxd_error *err)
{
    const struct stream *stream = find_stream(host->doc_get(options, "data_stream"));
    struct map_options map_options;
    struct instance *ecs;
    int status;

    if (stream == NULL) {
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
    status = open_parts(ecs, stream, options, err);
    if (status != CXD_OK) {
        ecs_close(ecs);
        return status;
    }
    *ret_instance = ecs;
    return CXD_OK;
}

static int ecs_process(void *instance, struct cxd_event *event, struct cxd_error *err)
{
    struct instance *ecs = instance;
    int status = ecs->is_whole ? whole_run(&ecs->map, &ecs->whole, &ecs->options, event, err)
                               : map_run(&ecs->map, &ecs->options, event, err);

    if (status == CXD_NOMEM) {
        return cxd_error_set(err, CXD_NOMEM, "no memory left to map the record");
    }
    if (status < 0 && err != NULL && err->status != status) {
        return cxd_error_set(err, status, "the record cannot be mapped");
    }
    return status;
}

static const struct cxd_option option_table[] = {
    {.name = "data_stream",
     .type = CXD_OPTION_STRING,
     .default_value = "event",
     .help =
         "Data stream whose mapping is applied: event, alerts, alerts-v1, alerts-v2 or incidents."},
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
    {.name = "geoip.database",
     .type = CXD_OPTION_STRING,
     .default_value = "",
     .help = "MaxMind database of cities that tells where addresses of alerts are."},
    {.name = "asn.database",
     .type = CXD_OPTION_STRING,
     .default_value = "",
     .help = "MaxMind database of networks that tells whose the addresses of alerts are."},
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
