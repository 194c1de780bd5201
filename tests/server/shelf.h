#pragma once
/*
 * Named JSON documents that Elasticsearch keeps beside data: index templates, component templates, lifecycle policies,
 * ingest pipelines. Any thread.
 */
#include <json-c/json.h>
#include <stdbool.h>
#include <stddef.h>

enum { SHELF_MAX = 512 };

struct shelf;

struct shelf *shelf_new(void);
void shelf_free(struct shelf *shelf);
/* Takes tree. False without memory or above SHELF_MAX. */
bool shelf_put(struct shelf *shelf, const char *kind, const char *name, struct json_object *tree);
bool shelf_drop(struct shelf *shelf, const char *kind, const char *name);
/* A list of {"name","body"}, of those whose name fits the pattern; bodies are copies. NULL without memory. */
struct json_object *shelf_get(struct shelf *shelf, const char *kind, const char *pattern);
/* Would this index be a data stream: by its name, or by a kept index template? */
bool shelf_is_stream(struct shelf *shelf, const char *index, size_t len);
