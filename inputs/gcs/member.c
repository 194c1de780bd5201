/* member.c: see the header. */
#include "member.h"

struct cxd_bytes member_text(struct json_object *of, const char *name)
{
    struct json_object *member;

    if (!json_object_object_get_ex(of, name, &member) ||
        !json_object_is_type(member, json_type_string)) {
        return (struct cxd_bytes){NULL, 0};
    }
    return (struct cxd_bytes){json_object_get_string(member),
                              (size_t)json_object_get_string_len(member)};
}
