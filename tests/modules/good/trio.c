/* trio.c: one file, three processors, and one between them that is to be refused. */
#include "../broken/broken.h"

static const struct cxd_module third = {BROKEN_WHOLE("third"), .aliases = "drei troisieme"};
static const struct cxd_module second = {BROKEN_WHOLE("second"), .next = &third};
static const struct cxd_module spoiled = {BROKEN_WHOLE("Not A Name"), .next = &second};
static const struct cxd_module first = {BROKEN_WHOLE("first"), .next = &spoiled};
CXD_MODULE_ENTRY(first)
