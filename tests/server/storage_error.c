/*
 * Errors as the service words them. Three forms: JSON for the API, bare text for media downloads, XML for the XML-style path.
 */
#include "storage_error.h"

#include <stdio.h>
#include <string.h>

struct error_words {
    unsigned status;
    const char *reason;   /* JSON */
    const char *xml_code; /* XML */
    const char *message;
};

static const struct error_words ERRORS[] = {
    {304, "notModified", "NotModified", "Not Modified"},
    {400, "invalid", "InvalidArgument", "Invalid argument."},
    {401, "authError", "AuthenticationRequired", "Invalid Credentials"},
    {403, "forbidden", "AccessDenied",
     "collector@cxd-simulator.iam.gserviceaccount.com does not have storage.objects access to the "
     "Google Cloud Storage object. Permission denied on resource (or it may not exist)."},
    {404, "notFound", "NoSuchKey", NULL},
    {405, "methodNotAllowed", "MethodNotAllowed", "Method not allowed."},
    {412, "conditionNotMet", "PreconditionFailed",
     "At least one of the pre-conditions you specified did not hold."},
    {413, "uploadTooLarge", "EntityTooLarge", "The request is too large."},
    {416, "requestedRangeNotSatisfiable", "InvalidRange",
     "The requested range cannot be satisfied."},
    {429, "rateLimitExceeded", "SlowDown",
     "The object exceeded the rate limit for object requests. Please reduce your request rate."},
    {500, "backendError", "InternalError", "We encountered an internal error. Please try again."},
    {503, "backendError", "ServiceUnavailable", "Backend error, please try again."},
};

static const struct error_words *error_find(unsigned status)
{
    static const struct error_words OTHER = {0, "backendError", "InternalError", "Error"};
    for (size_t i = 0; i < sizeof ERRORS / sizeof ERRORS[0]; i++) {
        if (ERRORS[i].status == status) {
            return &ERRORS[i];
        }
    }
    return &OTHER;
}

static struct json_object *error_tree(unsigned status, const char *reason, const char *message)
{
    struct json_object *detail = json_object_new_object();
    json_object_object_add(detail, "message", json_object_new_string(message));
    json_object_object_add(detail, "domain",
                           json_object_new_string(status == 429 ? "usageLimits" : "global"));
    json_object_object_add(detail, "reason", json_object_new_string(reason));
    if (status == 401) {
        json_object_object_add(detail, "locationType", json_object_new_string("header"));
        json_object_object_add(detail, "location", json_object_new_string("Authorization"));
    }
    struct json_object *list = json_object_new_array();
    json_object_array_add(list, detail);
    struct json_object *error = json_object_new_object();
    json_object_object_add(error, "code", json_object_new_int((int)status));
    json_object_object_add(error, "message", json_object_new_string(message));
    json_object_object_add(error, "errors", list);
    struct json_object *tree = json_object_new_object();
    json_object_object_add(tree, "error", error);
    return tree;
}

void storage_error(const struct request *request, struct reply *reply, unsigned status,
                   const char *message)
{
    const struct error_words *words = error_find(status);
    char text[REQUEST_NAME_MAX + 512];
    bool is_api = strstr(request->path, "/storage/v1/b") != NULL;
    if (!message && !words->message) {
        const char *at = strstr(request->path, "/b/");
        at = is_api && at ? at + 3 : request->path + 1;
        snprintf(text, sizeof text, "No such object: %.*s/%s", (int)strcspn(at, "/"), at,
                 request->object);
        message = text;
    }
    message = message ? message : words->message;
    if (status == 401) {
        reply_header(reply, MHD_HTTP_HEADER_WWW_AUTHENTICATE,
                     "Bearer realm=\"https://accounts.google.com/\", error=\"invalid_token\"");
    }
    if (!is_api) {
        char xml[sizeof text + 256];
        snprintf(xml, sizeof xml,
                 "<?xml version='1.0' encoding='UTF-8'?><Error><Code>%s</Code>"
                 "<Message>%s</Message></Error>",
                 words->xml_code, message);
        reply_text(reply, status, "application/xml; charset=UTF-8", xml);
    } else if (strcmp(request->kind, "media") == 0 && (status == 404 || status == 412)) {
        reply_text(reply, status, "text/html; charset=UTF-8", message);
    } else {
        reply_json(reply, status, error_tree(status, words->reason, message));
    }
}
