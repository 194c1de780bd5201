/*
 * templates.c: see the header. Nothing is mapped but what stands here: a record of any shape is a text in one field, kept and not
 * searched. Types are those that OpenSearch has as well.
 */
#include "front/run/templates.h"

#define KEYWORD "{\"type\":\"keyword\",\"ignore_above\":1024}"
#define KEPT "{\"type\":\"keyword\",\"index\":false,\"doc_values\":false}"
#define TEXT "{\"type\":\"text\"}"
#define LONG "{\"type\":\"long\"}"

#define HEAD(pattern)                                                                              \
    "{\"index_patterns\":[\"" pattern "\"],\"data_stream\":{},\"priority\":250,"                   \
    "\"_meta\":{\"managed_by\":\"cortexd\"},\"template\":{\"mappings\":{\"dynamic\":false,"        \
    "\"properties\":{\"@timestamp\":{\"type\":\"date\"},\"data_stream\":{\"properties\":{"         \
    "\"type\":" KEYWORD ",\"dataset\":" KEYWORD ",\"namespace\":" KEYWORD "}},"                    \
    "\"event\":{\"properties\":{\"kind\":" KEYWORD ",\"module\":" KEYWORD ",\"dataset\":" KEYWORD  \
    ",\"action\":" KEYWORD "}},\"ecs\":{\"properties\":{\"version\":" KEYWORD                      \
    "}},\"agent\":{\"properties\":{\"id\":" KEYWORD ",\"ephemeral_id\":" KEYWORD                   \
    ",\"type\":" KEYWORD ",\"version\":" KEYWORD "}},"
#define TAIL "}}}}"

const char template_dead_letter[] =
    HEAD("logs-cortexd.deadletter-*") "\"error\":{\"properties\":{\"type\":" KEYWORD
                                      ",\"code\":" KEYWORD ",\"message\":" TEXT
                                      "}},\"cortexd\":{\"properties\":{\"dead_letter\":{"
                                      "\"properties\":{\"stage\":" KEYWORD ",\"stream\":" KEYWORD
                                      ",\"data_stream\":" KEYWORD ",\"id\":" KEYWORD
                                      ",\"document\":" KEPT ",\"message\":" KEPT
                                      ",\"message_base64\":" KEPT ",\"fields\":" KEPT "}}}}" TAIL;

#define POLICY "{\"properties\":{\"id\":" KEYWORD ",\"revision\":" LONG ",\"hash\":" KEYWORD "}}"

const char template_policy[] =
    HEAD("metrics-cortexd.policy-*") "\"host\":{\"properties\":{\"name\":" KEYWORD
                                     ",\"hostname\":" KEYWORD
                                     "}},\"cortexd\":{\"properties\":{\"health\":" KEYWORD
                                     ",\"uptime_ms\":" LONG
                                     ",\"units\":{\"properties\":{\"healthy\":" LONG
                                     ",\"degraded\":" LONG ",\"failed\":" LONG
                                     "}},\"events\":{\"properties\":{\"collected\":" LONG
                                     ",\"delivered\":" LONG ",\"duplicates\":" LONG
                                     ",\"dead_lettered\":" LONG ",\"dropped\":" LONG
                                     "}},\"policy\":{\"properties\":{\"state\":" KEYWORD
                                     ",\"reason\":" TEXT
                                     ",\"since\":{\"type\":\"date\"},\"running\":" POLICY
                                     ",\"wanted\":" POLICY
                                     ",\"server\":{\"properties\":{\"url\":" KEYWORD
                                     ",\"state\":" KEYWORD ",\"reason\":" TEXT
                                     ",\"since\":{\"type\":\"date\"}}}}}}}" TAIL;
