/*
 * mapper.c: see mapper.h.
 */
#include "harness/mapper.h"

#include "base/buf.h"
#include "pipeline/event.h"

#include <stdlib.h>
#include <string.h>

#define DOCUMENT_MAX ((size_t)256 << 20)

const struct cxd_module *cxd_module_entry(const struct cxd_host *host, struct cxd_error *err);

int mapper_open(struct mapper *mapper, const struct harness_option *options, struct cxd_error *err)
{
    const struct cxd_module *module = cxd_module_entry(harness_host(), err);
    int status;

    *mapper = (struct mapper){.ops = module->ops};
    status = event_open(&(struct event_limits){0}, &mapper->event);
    if (status == CXD_OK) {
        status = mapper->ops->open(harness_host(), harness_self(), harness_options(options),
                                   &mapper->instance, err);
    }
    return status;
}

void mapper_close(struct mapper *mapper)
{
    if (mapper->instance != NULL) {
        mapper->ops->close(mapper->instance);
    }
    event_close(mapper->event);
    *mapper = (struct mapper){0};
}

/* A member's JSON text as a value of the document; the text stays alive with the json_object. */
static int put_member(struct cxd_event *event, const char *key, struct json_object *member)
{
    struct cxd_value value = {.kind = CXD_KIND_OBJECT};
    struct cxd_node holder = {0};
    const char *inner = json_object_to_json_string_ext(member, JSON_C_TO_STRING_PLAIN);
    size_t len = strlen(inner) + strlen(key) + 6;
    char *text = event_alloc(event, len);
    int written;

    if (text == NULL) {
        return CXD_NOMEM;
    }
    written = snprintf(text, len, "{\"%s\":%s}", key, inner);
    value.ptr = text;
    value.len = (uint32_t)written;
    holder.value = value;
    if (node_expand(event, &holder) != CXD_OK || holder.first == NULL) {
        return CXD_NOMEM;
    }
    return node_put(event, event_root(event), (struct cxd_bytes){key, strlen(key)},
                    holder.first->value) != NULL
               ? CXD_OK
               : CXD_NOMEM;
}

static int put_input(struct cxd_event *event, struct json_object *input)
{
    int status = CXD_OK;

    json_object_object_foreach(input, key, member)
    {
        if (strcmp(key, "message") == 0 && json_object_is_type(member, json_type_string)) {
            event_set_message(event,
                              (struct cxd_bytes){json_object_get_string(member),
                                                 (size_t)json_object_get_string_len(member)});
        } else if (status == CXD_OK) {
            status = put_member(event, key, member);
        }
    }
    return status;
}

static int take_document(struct cxd_event *event, struct json_object **ret_document)
{
    struct json_tokener *tokener = json_tokener_new_ex(128);
    struct buf out;
    int status;

    buf_init(&out, DOCUMENT_MAX);
    status = event_render(event, &out);
    if (status == CXD_OK && tokener != NULL) {
        json_tokener_set_flags(tokener, JSON_TOKENER_STRICT);
        *ret_document = json_tokener_parse_ex(tokener, out.ptr, (int)out.len);
        status = *ret_document != NULL ? CXD_OK : CXD_BUG;
    }
    json_tokener_free(tokener);
    buf_done(&out);
    return status;
}

int mapper_run(struct mapper *mapper, struct json_object *input, struct json_object **ret_document,
               char *id, struct cxd_error *err)
{
    struct cxd_bytes bytes;
    int status;

    event_reset(mapper->event);
    status = put_input(mapper->event, input);
    if (status == CXD_OK) {
        harness_fail_at(mapper->fail_at);
        status = mapper->ops->process(mapper->instance, mapper->event, err);
        mapper->asked = harness_asked();
        harness_fail_at(0);
    }
    if (status != CXD_OK) {
        return status;
    }
    bytes = event_id(mapper->event);
    if (id != NULL) {
        memcpy(id, bytes.len > 0 ? bytes.ptr : "", bytes.len);
        id[bytes.len] = '\0';
    }
    return take_document(mapper->event, ret_document);
}
