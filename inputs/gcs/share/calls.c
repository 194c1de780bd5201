/* calls.c: finds librdkafka and each function that is used of it. */
#include "share/calls.h"

#include <dlfcn.h>
#include <pthread.h>
#include <string.h>

#define CALLS_LIBRARY "librdkafka.so.1"
#define CALLS_VERSION 0x01090000

static struct calls found;
static char missing[160];
static pthread_once_t once = PTHREAD_ONCE_INIT;

static const struct {
    const char *name;
    size_t at;
} rows[] = {
#define CALLS_ROW_(name) {"rd_kafka_" #name, offsetof(struct calls, name)},
    CALLS_LIST(CALLS_ROW_)
#undef CALLS_ROW_
};

static void find(void)
{
    void *library = dlopen(CALLS_LIBRARY, RTLD_NOW | RTLD_LOCAL);

    if (library == NULL) {
        (void)snprintf(missing, sizeof missing, "%s is not installed", CALLS_LIBRARY);
        return;
    }
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        void *function = dlsym(library, rows[i].name);

        if (function == NULL) {
            (void)snprintf(missing, sizeof missing, "%s has no %s", CALLS_LIBRARY, rows[i].name);
            return;
        }
        memcpy((char *)&found + rows[i].at, &function, sizeof function);
    }
    if (found.version() < CALLS_VERSION) {
        (void)snprintf(missing, sizeof missing, "%s is %s; 1.9 or newer is needed", CALLS_LIBRARY,
                       found.version_str());
    }
}

const struct calls *calls_find(struct cxd_error *err)
{
    (void)pthread_once(&once, find);
    if (missing[0] != '\0') {
        (void)cxd_error_set(err, CXD_CONFIG,
                            "coordination: kafka: %s: install the package cortexd-modules-kafka, "
                            "or librdkafka",
                            missing);
        return NULL;
    }
    return &found;
}
