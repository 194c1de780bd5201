/* media.h: bytes by media type: gzip, zip, CSV, NDJSON. */
#pragma once

#include "../lang/function.h"

#define MEDIA_INFLATED_MAX                                                                         \
    ((size_t)256                                                                                   \
     << 20) /* bytes that one piece may inflate to; the run's memory limits it further */

/* What the bytes are as that type, or an error. */
struct value media_decode(struct run *run, struct cxd_bytes data, struct cxd_bytes type);
struct value media_csv(struct run *run, struct cxd_bytes data, bool with_header);
struct value media_zip(struct run *run, struct cxd_bytes data);
struct value media_gunzip(struct run *run, struct cxd_bytes data);
