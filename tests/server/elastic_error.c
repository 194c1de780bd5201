/*
 * Errors as Elasticsearch words them.
 */
#include "elastic.h"

void elastic_error(struct reply *reply, unsigned status, const char *type, const char *reason)
{
    static const struct {
        unsigned status;
        const char *type, *reason;
    } WORDS[] = {
        {400, "illegal_argument_exception", "bad request"},
        {401, "security_exception", "missing authentication credentials for REST request"},
        {403, "security_exception",
         "action [indices:data/write/bulk[s]] is unauthorized for API key id [simulator]"},
        {404, "index_not_found_exception", "no such index"},
        {413, "content_too_long_exception", "entity content is too long for the configured limit"},
        {429, "es_rejected_execution_exception",
         "rejected execution of coordinating operation [coordinating_and_primary_bytes=0]"},
        {503, "cluster_block_exception",
         "blocked by: [SERVICE_UNAVAILABLE/1/state not recovered];"},
    };
    const char *usual_type = "exception", *usual_reason = "error";
    for (size_t i = 0; i < sizeof WORDS / sizeof WORDS[0]; i++) {
        if (WORDS[i].status == status) {
            usual_type = WORDS[i].type;
            usual_reason = WORDS[i].reason;
        }
    }
    struct json_object *cause = json_object_new_object();
    json_object_object_add(cause, "type", json_object_new_string(type ? type : usual_type));
    json_object_object_add(cause, "reason", json_object_new_string(reason ? reason : usual_reason));
    struct json_object *error = NULL;
    json_object_deep_copy(cause, &error, NULL);
    struct json_object *causes = json_object_new_array(), *tree = json_object_new_object();
    json_object_array_add(causes, cause);
    json_object_object_add(error, "root_cause", causes);
    json_object_object_add(tree, "error", error);
    json_object_object_add(tree, "status", json_object_new_int((int)status));
    if (status == 401) {
        reply_header(reply, MHD_HTTP_HEADER_WWW_AUTHENTICATE, "Basic realm=\"security\"");
        reply_header(reply, MHD_HTTP_HEADER_WWW_AUTHENTICATE, "ApiKey");
    }
    reply_json(reply, status, tree);
}
