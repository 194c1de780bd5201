/*
 * Reads one fault rule. A table says which keys there are, of what type and within which limits; what is not in it is
 * refused, so that a misspelt rule cannot silently do nothing.
 */
#include "fault_read.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum field_type {
    FIELD_TEXT,
    FIELD_REGEX,
    FIELD_U32,
    FIELD_U64,
    FIELD_FLAG,
    FIELD_SHARE,
    FIELD_CUT
};

struct field {
    const char *key;
    enum field_type type;
    size_t offset;
    size_t size;
    int64_t min, max;
};

#define RULE(member) offsetof(struct fault_rule, member)
#define ACTION(member) offsetof(struct fault_rule, action.member)
#define SIZE(member) sizeof(((struct fault_rule *)0)->member)

static const struct field FIELDS[] = {
    {"server", FIELD_TEXT, RULE(server), SIZE(server), 0, 0},
    {"kind", FIELD_TEXT, RULE(kind), SIZE(kind), 0, 0},
    {"method", FIELD_TEXT, RULE(method), SIZE(method), 0, 0},
    {"path", FIELD_REGEX, RULE(path), 0, 0, 0},
    {"object", FIELD_REGEX, RULE(object), 0, 0, 0},
    {"skip", FIELD_U64, RULE(skip), 0, 0, INT64_MAX},
    {"every", FIELD_U64, RULE(every), 0, 1, INT64_MAX},
    {"count", FIELD_U64, RULE(count), 0, 0, INT64_MAX},
    {"probability", FIELD_SHARE, RULE(probability), 0, 0, 0},
    {"seed", FIELD_U64, RULE(random), 0, 1, INT64_MAX},
    {"commit", FIELD_FLAG, ACTION(commit), 0, 0, 0},
    {"status", FIELD_U32, ACTION(status), 0, 100, 599},
    {"retry_after", FIELD_TEXT, ACTION(retry_after), SIZE(action.retry_after), 0, 0},
    {"body", FIELD_TEXT, ACTION(body), SIZE(action.body), 0, 0},
    {"bad_json", FIELD_FLAG, ACTION(bad_json), 0, 0, 0},
    {"delay_ms", FIELD_U32, ACTION(delay_ms), 0, 0, FAULT_DELAY_MAX_MS},
    {"slow_bytes", FIELD_U32, ACTION(slow_bytes), 0, 1, 1 << 30},
    {"slow_ms", FIELD_U32, ACTION(slow_ms), 0, 1, FAULT_DELAY_MAX_MS},
    {"cut", FIELD_CUT, ACTION(cut), 0, 0, INT64_MAX},
    {"stall_ms", FIELD_U32, ACTION(stall_ms), 0, 1, FAULT_DELAY_MAX_MS},
    {"down_ms", FIELD_U32, ACTION(down_ms), 0, 1, FAULT_DELAY_MAX_MS},
    {"item_every", FIELD_U32, ACTION(item_every), 0, 1, 1 << 30},
    {"item_status", FIELD_U32, ACTION(item_status), 0, 400, 599},
    {"item_type", FIELD_TEXT, ACTION(item_type), SIZE(action.item_type), 0, 0},
};

static bool field_regex(struct fault_rule *rule, const struct field *field, const char *text)
{
    regex_t *regex = (regex_t *)((char *)rule + field->offset);
    if (regcomp(regex, text, REG_EXTENDED | REG_NOSUB) != 0) {
        return false;
    }
    bool *has = regex == &rule->path ? &rule->has_path : &rule->has_object;
    *has = true;
    return true;
}

static const char *field_read_text(struct fault_rule *rule, const struct field *field,
                                   struct json_object *value)
{
    if (!json_object_is_type(value, json_type_string)) {
        return "must be a string";
    }
    const char *text = json_object_get_string(value);
    if (field->type == FIELD_REGEX) {
        return field_regex(rule, field, text) ? NULL : "is not a POSIX extended expression";
    }
    if (strlen(text) >= field->size) {
        return "is too long";
    }
    snprintf((char *)rule + field->offset, field->size, "%s", text);
    return NULL;
}

