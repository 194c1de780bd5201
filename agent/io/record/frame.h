/* frame.h: how records lie in a file. Pure; private to this folder. */
#pragma once

#include "io/record.h"

void frame_put_file_head(char out[RECORD_FILE_HEAD]);
/* len: bytes that are there. 0, CXD_UNSUPPORTED, CXD_CORRUPT; CXD_TRUNCATED: the start of a good one. */
int frame_check_file_head(const char *ptr, size_t len);
/* BSON by its framing, and not too large: 0, CXD_INVALID, CXD_TOO_LARGE. */
int frame_check_bson(struct cxd_bytes bson);
void frame_put_head(struct cxd_bytes bson, char out[RECORD_HEAD]);
/* 1: a sound head of a record with *ret_len bytes. */
int frame_get_head(const char ptr[RECORD_HEAD], uint32_t *ret_len);
/* 1: the bytes behind that head are what was written. */
int frame_is_good(const char ptr[RECORD_HEAD], const char *bytes, uint32_t len);
/* The first place at or behind ptr where a head could start, or end. */
const char *frame_scan(const char *ptr, const char *end);
