/* option_group.c: a group option without the options in it. */
#include "broken.h"

static const struct cxd_option options[] = {
    {.name = "buckets", .type = CXD_OPTION_GROUP_LIST, .help = "the buckets"}, {.name = NULL}};
static const struct cxd_module module = {BROKEN_WHOLE("option-group"), .options = options};
CXD_MODULE_ENTRY(module)
