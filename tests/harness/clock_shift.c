/*
 * clock_shift.c: for LD_PRELOAD: the wall clock is as many seconds off as the file CXD_CLOCK_SHIFT says in digits, at every
 * call. Waiting (the monotonic clock) is not touched, as when somebody sets the time of a machine.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#define FILE_LEN 32 /* "-86400\n", padded */

static const volatile char *shown;

__attribute__((constructor)) static void file_open(void)
{
    const char *path = getenv("CXD_CLOCK_SHIFT");
    int fd = path != NULL ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    void *map = fd >= 0 ? mmap(NULL, FILE_LEN, PROT_READ, MAP_SHARED, fd, 0) : MAP_FAILED;

    if (map != MAP_FAILED) {
        shown = map;
    }
    if (fd >= 0) {
        (void)close(fd);
    }
}

static time_t shift_read(void)
{
    time_t shift = 0;
    int i = shown != NULL && shown[0] == '-';
    int is_back = i;

    for (; shown != NULL && i < FILE_LEN && shown[i] >= '0' && shown[i] <= '9'; i++) {
        shift = shift * 10 + (shown[i] - '0');
    }
    return is_back ? -shift : shift;
}

__attribute__((visibility("default"))) int clock_gettime(clockid_t id, struct timespec *out)
{
    int r = (int)syscall(SYS_clock_gettime, id, out);

    if (r == 0 && id == CLOCK_REALTIME) {
        out->tv_sec += shift_read();
    }
    return r;
}

__attribute__((visibility("default"))) time_t time(time_t *out)
{
    struct timespec now = {0, 0};

    (void)clock_gettime(CLOCK_REALTIME, &now); /* always there */
    if (out != NULL) {
        *out = now.tv_sec;
    }
    return now.tv_sec;
}

__attribute__((visibility("default"))) int gettimeofday(struct timeval *out, void *zone)
{
    struct timespec now = {0, 0};

    (void)zone;
    (void)clock_gettime(CLOCK_REALTIME, &now); /* always there */
    *out = (struct timeval){now.tv_sec, now.tv_nsec / 1000};
    return 0;
}
