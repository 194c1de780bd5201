/* func.c: finds a function by its name. Thread: any. */
#include "template/func.h"

const struct func *func_find(struct cxd_bytes name)
{
    static const struct func *const families[] = {func_logic,  func_escape, func_text,
                                                  func_number, func_date,   func_network};

    for (size_t i = 0; i < sizeof families / sizeof families[0]; i++) {
        for (const struct func *f = families[i]; f->name != NULL; f++) {
            if (strlen(f->name) == name.len && memcmp(f->name, name.ptr, name.len) == 0) {
                return f;
            }
        }
    }
    return NULL;
}
