/*
 * head.h: the head of a gzip member (RFC 1952), read in any pieces, nothing kept of it. Private to this folder: ISA-L's own
 * reader forgets the head's checksum when the head comes in pieces.
 */
#pragma once

#include "cxd/abi.h"
#include "cxd/status.h"

enum head_place {
    HEAD_FIXED, /* magic, method, flags, time, system: ten bytes */
    HEAD_EXTRA_LEN,
    HEAD_EXTRA,
    HEAD_NAME,
    HEAD_COMMENT,
    HEAD_CRC,
    HEAD_DONE
};

struct head {
    enum head_place place;
    unsigned at; /* bytes read of this part */
    unsigned flags;
    unsigned len;      /* of the extra part */
    unsigned wanted;   /* the head's checksum as it is written there */
    unsigned long crc; /* over the bytes so far */
};

void head_start(struct head *h);
/* Moves *in forward. 1: the head is complete; 0: more is needed; CXD_MALFORMED with *ret_why. */
int head_step(struct head *h, struct cxd_bytes *in, const char **ret_why);
