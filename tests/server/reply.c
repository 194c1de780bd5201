/*
 * Building replies and asking of requests: the small change of the HTTP frame.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "server.h"

const char *request_query(const struct request *request, const char *name)
{
    return MHD_lookup_connection_value(request->connection, MHD_GET_ARGUMENT_KIND, name);
}

const char *request_header(const struct request *request, const char *name)
{
    return MHD_lookup_connection_value(request->connection, MHD_HEADER_KIND, name);
}

void request_base(const struct request *request, char *out, size_t size)
{
    const char *host = request_header(request, MHD_HTTP_HEADER_HOST);
    const char *url = server_url(request->server);
    if (!host || strlen(host) > 200) {
        snprintf(out, size, "%s", url);
        return;
    }
    snprintf(out, size, "%s://%s", strncmp(url, "https", 5) == 0 ? "https" : "http", host);
}

void reply_init(struct reply *reply)
{
    *reply = (struct reply){.status = 200, .type = "application/json; charset=UTF-8", .fd = -1};
    buffer_init(&reply->body, REPLY_BODY_MAX);
}

void reply_done(struct reply *reply)
{
    buffer_done(&reply->body);
    if (reply->fd >= 0) {
        close(reply->fd);
    }
    reply->fd = -1;
}

void reply_header(struct reply *reply, const char *name, const char *format, ...)
{
    if (reply->header_count == REPLY_HEADERS_MAX) {
        return;
    }
    unsigned at = reply->header_count++;
    reply->headers[at].name = name;
    va_list args;
    va_start(args, format);
    vsnprintf(reply->headers[at].value, sizeof reply->headers[at].value, format, args);
    va_end(args);
}

void reply_text(struct reply *reply, unsigned status, const char *type, const char *text)
{
    reply_done(reply);
    reply->status = status;
    reply->type = type;
    buffer_clear(&reply->body);
    buffer_text(&reply->body, text);
}

void reply_json(struct reply *reply, unsigned status, struct json_object *tree)
{
    const char *text = tree ? json_object_to_json_string_ext(
                                  tree, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE)
                            : NULL;
    reply_text(reply, text ? status : 500, reply->type, text ? text : "{}");
    json_object_put(tree);
}
