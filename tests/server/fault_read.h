#pragma once
/* One fault rule and how it is read from JSON. Private to the fault book. */
#include <regex.h>

#include "fault.h"

struct fault_rule {
    char server[16]; /* "": any, as below */
    char kind[24];
    char method[8];
    bool has_path;
    bool has_object;
    regex_t path;
    regex_t object;
    uint64_t skip;  /* so many matching requests are spared first */
    uint64_t every; /* then every n-th is struck */
    uint64_t count; /* at most so many times; 0: no limit */
    double probability;
    uint64_t random;
    uint64_t matched;
    uint64_t struck;
    struct fault_action action;
    struct json_object *source; /* a copy of its own: it is printed by other threads */
};

/* NULL with a reason: an unknown key, a wrong type, a number out of range, a bad expression, or no memory. */
struct fault_rule *fault_rule_read(struct json_object *tree, char *reason, size_t reason_size);
void fault_rule_free(struct fault_rule *rule);
