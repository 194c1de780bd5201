/*
 * step.c: the steps that follow a row: copies and appends by their guards. Knows the tables; one function a kind of step.
 */
#include "map.h"
#include "unique.h"

#define MANY 64 /* elements; each is compared with all before it up to here */

typedef int (*step_fn)(struct map *map, unsigned row, const struct ecs_step *step);

static int step_copy(struct map *map, unsigned row, const struct ecs_step *step)
{
    const struct cxd_node *custom = map_custom(map, row);

    if (custom == NULL || value_is_blank(&custom->value)) {
        return CXD_OK;
    }
    if (step->when == ECS_WHEN_UNSET && slot_is_set(map, step->slot)) {
        return CXD_OK;
    }
    if ((custom->value.flags & CXD_VALUE_TREE) == 0) {
        return slot_put_new(map, step->slot, &custom->value);
    }
    return slot_copy_node(map, step->slot, custom);
}

static bool is_let_through(const struct map *map, const struct ecs_step *step,
                           const struct cxd_node *custom)
{
    switch (step->when) {
    case ECS_WHEN_NOT_NULL:
        return custom != NULL && custom->value.kind != CXD_KIND_NULL;
    case ECS_WHEN_HAS:
        return slot_is_set(map, step->other);
    default:
        return custom == NULL || custom->value.kind != CXD_KIND_STRING || custom->value.len > 0;
    }
}

static int append_text(struct map *map, unsigned slot, const struct cxd_value *value)
{
    struct cxd_value text;

    if (value->kind == CXD_KIND_STRING) {
        return slot_append(map, slot, value, true);
    }
    if (!value_render(map, value, &text)) {
        return CXD_NOMEM;
    }
    return slot_append(map, slot, &text, true);
}

static int step_append(struct map *map, unsigned row, const struct ecs_step *step)
{
    const struct cxd_node *custom = map_custom(map, row);

    if (!is_let_through(map, step, custom)) {
        return CXD_OK;
    }
    if (custom == NULL || value_is_blank(&custom->value)) {
        return slot_append_blank(map, step->slot);
    }
    if ((custom->value.flags & CXD_VALUE_TREE) != 0) {
        return append_text(map, step->slot,
                           map->source[row]); /* a list's text is that of the record */
    }
    return append_text(map, step->slot, &custom->value);
}

/* Many elements, each once, in time that grows with their number. */
static int append_many(struct map *map, unsigned slot, const struct cxd_node *list, size_t count)
{
    struct unique unique;
    int status = unique_init(&unique, map, slot, count);

    for (struct cxd_node *at = list->first; status == CXD_OK && at != NULL; at = at->next) {
        struct cxd_value text;
        if (at->value.kind == CXD_KIND_STRING) {
            status = unique_add(&unique, &at->value);
        } else {
            status = value_render(map, &at->value, &text) ? unique_add(&unique, &text) : CXD_NOMEM;
        }
    }
    return status;
}

static int step_append_each(struct map *map, unsigned row, const struct ecs_step *step)
{
    struct cxd_node *custom = map_custom(map, row);
    size_t count = 0;
    int status;

    if (custom == NULL || custom->value.kind != CXD_KIND_LIST) {
        return CXD_OK;
    }
    status = slot_expand(map, custom);
    for (const struct cxd_node *at = custom->first; at != NULL; at = at->next) {
        count++;
    }
    if (count > MANY) {
        return status == CXD_OK ? append_many(map, step->slot, custom, count) : status;
    }
    for (struct cxd_node *at = custom->first; status == CXD_OK && at != NULL; at = at->next) {
        status = append_text(map, step->slot, &at->value);
    }
    return status;
}

static int step_lower(struct map *map, unsigned row, const struct ecs_step *step)
{
    return endpoint_slug(map, row, step->slot, false);
}

static int step_slug(struct map *map, unsigned row, const struct ecs_step *step)
{
    return endpoint_slug(map, row, step->slot, true);
}

static int step_hostname(struct map *map, unsigned row, const struct ecs_step *step)
{
    int status = step_copy(map, row, step);

    return status == CXD_OK ? endpoint_hostname(map, row, step->slot) : status;
}

static int step_host_name(struct map *map, unsigned row, const struct ecs_step *step)
{
    return endpoint_host_name(map, row, step->slot);
}

static int step_timestamp(struct map *map, unsigned row, const struct ecs_step *step)
{
    return map_custom(map, row) != NULL ? endpoint_timestamp(map, row, step->slot) : CXD_OK;
}

static const step_fn functions[ECS_STEP_COUNT] = {
    [ECS_STEP_COPY] = step_copy,
    [ECS_STEP_APPEND] = step_append,
    [ECS_STEP_APPEND_EACH] = step_append_each,
    [ECS_STEP_LOWER] = step_lower,
    [ECS_STEP_SLUG] = step_slug,
    [ECS_STEP_HOSTNAME] = step_hostname,
    [ECS_STEP_HOST_NAME] = step_host_name,
    [ECS_STEP_TIMESTAMP] = step_timestamp,
};

int step_run(struct map *map, unsigned row, const struct ecs_step *step)
{
    return functions[step->kind](map, row, step);
}
