/*
 * embed.c: the exported functions: arguments checked, handles entered and left, statuses put into the host's words.
 *
 * build_lock: policies are read and agents built one at a time, as ${NAME} is looked up through one place (config/vars.c). It is
 * taken before any other lock and by no thread of the core.
 */
#include "cxd/embed.h"

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/redact.h"
#include "cxd/host.h"
#include "front/embed/handle.h"
#include "front/embed/hosted.h"
#include "front/embed/quiet.h"
#include "front/embed/words.h"
#include "front/place.h"

#include <dlfcn.h>
#include <pthread.h>
#include <string.h>

#define STATUS_MAX (16u << 20)

static pthread_mutex_t build_lock = PTHREAD_MUTEX_INITIALIZER;

static struct cxd_bytes range(const uint8_t *ptr, uint64_t len)
{
    return (struct cxd_bytes){(const char *)ptr, (size_t)len};
}

/* A range that says it has bytes has some. */
static int is_range(const uint8_t *ptr, uint64_t len)
{
    return ptr != NULL || len == 0;
}

static int32_t text_give(struct cxd_bytes text, uint8_t *buf, uint64_t cap, uint64_t *need)
{
    if (need == NULL || !is_range(buf, cap)) {
        return CXD_E_INVAL;
    }
    *need = text.len;
    if (text.len > cap) {
        return CXD_E_TOOSMALL;
    }
    if (text.len > 0) {
        memcpy(buf, text.ptr, text.len);
    }
    return CXD_E_OK;
}

/* 0, or CXD_E_HANDLE or CXD_E_CLOSED; handle_leave must follow 0. */
static int32_t enter(uint64_t handle, struct hosted **ret_hosted)
{
    return words_code(handle_enter(handle, ret_hosted));
}

static int32_t leave(uint64_t handle, int status, const struct cxd_error *err)
{
    if (status != CXD_OK && err != NULL) {
        words_keep(handle, err);
    }
    handle_leave(handle);
    return words_code(status);
}

uint32_t cxd_abi_version(void)
{
    return CXD_EMBED_MAJOR << 16 | CXD_EMBED_MINOR;
}

int32_t cxd_build_info(uint8_t *buf, uint64_t cap, uint64_t *need)
{
    char text[512];
    int len = snprintf(text, sizeof text,
                       "{\"name\":\"cortexd\",\"version\":\"%s\",\"abi\":\"%u.%u\",\"module_abi\":"
                       "\"%u.%u\",\"formats\":[\"frames\",\"bulk\"],\"apply\":true}",
                       CXD_VERSION, CXD_EMBED_MAJOR, CXD_EMBED_MINOR, CXD_ABI_MAJOR, CXD_ABI_MINOR);

    return text_give((struct cxd_bytes){text, (size_t)len}, buf, cap, need);
}

/* Where this code lies, when it is the library and no part of a program. */
static void library_find(void)
{
    static const char name[] = "/libcortexd.so";
    Dl_info info;

    if (dladdr((void *)(uintptr_t)cxd_abi_version, &info) != 0 && info.dli_fname != NULL &&
        strstr(info.dli_fname, name) != NULL) {
        place_library(info.dli_fname);
    }
}

static int open_locked(struct cxd_bytes options, struct cxd_bytes policy,
                       struct hosted **ret_hosted, struct cxd_error *err)
{
    int r;

    (void)pthread_mutex_lock(&build_lock);
    library_find();
    r = quiet_open(err);
    r = r != CXD_OK ? r : hosted_open(options, policy, ret_hosted, err);
    (void)pthread_mutex_unlock(&build_lock);
    return r;
}

int32_t cxd_open(const uint8_t *options, uint64_t options_len, const uint8_t *policy,
                 uint64_t policy_len, uint64_t *handle)
{
    struct cxd_error err = CXD_ERROR_INIT;
    struct hosted *hosted = NULL;
    uint64_t number;
    int r;

    if (handle == NULL || !is_range(options, options_len) || !is_range(policy, policy_len)) {
        return CXD_E_INVAL;
    }
    number = handle_reserve();
    if (number == 0) {
        (void)cxd_error_set(&err, CXD_FULL, "%d handles are open", HANDLES_MAX);
        words_keep(0, &err);
        return CXD_E_LIMIT;
    }
    r = open_locked(range(options, options_len), range(policy, policy_len), &hosted, &err);
    words_keep(r == CXD_OK ? number : 0, &err);
    handle_put(number, hosted);
    if (r == CXD_OK) {
        *handle = number;
    }
    return r == CXD_NOT_FOUND ? CXD_E_MODULE : words_code(r); /* a folder of modules */
}

int32_t cxd_start(uint64_t handle)
{
    struct cxd_error err = CXD_ERROR_INIT;
    struct hosted *hosted;
    int32_t code = enter(handle, &hosted);
    int r;

    if (code != CXD_E_OK) {
        return code;
    }
    r = hosted_start(hosted, &err);
    (void)leave(handle, r, &err);
    return r == CXD_EXISTS ? CXD_E_STATE : words_code(r);
}