static const char *field_read_number(void *at, const struct field *field, struct json_object *value)
{
    if (!json_object_is_type(value, json_type_int)) {
        return "must be an integer";
    }
    int64_t number = json_object_get_int64(value);
    if (number < field->min || number > field->max) {
        return "is out of range";
    }
    if (field->type == FIELD_U32) {
        *(unsigned *)at = (unsigned)number;
    } else {
        *(uint64_t *)at = (uint64_t)number;
    }
    return NULL;
}

/* NULL: fine. */
static const char *field_read(struct fault_rule *rule, const struct field *field,
                              struct json_object *value)
{
    void *at = (char *)rule + field->offset;
    if (field->type == FIELD_TEXT || field->type == FIELD_REGEX) {
        return field_read_text(rule, field, value);
    }
    if (field->type == FIELD_FLAG) {
        *(bool *)at = json_object_get_boolean(value);
        return json_object_is_type(value, json_type_boolean) ? NULL : "must be true or false";
    }
    if (field->type == FIELD_SHARE) {
        double share = json_object_get_double(value);
        *(double *)at = share;
        return share > 0 && share <= 1 ? NULL : "must be above 0 and at most 1";
    }
    return field_read_number(at, field, value);
}

static const char *rule_read_end(struct fault_rule *rule, struct json_object *value)
{
    static const char *const ENDS[] = {"none", "close", "reset", "half_close", "stall"};
    const char *text = json_object_get_string(value);
    for (unsigned i = 1; text && i < sizeof ENDS / sizeof ENDS[0]; i++) {
        if (strcmp(text, ENDS[i]) == 0) {
            rule->action.end = (enum fault_end)i;
            return NULL;
        }
    }
    return "must be close, reset, half_close or stall";
}

static const char *rule_read_key(struct fault_rule *rule, const char *key,
                                 struct json_object *value)
{
    if (strcmp(key, "end") == 0) {
        return rule_read_end(rule, value);
    }
    if (strcmp(key, "comment") == 0) {
        return NULL;
    }
    for (size_t i = 0; i < sizeof FIELDS / sizeof FIELDS[0]; i++) {
        if (strcmp(FIELDS[i].key, key) == 0) {
            return field_read(rule, &FIELDS[i], value);
        }
    }
    return "is not a key of a fault rule";
}

static const char *rule_check(struct fault_rule *rule)
{
    struct fault_action *action = &rule->action;
    bool does = action->status || action->bad_json || action->delay_ms || action->slow_bytes ||
                action->end || action->down_ms || action->item_every || action->cut >= 0;
    if (!does) {
        return "the rule does nothing: give status, delay_ms, slow_bytes, cut, end, bad_json, "
               "down_ms or item_every";
    }
    if (action->cut >= 0 && !action->end) {
        action->end = FAULT_END_CLOSE;
    }
    if (action->slow_bytes && !action->slow_ms) {
        return "slow_bytes needs slow_ms";
    }
    if (action->item_every && !action->item_status) {
        return "item_every needs item_status";
    }
    if (!action->stall_ms) {
        action->stall_ms = 30000;
    }
    return NULL;
}

struct fault_rule *fault_rule_read(struct json_object *tree, char *reason, size_t reason_size)
{
    struct fault_rule *rule = calloc(1, sizeof *rule);
    if (!rule || !json_object_is_type(tree, json_type_object)) {
        snprintf(reason, reason_size, "%s", rule ? "must be an object" : "no memory");
        free(rule);
        return NULL;
    }
    rule->every = 1;
    rule->probability = 1.0;
    rule->random = 1;
    rule->action.cut = -1;
    const char *why = NULL;
    *reason = 0;
    json_object_object_foreach(tree, key, value)
    {
        why = why ? why : rule_read_key(rule, key, value);
        if (why && !*reason) {
            snprintf(reason, reason_size, "\"%.24s\" %s", key, why);
        }
    }
    if (!why) {
        why = rule_check(rule);
        snprintf(reason, reason_size, "%s", why ? why : "");
    }
    if (why || json_object_deep_copy(tree, &rule->source, NULL) != 0) {
        fault_rule_free(rule);
        return NULL;
    }
    return rule;
}

void fault_rule_free(struct fault_rule *rule)
{
    if (!rule) {
        return;
    }
    if (rule->has_path) {
        regfree(&rule->path);
    }
    if (rule->has_object) {
        regfree(&rule->object);
    }
    json_object_put(rule->source);
    free(rule);
}
