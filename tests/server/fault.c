/*
 * The book of fault rules: matching and counting. Reading a rule is fault_read.c. Knows nothing of sockets: carrying an
 * action out is the frame's part. The lock is private to this file.
 */
#include "fault.h"

#include <pthread.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fault_read.h"

struct fault_book {
    pthread_mutex_t lock;
    unsigned count;
    struct fault_rule *rules[FAULT_RULES_MAX];
};

struct fault_book *fault_new(void)
{
    struct fault_book *book = calloc(1, sizeof *book);
    if (book) {
        pthread_mutex_init(&book->lock, NULL);
    }
    return book;
}

void fault_clear(struct fault_book *book)
{
    pthread_mutex_lock(&book->lock);
    for (unsigned i = 0; i < book->count; i++) {
        fault_rule_free(book->rules[i]);
    }
    book->count = 0;
    pthread_mutex_unlock(&book->lock);
}

void fault_free(struct fault_book *book)
{
    if (book) {
        fault_clear(book);
        pthread_mutex_destroy(&book->lock);
        free(book);
    }
}

static bool fault_add_list(struct fault_book *book, struct json_object *list,
                           char reason[FAULT_REASON_BYTES])
{
    size_t count = json_object_array_length(list);
    struct fault_rule *rules[FAULT_RULES_MAX];
    size_t made = 0;
    if (count > FAULT_RULES_MAX) {
        snprintf(reason, FAULT_REASON_BYTES, "more than %d rules", FAULT_RULES_MAX);
        return false;
    }
    while (made < count) {
        char why[FAULT_REASON_BYTES / 2];
        rules[made] = fault_rule_read(json_object_array_get_idx(list, made), why, sizeof why);
        if (!rules[made]) {
            snprintf(reason, FAULT_REASON_BYTES, "rule %zu: %s", made + 1, why);
            break;
        }
        made++;
    }
    bool ok = made == count;
    pthread_mutex_lock(&book->lock);
    if (ok && book->count + count > FAULT_RULES_MAX) {
        snprintf(reason, FAULT_REASON_BYTES, "more than %d rules", FAULT_RULES_MAX);
        ok = false;
    }
    for (size_t i = 0; i < made; i++) {
        if (ok) {
            book->rules[book->count++] = rules[i];
        } else {
            fault_rule_free(rules[i]);
        }
    }
    pthread_mutex_unlock(&book->lock);
    return ok;
}

bool fault_add(struct fault_book *book, struct json_object *tree, char reason[FAULT_REASON_BYTES])
{
    struct json_object *rules = NULL;
    if (json_object_is_type(tree, json_type_array)) {
        return fault_add_list(book, tree, reason);
    }
    if (!json_object_is_type(tree, json_type_object)) {
        snprintf(reason, FAULT_REASON_BYTES, "expected a list of rules or one rule, as JSON");
        return false;
    }
    if (json_object_object_get_ex(tree, "rules", &rules) &&
        json_object_is_type(rules, json_type_array)) {
        return fault_add_list(book, rules, reason);
    }
    struct json_object *list = json_object_new_array();
    json_object_array_add(list, json_object_get(tree));
    bool ok = fault_add_list(book, list, reason);
    json_object_put(list);
    return ok;
}

bool fault_add_file(struct fault_book *book, const char *path, char reason[FAULT_REASON_BYTES])
{
    struct json_object *tree = json_object_from_file(path);
    if (!tree) {
        snprintf(reason, FAULT_REASON_BYTES, "%.100s cannot be read as JSON", path);
        return false;
    }
    bool ok = fault_add(book, tree, reason);
    json_object_put(tree);
    return ok;
}

static bool fault_fits(const struct fault_rule *rule, const struct fault_request *request)
{
    if ((*rule->server && strcmp(rule->server, request->server) != 0) ||
        (*rule->kind && strcmp(rule->kind, request->kind) != 0) ||
        (*rule->method && strcmp(rule->method, request->method) != 0)) {
        return false;
    }
    if (rule->has_path && regexec(&rule->path, request->path, 0, NULL, 0) != 0) {
        return false;
    }
    const char *object = request->object ? request->object : "";
    return !rule->has_object || regexec(&rule->object, object, 0, NULL, 0) == 0;
}

/* The rule's own random sequence (xorshift), so that a seed gives the same faults again. */
static bool fault_chance(struct fault_rule *rule)
{
    if (rule->probability >= 1.0) {
        return true;
    }
    rule->random ^= rule->random << 13;
    rule->random ^= rule->random >> 7;
    rule->random ^= rule->random << 17;
    return (double)(rule->random >> 11) / 9007199254740992.0 < rule->probability;
}

static bool fault_is_due(struct fault_rule *rule)
{
    uint64_t number = ++rule->matched;
    if (number <= rule->skip || (rule->count && rule->struck >= rule->count)) {
        return false;
    }
    if ((number - rule->skip - 1) % rule->every != 0 || !fault_chance(rule)) {
        return false;
    }
    rule->struck++;
    return true;
}

void fault_find(struct fault_book *book, const struct fault_request *request,
                struct fault_action *ret_action)
{
    *ret_action = (struct fault_action){.is_hit = false, .cut = -1};
    pthread_mutex_lock(&book->lock);
    for (unsigned i = 0; i < book->count; i++) {
        struct fault_rule *rule = book->rules[i];
        if (fault_fits(rule, request) && fault_is_due(rule)) {
            *ret_action = rule->action;
            ret_action->is_hit = true;
            break;
        }
    }
    pthread_mutex_unlock(&book->lock);
}

struct json_object *fault_report(struct fault_book *book)
{
    struct json_object *list = json_object_new_array();
    pthread_mutex_lock(&book->lock);
    for (unsigned i = 0; list && i < book->count; i++) {
        const struct fault_rule *rule = book->rules[i];
        struct json_object *item = json_object_new_object();
        json_object_object_add(item, "rule", json_object_get(rule->source));
        json_object_object_add(item, "matched", json_object_new_uint64(rule->matched));
        json_object_object_add(item, "struck", json_object_new_uint64(rule->struck));
        json_object_array_add(list, item);
    }
    pthread_mutex_unlock(&book->lock);
    return list;
}
