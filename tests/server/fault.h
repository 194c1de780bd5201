#pragma once
/*
 * Fault scripts: which request goes wrong, and how. Rules are JSON objects (README.md, "Fault scripts"); the first rule that
 * fits a request and is due decides. Any thread; the action is copied out.
 */
#include <json-c/json.h>
#include <stdbool.h>
#include <stdint.h>

enum { FAULT_RULES_MAX = 256, FAULT_DELAY_MAX_MS = 600000, FAULT_REASON_BYTES = 160 };

enum fault_end {
    FAULT_END_NONE,
    FAULT_END_CLOSE,
    FAULT_END_RESET,
    FAULT_END_HALF,
    FAULT_END_STALL
};

struct fault_action {
    bool is_hit;
    bool commit;     /* do the work first, then spoil the reply */
    bool bad_json;   /* the body is cut in the middle of a JSON text, with a right Content-Length */
    unsigned status; /* 0: as it comes */
    char retry_after[40];
    char body[512]; /* "": the server's own words for the status */
    unsigned delay_ms;
    unsigned slow_bytes; /* 0: at full speed */
    unsigned slow_ms;
    enum fault_end end;
    int64_t cut; /* body bytes before the end; -1: before the status line */
    unsigned stall_ms;
    unsigned down_ms;
    unsigned item_every; /* bulk: every n-th item gets item_status */
    unsigned item_status;
    char item_type[64];
};

struct fault_request {
    const char *server; /* storage, elasticsearch, cortex */
    const char *kind;   /* list, media, token, bulk, ... */
    const char *method;
    const char *path;
    const char *object; /* NULL: none */
};

struct fault_book;

struct fault_book *fault_new(void);
void fault_free(struct fault_book *book);
/* Adds rules from a list, {"rules":[...]} or one rule: all or none. False with a reason that names rule and key. */
bool fault_add(struct fault_book *book, struct json_object *tree, char reason[FAULT_REASON_BYTES]);
bool fault_add_file(struct fault_book *book, const char *path, char reason[FAULT_REASON_BYTES]);
void fault_clear(struct fault_book *book);
/* Finds what happens to this request and counts it against the rules. */
void fault_find(struct fault_book *book, const struct fault_request *request,
                struct fault_action *ret_action);
/* A list of the rules with how often each matched and struck. NULL without memory. */
struct json_object *fault_report(struct fault_book *book);
