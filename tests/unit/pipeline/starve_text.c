/*
 * starve_text.c: asprintf and vasprintf that take their memory from the wrapped malloc, so that they can be made to fail. On
 * failure the pointer is left as the standard allows: of no use to anybody.
 */
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int __wrap_asprintf(char **ret_text, const char *format, ...);
int __wrap_vasprintf(char **ret_text, const char *format, va_list args);
int __wrap___asprintf_chk(char **ret_text, int flag, const char *format, ...);
int __wrap___vasprintf_chk(char **ret_text, int flag, const char *format, va_list args);

int __wrap_vasprintf(char **ret_text, const char *format, va_list args)
{
    va_list again;
    int len;

    va_copy(again, args);
    len = vsnprintf(NULL, 0, format, args);
    *ret_text = len >= 0 ? malloc((size_t)len + 1) : NULL;
    if (*ret_text == NULL) {
        *ret_text = (char *)(uintptr_t)0x10;
        va_end(again);
        return -1;
    }
    len = vsnprintf(*ret_text, (size_t)len + 1, format, again);
    va_end(again);
    return len;
}

int __wrap_asprintf(char **ret_text, const char *format, ...)
{
    va_list args;
    int len;

    va_start(args, format);
    len = __wrap_vasprintf(ret_text, format, args);
    va_end(args);
    return len;
}

int __wrap___asprintf_chk(char **ret_text, int flag, const char *format, ...)
{
    va_list args;
    int len;

    (void)flag;
    va_start(args, format);
    len = __wrap_vasprintf(ret_text, format, args);
    va_end(args);
    return len;
}

int __wrap___vasprintf_chk(char **ret_text, int flag, const char *format, va_list args)
{
    (void)flag;
    return __wrap_vasprintf(ret_text, format, args);
}