int32_t cxd_pull(uint64_t handle, uint32_t format, uint32_t timeout_ms, uint8_t *buf, uint64_t cap,
                 uint64_t *meta)
{
    struct hosted_pulled pulled;
    struct hosted *hosted;
    int32_t code;
    int r;

    if (meta == NULL || !is_range(buf, cap) ||
        (format != CXD_FORMAT_FRAMES && format != CXD_FORMAT_BULK)) {
        return CXD_E_INVAL;
    }
    code = enter(handle, &hosted);
    if (code != CXD_E_OK) {
        return code;
    }
    r = hosted_pull(hosted, format, timeout_ms, (char *)buf, cap, &pulled);
    handle_leave(handle);
    meta[0] = pulled.item;
    meta[1] = pulled.len;
    meta[2] = pulled.documents;
    meta[3] = pulled.bytes;
    return r == CXD_TOO_LARGE ? CXD_E_TOOSMALL
           : r == CXD_INVALID ? CXD_E_STATE /* the arguments are good */
                              : words_code(r);
}

int32_t cxd_ack(uint64_t handle, uint64_t item, int32_t verdict)
{
    struct hosted *hosted;
    int32_t code;

    if (verdict != CXD_DELIVERED && verdict != CXD_UNDELIVERED) {
        return CXD_E_INVAL;
    }
    code = enter(handle, &hosted);
    return code != CXD_E_OK
               ? code
               : leave(handle, hosted_ack(hosted, item, verdict == CXD_DELIVERED), NULL);
}

int32_t cxd_reject(uint64_t handle, uint64_t item, uint32_t number, const uint8_t *reason,
                   uint64_t reason_len)
{
    struct cxd_error err = CXD_ERROR_INIT;
    struct hosted *hosted;
    int32_t code;
    int r;

    if (!is_range(reason, reason_len)) {
        return CXD_E_INVAL;
    }
    code = enter(handle, &hosted);
    if (code != CXD_E_OK) {
        return code;
    }
    r = hosted_reject(hosted, item, number, range(reason, reason_len), &err);
    (void)leave(handle, r, r != CXD_NOT_FOUND && r != CXD_STOPPED ? &err : NULL);
    return r == CXD_EXISTS ? CXD_E_STATE : words_code(r);
}

int32_t cxd_wake(uint64_t handle)
{
    struct hosted *hosted;
    int32_t code = enter(handle, &hosted);

    if (code == CXD_E_OK) {
        hosted_wake(hosted);
        handle_leave(handle);
    }
    return code;
}

int32_t cxd_status(uint64_t handle, uint8_t *buf, uint64_t cap, uint64_t *need)
{
    _cleanup_(buf_done) struct buf text;
    struct hosted *hosted;
    int32_t code = enter(handle, &hosted);
    int r;

    buf_init(&text, STATUS_MAX);
    if (code != CXD_E_OK) {
        return code;
    }
    r = hosted_status(hosted, &text);
    handle_leave(handle);
    return r != CXD_OK ? words_code(r)
                       : text_give((struct cxd_bytes){text.ptr, text.len}, buf, cap, need);
}

int32_t cxd_apply(uint64_t handle, const uint8_t *policy, uint64_t policy_len, uint64_t revision)
{
    struct cxd_error err = CXD_ERROR_INIT;
    struct hosted *hosted;
    int32_t code;
    int r;

    if (!is_range(policy, policy_len)) {
        return CXD_E_INVAL;
    }
    code = enter(handle, &hosted);
    if (code != CXD_E_OK) {
        return code;
    }
    (void)pthread_mutex_lock(&build_lock);
    r = hosted_apply(hosted, range(policy, policy_len), revision, &err);
    (void)pthread_mutex_unlock(&build_lock);
    code = leave(handle, r, &err);
    return r == CXD_EXISTS ? CXD_E_STATE : code;
}

int32_t cxd_log(uint8_t *buf, uint64_t cap, uint64_t *need)
{
    int r;

    if (need == NULL || !is_range(buf, cap)) {
        return CXD_E_INVAL;
    }
    r = quiet_log((char *)buf, cap, need);
    return r == CXD_TOO_LARGE ? CXD_E_TOOSMALL : words_code(r);
}

int32_t cxd_error(uint64_t handle, uint8_t *buf, uint64_t cap, uint64_t *need)
{
    char text[sizeof((struct cxd_error *)NULL)->text];

    words_get(handle, text);
    return text_give((struct cxd_bytes){text, strlen(text)}, buf, cap, need);
}

int32_t cxd_stop(uint64_t handle, uint32_t timeout_ms)
{
    struct cxd_error err = CXD_ERROR_INIT;
    struct hosted *hosted;
    int32_t code = enter(handle, &hosted);

    return code != CXD_E_OK ? code : leave(handle, hosted_stop(hosted, timeout_ms, &err), &err);
}

int32_t cxd_close(uint64_t handle, uint32_t timeout_ms)
{
    struct cxd_error err = CXD_ERROR_INIT;
    struct hosted *hosted;
    int32_t code = enter(handle, &hosted);
    int is_mine;
    int r;

    if (code != CXD_E_OK) {
        return code;
    }
    (void)hosted_stop(hosted, timeout_ms, &err); /* hosted_end says how it went */
    is_mine = handle_shut(handle);
    handle_leave(handle);
    if (!is_mine) {
        return CXD_E_CLOSED;
    }
    hosted_interrupt(hosted);
    handle_drop(handle);
    r = hosted_end(hosted);
    (void)pthread_mutex_lock(&build_lock);
    if (handle_is_none()) {
        redact_clear(); /* a policy that is read next brings its secrets */
    }
    (void)pthread_mutex_unlock(&build_lock);
    return words_code(r);
}
