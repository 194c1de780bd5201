/*
 * lifecycle.c: what a policy says about the life of the data: an ILM policy, put in place when it is not there, named in the index
 * template; and the failure store. Elasticsearch only.
 */
#include "output.h"

#include "lifecycle.h"

#define LIFECYCLE_NAME_MAX 128

static int is_name(struct cxd_bytes name)
{
    static const char letters[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";

    for (size_t i = 0; i < name.len; i++) {
        if (memchr(letters, name.ptr[i], sizeof letters - 1) == NULL) {
            return 0;
        }
    }
    return name.len > 0 && name.len <= LIFECYCLE_NAME_MAX && name.ptr[0] != '_';
}

static struct cxd_bytes text_get(const struct cxd_host *host, struct cxd_bytes doc,
                                 const char *name)
{
    struct cxd_scalar value = host->doc_get(doc, name);

    return value.type == CXD_TEXT ? value.bytes : (struct cxd_bytes){NULL, 0};
}

static char *text_own(const struct lifecycle *l, struct cxd_bytes text)
{
    char *own = l->host->alloc(l->self, text.len + 1);

    if (own != NULL) {
        memcpy(own, text.ptr, text.len);
        own[text.len] = '\0';
    }
    return own;
}

int lifecycle_read(struct lifecycle *l, const struct cxd_host *host, struct cxd_self *self,
                   struct cxd_bytes doc, struct cxd_error *err)
{
    struct cxd_bytes name = text_get(host, doc, "setup.ilm.policy_name");
    struct cxd_bytes policy = text_get(host, doc, "setup.ilm.policy");

    *l = (struct lifecycle){.host = host, .self = self};
    l->has_failure_store = host->doc_get(doc, "setup.failure_store").number != 0;
    if (name.len == 0) {
        return policy.len == 0
                   ? CXD_OK
                   : cxd_error_set(err, CXD_CONFIG, "setup.ilm.policy needs setup.ilm.policy_name");
    }
    if (!is_name(name)) {
        return cxd_error_set(err, CXD_CONFIG, "setup.ilm.policy_name: letters, digits, . _ -");
    }
    l->name = text_own(l, name);
    if (policy.len > 0) {
        l->policy = text_own(l, policy);
    }
    return l->name != NULL && (policy.len == 0 || l->policy != NULL)
               ? CXD_OK
               : cxd_error_set(err, CXD_NOMEM, "out of memory reading the options");
}

void lifecycle_done(struct lifecycle *l)
{
    if (l->host != NULL) {
        l->host->free(l->self, l->name);
        l->host->free(l->self, l->policy);
    }
    *l = (struct lifecycle){0};
}

/* The member of that name, an object; made when it is missing. NULL: no memory, or something else has the name. */
static struct json_object *object_at(struct json_object *object, const char *name)
{
    struct json_object *found = NULL;

    if (json_object_object_get_ex(object, name, &found)) {
        return json_object_is_type(found, json_type_object) ? found : NULL;
    }
    found = json_object_new_object();
    if (found == NULL || json_object_object_add(object, name, found) != 0) {
        json_object_put(found);
        return NULL;
    }
    return found;
}

static int member_put(struct json_object *object, const char *name, struct json_object *value)
{
    if (object == NULL || value == NULL || json_object_object_add(object, name, value) != 0) {
        json_object_put(value);
        return CXD_NOMEM;
    }
    return CXD_OK;
}

int lifecycle_mark(const struct lifecycle *l, struct json_object *template_)
{
    struct json_object *inner = object_at(template_, "template");
    int r = inner != NULL ? CXD_OK : CXD_NOMEM;

    if (r == CXD_OK && l->name != NULL) {
        struct json_object *settings = object_at(inner, "settings");
        struct json_object *index = settings != NULL ? object_at(settings, "index") : NULL;
        struct json_object *life = index != NULL ? object_at(index, "lifecycle") : NULL;
        r = member_put(life, "name", json_object_new_string(l->name));
    }
    if (r == CXD_OK && l->has_failure_store) {
        struct json_object *options = object_at(inner, "data_stream_options");
        struct json_object *store = options != NULL ? object_at(options, "failure_store") : NULL;
        r = member_put(store, "enabled", json_object_new_boolean(1));
    }
    return r;
}

int lifecycle_put(const struct lifecycle *l, struct call *call, struct cxd_error *err)
{
    char path[LIFECYCLE_NAME_MAX + 32];
    struct call_request request = {.method = "GET", .path = path};
    struct cxd_bytes body = {l->policy, l->policy != NULL ? strlen(l->policy) : 0};
    struct call_reply reply;
    int r;

    if (l->policy == NULL) {
        return CXD_OK;
    }
    (void)snprintf(path, sizeof path, "/_ilm/policy/%s", l->name);
    r = call_run(call, &request, &reply, err);
    if (r != CXD_OK || reply.http_status == 200) {
        return r; /* a person's, or ours from before: it is left alone */
    }
    if (reply.http_status != 404) {
        r = call_refused(&reply, "reading the ILM policy", err);
        return r == CXD_OK ? cxd_error_set(err, CXD_PROTOCOL, "no ILM at %s", reply.url) : r;
    }
    request.method = "PUT";
    request.content_type = "application/json";
    request.parts = &body;
    request.part_count = 1;
    r = call_run(call, &request, &reply, err);
    return r != CXD_OK || (reply.http_status >= 200 && reply.http_status < 300)
               ? r
               : call_refused(&reply, "writing the ILM policy", err);
}
