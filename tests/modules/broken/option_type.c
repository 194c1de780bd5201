/* option_type.c: an option of a type that the host does not know. */
#include "broken.h"

static const struct cxd_option options[] = {{.name = "size", .type = 99, .help = "the size"},
                                            {.name = NULL}};
static const struct cxd_module module = {BROKEN_WHOLE("option-type"), .options = options};
CXD_MODULE_ENTRY(module)
