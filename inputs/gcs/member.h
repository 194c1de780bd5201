/* member.h: members of JSON objects that others wrote. Pure. */
#pragma once

#include <cxd/abi.h>
#include <json-c/json.h>

/* A string member, borrowed from the object; {NULL, 0} when absent or of another type. */
struct cxd_bytes member_text(struct json_object *of, const char *name);
