/*
 * flavour.c: OpenSearch lacks, in all or some versions, four field types and the settings of Elasticsearch's life cycles. Each
 * type has a stand-in that indexes the same text.
 */
#include "flavour.h"

#include "cxd/status.h"

static const struct {
    const char *type;
    const char *stand_in;
} types[] = {{"constant_keyword", "keyword"},
             {"wildcard", "keyword"},
             {"match_only_text", "text"},
             {"flattened", "flat_object"}};

static struct json_object *member(struct json_object *object, const char *name)
{
    struct json_object *found = NULL;

    if (json_object_is_type(object, json_type_object)) {
        (void)json_object_object_get_ex(object, name, &found);
    }
    return found;
}

int flavour_read(struct json_object *root, struct flavour *ret_flavour)
{
    struct json_object *version = member(root, "version");
    struct json_object *number = member(version, "number");
    struct json_object *distribution = member(version, "distribution");
    struct flavour f = {0};

    if (!json_object_is_type(number, json_type_string) ||
        sscanf(json_object_get_string(number), "%4u.%4u", &f.major, &f.minor) != 2) {
        return CXD_PROTOCOL;
    }
    (void)snprintf(f.version, sizeof f.version, "%s", json_object_get_string(number));
    f.is_opensearch = json_object_is_type(distribution, json_type_string) &&
                      strcmp(json_object_get_string(distribution), "opensearch") == 0;
    *ret_flavour = f;
    return CXD_OK;
}

int flavour_is_enough(const struct flavour *f)
{
    return f->is_opensearch ? f->major >= 1 : f->major > 7 || (f->major == 7 && f->minor >= 9);
}

static int field_adapt(struct json_object *field)
{
    struct json_object *type = member(field, "type");

    for (size_t i = 0;
         json_object_is_type(type, json_type_string) && i < sizeof types / sizeof types[0]; i++) {
        struct json_object *stand_in;

        if (strcmp(json_object_get_string(type), types[i].type) != 0) {
            continue;
        }
        stand_in = json_object_new_string(types[i].stand_in);
        if (stand_in == NULL || json_object_object_add(field, "type", stand_in) != 0) {
            json_object_put(stand_in);
            return CXD_NOMEM;
        }
        if (i == 0) {
            json_object_object_del(field, "value"); /* a constant's; a keyword has none */
        }
        break;
    }
    return CXD_OK;
}

static int is_name_list(const char *key)
{
    return strcmp(key, "properties") == 0 || strcmp(key, "fields") == 0;
}

/* Every object below "mappings" that says a type; field names themselves may be "type", which the name lists tell. */
static int tree_adapt(struct json_object *node, int are_names)
{
    int r = CXD_OK;

    if (json_object_is_type(node, json_type_array)) {
        for (size_t i = 0; i < json_object_array_length(node) && r == CXD_OK; i++) {
            r = tree_adapt(json_object_array_get_idx(node, i), 0);
        }
        return r;
    }
    if (!json_object_is_type(node, json_type_object)) {
        return CXD_OK;
    }
    if (!are_names) {
        r = field_adapt(node);
    }
    json_object_object_foreach(node, key, child)
    {
        if (r == CXD_OK) {
            r = tree_adapt(child, !are_names && is_name_list(key));
        }
    }
    return r;
}

int flavour_adapt(const struct flavour *f, struct json_object *template_)
{
    struct json_object *inner = member(template_, "template");
    struct json_object *settings = member(inner, "settings");

    if (!f->is_opensearch) {
        return CXD_OK;
    }
    json_object_object_del(template_, "ignore_missing_component_templates");
    json_object_object_del(template_, "allow_auto_create");
    if (json_object_is_type(inner, json_type_object)) {
        json_object_object_del(inner, "lifecycle");
    }
    if (json_object_is_type(settings, json_type_object)) {
        json_object_object_del(settings, "index.lifecycle.name");
        if (json_object_is_type(member(settings, "index"), json_type_object)) {
            json_object_object_del(member(settings, "index"), "lifecycle");
        }
    }
    return tree_adapt(member(inner, "mappings"), 0);
}
