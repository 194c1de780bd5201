/*
 * emit_code.c: the mapping as constant C tables (table.h has their shape). A parent's slot number is below its children's.
 */
#include "emit.h"

#include "hash.h"

#include <ctype.h>
#include <inttypes.h>
#include <string.h>

static const char *const as_names[ECS_AS_COUNT] = {
    [ECS_AS_KEEP] = "ECS_AS_KEEP",       [ECS_AS_DATE] = "ECS_AS_DATE",
    [ECS_AS_BOOLEAN] = "ECS_AS_BOOLEAN", [ECS_AS_LONG] = "ECS_AS_LONG",
    [ECS_AS_DOUBLE] = "ECS_AS_DOUBLE",   [ECS_AS_IP] = "ECS_AS_IP",
    [ECS_AS_STRING] = "ECS_AS_STRING",   [ECS_AS_LONG_LIST] = "ECS_AS_LONG_LIST",
    [ECS_AS_IP_LIST] = "ECS_AS_IP_LIST", [ECS_AS_INTERFACE_MAP] = "ECS_AS_INTERFACE_MAP",
};

static const char *const step_names[ECS_STEP_COUNT] = {
    [ECS_STEP_COPY] = "ECS_STEP_COPY",
    [ECS_STEP_APPEND] = "ECS_STEP_APPEND",
    [ECS_STEP_APPEND_EACH] = "ECS_STEP_APPEND_EACH",
    [ECS_STEP_LOWER] = "ECS_STEP_LOWER",
    [ECS_STEP_SLUG] = "ECS_STEP_SLUG",
    [ECS_STEP_HOSTNAME] = "ECS_STEP_HOSTNAME",
    [ECS_STEP_HOST_NAME] = "ECS_STEP_HOST_NAME",
    [ECS_STEP_TIMESTAMP] = "ECS_STEP_TIMESTAMP",
};

static const char *const when_names[] = {
    [ECS_WHEN_ALWAYS] = "ECS_WHEN_ALWAYS",     [ECS_WHEN_UNSET] = "ECS_WHEN_UNSET",
    [ECS_WHEN_NOT_NULL] = "ECS_WHEN_NOT_NULL", [ECS_WHEN_NOT_EMPTY] = "ECS_WHEN_NOT_EMPTY",
    [ECS_WHEN_HAS] = "ECS_WHEN_HAS",
};

/* Whether anything at or below the branch is written. */
static bool is_written(const struct branch *branch)
{
    if (branch->field != NULL && branch->field->is_written) {
        return true;
    }
    for (const struct branch *child = branch->first; child != NULL; child = child->next) {
        if (is_written(child)) {
            return true;
        }
    }
    return false;
}

/* Depth first, so what lies below a field has the numbers after it. */
static void number_branch(struct branch *branch, unsigned *next_slot)
{
    if (branch->field != NULL) {
        branch->field->slot = branch->slot;
    }
    for (struct branch *child = branch->first; child != NULL; child = child->next) {
        if (is_written(child)) {
            child->slot = (*next_slot)++;
            number_branch(child, next_slot);
        }
    }
}

static const struct branch *next_written(const struct branch *branch)
{
    while (branch != NULL && branch->slot == 0) {
        branch = branch->next;
    }
    return branch;
}

static void print_slots(FILE *out, const struct branch *branch)
{
    const struct branch *first = next_written(branch->first);
    const struct branch *next = next_written(branch->next);

    (void)fprintf(out, "    {\"%s\", %zu, %u, %u, %u}, /* %u */\n",
                  branch->key != NULL ? branch->key : "",
                  branch->key != NULL ? strlen(branch->key) : 0,
                  branch->parent != NULL ? branch->parent->slot : 0,
                  first != NULL ? first->slot : 0, next != NULL ? next->slot : 0, branch->slot);
    for (const struct branch *child = first; child != NULL; child = next_written(child->next)) {
        print_slots(out, child);
    }
}

static void print_steps(FILE *out, const struct mapping *mapping)
{
    (void)fputs("static const struct ecs_step steps[] = {\n", out);
    for (size_t i = 0; i < mapping->step_count; i++) {
        const struct mapping_step *step = &mapping->steps[i];
        (void)fprintf(out, "    {%s, %s, %u, %u}, /* %s */\n", step_names[step->kind],
                      when_names[step->when], step->field->slot,
                      step->other != NULL ? step->other->slot : 0, step->field->name);
    }
    (void)fputs("    {0},\n};\n\n", out);
}

static void print_rows(FILE *out, const struct mapping *mapping)
{
    (void)fputs("static const struct ecs_row rows[] = {\n", out);
    for (size_t i = 0; i < mapping->row_count; i++) {
        const struct mapping_row *row = &mapping->rows[i];
        (void)fprintf(out, "    {\"%s\", %zu, %s, %u, %u, %zu, %zu},\n", row->key, strlen(row->key),
                      as_names[row->as], row->flags, row->field->slot, row->step, row->step_count);
    }
    (void)fputs("    {0},\n};\n\n", out);
}

