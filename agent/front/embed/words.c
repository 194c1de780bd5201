/* words.c: a table of statuses, and one of texts by the place in the table of handles. */
#include "front/embed/words.h"

#include "base/redact.h"
#include "cxd/embed.h"
#include "front/embed/handle.h"

#include <pthread.h>

static const struct {
    int status;
    int32_t code;
} codes[] = {{CXD_OK, CXD_E_OK},
             {CXD_NOMEM, CXD_E_NOMEM},
             {CXD_INVALID, CXD_E_INVAL},
             {CXD_AGAIN, CXD_E_AGAIN},
             {CXD_TIMEOUT, CXD_E_AGAIN},
             {CXD_STOPPED, CXD_E_CLOSED},
             {CXD_IO, CXD_E_IO},
             {CXD_CONNECT, CXD_E_IO},
             {CXD_TLS, CXD_E_CONFIG},
             {CXD_AUTH, CXD_E_AUTH},
             {CXD_FORBIDDEN, CXD_E_AUTH},
             {CXD_NOT_FOUND, CXD_E_HANDLE},
             {CXD_MALFORMED, CXD_E_CONFIG},
             {CXD_TOO_LARGE, CXD_E_LIMIT},
             {CXD_TOO_DEEP, CXD_E_LIMIT},
             {CXD_CONFIG, CXD_E_CONFIG},
             {CXD_UNSUPPORTED, CXD_E_UNSUPPORTED},
             {CXD_MISFIT, CXD_E_MODULE},
             {CXD_EXISTS, CXD_E_BUSY},
             {CXD_CORRUPT, CXD_E_IO},
             {CXD_FULL, CXD_E_LIMIT},
             {CXD_END, CXD_E_END}};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct {
    uint64_t handle;
    char text[sizeof((struct cxd_error *)NULL)->text];
} last[HANDLES_MAX + 1];

int32_t words_code(int status)
{
    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++) {
        if (codes[i].status == status) {
            return codes[i].code;
        }
    }
    return CXD_E_INTERNAL;
}

static size_t place_of(uint64_t handle)
{
    return handle == 0 || (uint32_t)handle >= HANDLES_MAX ? HANDLES_MAX : (uint32_t)handle;
}

void words_keep(uint64_t handle, const struct cxd_error *err)
{
    size_t at = place_of(handle);

    (void)pthread_mutex_lock(&lock);
    last[at].handle = handle;
    memcpy(last[at].text, err->text, sizeof last[at].text);
    redact_text(last[at].text, strlen(last[at].text));
    (void)pthread_mutex_unlock(&lock);
}

void words_get(uint64_t handle, char ret_text[sizeof((struct cxd_error *)NULL)->text])
{
    size_t at = place_of(handle);

    (void)pthread_mutex_lock(&lock);
    ret_text[0] = '\0';
    if (last[at].handle == handle) {
        memcpy(ret_text, last[at].text, sizeof last[at].text);
    }
    (void)pthread_mutex_unlock(&lock);
}
