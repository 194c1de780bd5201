/*
 * abi.h: the version both sides of a module speak, and the rules that keep it one.
 *
 * Every struct that crosses starts with `uint32_t size` and grows only at its end. A member may be read only when
 * CXD_HAS(ptr, member) holds. Prototypes never change; a successor gets a new name. The host refuses another major,
 * and a module whose `needs` are not all within what the host `offers`; a newer minor alone is no reason to refuse.
 */
#ifndef CXD_ABI_H
#define CXD_ABI_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
#define CXD_EXTERN extern "C"
#else
#define CXD_EXTERN extern
#endif

#define CXD_ABI_MAJOR 1u
#define CXD_ABI_MINOR 1u
#define CXD_ABI ((CXD_ABI_MAJOR << 16) | CXD_ABI_MINOR)

#define CXD_EXPORT __attribute__((visibility("default")))

/* True when the other side's struct is long enough to have MEMBER. */
#define CXD_HAS(ptr, member)                                                                       \
    ((ptr)->size >= offsetof(__typeof__(*(ptr)), member) + sizeof((ptr)->member))

/* What must be equal for two binaries to share a struct: pointer and time_t width, byte order. Stamped at compile time. */
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
#define CXD_BUILD_ORDER "be"
#else
#define CXD_BUILD_ORDER "le"
#endif
#if defined(__LP64__)
#define CXD_BUILD_WIDTH "lp64"
#else
#define CXD_BUILD_WIDTH "ilp32"
#endif
#define CXD_BUILD "cxd1-" CXD_BUILD_WIDTH "-" CXD_BUILD_ORDER

/* A byte range that somebody else owns. Not terminated. {NULL, 0} is "none". */
struct cxd_bytes {
    const char *ptr;
    size_t len; /* bytes */
};

/* A literal as a byte range, without its terminator. */
#define CXD_LIT(text) ((struct cxd_bytes){(text), sizeof(text) - 1})

#endif
