/*
 * emit_work.c: the works of a mapping of whole records as constant C tables.
 */
#include "emit.h"

#include <string.h>

static const char *const verb_names[ECS_VERB_COUNT] = {
    [ECS_VERB_MOVE] = "ECS_VERB_MOVE",
    [ECS_VERB_COPY] = "ECS_VERB_COPY",
    [ECS_VERB_DATE] = "ECS_VERB_DATE",
    [ECS_VERB_DATE_FIRST] = "ECS_VERB_DATE_FIRST",
    [ECS_VERB_IP] = "ECS_VERB_IP",
    [ECS_VERB_LONG] = "ECS_VERB_LONG",
    [ECS_VERB_BOOLEAN] = "ECS_VERB_BOOLEAN",
    [ECS_VERB_STRING] = "ECS_VERB_STRING",
    [ECS_VERB_LOOKUP] = "ECS_VERB_LOOKUP",
    [ECS_VERB_SAY] = "ECS_VERB_SAY",
    [ECS_VERB_APPEND] = "ECS_VERB_APPEND",
    [ECS_VERB_APPEND_UNIQUE] = "ECS_VERB_APPEND_UNIQUE",
    [ECS_VERB_APPEND_EACH] = "ECS_VERB_APPEND_EACH",
    [ECS_VERB_APPEND_ALL] = "ECS_VERB_APPEND_ALL",
    [ECS_VERB_APPEND_ANY] = "ECS_VERB_APPEND_ANY",
    [ECS_VERB_WRAP] = "ECS_VERB_WRAP",
    [ECS_VERB_SPLIT] = "ECS_VERB_SPLIT",
    [ECS_VERB_LOWER] = "ECS_VERB_LOWER",
    [ECS_VERB_MAC] = "ECS_VERB_MAC",
    [ECS_VERB_CUT_COLON] = "ECS_VERB_CUT_COLON",
    [ECS_VERB_CUT_DOMAIN] = "ECS_VERB_CUT_DOMAIN",
    [ECS_VERB_PAIRS] = "ECS_VERB_PAIRS",
    [ECS_VERB_USER] = "ECS_VERB_USER",
    [ECS_VERB_REMOVE] = "ECS_VERB_REMOVE",
    [ECS_VERB_PLACE] = "ECS_VERB_PLACE",
    [ECS_VERB_NETWORK] = "ECS_VERB_NETWORK",
};

static const char *const fail_names[] = {"ECS_FAIL_STOP", "ECS_FAIL_REMOVE", "ECS_FAIL_NOTE",
                                         "ECS_FAIL_IGNORE"};

static unsigned slot_of(const struct field *field)
{
    return field != NULL ? field->slot : 0;
}

static void print_slots(FILE *out, const char *name, struct field *const *fields, size_t count)
{
    (void)fprintf(out, "static const uint16_t %s[] = {", name);
    for (size_t i = 0; i < count; i++) {
        (void)fprintf(out, "%u, ", fields[i]->slot);
    }
    (void)fputs("0};\n", out);
}

void emit_works(FILE *out, const struct mapping *mapping)
{
    (void)fputs("static const struct ecs_work works[] = {\n", out);
    for (size_t i = 0; i < mapping->work_count; i++) {
        const struct mapping_work *work = &mapping->works[i];
        (void)fprintf(out, "    {%s, %u, %s, %u, %u, %u, %u, ", verb_names[work->verb], work->guard,
                      fail_names[work->fail], work->is_needed, slot_of(work->from),
                      slot_of(work->to), slot_of(work->other));
        if (work->text != NULL) {
            (void)fprintf(out, "\"%s\"},", work->text);
        } else {
            (void)fputs("0},", out);
        }
        (void)fprintf(out, " /* %s %s */\n", work->from != NULL ? work->from->name : "",
                      work->to != work->from ? work->to->name : "");
    }
    (void)fputs("    {0},\n};\n\nstatic const struct ecs_constant additions[] = {\n", out);
    for (size_t i = 0; i < mapping->addition_count; i++) {
        const struct mapping_constant *constant = &mapping->additions[i];
        (void)fprintf(out, "    {%u, %zu, \"%s\"},\n", constant->field->slot,
                      strlen(constant->text), constant->text);
    }
    (void)fputs("    {0},\n};\n", out);
    print_slots(out, "id", mapping->id, mapping->id_count);
    print_slots(out, "removals", mapping->removals, mapping->removal_count);
    print_slots(out, "duplicates", mapping->duplicates, mapping->duplicate_count);
    (void)fputs("\n", out);
}

/* Slots at and below a branch. */
static unsigned count_slots(const struct branch *branch)
{
    unsigned count = branch->slot != 0;

    for (const struct branch *child = branch->first; child != NULL; child = child->next) {
        count += count_slots(child);
    }
    return count;
}

void emit_work_members(FILE *out, const struct mapping *mapping, struct field_list *list)
{
    const struct branch *record = field_branch(list, mapping->prefix);

    (void)fprintf(out,
                  "    .works = works,\n    .additions = additions,\n    .id = id,\n"
                  "    .removals = removals,\n    .duplicates = duplicates,\n"
                  "    .work_count = %zu,\n    .addition_count = %zu,\n    .id_count = %zu,\n"
                  "    .removal_count = %zu,\n    .duplicate_count = %zu,\n"
                  "    .record_slot = %u,\n    .record_end = %u,\n    .flags = %u,\n",
                  mapping->work_count, mapping->addition_count, mapping->id_count,
                  mapping->removal_count, mapping->duplicate_count, record->slot,
                  record->slot + count_slots(record), mapping->flags);
}