/* Rows that do something without their key: an append of "", and what looks at fields that were there before. */
static bool is_always(const struct mapping *mapping, const struct mapping_row *row)
{
    for (size_t i = 0; i < row->step_count; i++) {
        const struct mapping_step *step = &mapping->steps[row->step + i];
        bool is_append = step->kind == ECS_STEP_APPEND && step->when != ECS_WHEN_NOT_NULL;
        if (is_append || step->kind == ECS_STEP_LOWER || step->kind == ECS_STEP_SLUG ||
            step->kind == ECS_STEP_HOSTNAME || step->kind == ECS_STEP_HOST_NAME) {
            return true;
        }
    }
    return false;
}

static void print_always(FILE *out, const struct mapping *mapping)
{
    (void)fputs("static const uint64_t always[] = {", out);
    for (size_t i = 0; i < mapping->row_count || i == 0; i += 64) {
        uint64_t word = 0;
        for (size_t j = i; j < i + 64 && j < mapping->row_count; j++) {
            word |= (uint64_t)is_always(mapping, &mapping->rows[j]) << (j - i);
        }
        (void)fprintf(out, "%s0x%016" PRIx64 "u", i == 0 ? "" : ", ", word);
    }
    (void)fputs("};\n\n", out);
}

static void print_buckets(FILE *out, const struct hash *hash)
{
    (void)fputs("static const uint16_t buckets[] = {", out);
    for (size_t i = 0; i < (size_t)1 << hash->bits; i++) {
        (void)fprintf(out, "%s%u",
                      i == 0        ? "\n    "
                      : i % 20 == 0 ? ",\n    "
                                    : ", ",
                      hash->buckets[i]);
    }
    (void)fputs("};\n\n", out);
}

static void print_short(FILE *out, const struct mapping *mapping)
{
    (void)fputs("static const struct ecs_constant constants[] = {\n", out);
    for (size_t i = 0; i < mapping->constant_count; i++) {
        const struct mapping_constant *constant = &mapping->constants[i];
        (void)fprintf(out, "    {%u, %zu, \"%s\"},\n", constant->field->slot,
                      strlen(constant->text), constant->text);
    }
    (void)fputs("    {0},\n};\n\nstatic const struct ecs_final finals[] = {\n", out);
    for (size_t i = 0; i < mapping->final_count; i++) {
        (void)fprintf(out, "    {%u, %s},\n", mapping->finals[i].field->slot,
                      as_names[mapping->finals[i].as]);
    }
    (void)fputs("    {0},\n};\n\n", out);
}

static void print_table(FILE *out, const struct mapping *mapping, struct field_list *list,
                        const struct hash *hash, unsigned slot_count)
{
    (void)fprintf(out,
                  "const struct ecs_table ecs_table_%s = {\n"
                  "    .ecs_version = \"%s\",\n    .stream = \"%s\",\n    .dataset = \"%s\",\n"
                  "    .rows = rows,\n    .steps = steps,\n    .slots = slots,\n"
                  "    .constants = constants,\n    .finals = finals,\n    .buckets = buckets,\n"
                  "    .always = always,\n    .seed = 0x%016" PRIx64 "u,\n"
                  "    .row_count = %zu,\n    .slot_count = %u,\n    .constant_count = %zu,\n"
                  "    .final_count = %zu,\n    .bucket_bits = %u,\n    .known = {",
                  mapping->stream, mapping->ecs_version, mapping->stream, mapping->dataset,
                  hash->seed, mapping->row_count, slot_count, mapping->constant_count,
                  mapping->final_count, hash->bits);
    for (size_t i = 0; i < ECS_KNOWN_COUNT; i++) {
        (void)fprintf(out, "%s%u", i == 0 ? "" : ", ", field_find(list, mapping_known[i])->slot);
    }
    (void)fputs("},\n", out);
    if (mapping->is_whole) {
        emit_work_members(out, mapping, list);
    }
    (void)fputs("};\n", out);
}

unsigned emit_numbers(struct field_list *list)
{
    unsigned slot_count = 1;

    number_branch(&list->root, &slot_count);
    return slot_count;
}

void emit_code(FILE *out, const struct mapping *mapping, struct field_list *list,
               unsigned slot_count)
{
    struct hash hash = hash_find(mapping);

    (void)fprintf(out, "/* Made from %s.yml by tabulate: edit that. */\n#include \"table.h\"\n\n",
                  mapping->stream);
    (void)fprintf(out, "extern const struct ecs_table ecs_table_%s;\n\n", mapping->stream);
    (void)fputs("static const struct ecs_slot slots[] = {\n", out);
    print_slots(out, &list->root);
    (void)fputs("};\n\n", out);
    print_steps(out, mapping);
    print_rows(out, mapping);
    print_always(out, mapping);
    print_buckets(out, &hash);
    print_short(out, mapping);
    if (mapping->is_whole) {
        emit_works(out, mapping);
    }
    print_table(out, mapping, list, &hash, slot_count);
}
