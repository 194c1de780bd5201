#pragma once
/* Bytes of objects: conditions, ranges, headers. */
#include "bucket.h"
#include "server.h"

/* The status of a failed generation, ifGenerationMatch or ifGenerationNotMatch parameter; 0: go on. */
unsigned media_check_generation(const struct request *request, const struct object *object);
/* A download of the whole object or of the one range asked for. */
void media_reply(const struct request *request, struct reply *reply, const struct object *object);
/*
 * Reads a Range header. 0: none, or one to be ignored; 206: offset and length are set; 416: it lies outside.
 */
unsigned media_range(const char *header, uint64_t size, uint64_t *ret_offset, uint64_t *ret_length);
